"""What Clearprop runs on here: versions, engines, devices, threads, memory, caches."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

EXTRAS = ("matplotlib", "scikit-learn", "optuna")


def environment(data_dir: str | None) -> dict[str, Any]:
    """Return what `doctor --json` prints; jax is imported if it can be used."""
    from clearprop.engines.cores import cores

    return {
        "clearprop": version("clearprop"),
        "folder": str(Path(__file__).parents[1]),
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": platform.platform(),
        "cores": cores(),
        "memory_bytes": _memory("SC_PHYS_PAGES"),
        "free_bytes": _memory("SC_AVPHYS_PAGES"),
        "numpy": version("numpy"),
        "blas": _blas(),
        "jax": _jax(),
        "auto": _auto(),
        "extras": {name: _version(name) for name in EXTRAS},
        "data": _data(data_dir),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _memory(pages: str) -> int | None:
    """Return bytes of memory, or None if the system does not say."""
    try:
        return os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _blas() -> list[dict[str, Any]]:
    import numpy as np
    from threadpoolctl import threadpool_info

    assert np  # loads the BLAS to inspect
    wanted = ("internal_api", "version", "num_threads")
    found = (pool for pool in threadpool_info() if pool["user_api"] == "blas")
    return [{name: pool[name] for name in wanted} for pool in found]


def _jax() -> dict[str, Any]:
    """Return jax's versions, devices and the folder of compiled programs, or why it is not used."""
    from clearprop.engines.jaxlib_guard import jaxlib_version
    from clearprop.errors import EngineError, MissingExtraError

    made: dict[str, Any] = {
        "version": _version("jax"),
        "jaxlib": jaxlib_version(),
        "devices": [],
        "compiled": None,
    }
    try:
        from clearprop.engines.jax_setup import jax

        folder = jax.config.jax_compilation_cache_dir
        devices = [str(device) for device in jax.devices()]
        return made | {"devices": devices, "compiled": folder, "fault": ""}
    except (EngineError, MissingExtraError, RuntimeError) as error:
        return made | {"fault": str(error)}


def _auto() -> dict[str, str]:
    """Return which engine "auto" chooses for the default network on MNIST, and why."""
    from clearprop.engines.choice import choose

    rows, epochs, batch, work = 54_000, 10, 128, 784 * 128 + 128 * 64 + 64 * 10
    steps = -(-rows // batch) * epochs
    chosen = choose("auto", visits=rows * epochs, steps=steps, work=work)
    return {"engine": chosen.name, "why": chosen.why}


def _data(data_dir: str | None) -> dict[str, Any]:
    from clearprop.data import describe
    from clearprop.data.named import cache

    here = {one.name: one.cached for one in describe(data_dir=data_dir)}
    return {"folder": str(cache.folder(data_dir)), "cached": here}
