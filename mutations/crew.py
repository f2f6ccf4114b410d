"""Parallel workers; one that crashes or hangs counts as a failure and stops no other."""

import multiprocessing
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

from mutations.specimens import SPECIMENS
from mutations.worker import Batch, Failure, work

BATCH = 1000
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class _Running(NamedTuple):
    batch: Batch
    process: BaseProcess
    pipe: Connection
    folder: Path


def batches(names: list[str], count: int, seed: int) -> list[Batch]:
    """Return batches, spread evenly over the formats, each with its own seed."""
    each, more = divmod(count, len(names))
    made = []
    for i, name in enumerate(names):
        left = each + (i < more)
        while left > 0:
            made.append(Batch(name, min(left, BATCH), seed * 1_000_003 + len(made)))
            left -= BATCH
    return made


def explore(
    work_to_do: list[Batch], workers: int, tell: Callable[[str, int], None]
) -> Iterator[tuple[str, Counter[str], list[Failure]]]:
    """Run batches in parallel, and yield the name, counts and failures of each.

    Args:
        work_to_do: the batches.
        workers: the number of processes.
        tell: called with a format and the number of its mutations read since the last call.
    """
    os.environ.update(ONE_THREAD)
    waiting, running = list(reversed(work_to_do)), dict[Connection, _Running]()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    one = _start(waiting.pop(), Path(scratch))
                    running[one.pipe] = one
                for pipe in wait(list(running)):
                    one = running[pipe]
                    said = _said(one)
                    if isinstance(said, int):
                        tell(one.batch.name, said)
                    else:
                        one.process.join()
                        del running[pipe]
                        yield one.batch.name, *said
        finally:
            for one in running.values():
                one.process.terminate()
                one.process.join()


def _said(one: _Running) -> int | tuple[Counter[str], list[Failure]]:
    """Return how many more are done, or the outcome of the batch."""
    try:
        return one.pipe.recv()
    except EOFError:
        one.process.join()
        return Counter(failures=1), [_crash(one)]


def _start(batch: Batch, scratch: Path) -> _Running:
    context = multiprocessing.get_context("spawn")
    folder = Path(tempfile.mkdtemp(dir=scratch)) / "files"
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(batch, folder, theirs))
    process.start()
    theirs.close()
    return _Running(batch, process, ours, folder)


def _crash(one: _Running) -> Failure:
    """Return the failure of a process that ended early; its last file is still there."""
    code = one.process.exitcode or 0
    what = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    if code == -signal.SIGALRM:
        what = "took too long"
    file = one.folder / SPECIMENS[one.batch.name].changed
    data = file.read_bytes() if file.exists() else b""
    return Failure(one.batch.name, f"the process ended: {what}", data)
