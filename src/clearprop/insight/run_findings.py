"""What looks wrong with a training: limits on its vital signs, and on the course of its losses.

The limits lie far from what healthy trainings show: the recipes, and small sets of all kinds.
"""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from clearprop.insight.findings import Finding
from clearprop.insight.vital_signs import Signs
from clearprop.training import History

# Healthy: dead to 0.3, flat to 0.7, signal 0.005 to 6, update 1e-4 to 0.05 (a rare step 0.1).
DEAD, SATURATED = 0.5, 0.9
VANISHING, EXPLODING = 1e-4, 1e3
LARGE, SMALL = 0.1, 1e-5
# A loss that has not fallen below this share of its earlier value stands still; one that is as
# low as this may.
STALLED, LEARNED = 0.99, 0.05
# One answer to everything is not suspicious if fewer rows than this have another label.
OTHERS = 10
# Epochs since the best validation loss, and how many times as large it has grown.
SINCE, GROWN, APART = 5, 1.5, 0.5


def unit_findings(signs: Signs) -> Iterator[Finding]:
    """Yield the layers whose units are dead or saturated."""
    for layer, share in signs.dead.items():
        if share > DEAD:
            figures = {"layer": layer, "percent": 100.0 * share, "rows": signs.rows}
            yield Finding("dead_units", figures)
    for layer, share in signs.flat.items():
        if share > SATURATED:
            yield Finding("saturated_units", {"layer": layer, "percent": 100.0 * share})


def gradient_findings(signs: Signs) -> Iterator[Finding]:
    """Yield a gradient that vanishes or explodes between the output and the first layer."""
    # If it is 0, the units before it are dead, and that is reported.
    if 0.0 < signs.signal < VANISHING:
        yield Finding("vanishing_gradient", {"ratio": signs.signal})
    if signs.signal > EXPLODING:
        yield Finding("exploding_gradient", {"ratio": signs.signal})


def standstill_findings(
    signs: Signs, changes: dict[str, float], loss_before: float
) -> Iterator[Finding]:
    """Yield what keeps a loss from falling: one answer to everything, or steps that are too small.

    Args:
        signs: the network's.
        changes: by layer, ‖ΔW‖/‖W‖ of a step; empty where unknown.
        loss_before: the loss of the same rows at the look before; NaN the first time.
    """
    if not math.isfinite(signs.loss) or signs.loss < max(STALLED * loss_before, LEARNED):
        return
    others = (1.0 - signs.labeled) * signs.rows
    if signs.answered == 1.0 and others >= OTHERS:
        figures = {"answer": signs.answer, "rows": signs.rows, "percent": 100.0 * signs.labeled}
        yield Finding("one_answer", figures | {"loss": signs.loss})
    most = max(changes.values(), default=SMALL)
    # If no gradient arrives at all, the step is not the problem.
    if most < SMALL and signs.signal > 0.0:
        yield Finding("small_updates", {"percent": 100.0 * most, "loss": signs.loss})


def update_findings(changes: dict[str, float]) -> Iterator[Finding]:
    """Yield the layers whose weights one step changes by a large part."""
    for layer, change in changes.items():
        if change > LARGE:
            yield Finding("large_updates", {"layer": layer, "percent": 100.0 * change})


def history_findings(history: History) -> Iterator[Finding]:
    """Yield whether the validation loss has long been rising while the training loss fell."""
    losses = history.val_loss
    if len(losses) <= SINCE or len(history.loss) != len(losses):
        return
    best = int(np.argmin(losses))
    is_old = len(losses) - 1 - best >= SINCE
    rises = all(before < after for before, after in itertools.pairwise(losses[-3:]))
    grown = losses[-1] > GROWN * losses[best] and history.loss[-1] < APART * losses[-1]
    if is_old and rises and grown:
        figures = {"best": losses[best], "epoch": best + 1, "validation": losses[-1]}
        yield Finding("drifting_apart", figures | {"training": history.loss[-1]})
