"""What commands print, and where: results to stdout, messages to stderr."""

import contextlib
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from clearprop.errors import RangeWarning, in_one_line
from clearprop.signals import Terminated

MOST_LINES = 5
MOST_SIGNS = 2000


def result(text: str) -> None:
    """Print a result."""
    print(text, flush=True)


def result_json(value: Any) -> None:
    """Print the one object that --json promises."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False), flush=True)


def note(text: str, quiet: bool = False) -> None:
    """Print a message, unless the user wants quiet."""
    if not quiet:
        print(text, file=sys.stderr, flush=True)


class _Notes(logging.Handler):
    """Prints what the modules below the commands log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the message alone."""
        note(record.getMessage())


def listen(quiet: bool) -> None:
    """Print the log messages of the modules below: all of them or, if quiet, only warnings."""
    log = logging.getLogger("clearprop")
    log.handlers = [_Notes()]
    log.setLevel(logging.WARNING if quiet else logging.INFO)


@contextlib.contextmanager
def saying_how(words: str) -> Iterator[None]:
    """Print how to resume if what runs in the context is stopped."""
    try:
        yield
    except (KeyboardInterrupt, Terminated):
        note(words)
        raise


@contextlib.contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Print Clearprop's own warnings as messages, each once, without a line of code."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", RangeWarning)
        usual, said = warnings.showwarning, set()

        def show(message: Any, category: Any, *rest: Any, **named: Any) -> None:
            if not issubclass(category, RangeWarning):
                usual(message, category, *rest, **named)
            elif str(message) not in said:
                said.add(str(message))
                note(f"warning: {message}")

        warnings.showwarning = show
        yield


def fail(text: str, code: int) -> int:
    """Print what went wrong, in a few lines at most, and return the exit code."""
    # Some words may come from a file, and a terminal obeys control characters.
    lines = [in_one_line(line.strip(), MOST_SIGNS) for line in text.splitlines() if line.strip()]
    print("\n".join(["clearprop: " + lines[0], *lines[1:MOST_LINES]]), file=sys.stderr, flush=True)
    return code
