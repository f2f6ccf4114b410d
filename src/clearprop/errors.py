"""The family of errors that a user can cause, each with an exit code of its own.

Every message says in a sentence what is wrong and what to do. The command line prints
the message and leaves with `exit_code`; in Python, `except ClearpropError` catches them
all, and those that are also a `ValueError` are caught as one.
"""

import difflib
import sys
from collections.abc import Iterable


def in_one_line(words: object, most: int = 200) -> str:
    r"""Return words from a file, made safe for a message.

    Control characters, which a terminal obeys, are escaped; long words are cut.

    Args:
        words: a text, or anything that `str` accepts.
        most: the largest number of characters.

    >>> print(in_one_line("a label\n"))
    a label\n
    """
    text = str(words)
    kept = text if len(text) <= most else f"{text[:most]}…"
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in kept
    )


class ClearpropError(Exception):
    """The parent of every error that Clearprop raises on purpose."""

    exit_code = 1


class SettingError(ClearpropError, ValueError):
    """A setting, recipe, key or name that does not exist or does not fit."""

    exit_code = 2


class DataError(ClearpropError, ValueError):
    """Rows that cannot be learned from: wrong shape, NaN, labels outside the classes."""

    exit_code = 4


class RangeWarning(UserWarning):
    """Rows that seem to be scaled differently from those that a network learned from."""


class DatasetUnavailableError(ClearpropError):
    """A data set that is neither cached nor available from any source."""

    exit_code = 5


class ImageError(ClearpropError, ValueError):
    """A picture that cannot be read as one digit."""

    exit_code = 6


class ModelFileError(ClearpropError, ValueError):
    """A model file that is damaged, foreign, or from a newer version."""

    exit_code = 7


class NewerFormatError(ModelFileError):
    """A file of a format that only a newer Clearprop reads."""


class UnreadableError(ModelFileError):
    """A file that cannot be read at present; it may not be damaged."""


class DivergedError(ClearpropError, ArithmeticError):
    """Training whose loss exploded."""

    exit_code = 8


class EngineError(ClearpropError):
    """An engine that cannot run here."""

    exit_code = 9


class MissingExtraError(ClearpropError, ImportError):
    """A feature whose optional dependency is not installed.

    Args:
        what: what needs which library, as "pictures need matplotlib".
        extra: the extra that brings it; the message says how to install it for this Python.
        instead: what else can be done, or "".
    """

    exit_code = 10

    def __init__(self, what: str, extra: str, instead: str = "") -> None:
        # The pip of another Python would install it where this one does not look.
        command = f"{sys.executable or 'python'} -m pip install 'clearprop[{extra}]'"
        super().__init__(f"{what}: {command}" + (f", or {instead}" if instead else ""))


class OutputError(ClearpropError):
    """A file or folder that cannot be written."""

    exit_code = 11


def known(kind: str, name: str, names: Iterable[str], besides: str = "") -> None:
    """Raise SettingError, with the nearest name, where `name` is not one of `names`.

    `besides` is the end of the message.
    """
    names = sorted(names)
    if name not in names:
        close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}? " if close else ""
        shown = in_one_line(repr(name), 100)
        raise SettingError(f"unknown {kind} {shown}: {hint}known are {', '.join(names)}{besides}")
