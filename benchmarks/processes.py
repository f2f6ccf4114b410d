"""The processes that a bench starts: their environment, and how their failures are told."""

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import data
from benchmarks.contenders import CONTENDERS
from benchmarks.worker import last_line

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "benchmarks" / "results" / "cache"


class ProcessError(Exception):
    """A process that failed; says so in the last line of what it wrote."""


def environment(name: str) -> dict[str, str]:
    """Return the variables of a contender's process.

    Compiled programs are kept between processes for all who can: Clearprop and PyTorch by
    themselves, the peers on JAX through JAX's own cache.
    """
    peers = {
        "JAX_COMPILATION_CACHE_DIR": str(CACHE / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "TORCHINDUCTOR_CACHE_DIR": str(CACHE / "torch"),
    }
    extra = {} if name.startswith("clearprop") else peers
    found = {data.FOLDER_VARIABLE: data.find()}
    return {**os.environ, **found, **extra, **CONTENDERS[name].environment}


def python(module: str, *words: str) -> list[str]:
    """Return the command that runs one of the bench's own modules."""
    return [sys.executable, "-m", f"benchmarks.{module}", *words]


def timed(command: list[str], env: dict[str, str] | None = None) -> tuple[float, str]:
    """Return the wall seconds from a process's start to its end, and what it printed.

    Raises:
        ProcessError: it failed.
    """
    began = time.perf_counter()
    made = subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    seconds = time.perf_counter() - began
    if made.returncode:
        raise ProcessError(last_line(made.stderr) or f"left with code {made.returncode}")
    return seconds, made.stdout
