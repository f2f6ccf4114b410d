"""Folders of runs: a new one for every run, with numbers that only go up."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clearprop.run_folder import make_run_folder, run_folders


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder to run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_run_has_a_folder_and_the_newest_is_the_last():
    made = [make_run_folder("mnist") for _ in range(11)]
    assert [path.name for path in made[:2] + made[9:]] == [
        "mnist",
        "mnist-2",
        "mnist-10",
        "mnist-11",
    ]
    assert run_folders("mnist") == made
    assert run_folders("fashion") == []


def test_a_number_that_was_removed_is_not_given_again_below_the_others():
    for _ in range(3):
        make_run_folder("mnist")
    Path("runs/mnist").rmdir()
    Path("runs/mnist-2").rmdir()
    assert make_run_folder("mnist") == Path("runs/mnist-4")


def test_folders_of_other_names_and_files_are_no_runs():
    for name in ("mnist-small", "mnist-", "mnist--2", "mnist-2-3", "mnist-٣", "mnist-0", "a-mnist"):
        Path("runs", name).mkdir(parents=True)
    Path("runs/mnist-7").write_text("a file")
    assert run_folders("mnist") == []
    assert make_run_folder("mnist") == Path("runs/mnist-8")


def test_two_runs_at_the_same_time_have_two_folders():
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make_run_folder, ["mnist"] * 40))
    assert len(set(made)) == 40


def test_where_nothing_was_run_there_are_no_folders(folder):
    assert run_folders("mnist") == []
    assert list(folder.iterdir()) == []


def test_where_nothing_can_be_made_it_is_an_error(folder):
    (folder / "runs").write_text("a file")
    with pytest.raises(OSError, match="runs"):
        make_run_folder("mnist")
