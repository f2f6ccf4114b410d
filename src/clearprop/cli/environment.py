"""What Clearprop runs on here: versions, engines, devices, threads, memory, caches."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

EXTRAS = ("matplotlib", "scikit-learn", "optuna")


def environment(data_dir: str | None) -> dict[str, Any]:
    """Return what there is to know, as --json prints it; jax is imported where it can be used."""
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
    """Return bytes of memory; None where the system does not tell them so."""
    try:
        return os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _blas() -> list[dict[str, Any]]:
    import numpy as np
    from threadpoolctl import threadpool_info

    assert np  # brings the library that is asked for
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
    """Return which engine "auto" takes for the default network on MNIST, and why."""
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


def lines(found: dict[str, Any]) -> list[str]:
    """Return the same as lines to read: a name and what it stands for."""
    auto, data = found["auto"], found["data"]
    rows = [
        ("clearprop", f"{found['clearprop']}, in {found['folder']}"),
        ("python", f"{found['python']}, {found['executable']}"),
        ("system", f"{found['system']}, {found['cores']} cores{_memory_said(found)}"),
        ("numpy", ", ".join([found["numpy"], *map(_pool_said, found["blas"])])),
        ("jax", _jax_said(found["jax"])),
        ("engine", f"train --data mnist takes {auto['engine']}: {auto['why']}"),
        ("extras", ", ".join(f"{n} {v or 'not installed'}" for n, v in found["extras"].items())),
        ("data", data["folder"]),
        *(("", f"{n}: {'here' if here else 'not here yet'}") for n, here in data["cached"].items()),
    ]
    if found["jax"]["compiled"]:
        rows.append(("compiled", _folder_said(Path(found["jax"]["compiled"]))))
    return [f"{name:<10} {text}" for name, text in rows]


def _memory_said(found: dict[str, Any]) -> str:
    total, free = found["memory_bytes"], found["free_bytes"]
    if total is None or free is None:
        return ""
    return f", {total / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB free"


def _pool_said(pool: dict[str, Any]) -> str:
    return f"{pool['internal_api']} {pool['version'] or ''} with {pool['num_threads']} threads"


def _jax_said(found: dict[str, Any]) -> str:
    if found["fault"]:
        return found["fault"]
    return f"{found['version']}, jaxlib {found['jaxlib']}, on {', '.join(found['devices'])}"


def _folder_said(folder: Path) -> str:
    sizes = [path.stat().st_size for path in folder.glob("*") if path.is_file()]
    return f"{folder}: programs of {sum(sizes) / 1e6:.0f} MB, which may be deleted"
