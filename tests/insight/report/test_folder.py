"""A report's folder is whole or not there, and never takes the place of something else."""

from pathlib import Path

import pytest

from clearprop.errors import OutputError, SettingError
from clearprop.insight.report.folder import check_folder, whole_folder


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, words="new"):
    with whole_folder(Path(folder)) as place:
        (place / "index.html").write_text(words)
        assert not Path(folder, "index.html").exists() or words != "first"
        (place / "report.json").write_text("{}")


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_appears_when_all_is_in_it(here):
    write("new/report", "first")
    assert left(here / "new") == ["report"]
    assert left(here / "new" / "report") == ["index.html", "report.json"]


@pytest.mark.parametrize("before", ["empty", "report"])
def test_an_empty_folder_and_an_earlier_report_are_replaced(here, before):
    (here / "report").mkdir()
    if before == "report":
        write("report", "old")
        (here / "report" / "mistake-3.png").write_bytes(b"old")
    write("report")
    assert left(here) == ["report"]
    assert left(here / "report") == ["index.html", "report.json"]
    assert (here / "report" / "index.html").read_text() == "new"


@pytest.mark.parametrize(
    "files", [["thesis.txt"], ["index.html"], ["index.html", "report.json", "mistake-1.png.txt"]]
)
def test_something_else_stays_as_it_is(here, files):
    (here / "mine").mkdir()
    for name in files:
        (here / "mine" / name).write_text("mine")
    for act in (check_folder, write):
        with pytest.raises(SettingError, match=r"holds more than a report \("):
            act(Path("mine"))
    assert left(here) == ["mine"]
    assert left(here / "mine") == sorted(files)


def test_a_file_and_the_folder_here_are_refused(here, monkeypatch):
    (here / "file").write_text("mine")
    with pytest.raises(SettingError, match="is a file"):
        check_folder(Path("file"))
    (here / "empty").mkdir()
    monkeypatch.chdir(here / "empty")
    with pytest.raises(SettingError, match="a folder of its own"):
        check_folder(Path())


def test_what_fails_half_way_leaves_nothing(here):
    def fail():
        with whole_folder(Path("report")) as place:
            (place / "index.html").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert left(here) == []
    write("report", "old")
    with pytest.raises(KeyboardInterrupt):
        fail()
    assert (here / "report" / "index.html").read_text() == "old"
    assert left(here) == ["report"]


def test_an_earlier_report_comes_back_where_the_new_one_cannot_take_its_name(here, monkeypatch):
    write("report", "old")
    rename = Path.rename

    def refuse(path, target):
        if path.suffix == ".part":
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OutputError, match=r"cannot be written to .*report: No space left"):
        write("report")
    assert left(here) == ["report"]
    assert (here / "report" / "index.html").read_text() == "old"


def test_a_parent_that_is_a_file_is_reported(here):
    (here / "file").write_text("mine")
    with pytest.raises(SettingError, match="file is not a writable folder"):
        check_folder(Path("file/report"))
    with pytest.raises(OutputError, match="cannot be written"):
        write("file/report")
