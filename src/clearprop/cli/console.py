"""What a command says, and where: results to stdout, messages to stderr."""

from __future__ import annotations

import json
import sys
from typing import Any

from clearprop.errors import in_one_line

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


def fail(text: str, code: int) -> int:
    """Print what went wrong, in a few lines at most, and return the exit code."""
    # A file may have chosen some of the words, and a terminal obeys control signs.
    lines = [in_one_line(line.strip(), MOST_SIGNS) for line in text.splitlines() if line.strip()]
    print("\n".join(["clearprop: " + lines[0], *lines[1:MOST_LINES]]), file=sys.stderr, flush=True)
    return code
