"""scikit-learn's `MLPClassifier` on float32 rows."""

import contextlib
import warnings
from typing import Any

from benchmarks import data
from benchmarks.contenders import Forms
from benchmarks.job import Job


def forms(job: Job) -> Forms:
    """Return its ways of making one epoch, each with BLAS's own number of threads and with one."""
    ways = {"partial_fit": Trainer} if job.epochs is None else {"fit": WholeFit}
    return {
        f"{way}{words}": lambda maker=maker, limit=limit: maker(job, limit)
        for way, maker in ways.items()
        for words, limit in (("", None), (", 1 BLAS thread", 1))
    }


class Trainer:
    """A classifier that makes one epoch a call."""

    def __init__(self, job: Job, threads: int | None) -> None:
        self.job, self.threads = job, threads
        self.x, self.y = data.job_rows(job)
        self.model = classifier(job)

    def train(self, epochs: int) -> None:
        """Make the epochs."""
        with blas_threads(self.threads):
            for _ in range(epochs):
                self.model.partial_fit(self.x, self.y, classes=range(10))

    def accuracy(self) -> float:
        """Evaluate."""
        x, y = data.judging(self.job.held_out)
        return float((self.model.predict(x) == y).mean())


class WholeFit(Trainer):
    """A classifier that makes all its epochs in one call."""

    def train(self, epochs: int) -> None:
        """Fit; that the epochs are counted and not converged is what is wanted."""
        self.model.set_params(max_iter=epochs)
        with blas_threads(self.threads), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.model.fit(self.x, self.y)


def classifier(job: Job) -> Any:
    """Return the job's classifier; its rate is constant, since it has no one-cycle schedule."""
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(
        job.layers[1:-1], solver=job.optimizer, alpha=job.l2, batch_size=job.batch_size,
        learning_rate_init=job.learning_rate, momentum=job.momentum, nesterovs_momentum=False,
        random_state=job.seed, n_iter_no_change=1_000_000,
    )  # fmt: skip


def blas_threads(threads: int | None) -> Any:
    """Return a context with so many BLAS threads; None leaves them alone."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(threads) if threads else contextlib.nullcontext()
