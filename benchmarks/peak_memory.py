"""The most memory that a process ever held: `python -m benchmarks.peak_memory NAME [JOB]`.

Without a job it imports what the contender imports and stops; with one it trains an epoch.
"""

import importlib
import sys
from pathlib import Path

from benchmarks.contenders import CONTENDERS
from benchmarks.job import Job


def main(name: str, job: Job | None) -> None:
    """Import or train in the contender's first form, and print the peak in bytes and the form."""
    for package in CONTENDERS[name].packages:
        importlib.import_module(package)
    form = ""
    if job is not None:
        form, make = next(iter(CONTENDERS[name].forms(job).items()))
        make().train(1)
    print(peak(), form)


def peak() -> int:
    """Return the process's peak resident memory in bytes.

    Linux's own figure is taken first: `ru_maxrss` begins at that of the process that started
    this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    import resource

    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found if sys.platform == "darwin" else found * 1024


if __name__ == "__main__":
    main(sys.argv[1], Job.from_json(sys.argv[2]) if len(sys.argv) > 2 else None)
