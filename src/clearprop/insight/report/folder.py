"""The folder of a report: written completely or not at all, never over anything else."""

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from clearprop.errors import OutputError, SettingError, in_one_line

PAGE, RECORD = "index.html", "report.json"
_OURS = re.compile(
    r"index\.html|report\.json|(confusion|reliability|abstention|robustness|values|errors|labels)\.png"
    r"|(rotation|shift|noise|blur|mistake)-[0-9]+\.png"
)


def check_folder(folder: Path) -> None:
    """Raise, before anything is measured, if a report cannot be written to this folder.

    An empty folder or an earlier report may be there; it is replaced.

    Raises:
        SettingError: it is a file, the current folder, or has something else in it; or it cannot
            be made there.
    """
    if not folder.exists():
        parent = next(path for path in folder.absolute().parents if path.exists())
        if not (parent.is_dir() and os.access(parent, os.W_OK)):
            raise SettingError(
                f"{parent} is not a writable folder; name another one for the report"
            )
        return
    if not folder.is_dir():
        raise SettingError(f"{folder} is a file; name a folder for the report")
    if folder.resolve() == Path.cwd():
        raise SettingError("a report needs a folder of its own; name one, as in --report report")
    there = sorted(path.name for path in folder.iterdir())
    others = [name for name in there if not _OURS.fullmatch(name)]
    if others or (there and RECORD not in there):
        found = in_one_line(others[0] if others else there[0])
        raise SettingError(
            f"{folder} holds more than a report ({found}), and stays as it is; name "
            "another folder for the report"
        )


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to write into that gets its real name once everything is in it.

    An earlier one of that name is then removed; if writing fails, it stays.

    Raises:
        SettingError: see `check_folder`.
        OutputError: the folder cannot be written.
    """
    folder = folder.resolve()
    hidden = f".{folder.name}.{secrets.token_hex(8)}"
    part, old = folder.with_name(f"{hidden}.part"), folder.with_name(f"{hidden}.old")
    try:
        part.mkdir(parents=True)
        yield part
        check_folder(folder)
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(f"the report cannot be written to {folder}: {reason}") from error
    finally:
        # Of the two renames the second may have failed.
        if old.exists() and not folder.exists():
            old.rename(folder)
        for path in (part, old):
            shutil.rmtree(path, ignore_errors=True)
