"""A folder of checkpoints, each with a manifest that is written last.

A checkpoint counts only if its manifest is there and its file has the manifest's size and SHA-256.
So whatever stops a save (a killed process, a full disk, a power cut) leaves the earlier
checkpoints intact, and a flipped bit is noticed before anything is used.
"""

import contextlib
import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec

from clearprop import atomic
from clearprop.errors import ModelFileError, NewerFormatError, UnreadableError
from clearprop.storage import strict_json
from clearprop.storage.checkpoint import Checkpoint, Count, packed_checkpoint, read_checkpoint

FORMAT = 1
LARGEST_MANIFEST = 4096
BLOCK = 2**20
DAMAGED = "damaged"
# A glob pattern; step-best.safetensors, say, is not one of our names.
OURS = "step-" + 16 * "[0-9]"


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is written next to a checkpoint once its file is safe.

    Attributes:
        size: of the checkpoint's file in bytes.
        sha256: of the file, in hexadecimal digits.
        steps: of the checkpoint.
        value: how good the network was after its last whole epoch, larger being better; None
            before the first.
        format: the version of this format.
    """

    size: Count
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    steps: Count
    value: float | None = None
    format: Annotated[int, msgspec.Meta(ge=1)] = FORMAT


class Entry(NamedTuple):
    """A checkpoint with its manifest."""

    path: Path
    manifest: Manifest


def keep(folder: Path, checkpoint: Checkpoint, value: float | None) -> Path:
    """Write a checkpoint into a folder, and its manifest once the file is safe.

    Raises:
        ModelFileError: it could not be read back.
        OSError: the folder cannot be written to, or the disk is full.
    """
    path = folder / f"step-{checkpoint.steps:016}.safetensors"
    parts = packed_checkpoint(path, checkpoint)
    # An old manifest must not vouch for the new file.
    _manifest(path).unlink(missing_ok=True)
    atomic.write(path, *parts)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    manifest = Manifest(sum(map(len, parts)), digest.hexdigest(), checkpoint.steps, value)
    try:
        atomic.write(_manifest(path), msgspec.json.encode(manifest) + b"\n")
    except BaseException:
        # Nothing would ever read this file, and on a full disk it would block the next one.
        _remove(path)
        raise
    return path


def names(folder: Path) -> list[Path]:
    """Return the files of checkpoints with a manifest, intact or not, the newest last."""
    return [place.with_suffix(".safetensors") for place in sorted(folder.glob(f"{OURS}.json"))]


def newest(folder: Path, say: Callable[[str], None]) -> tuple[Path, Checkpoint] | None:
    """Return the newest intact checkpoint and its path, or None.

    `say` is called with a sentence about each damaged one.

    Raises:
        NewerFormatError: none is intact, and a newer Clearprop wrote one: it is not damaged.
        UnreadableError, OSError: one cannot be read at present: it may not be damaged.
    """
    newer: NewerFormatError | None = None
    for path in reversed(names(folder)):
        try:
            return path, whole(path)
        except UnreadableError:
            raise
        except ModelFileError as error:
            say(f"{error}; passing it over")
            newer = error if isinstance(error, NewerFormatError) else newer
    if newer is not None:
        raise newer
    return None


def whole(path: Path) -> Checkpoint:
    """Return a checkpoint whose file matches its manifest.

    Raises:
        ModelFileError: it does not, or one of the two is missing or damaged.
        OSError: it cannot be read.
    """
    manifest = read_manifest(path)
    # Pipes and devices may never end, so they are not even opened.
    size = path.stat().st_size if path.is_file() else 0
    if not size or size != manifest.size:
        raise ModelFileError(f"{path} has {size:,} bytes and should have {manifest.size:,}")
    if _sha256(path) != manifest.sha256:
        raise ModelFileError(f"{path} is damaged: its SHA-256 is not its manifest's")
    return read_checkpoint(path)


def read_manifest(path: Path) -> Manifest:
    """Return the manifest of a checkpoint.

    Raises:
        ModelFileError: it is missing, damaged, or of a newer version.
        OSError: it cannot be read.
    """
    place = _manifest(path)
    if not place.is_file():
        raise ModelFileError(f"{path} has no manifest: it was never finished")
    with place.open("rb") as file:
        data = file.read(LARGEST_MANIFEST)
    try:
        version = strict_json.format_of(data)
        made = strict_json.decode(data, Manifest) if version <= FORMAT else None
    except ValueError as error:
        raise ModelFileError(f"{place} is damaged ({error})") from error
    if made is None:
        raise NewerFormatError(f"{place} has format {version}: upgrade Clearprop")
    return made


def set_aside(folder: Path, taken: Path | None) -> None:
    """Move the checkpoints after `taken`, the newest intact one, or all, into `damaged/`."""
    for path in names(folder):
        if taken is None or path > taken:
            (folder / DAMAGED).mkdir(exist_ok=True)
            # The manifest first: without it the file is no longer a checkpoint.
            for file in (_manifest(path), path):
                with contextlib.suppress(FileNotFoundError):
                    file.replace(folder / DAMAGED / file.name)


def clear(folder: Path) -> None:
    """Remove all checkpoints, intact or damaged, and the folder if that leaves it empty."""
    for own in (folder / DAMAGED, folder):
        for pattern in (f"{OURS}.json", f"{OURS}.safetensors", f".{OURS}.*.part"):
            for path in own.glob(pattern):
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            own.rmdir()


def prune(folder: Path, last: int) -> None:
    """Remove all checkpoints but the last ones and the best, and leftovers of stopped saves."""
    entries = _entries(folder)
    best = max(entries, key=_goodness, default=None)
    for entry in entries[:-last]:
        if entry is not best:
            _remove(entry.path)
    for path in (*folder.glob(f"{OURS}.safetensors"), *folder.glob(f".{OURS}.*.part")):
        if path.suffix == ".part" or not _manifest(path).exists():
            path.unlink(missing_ok=True)


def _entries(folder: Path) -> list[Entry]:
    """Return the checkpoints with a manifest that can be read, from the oldest to the newest."""
    made = []
    for path in names(folder):
        with contextlib.suppress(ModelFileError):
            made.append(Entry(path, read_manifest(path)))
    return made


def _goodness(entry: Entry) -> tuple[float, int]:
    value = entry.manifest.value
    return (-math.inf if value is None else value, entry.manifest.steps)


def _remove(path: Path) -> None:
    # The manifest first, so that it never vouches for a file that is gone.
    _manifest(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _manifest(path: Path) -> Path:
    return path.with_suffix(".json")


def _sha256(path: Path) -> str:
    made = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            made.update(block)
    return made.hexdigest()
