"""Train a prepared recipe."""

import logging
import time
from typing import NamedTuple

from clearprop.insight import RunDiagnosis, data_findings
from clearprop.insight.findings import Finding
from clearprop.model import MLP
from clearprop.runs.prepared import Prepared
from clearprop.tasks import METRICS
from clearprop.training import Checkpoints, Evaluation, History, KeepBest, RunningFit
from clearprop.training.callbacks import Callback
from clearprop.training.progress import Progress

LOG = logging.getLogger(__name__)


class Trained(NamedTuple):
    """A training that has ended.

    Attributes:
        prepared: the recipe, whose model is trained now.
        history: of the training.
        validation: loss and metrics on the validation rows; None without such rows.
        test: the same on the test rows.
        seconds: wall time of the training.
        interrupted: whether Ctrl-C ended it.
        resumed_from: the step it resumed from, else 0.
        steps: all its steps; 0 without checkpoints to count them.
        findings: what looks wrong with the rows and with the training.
    """

    prepared: Prepared
    history: History
    validation: Evaluation | None
    test: Evaluation | None
    seconds: float
    interrupted: bool
    resumed_from: int = 0
    steps: int = 0
    findings: tuple[Finding, ...] = ()


def train(
    prepared: Prepared, progress: Progress, checkpoints: Checkpoints | None = None
) -> Trained:
    """Train a network; Ctrl-C ends it with the best network so far."""
    model, fit, quiet = prepared.model, prepared.recipe.fit, progress.stream is None
    of_rows = data_findings(prepared.train, prepared.data.test)
    for finding in () if quiet else of_rows:
        LOG.info("diagnosis: %s", finding)
    diagnosis = RunDiagnosis(lambda text: None if quiet else progress.say(f"diagnosis: {text}"))
    callbacks = [_SayBeginning(model, checkpoints, quiet), progress, diagnosis]
    if prepared.held_out is not None and fit.keep_best:
        callbacks.insert(0, KeepBest())
    if checkpoints is not None:
        callbacks.append(checkpoints)
    began, history = time.perf_counter(), History()
    try:
        history = model.fit(
            prepared.train,
            validation_data=prepared.held_out,
            epochs=fit.epochs,
            steps=fit.steps,
            batch_size=fit.batch_size,
            callbacks=callbacks,
        )
    except KeyboardInterrupt:
        if model.history is None or (checkpoints is not None and checkpoints.cut):
            raise
        history = model.history
    seconds = time.perf_counter() - began
    validation, test = (
        None if rows is None else model.evaluate(rows)
        for rows in (prepared.held_out, prepared.data.test)
    )
    return Trained(
        prepared=prepared,
        history=history,
        validation=validation,
        test=test,
        seconds=seconds,
        interrupted=history.interrupted,
        resumed_from=checkpoints.resumed_from if checkpoints else 0,
        steps=checkpoints.steps if checkpoints else 0,
        findings=(*of_rows, *diagnosis.findings),
    )


class _SayBeginning(Callback):
    """Says which engine a training runs on, and which step it resumes from."""

    def __init__(self, model: MLP, checkpoints: Checkpoints | None, quiet: bool) -> None:
        self.model, self.checkpoints, self.told = model, checkpoints, quiet
        self.quiet = quiet

    def before_fit(self, fit: RunningFit) -> None:
        if self.quiet:
            return
        if self.model.chosen is not None:
            LOG.info("engine: %s (%s)", self.model.chosen.name, self.model.chosen.why)
        task = fit.network.task_type
        if task.name != "classes":
            judge = METRICS[task.judge].title
            LOG.info("task: %s, %s; judged by %s", task.name, task.question, judge)

    def before_epoch(self, fit: RunningFit) -> None:
        if self.checkpoints is not None and self.checkpoints.resumed_from and not self.told:
            LOG.info("resuming from step %s", f"{self.checkpoints.resumed_from:,}")
        self.told = True
