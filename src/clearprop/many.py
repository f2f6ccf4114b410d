"""Many networks at once: seeds, learning rates and other values, trained as one program."""

from collections.abc import Hashable, Sequence
from typing import Any

from clearprop.data.batches import batch_count
from clearprop.engines import choose
from clearprop.engines.cores import cores
from clearprop.errors import DivergedError, SettingError
from clearprop.model import MLP, FitArguments, PlannedFit, plan_fit
from clearprop.network import program, work
from clearprop.training import FitMany, History, SharedRun

# At most this many small networks: nothing is stored before all of them are done.
TOGETHER = 16


def fit_many(
    models: Sequence[MLP],
    x: Any,
    y: Any = None,
    *,
    validation_data: Any = None,
    epochs: int = 5,
    batch_size: int = 128,
) -> list[History]:
    """Let several models learn from the same rows at once, each as its own `fit` would.

    Each has its own initial weights, its own order of the rows and its own values of the
    settings; alike are the layers, activation, loss, optimizer, precision and engine, and which
    of the optional settings (dropout, noise, penalties, averages) are on. On the JAX engine small
    networks are stacked, and large ones run side by side; a small network then takes less time
    than one alone. The results are those of `fit`, up to the rounding of products that are summed
    in another order. On the NumPy engine they are trained one after another.

    Args:
        models: a list of them, as `[MLP(layers, seed=seed) for seed in range(16)]`.
        x: as for `MLP.fit`.
        y: as for `MLP.fit`.
        validation_data: a split or a pair (x, y) to be measured after every epoch.
        epochs: how many times every row is visited.
        batch_size: rows a step.

    Returns:
        The models' histories, in their order. A history's seconds are the network's share.

    Raises:
        SettingError: the models differ in what must be alike, or one comes twice.
        DataError: rows that cannot be learned from.
        DivergedError: says which models diverged; they stay as they were, the others have
            learned.
        KeyboardInterrupt: on Ctrl-C; the models keep what they had learned. A second Ctrl-C does
            not wait for the step: nothing is then left of this fit.
    """
    if isinstance(models, MLP):
        raise SettingError("give a list of models; one alone has its own fit")
    models = list(models)
    if not models or len({id(model) for model in models}) < len(models):
        raise SettingError("give one model or more, each of them once")
    if len({_of_rows(model) for model in models}) > 1:
        raise SettingError(
            "models that are trained together differ in their settings' values alone: give all "
            "the same engine, preparation and pictures, and have all of them met the same rows, or "
            "none"
        )
    arguments = FitArguments(x, y, validation_data, epochs=epochs, batch_size=batch_size)
    runs = [SharedRun() for _ in models]
    fitted: list[PlannedFit] = []
    for model, shared in zip(models, runs, strict=True):
        beside = fitted[0] if fitted else None
        made = plan_fit(model.start, arguments, shared=shared, networks=len(models), beside=beside)
        fitted.append(made)
    together = FitMany([made.fit for made in fitted], runs)
    together.run()
    for k, (model, made) in enumerate(zip(models, fitted, strict=True)):
        if k not in together.failures:
            try:
                model.keep(made, made.fit.reached())
            except DivergedError as error:
                together.failures[k] = error
    if together.ended_by:
        raise together.ended_by
    _tell(together.failures, len(models))
    return [made.fit.history for made in fitted]


def _tell(failures: dict[int, DivergedError], models: int) -> None:
    if failures:
        which = ", ".join(map(str, sorted(failures)))
        first = failures[min(failures)]
        raise DivergedError(
            f"of {models} models, counted from 0, these did not learn: {which}. The first of "
            f"them says: {first}"
        ) from first


def program_key(model: MLP) -> Hashable:
    """Return what models must have in common to be trained together by `fit_many`."""
    static = program(model.network, model.settings)
    return static, bool(model.requested.lmbda), model.requested.task, _of_rows(model)


def _of_rows(model: MLP) -> Hashable:
    """Return what decides how a model prepares rows, and which engine learns from them."""
    wanted = model.requested
    return wanted.engine, wanted.preparation, wanted.task, model.inputs, model.targets


def worth_together(model: MLP, *, rows: int, epochs: int, batch_size: int) -> int:
    """Return how many models like this one `fit_many` should be given at once.

    On the NumPy engine one: they would be trained one after another in any case, and all of
    them be done late. On JAX as many as fill every core with a stack of networks.

    Args:
        model: one of them.
        rows: that each learns from.
        epochs: how often.
        batch_size: rows a step.
    """
    times, each = TOGETHER * epochs * model.settings.passes, work(model.network)
    steps, visits = times * batch_count(rows, batch_size), times * rows
    if choose(model.requested.engine, visits=visits, steps=steps, work=each).name == "numpy":
        return 1
    # Only here: it imports jax, which is used now.
    from clearprop.engines.jax_run import STACKED

    return max(1, min(TOGETHER // cores(), STACKED // each)) * cores()
