"""PyTorch through `torch.compile`: the model alone, or the model and the optimizer's step."""

from benchmarks.contenders import Forms
from benchmarks.contenders.pytorch import Trainer, words
from benchmarks.job import Job


def forms(job: Job) -> Forms:
    """Return both, each with PyTorch's own number of threads and with one."""
    import torch

    counts = sorted({torch.get_num_threads(), 1}, reverse=True)
    ways = {"model": False, "model and optimizer": True}
    return {
        f"{way}, {words(n)}": lambda n=n, whole=whole: CompiledTrainer(job, n, whole)
        for way, whole in ways.items()
        for n in counts
    }


class CompiledTrainer(Trainer):
    """The eager trainer with its parts compiled, a program for each batch size that occurs."""

    def __init__(self, job: Job, threads: int, whole: bool) -> None:
        import torch

        # A rate that is a number and changes would have the optimizer compiled anew each time.
        rate = torch.tensor(job.learning_rate) if whole and job.epochs else None
        super().__init__(job, threads, fused=not whole, rate=rate)
        self.model = self.torch.compile(self.net, dynamic=False)
        if whole:
            self.optimizer.step = self.torch.compile(self.optimizer.step, dynamic=False)
