"""PyTorch, eager: the loop of its tutorials over tensors in memory, with fused optimizers."""

import itertools
from typing import Any

from benchmarks import data
from benchmarks.contenders import Forms
from benchmarks.job import Job


def forms(job: Job) -> Forms:
    """Return PyTorch with its own number of threads, and with one."""
    import torch

    counts = sorted({torch.get_num_threads(), 1}, reverse=True)
    return {words(n): lambda n=n: Trainer(job, n) for n in counts}


def words(threads: int) -> str:
    """Return a number of threads in words."""
    return f"{threads} thread{'s' if threads > 1 else ''}"


class Trainer:
    """A network, its optimizer and the training rows as tensors."""

    def __init__(self, job: Job, threads: int, fused: bool = True, rate: Any = None) -> None:
        import torch

        torch.manual_seed(job.seed)
        self.torch, self.job, self.threads = torch, job, threads
        self.x, self.y = (torch.from_numpy(a) for a in data.job_rows(job))
        self.y = self.y.long()
        self.net = self.model = network(job.layers)
        rate = job.learning_rate if rate is None else rate
        self.optimizer = optimizer(job, self.net.parameters(), fused, rate)
        self.schedule = one_cycle(job, self.optimizer)

    def train(self, epochs: int) -> None:
        """Make the epochs."""
        self.torch.set_num_threads(self.threads)
        for _ in range(epochs):
            for index in self.torch.randperm(len(self.x)).split(self.job.batch_size):
                self.step(self.x[index], self.y[index])
                if self.schedule is not None:
                    self.schedule.step()

    def step(self, x: Any, y: Any) -> None:
        """Make one update."""
        self.optimizer.zero_grad()
        loss = self.torch.nn.functional.cross_entropy(self.model(x), y)
        loss.backward()
        self.optimizer.step()

    def accuracy(self) -> float:
        """Evaluate."""
        x, y = (self.torch.from_numpy(a) for a in data.judging(self.job.held_out))
        with self.torch.inference_mode():
            return (self.net(x).argmax(1) == y).float().mean().item()


def network(layers: tuple[int, ...]) -> Any:
    """Return linear layers with ReLU between them."""
    from torch import nn

    parts: list[Any] = []
    for inputs, units in itertools.pairwise(layers):
        parts += [nn.Linear(inputs, units), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


def optimizer(job: Job, parameters: Any, fused: bool, rate: Any) -> Any:
    """Return the job's optimizer; fused is one kernel for all parameters."""
    from torch import optim

    if job.optimizer == "adam":
        return optim.Adam(parameters, lr=rate, fused=fused)
    return optim.SGD(parameters, lr=rate, momentum=job.momentum, fused=fused)


def one_cycle(job: Job, optimizer: Any) -> Any:
    """Return the scheduler, or None where the rate is constant."""
    if job.schedule == "constant":
        return None
    from torch.optim.lr_scheduler import OneCycleLR

    return OneCycleLR(optimizer, job.learning_rate, total_steps=job.steps, cycle_momentum=False)
