"""What the last bits of a training depend on, besides its settings."""

import platform
from functools import cache
from pathlib import Path

from clearprop.engines.table import ENGINES
from clearprop.version import __version__

PROCESSOR_FILE = Path("/proc/cpuinfo")


def versions(engine: str) -> dict[str, str]:
    """Return the engine, its libraries, the processor and the number of threads.

    Where all of them are the same, a training gives the same bytes; elsewhere the last digits of a
    sum may differ (docs/reliability.md).
    """
    # Slow to load, and a network that learns nothing never asks.
    from importlib.metadata import version

    made = {"engine": engine, "clearprop": __version__, "numpy": version("numpy")}
    made["processor"] = processor()
    kind = ENGINES[engine]
    made |= {name: version(name) for name in kind.packages}
    return made | dict([kind.threads()])


@cache
def processor() -> str:
    """Return the processor's name, or its kind where the system does not tell the name."""
    try:
        lines = PROCESSOR_FILE.read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return " ".join([platform.machine(), *names[:1]])
