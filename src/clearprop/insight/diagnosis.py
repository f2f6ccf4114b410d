"""The run diagnosis: a callback that examines a training from time to time and reports problems.

It examines a copy of the state after fixed steps, and the history after every epoch. It changes
nothing, draws no random numbers and reads no clock, so a training is the same with and without it.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from clearprop.inputs import Preparation
from clearprop.insight.findings import Finding
from clearprop.insight.run_findings import (
    gradient_findings,
    history_findings,
    standstill_findings,
    unit_findings,
    update_findings,
)
from clearprop.insight.vital_signs import some_rows, update_sizes, vital_signs
from clearprop.network import Network, Rows, table
from clearprop.training import Callback, RunningFit
from clearprop.training.memory import Memory

# How many rows are looked at, and how many are learned from between two looks at least. A look
# costs as much as some ten steps.
ROWS, BETWEEN, LEAST_STEPS = 256, 100_000, 50
# In how many looks in a row a problem must show: what passes is not a problem.
PATIENCE = 2


class RunDiagnosis(Callback):
    """Watches a training and reports what looks wrong: the problem, the evidence, the remedy.

    Dead ReLU units, saturated sigmoids, vanishing or exploding gradients, updates too large or too
    small for the weights, one answer to everything, training and validation that drift apart. A
    loss that is not finite ends a fit with or without it (`DivergedError`).

    Args:
        say: called with every finding, once.

    Attributes:
        findings: what was found, in that order.
    """

    def __init__(self, say: Callable[[str], None] = print) -> None:
        self.say = say
        self.findings: list[Finding] = []
        self._streaks: dict[str, int] = {}

    def before_fit(self, fit: RunningFit) -> None:
        """Choose the rows and the steps, and forget an earlier fit."""
        self.findings, self._streaks, self._loss_before = [], {}, math.nan
        self._rows = some_rows(fit.rows, ROWS)
        between = max(LEAST_STEPS, -(-BETWEEN // fit.training.batch_size))
        self.every_steps = max(1, min(between, fit.planned_steps // 2))

    def memory(self) -> Memory:
        """Return the findings, and what the next look needs."""
        before = self._loss_before if math.isfinite(self._loss_before) else None
        numbers: dict[str, float | None] = {"loss_before": before}
        numbers |= {f"streak {name}": float(n) for name, n in self._streaks.items()}
        for i, (kind, figures) in enumerate(self.findings):
            numbers |= {f"finding {i} {kind} {name}": float(v) for name, v in figures.items()}
        return Memory(numbers)

    def recall(self, memory: Memory) -> None:
        """Restore them; what was reported before is not reported again."""
        before = memory.numbers["loss_before"]
        found: dict[tuple[int, str], dict[str, float | None]] = {}
        self._loss_before = math.nan if before is None else before
        for key, number in memory.numbers.items():
            word, _, name = key.partition(" ")
            if word == "streak":
                self._streaks[name] = int(number or 0)
            if word == "finding":
                i, kind, figure = name.split(" ")
                found.setdefault((int(i), kind), {})[figure] = number
        self.findings = [Finding(kind, figures) for (_, kind), figures in sorted(found.items())]

    def after_stretch(self, fit: RunningFit) -> None:
        """Examine the network if it is time."""
        if fit.steps % self.every_steps == 0:
            self._look(fit)

    def after_epoch(self, fit: RunningFit) -> None:
        """Examine the history."""
        for finding in history_findings(fit.history):
            self._tell(finding)

    def _look(self, fit: RunningFit) -> None:
        state = fit.fetch()
        signs, gradients = vital_signs(
            fit.network, state.params, self._rows, fit.inputs.preparation
        )
        changes = update_sizes(fit.network, fit.training, state, gradients, _last_row(fit))
        self._note(
            [
                *unit_findings(signs),
                *gradient_findings(signs),
                *update_findings(changes),
                *standstill_findings(signs, changes, self._loss_before),
            ]
        )
        self._loss_before = signs.loss

    def _note(self, found: Iterable[Finding]) -> None:
        now = {finding.what: finding for finding in found}
        self._streaks = {what: self._streaks.get(what, 0) + 1 for what in now}
        for what, finding in now.items():
            if self._streaks[what] >= PATIENCE:
                self._tell(finding)

    def _tell(self, finding: Finding) -> None:
        if finding.what not in {told.what for told in self.findings}:
            self.findings.append(finding)
            self.say(str(finding))


def single_look(
    network: Network, params: dict[str, np.ndarray], rows: Rows, preparation: Preparation
) -> list[Finding]:
    """Return what looks wrong with a network by itself, without its steps and losses.

    Args:
        network: the architecture.
        params: its parameters.
        rows: its training rows, some of which are passed through it.
        preparation: how uint8 inputs become numbers.
    """
    signs, _ = vital_signs(network, params, some_rows(rows, ROWS), preparation)
    standstill = standstill_findings(signs, {}, loss_before=math.nan)
    return [*unit_findings(signs), *gradient_findings(signs), *standstill]


def _last_row(fit: RunningFit) -> dict[str, Any]:
    """Return the values of the step that was made last."""
    columns = table(
        fit.network,
        fit.training,
        first=fit.steps - 1,
        fit_first=fit.steps - 1 - fit.position.steps,
        steps=1,
        per_epoch=fit.steps_per_epoch,
        total=fit.planned_steps / fit.steps_per_epoch,
    )
    columns["learning_rate"] = columns["learning_rate"] * fit.epoch_rate_factor
    # Without the keys of draws, of which there are several in a step.
    return {name: float(column[0]) for name, column in columns.items() if column.ndim == 1}
