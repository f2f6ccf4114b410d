"""The trainings of a sweep in groups: those that share a program run together."""

import contextlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, NamedTuple

from clearprop.data import Split
from clearprop.errors import DivergedError
from clearprop.many import fit_many, program_key, worth_together
from clearprop.model import MLP
from clearprop.search.outcomes import Outcome
from clearprop.search.varied import Settings


class Candidate(NamedTuple):
    """A fresh model and how long to train it."""

    model: MLP
    epochs: int = 5
    batch_size: int = 128
    steps: int | None = None


Make = Callable[[Settings, int], Candidate]


class Planned(NamedTuple):
    """A planned training: its settings and seed."""

    settings: Settings
    seed: int


def groups(make: Make, planned: Sequence[Planned], rows: int) -> Iterator[list[Planned]]:
    """Yield the planned trainings, on this many rows, in groups worth training together.

    Args:
        make: makes a candidate, here only to compare it with others.
        planned: the trainings.
        rows: the number of training rows.
    """
    kinds: dict[Hashable, list[Planned]] = {}
    sizes: dict[Hashable, int] = {}
    for one in planned:
        candidate = make(*one)
        # `fit_many` counts epochs, so a training with a number of steps runs alone.
        alone: Any = None if candidate.steps is None else one.seed
        kind: Hashable = (program_key(candidate.model), *candidate[1:], alone)
        kinds.setdefault(kind, []).append(one)
        if kind not in sizes:
            sizes[kind] = 1 if candidate.steps is not None else _size(candidate, rows)
    for kind, members in kinds.items():
        for first in range(0, len(members), sizes[kind]):
            yield members[first : first + sizes[kind]]


def _size(candidate: Candidate, rows: int) -> int:
    model, epochs, batch_size, _ = candidate
    return worth_together(model, rows=rows, epochs=epochs, batch_size=batch_size)


def trained(make: Make, group: Sequence[Planned], train: Split, validation: Split) -> list[Outcome]:
    """Train a group and return its outcomes, in order.

    Raises:
        KeyboardInterrupt: on Ctrl-C; the whole group is lost.
    """
    candidates = [make(*one) for one in group]
    models, (_, epochs, batch_size, steps) = [one.model for one in candidates], candidates[0]
    # A model that diverged has no history.
    with contextlib.suppress(DivergedError):
        if len(models) > 1:
            fit_many(models, train, epochs=epochs, batch_size=batch_size)
        else:
            models[0].fit(train, epochs=epochs, steps=steps, batch_size=batch_size)
    return [_outcome(one, model, validation) for one, model in zip(group, models, strict=True)]


def _outcome(planned: Planned, model: MLP, validation: Split) -> Outcome:
    history = model.history
    if history is None or model.chosen is None:
        return Outcome(*planned, metric="", metrics={}, seconds=0.0, epochs=0, engine="")
    found = model.evaluate(validation)
    return Outcome(
        *planned,
        metric=model.network.task_type.judge,
        metrics=found.as_dict(),
        seconds=sum(history.seconds),
        epochs=len(history),
        engine=model.chosen.name,
    )
