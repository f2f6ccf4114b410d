"""The report of a soak: one JSON object, with the time and the machine."""

import datetime
import importlib.metadata
import json
import os
import platform
from pathlib import Path
from typing import Any

from clearprop import atomic

PACKAGES = ("clearprop", "numpy", "jax", "jaxlib", "safetensors")


def circumstances() -> dict[str, Any]:
    """Return the time, the machine and the versions."""
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(),
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
    }


def write(path: Path | None, found: dict[str, Any]) -> None:
    """Print the results, and write them to the file if one is named."""
    text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False)
    print(text)
    if path is not None:
        atomic.write(path, text.encode() + b"\n")


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
