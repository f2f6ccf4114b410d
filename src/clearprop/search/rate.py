"""The learning-rate test (Smith 2017): a short run whose rate rises until the loss explodes."""

import math
from typing import Any, NamedTuple

import msgspec
import numpy as np

from clearprop.errors import DivergedError, SettingError
from clearprop.model import MLP, FitArguments, plan_fit
from clearprop.network import Training, table
from clearprop.training import Fit
from clearprop.training.interrupt import DeferredInterrupt
from clearprop.training.stretches import stretches

LOWEST, HIGHEST, STEPS = 1e-6, 10.0, 200
# The loss has exploded when its running mean is this many times its lowest value.
EXPLODED = 4.0
DECAY = 0.9  # of the running mean
# Width of the smoothing window, in decades of the rate.
WINDOW = 0.5


class RateTest(NamedTuple):
    """The result of a learning-rate test.

    Attributes:
        rates: each step's learning rate (steps,).
        losses: the mean loss of each step's rows, before its update (steps,).
        smoothed: each loss averaged over a quarter of a decade of the rate on either side, but at
            most a tenth of the steps (steps,).
        suggestion: the rate where the smoothed loss falls most steeply.
        exploded: whether the run ended because the loss exploded.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    suggestion: float
    exploded: bool


def find_learning_rate(
    model: MLP,
    x: Any,
    y: Any = None,
    *,
    batch_size: int = 128,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    steps: int = STEPS,
) -> RateTest:
    """Suggest a learning rate, by the test of Smith (2017, section 3.3).

    A copy of the model is trained for a few hundred steps, whose rate rises by a constant factor:
    lowest·(highest/lowest)^(i/(steps - 1)). The test ends when the loss explodes. It suggests the
    rate where the smoothed loss falls most per decade, before its lowest value. The model itself
    does not change.

    Args:
        model: the model, fresh or trained; its own learning rate and schedule are not used.
        x: training rows, as for `MLP.fit`.
        y: their targets, as for `MLP.fit`.
        batch_size: rows per step; the suggestion holds for this batch size.
        lowest: the first step's rate.
        highest: the last step's rate.
        steps: the largest number of steps.

    Raises:
        SettingError: the rates do not rise, or there are too few steps.
        DataError: the rows are invalid.
        DivergedError: the loss never fell.
        KeyboardInterrupt: on Ctrl-C.
    """
    if not 0.0 < lowest < highest < np.inf:
        raise SettingError(f"the rates must rise: lowest is {lowest:g}, highest {highest:g}")
    rates = np.geomspace(lowest, highest, _whole(steps))
    arguments = FitArguments(x, y, epochs=1, steps=steps, batch_size=batch_size)
    fit = plan_fit(model.start, arguments).fit
    losses = _losses(fit, rates)
    end = first_exploded(losses)
    reach = min(round(WINDOW / 2 / np.log10(rates[1] / rates[0])), steps // 10)
    rates, losses = rates[:end], losses[:end]
    smoothed = smooth(losses, reach)
    return RateTest(rates, losses, smoothed, steepest(rates, smoothed), end < steps)


def first_exploded(losses: np.ndarray) -> int:
    """Return the first step whose loss has exploded, or the number of steps.

    The running mean mᵢ = 0.9·mᵢ₋₁ + 0.1·lossᵢ, divided by 1 - 0.9ⁱ, forgets old losses.
    """
    mean, lowest = 0.0, np.inf
    for i, loss in enumerate(losses.tolist()):
        mean = DECAY * mean + (1.0 - DECAY) * loss
        now = mean / (1.0 - DECAY ** (i + 1))
        lowest = min(lowest, now)
        if not math.isfinite(now) or now > EXPLODED * lowest:
            return i
    return len(losses)


def smooth(losses: np.ndarray, reach: int) -> np.ndarray:
    """Return the mean of the losses within `reach` steps of each."""
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    places = np.arange(len(losses))
    first, end = np.maximum(places - reach, 0), np.minimum(places + reach + 1, len(losses))
    return (sums[end] - sums[first]) / (end - first)


def steepest(rates: np.ndarray, smoothed: np.ndarray) -> float:
    """Return the rate where the smoothed loss falls most per decade, before its lowest value.

    Raises:
        DivergedError: it never falls.
    """
    end = int(np.argmin(smoothed)) + 1 if len(smoothed) else 0
    if end < 3:
        raise DivergedError(
            "the loss never fell at any learning rate: check that inputs are scaled and that "
            "labels match their rows, or try more steps"
        )
    slopes = np.gradient(smoothed[:end], np.log10(rates[:end]))
    return float(rates[np.argmin(slopes)])


def _whole(steps: int) -> int:
    if isinstance(steps, bool) or not isinstance(steps, int) or not 50 <= steps <= 1_000_000:
        raise SettingError(f"steps is {steps!r}; give a whole number from 50 to 1,000,000")
    return steps


def _losses(fit: Fit, rates: np.ndarray) -> np.ndarray:
    """Return the losses of a run at these rates, which stops once they explode."""
    steps, first = len(rates), fit.position.steps
    columns = table(
        fit.network,
        _steady(fit.training),
        first=first,
        fit_first=0,
        steps=steps,
        per_epoch=fit.steps_per_epoch,
    )
    placed = fit.engine.place(fit.rows, fit.training.dtype)
    run = fit.engine.begin([fit.job], [fit.position.state], placed)
    epochs = range(fit.position.epochs, fit.position.epochs - (-steps // fit.steps_per_epoch))
    order = np.concatenate([fit.order_of(epoch) for epoch in epochs])[:steps]
    run.begin_epoch([order], [columns | {"learning_rate": rates}])
    with DeferredInterrupt() as interrupt:
        for start, stop in stretches(steps):
            run.advance(start, stop)
            losses = run.measured()[0].loss[:stop].astype(np.float64)
            if interrupt.requested:
                raise interrupt.error
            if first_exploded(losses) < stop:
                break
    return losses


def _steady(training: Training) -> Training:
    # Deformation that fades would lower the loss at higher rates.
    if training.deformation is None:
        return training
    steady = msgspec.structs.replace(training.deformation, fade=0.0)
    return msgspec.structs.replace(training, deformation=steady)
