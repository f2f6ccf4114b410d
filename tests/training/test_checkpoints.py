"""Checkpoints where the disk is full, the folder closed or taken: training goes on, or says why."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from clearprop import MLP, Callback, atomic
from clearprop.errors import OutputError, SettingError
from clearprop.locking import FolderLock
from clearprop.storage import checkpoint_folder
from clearprop.training import Checkpoints
from clearprop.training.background import Background

X = np.random.default_rng(0).normal(size=(48, 6))
Y = X[:, :3].argmax(axis=1)
EPOCHS, STEPS = 4, 12


class StopAt(Callback):
    """Presses Ctrl-C after so many steps; None never does."""

    def __init__(self, step=None):
        self.step, self.every_steps = step, step or 0

    def after_stretch(self, fit):
        if fit.steps == self.step:
            os.kill(os.getpid(), signal.SIGINT)


def fitted(folder=None, every="1steps", stop=None, extra=(), said=None):
    """Return a fitted model and its saver, which goes on from what is in the folder."""
    model, callbacks, saver = MLP([6, 5, 3], dropout=0.2, seed=1), [*extra, StopAt(stop)], None
    if folder is not None:
        say = said.append if said is not None else pytest.fail
        saver = Checkpoints(folder, every, resume=True, say=say)
        callbacks.append(saver)
    try:
        model.fit(X, Y, epochs=EPOCHS, batch_size=16, callbacks=callbacks)
    except KeyboardInterrupt:
        assert stop is not None
    return model, saver


def same(one, other):
    mine, theirs = one.parameters, other.parameters
    return all(mine[name].tobytes() == value.tobytes() for name, value in theirs.items())


@pytest.fixture(scope="module")
def whole():
    """The model of a fit that nothing disturbs."""
    return fitted()[0]


@pytest.fixture
def folder(tmp_path):
    """The checkpoints of a fit that was stopped after seven steps."""
    place = tmp_path / "checkpoints"
    fitted(place, "1000s", stop=7)
    assert steps(place) == [7]
    return place


def steps(folder):
    """Return the steps of the checkpoints in a folder; all of them must be whole."""
    return [checkpoint_folder.whole(path).steps for path in checkpoint_folder.names(folder)]


def files(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


OPEN = Path.open
FULL = OSError(errno.ENOSPC, "No space left on device")
CLOSED = PermissionError(errno.EACCES, "Permission denied")


def fails(error):
    """Return a function that fails as the operating system does."""

    def call(*_, **__):
        raise error

    return call


def opening(path, mode="r", *more, **words):
    """Open a file where no new one can be made."""
    if mode == "xb":
        raise CLOSED
    return OPEN(path, mode, *more, **words)


class HalfWritten:
    """A new file on a disk that is full after half of what is written."""

    def __init__(self, file):
        self.file = file

    def write(self, data):
        self.file.write(data[: len(data) // 2])
        self.file.flush()
        raise FULL

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()


def filling(path, mode="r", *more, **words):
    """Open a file; a new one is cut off in the middle of what is written."""
    file = OPEN(path, mode, *more, **words)
    return HalfWritten(file) if mode == "xb" else file


FAULTS = {
    "a full disk, at the flush": (atomic.os, "fsync", fails(FULL)),
    "a full disk, in the middle of a write": (Path, "open", filling),
    "a folder that can only be read": (Path, "open", opening),
    "a name that cannot be taken": (Path, "replace", fails(CLOSED)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_training_goes_on_where_nothing_can_be_saved(folder, whole, monkeypatch, fault):
    said, before = [], files(folder)
    with monkeypatch.context() as broken:
        broken.setattr(*FAULTS[fault])
        model, saver = fitted(folder, said=said)
    assert same(model, whole)
    assert (saver.resumed_from, saver.steps, saver.path) == (7, STEPS, None)
    reason = "Permission denied" if "full" not in fault else "No space left on device"
    # Once, however many were due.
    (text,) = said
    assert text.startswith(f"no checkpoint could be written into {folder} (")
    assert reason in text
    assert "training goes on" in text
    assert files(folder) == before
    assert steps(folder) == [7]
    # With room again, the same fit goes on from there.
    model, saver = fitted(folder)
    assert same(model, whole)
    assert saver.resumed_from == 7
    assert steps(folder)[-1] == STEPS


def test_a_manifest_that_finds_no_room_leaves_none_of_its_checkpoint(folder, monkeypatch):
    write, said, before = atomic.write, [], files(folder)

    def only_files(path, *parts):
        if path.suffix == ".json":
            raise FULL
        return write(path, *parts)

    monkeypatch.setattr(checkpoint_folder.atomic, "write", only_files)
    fitted(folder, said=said)
    assert said
    assert files(folder) == before


LIMITED = """
import json, resource, sys
from pathlib import Path
import numpy as np
from clearprop import MLP
from clearprop.storage import checkpoint_folder
from clearprop.training import Checkpoints
from clearprop.errors import ModelFileError

def fitted(epochs, steps=None, **words):
    rng = np.random.default_rng(0)
    x, made = rng.normal(size=(48, 6)), MLP([6, 5, 3])
    made.fit(x, np.arange(48) % 3, epochs=4, batch_size=16, steps=steps, callbacks=[saver])
    return made

class Half(Exception): pass

class Stop(Checkpoints):
    def after_epoch(self, fit):
        super().after_epoch(fit)
        if fit.epoch == 2 and self.stops:
            raise Half

for size in map(int, sys.argv[2:]):
    folder, said = Path(sys.argv[1], str(size)), []
    saver = Stop(folder, "1epochs", resume=True, say=said.append)
    saver.stops = True
    try:
        fitted(4)
    except Half:
        pass
    before = sorted(path.name for path in folder.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    saver.stops = False
    made = fitted(4)
    try:
        made.save(folder / "model.safetensors")
        refused = ""
    except ModelFileError as error:
        refused = str(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    after = sorted(path.name for path in folder.iterdir())
    path, found = checkpoint_folder.newest(folder, said.append)
    print(json.dumps({
        "same": before == after, "said": said, "newest": found.steps, "epochs": made.epochs,
        "refused": refused, "resumed_from": saver.resumed_from,
    }))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of this kind")
def test_a_file_that_may_not_grow_is_a_full_disk(tmp_path):
    sizes = (0, 1, 100, 1000)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, tmp_path, *map(str, sizes)], capture_output=True, text=True
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(sizes), done.stderr
    for made in lines:
        assert (made["newest"], made["resumed_from"], made["epochs"]) == (6, 6, 4)
        assert made["same"]
        assert made["said"]
        assert all("File too large" in text for text in made["said"])
        assert "cannot be written: File too large" in made["refused"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_closed_folder_is_refused_before_the_training(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(OutputError, match=r"cannot be written to .*; choose another folder"):
        fitted(closed / "checkpoints")


@pytest.mark.parametrize("error", [CLOSED, OSError(errno.EROFS, "Read-only file system")])
def test_a_folder_that_cannot_be_written_to_is_refused_before_the_training(
    tmp_path, monkeypatch, error
):
    monkeypatch.setattr(Path, "mkdir", fails(error))
    with pytest.raises(OutputError, match=f"{error.strerror}.*; choose another folder"):
        fitted(tmp_path / "checkpoints")


def test_a_file_in_the_folders_place_is_refused_before_the_training(tmp_path):
    (tmp_path / "checkpoints").write_text("mine")
    with pytest.raises(OutputError, match=r"checkpoints cannot be written to .*; choose another"):
        fitted(tmp_path / "checkpoints")
    assert (tmp_path / "checkpoints").read_text() == "mine"


def test_a_folder_that_goes_away_meanwhile_is_made_again(tmp_path, whole):
    class Removes(Callback):
        def after_epoch(self, fit):
            if fit.epoch == 2:
                shutil.rmtree(place)

    place, said = tmp_path / "checkpoints", []
    model, _ = fitted(place, "1000s", extra=[Removes()], said=said)
    assert same(model, whole)
    assert said == []
    assert steps(place) == [STEPS]


def test_where_all_checkpoints_are_damaged_the_fit_begins_again_and_says_so(folder, whole):
    (path,) = checkpoint_folder.names(folder)
    path.write_bytes(path.read_bytes()[:-1])
    said = []
    model, saver = fitted(folder, said=said)
    assert saver.resumed_from == 0
    assert same(model, whole)
    assert "passing it over" in said[0]
    assert said[1] == f"no checkpoint in {folder} is intact: the fit starts anew"
    assert steps(folder)[-1] == STEPS
    assert files(folder / "damaged") == [path.with_suffix(".json").name, path.name]


HOLDS = """
import sys
import numpy as np
from clearprop import MLP, Callback
from clearprop.training import Checkpoints

class Waits(Callback):
    def after_epoch(self, fit):
        print(fit.epoch, flush=True)
        sys.stdin.readline()

rng = np.random.default_rng(0)
x = rng.normal(size=(48, 6))
saver = Checkpoints(sys.argv[1], "1epochs", resume=True)
MLP([6, 5, 3], dropout=0.2, seed=1).fit(
    x, x[:, :3].argmax(axis=1), epochs=4, batch_size=16, callbacks=[saver, Waits()]
)
print(saver.resumed_from, flush=True)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that trains into a folder, and waits after every epoch to be told to go on."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path / "checkpoints")], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    # Two that wait for each other shall fail a test, not hold it up for good.
    alarm = threading.Timer(120, process.kill)
    alarm.start()
    with process:
        yield process
        process.kill()
    alarm.cancel()


def test_a_second_process_is_refused_and_harms_nothing(holder, tmp_path):
    place = tmp_path / "checkpoints"
    assert holder.stdout.readline() == "1\n"
    for _ in range(2):
        with pytest.raises(OutputError, match=r"another process trains into .*checkpoints; wait"):
            fitted(place)
    assert OutputError.exit_code == 11
    out, _ = holder.communicate("\n" * EPOCHS)
    assert out.splitlines() == ["2", "3", "4", "0"]
    assert steps(place)[-1] == STEPS
    assert not list(place.glob(".*.part"))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_the_folder_of_a_killed_process_is_free_and_its_training_goes_on(holder, tmp_path, whole):
    class Held(Callback):
        """Is not there in the other process, but counts as one."""

    assert holder.stdout.readline() == "1\n"
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "2\n"
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    place = tmp_path / "checkpoints"
    at = steps(place)[-1] if steps(place) else 0
    saver = Checkpoints(place, "1epochs", resume=True, say=pytest.fail)
    model = MLP([6, 5, 3], dropout=0.2, seed=1)
    model.fit(X, Y, epochs=EPOCHS, batch_size=16, callbacks=[saver, Held()])
    assert saver.resumed_from == at
    assert same(model, whole)


def is_free(folder):
    with FolderLock(folder):
        return True


def test_whatever_ends_a_fit_frees_the_folder(folder):
    class Refuses(Callback):
        def before_fit(self, fit):
            raise SettingError("no")

    class Breaks(Callback):
        def after_epoch(self, fit):
            raise ZeroDivisionError

    for callback, error in ((Refuses(), SettingError), (Breaks(), ZeroDivisionError)):
        saver = Checkpoints(folder.with_name("new"), say=pytest.fail)
        with pytest.raises(error):
            MLP([6, 3]).fit(X, Y, callbacks=[saver, callback])
        assert is_free(folder.with_name("new"))
        shutil.rmtree(folder.with_name("new"))
    with pytest.raises(SettingError, match="is of another fit"):
        MLP([6, 3]).fit(X, Y, callbacks=[Checkpoints(folder, resume=True)])
    assert is_free(folder)


def test_a_second_ctrl_c_does_not_wait_for_a_save_and_frees_the_folder(tmp_path, monkeypatch):
    place, writing, go_on = tmp_path / "checkpoints", threading.Event(), threading.Event()
    put, drain, handed = Background.put, Background.drain, threading.Event()

    def slow(path, *parts):
        writing.set()
        assert go_on.wait(60)
        return write(path, *parts)

    def handing(background, piece):
        handed.set()
        put(background, piece)

    def pressed(background):
        # The first one has ended the fit, and its last save is being written.
        if handed.is_set():
            assert writing.wait(60)
            signal.raise_signal(signal.SIGINT)
        drain(background)

    write = atomic.write
    monkeypatch.setattr(checkpoint_folder.atomic, "write", slow)
    monkeypatch.setattr(Background, "put", handing)
    monkeypatch.setattr(Background, "drain", pressed)
    saver = Checkpoints(place, "1000s", say=pytest.fail)
    with pytest.raises(KeyboardInterrupt):
        MLP([6, 3]).fit(X, Y, epochs=9, callbacks=[StopAt(2), saver])
    assert saver.cut
    assert saver.path is None
    # The thread still writes; who came now would write into the same folder.
    with pytest.raises(OutputError, match="another process trains"):
        is_free(place)
    go_on.set()
    saver._writer._thread.join(60)
    assert is_free(place)


def test_the_newest_of_what_waits_is_written_and_an_error_does_not_end_the_thread():
    done, said, begun, go_on = [], [], threading.Event(), threading.Event()

    def work(piece):
        begun.set()
        assert go_on.wait(60)
        if piece == 1:
            raise OSError("full")
        done.append(piece)

    background = Background(work, said.append)
    background.put(1)
    assert begun.wait(60)
    for piece in (2, 3, 4):
        background.put(piece)
    go_on.set()
    background.finish()
    assert (done, [str(error) for error in said]) == ([4], ["full"])


@pytest.mark.parametrize(("cost", "every"), [(0.0, 1), (0.3, 1), (1.0, 2), (1.7, 3)])
def test_an_interval_in_seconds_is_stretched_where_checkpoints_would_cost_too_much(
    tmp_path, monkeypatch, cost, every
):
    class Clock:
        now = 0.0

        @classmethod
        def monotonic(cls):
            return cls.now

        thread_time = monotonic

    class Minutes(Callback):
        """Lets an epoch take a minute."""

        def before_epoch(self, fit):
            saver._worked = cost

        def after_epoch(self, fit):
            Clock.now += 60.0

    handed = []
    monkeypatch.setattr("clearprop.training.checkpoints.time", Clock)
    monkeypatch.setattr(Background, "put", lambda self, piece: handed.append(piece.steps))
    saver = Checkpoints(tmp_path, "1s", say=pytest.fail)
    MLP([6, 3]).fit(X, Y, epochs=6, batch_size=len(X), callbacks=[saver, Minutes()])
    # What is due at most 1 % of the time; and the last one, which nothing has written.
    assert handed[:-1] == list(range(every, 7, every))
