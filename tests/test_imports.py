"""`import clearprop` is light: what costs seconds or is optional waits until it is used."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("jax", "matplotlib", "pooch", "rich", "sklearn", "starlette")


def heavy_after(statement: str) -> list[str]:
    """Return which heavy packages a fresh interpreter has imported after a statement."""
    program = f"{statement}; import sys; print(*(name for name in {HEAVY} if name in sys.modules))"
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return made.stdout.split()


def test_importing_clearprop_imports_nothing_heavy():
    assert heavy_after("import clearprop") == []


def test_the_check_above_can_fail():
    assert "matplotlib" in heavy_after("import clearprop, matplotlib")
    assert "jax" in heavy_after("import clearprop.engines.jax_engine")
