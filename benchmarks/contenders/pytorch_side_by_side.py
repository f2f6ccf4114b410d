"""Runs of PyTorch side by side: a process for each core, each with one thread and its own seed."""

import multiprocessing
from typing import Any

from benchmarks.contenders import Forms
from benchmarks.contenders.pytorch import Trainer
from benchmarks.job import Job


def forms(job: Job) -> Forms:
    """Return the one way: as many processes as the job has networks."""
    return {f"{job.networks} processes, 1 thread each": lambda: SideBySide(job)}


class SideBySide:
    """Processes that each train a network, and make their epochs at the same time."""

    def __init__(self, job: Job) -> None:
        processes = multiprocessing.get_context("spawn")
        self.pipes = []
        for seed in range(job.networks):
            ours, theirs = processes.Pipe()
            own = job.changed(networks=1, seed=seed)
            processes.Process(target=serve, args=(theirs, own), daemon=True).start()
            self.pipes.append(ours)

    def train(self, epochs: int) -> None:
        """Have all of them train, and wait for the last one."""
        self.ask(("train", epochs))

    def accuracy(self) -> float:
        """Return the mean over the networks."""
        said = self.ask(("accuracy",))
        return sum(said) / len(said)

    def ask(self, question: tuple) -> list[Any]:
        """Return every process's answer."""
        for pipe in self.pipes:
            pipe.send(question)
        return [pipe.recv() for pipe in self.pipes]


def serve(pipe: Any, job: Job) -> None:
    """Train a network on request, until nobody asks any more."""
    trainer = Trainer(job, threads=1)
    while True:
        try:
            name, *words = pipe.recv()
        except EOFError:
            return
        pipe.send(getattr(trainer, name)(*words))
