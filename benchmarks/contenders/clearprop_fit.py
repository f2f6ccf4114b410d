"""Clearprop as its users call it, on either engine: `MLP(...).fit(...)`, nothing else."""

import dataclasses
import threading
from typing import Any

from benchmarks.contenders import Forms
from benchmarks.data import HELD_OUT
from benchmarks.job import Job

ENDLESS = 1_000_000


def fits(job: Job, engine: str) -> Forms:
    """Return a fit of known length, or one that goes on until the race ends."""
    maker = SteadyFit if job.epochs is None else WholeFit
    return {"fit": lambda: maker(job, engine)}


def model_of(job: Job, engine: str) -> Any:
    """Return the untrained model of a job."""
    from clearprop import MLP

    optimizer = {"name": "momentum", "momentum": job.momentum} if job.momentum else job.optimizer
    more = {"batch_norm": True, "dropout": 0.2, "moving_average": 0.999} if job.regularized else {}
    return MLP(
        job.layers, optimizer=optimizer, learning_rate=job.learning_rate, l2=job.l2,
        schedule=None if job.schedule == "constant" else job.schedule, engine=engine,
        seed=job.seed, **more,
    )  # fmt: skip


def splits_of(job: Job) -> tuple[Any, Any]:
    """Return the rows to train on and those to be judged by, uint8 as they are published."""
    from clearprop import datasets

    mnist = datasets.load("mnist")
    most = len(mnist.train) - HELD_OUT if job.held_out else len(mnist.train)
    judged = _part(mnist.train, slice(most, None)) if job.held_out else mnist.test
    return _part(mnist.train, slice(min(job.rows, most))), judged


def _part(split: Any, rows: slice) -> Any:
    return dataclasses.replace(split, images=split.images[rows], labels=split.labels[rows])


class WholeFit:
    """One call of `fit`, from its beginning to its end."""

    def __init__(self, job: Job, engine: str) -> None:
        self.job, self.model = job, model_of(job, engine)
        self.rows, self.judged = splits_of(job)

    def train(self, epochs: int) -> None:
        """Fit."""
        self.model.fit(self.rows, epochs=epochs, batch_size=self.job.batch_size)

    def accuracy(self) -> float:
        """Evaluate."""
        return self.model.evaluate(self.judged).accuracy


class SteadyFit(WholeFit):
    """One long fit that waits between two epochs: all that `fit` does an epoch is in the time."""

    def __init__(self, job: Job, engine: str) -> None:
        super().__init__(job, engine)
        self.go, self.done = threading.Semaphore(0), threading.Semaphore(0)
        self.ended, self.failure = False, None
        self.thread = threading.Thread(target=self._fit, daemon=True)
        self.thread.start()

    def _fit(self) -> None:
        try:
            self.go.acquire()
            self.model.fit(
                self.rows, epochs=ENDLESS, batch_size=self.job.batch_size, callbacks=[pause(self)]
            )
        except BaseException as error:
            self.failure = error
        self.done.release()

    def train(self, epochs: int) -> None:
        """Let the fit go on."""
        for _ in range(epochs):
            self.go.release()
            self.done.acquire()
            if self.failure is not None:
                raise self.failure

    def accuracy(self) -> float:
        """End the fit, and evaluate."""
        self.ended = True
        self.go.release()
        self.thread.join()
        return super().accuracy()


def pause(steady: SteadyFit) -> Any:
    """Return the callback that waits after every epoch."""
    from clearprop import Callback

    class Pause(Callback):
        def after_epoch(self, fit: Any) -> None:
            steady.done.release()
            steady.go.acquire()
            if steady.ended:
                fit.stop("the race is over")

    return Pause()
