"""Download one file over HTTP, limited in size and time, with progress on a terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

CONNECT_SECONDS = 5
READ_SECONDS = 30
_CHUNK = 1 << 16


class SourceError(Exception):
    """A source failed; the message is a one-line reason."""


def download(url: str, path: Path, limit: int, *, quiet: bool) -> None:
    """Fetch an http or https address into a file of at most `limit` bytes.

    Raises:
        SourceError: no connection, no such file there, a stall, or more than `limit` bytes.
    """
    import pooch

    with path.open("wb") as file, _progress(url.rsplit("/", 1)[-1], quiet) as bar:
        fetch = pooch.HTTPDownloader(
            progressbar=bar, chunk_size=_CHUNK, timeout=(CONNECT_SECONDS, READ_SECONDS)
        )
        try:
            fetch(url, _Bounded(file, limit), None)
        # The errors of requests are all of the first kind; a malformed length is of the second.
        except (OSError, ValueError) as error:
            raise SourceError(_reason(error)) from error


def watched(quiet: bool) -> bool:
    """Return whether to show progress."""
    return not quiet and sys.stderr.isatty()


class _Bounded:
    """A file that refuses to grow beyond a limit."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self.file, self.left, self.limit = file, limit, limit

    def write(self, chunk: bytes) -> None:
        self.left -= len(chunk)
        if self.left < 0:
            raise SourceError(f"sends more than {self.limit:,} bytes")
        self.file.write(chunk)

    def flush(self) -> None:
        self.file.flush()


class _Bar:
    """Rich's progress bar with the methods that pooch calls."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self.progress, self.task, self.total = progress, task, 0

    def update(self, count: int) -> None:
        self.progress.update(self.task, advance=count, total=self.total or None)

    def reset(self) -> None:
        self.progress.update(self.task, completed=0)

    def close(self) -> None:
        self.progress.refresh()


@contextlib.contextmanager
def _progress(title: str, quiet: bool) -> Iterator[Any]:
    """Show a bar on a terminal's standard error; elsewhere yield False, as pooch expects."""
    if not watched(quiet):
        yield False
        return
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        yield _Bar(shown, shown.add_task(title, total=None))


def _reason(error: Exception) -> str:
    """Summarize an error, which may run to many lines."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"answers with HTTP status {response.status_code}"
    if "Timeout" in type(error).__name__:
        return "does not answer in time"
    if "Connection" in type(error).__name__:
        return "cannot be reached"
    return " ".join(str(error).split())[:120] or type(error).__name__
