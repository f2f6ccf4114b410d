"""Locks: one process at a time, and none for ever."""

import contextlib
import signal
import subprocess
import sys
import threading

import pytest

from clearprop.errors import OutputError
from clearprop.locking import FolderLock

HOLD = """
import sys
from pathlib import Path
from clearprop.locking import FolderLock
with FolderLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Return a function that starts a process which holds a folder until it is told to end."""
    with contextlib.ExitStack() as stack:

        def start():
            process = subprocess.Popen(
                [sys.executable, "-c", HOLD, str(tmp_path / "new" / "folder")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            stack.enter_context(process)
            stack.callback(process.kill)
            # Two that wait for each other shall fail a test, not hold it up for good.
            alarm = threading.Timer(60, process.kill)
            alarm.start()
            stack.callback(alarm.cancel)
            assert process.stdout.readline() == "held\n"
            return process

        yield start


def test_a_folder_that_is_taken_is_refused_until_it_is_free(holder, tmp_path):
    lock, process = FolderLock(tmp_path / "new" / "folder"), holder()
    for _ in range(2):
        with pytest.raises(OutputError, match=r"another process trains into .*folder; wait for it"):
            lock.take()
    process.communicate()
    lock.take()
    lock.release()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_process_holds_nothing(holder, tmp_path):
    process = holder()
    process.send_signal(signal.SIGKILL)
    process.wait()
    with FolderLock(tmp_path / "new" / "folder"):
        pass


def test_one_process_takes_a_folder_once(tmp_path):
    with FolderLock(tmp_path) as lock:
        with pytest.raises(OutputError, match="another process"), FolderLock(tmp_path):
            pass
        lock.release()
        with FolderLock(tmp_path):
            pass
    lock.release()


def test_an_error_frees_the_folder(tmp_path):
    with pytest.raises(ZeroDivisionError), FolderLock(tmp_path):
        _ = 1 / 0
    with FolderLock(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"file.folder cannot be written to \(.*\); choose"):
        FolderLock(tmp_path / "file" / "folder").take()
