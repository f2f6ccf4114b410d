"""The results: what each work measured, in one JSON file that is whole at every moment."""

import datetime
import importlib.metadata
import json
import os
import platform
from pathlib import Path
from typing import Any

from clearprop import atomic

FILE, CHART = "results.json", "chart.png"
PACKAGES = (
    "clearprop", "numpy", "jax", "jaxlib", "torch", "keras", "flax", "equinox", "optax",
    "scikit-learn", "neural-network-digits",
)  # fmt: skip


def read(folder: Path) -> dict[str, Any]:
    """Return the results of a folder, by the name of the work; none where there is no file."""
    path = folder / FILE
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def write(folder: Path, results: dict[str, Any]) -> None:
    """Write the results; a reader finds the old file or the new one, whole."""
    text = json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False)
    atomic.write(folder / FILE, text.encode() + b"\n")


def circumstances() -> dict[str, Any]:
    """Return where and when something is measured."""
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} cores, {processor()}, {platform.system()}",
        "python": platform.python_version(),
        "versions": {name: v for name in PACKAGES if (v := version(name))},
    }


def version(package: str) -> str | None:
    """Return the version of a package, or None where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def processor() -> str:
    """Return the name of the processor."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()
