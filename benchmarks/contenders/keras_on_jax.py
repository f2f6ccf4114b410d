"""Keras 3 on JAX: `model.fit` on arrays."""

from typing import Any

from benchmarks import data
from benchmarks.contenders import Forms
from benchmarks.job import Job

EXECUTIONS = (1, 32)


def forms(job: Job) -> Forms:
    """Return a host call for every step, and one for 32 of them."""
    return {f"steps_per_execution={n}": lambda n=n: Trainer(job, n) for n in EXECUTIONS}


class Trainer:
    """A compiled model and its rows."""

    def __init__(self, job: Job, steps: int) -> None:
        import keras

        keras.utils.set_random_seed(job.seed)
        self.job = job
        self.x, self.y = data.job_rows(job)
        *hidden, outputs = job.layers[1:]
        self.model = keras.Sequential(
            [
                keras.Input((job.layers[0],)),
                *(keras.layers.Dense(units, activation="relu") for units in hidden),
                keras.layers.Dense(outputs),
            ]
        )
        self.model.compile(
            optimizer=optimizer(job),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=True,
            steps_per_execution=steps,
        )

    def train(self, epochs: int) -> None:
        """Fit."""
        size = self.job.batch_size
        self.model.fit(self.x, self.y, batch_size=size, epochs=epochs, shuffle=True, verbose=0)

    def accuracy(self) -> float:
        """Predict and compare."""
        x, y = data.judging(self.job.held_out)
        return float((self.model.predict(x, batch_size=2000, verbose=0).argmax(1) == y).mean())


def optimizer(job: Job) -> Any:
    """Return the job's optimizer; one cycle is Keras' own cosine schedule with a warm-up."""
    from keras import optimizers

    rate: Any = job.learning_rate
    if job.schedule == "one_cycle":
        rise = round(0.3 * job.steps)
        rate = optimizers.schedules.CosineDecay(
            0.04 * rate, job.steps - rise, warmup_target=rate, warmup_steps=rise
        )
    if job.optimizer == "adam":
        return optimizers.Adam(rate)
    return optimizers.SGD(rate, momentum=job.momentum)
