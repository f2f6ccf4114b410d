"""A batch of mutations, run in a process with limited memory and time."""

import resource
import signal
import traceback
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import hypothesis

from mutations.outcome import is_accepted
from mutations.specimen import mutations
from mutations.specimens import OTHERS, SPECIMENS

MEMORY = 2**30
SECONDS = 20
TELL_EVERY = 50


class Batch(NamedTuple):
    """A number of mutations of the named specimen, with their seed."""

    name: str
    count: int
    seed: int


class Failure(NamedTuple):
    """A mutated file of the named specimen that led to an error, with the traceback."""

    name: str
    error: str
    data: bytes


def work(batch: Batch, folder: Path, pipe: Connection) -> None:
    """Run a batch; send progress, then the counts and failures.

    A read that takes longer than `SECONDS` kills the process, which leaves its file in the folder.
    """
    # The parent process handles Ctrl-C and terminates this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bound_memory()
    pipe.send(run(batch, folder, pipe.send))
    pipe.close()


def run(batch: Batch, folder: Path, tell=lambda done: None) -> tuple[Counter[str], list[Failure]]:
    """Return the counts of accepted, refused and failed files, and the failures.

    Args:
        batch: the batch.
        folder: where to write the files.
        tell: called with the number of files read since the last call.
    """
    specimen, counts, failures = SPECIMENS[batch.name], Counter[str](), list[Failure]()

    @hypothesis.seed(batch.seed)
    @hypothesis.settings(
        max_examples=batch.count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(mutations(specimen, OTHERS))
    def read(data: bytes) -> None:
        signal.alarm(SECONDS)
        try:
            counts["accepted" if is_accepted(specimen, data, folder) else "refused"] += 1
        except Exception:
            counts["failures"] += 1
            failures.append(Failure(batch.name, traceback.format_exc(), data))
        finally:
            signal.alarm(0)
        if counts.total() % TELL_EVERY == 0:
            tell(TELL_EVERY)

    read()
    tell(counts.total() % TELL_EVERY)
    return counts, failures


def bound_memory() -> None:
    """Limit this process to `MEMORY` more bytes than it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
