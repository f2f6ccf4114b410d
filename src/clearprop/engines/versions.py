"""On what the last bits of a training depend besides its settings."""

from __future__ import annotations

import platform
from importlib.metadata import version

from clearprop.engines.cores import cores


def versions(engine: str) -> dict[str, str]:
    """Return the engine, the libraries that compute for it, the machine's kind and its cores.

    Where all of them are the same, a training gives the same bytes; elsewhere the last digits of
    a sum may differ (docs/reliability.md).
    """
    libraries = ("numpy", "jax", "jaxlib") if engine == "jax" else ("numpy",)
    made = {"engine": engine, **{name: version(name) for name in libraries}}
    return made | {"machine": platform.machine(), "cores": str(cores())}
