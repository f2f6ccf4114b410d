"""A batch of mutations in a process of its own, which has bounded memory and bounded time."""

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
    """A part of the work.

    Attributes:
        name: of the specimen.
        count: how many mutations.
        seed: of them.
    """

    name: str
    count: int
    seed: int


class Failure(NamedTuple):
    """A mutated file of which came what must not come.

    Attributes:
        name: of the specimen.
        error: what came, as a traceback.
        data: the file's content.
    """

    name: str
    error: str
    data: bytes


def work(batch: Batch, folder: Path, pipe: Connection) -> None:
    """Read mutated files, tell how many are done, and last send the counts and the failures.

    A read that takes longer than `SECONDS` ends the process, as a crash does: the file that it
    read is then still in the folder.
    """
    # Ctrl-C is for the process that started this one, and ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bound_memory()
    pipe.send(run(batch, folder, pipe.send))
    pipe.close()


def run(batch: Batch, folder: Path, tell=lambda done: None) -> tuple[Counter[str], list[Failure]]:
    """Return how many files of a batch were accepted, refused, and neither; and the last ones.

    Args:
        batch: the batch.
        folder: where the files are written.
        tell: is told now and then how many were read since the last time.
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
    """Let this process take no more than `MEMORY` bytes beside what it has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
