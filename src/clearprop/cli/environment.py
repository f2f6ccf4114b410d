"""How `clearprop doctor` prints what Clearprop runs on."""

from pathlib import Path
from typing import Any


def lines(found: dict[str, Any]) -> list[str]:
    """Return lines to read, each a name and its value."""
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
