"""`clearprop evaluate --report`: what it says, what it writes, what it refuses."""

import json
import sys

import pytest

from clearprop import MLP, load


@pytest.fixture
def evaluate(run, tiny, model_file):
    """Return a function that evaluates the tiny model with more words."""
    return lambda *words: run("evaluate", model_file, "--data", "mnist", *words)


def test_the_report_is_written_and_named(evaluate, folder):
    said = evaluate("--report", "report")
    assert said.code == 0
    assert said.out.endswith("report: report/index.html\n")
    assert said.err == "measuring 18 changed copies of the pictures\n"
    page = (folder / "report" / "index.html").read_text(encoding="utf-8")
    assert "<h1>model on the test rows of mnist</h1>" in page
    assert evaluate("--report", "report", "--quiet").err == ""


def test_json_is_one_object_with_the_figures_of_the_report(evaluate, folder, tiny, model_file):
    said = evaluate("--report", "report", "--json", "--quiet")
    assert (said.code, said.err, said.out.count("\n")) == (0, "", 1)
    found = load(model_file).evaluate(tiny.test)
    measured = (found.loss, found.accuracy, found.rows)
    assert (said.json["loss"], said.json["accuracy"], said.json["rows"]) == measured
    assert said.json["test_metrics"] == found.as_dict()
    kept = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
    assert said.json == said.json | kept | {"report": str(folder / "report")}
    assert said.json.keys() - kept.keys() == {
        "task", "metrics", "test_metrics", "test_accuracy", "report"
    }  # fmt: skip
    assert [one["name"] for one in kept["classes"]] == ["cat", "dog", "emu"]
    assert {"precision", "recall", "f1", "support"} < kept["classes"][0].keys()
    assert 0.0 <= kept["calibration_error"] <= 1.0
    assert [one["name"] for one in kept["robustness"]] == ["rotation", "shift", "noise", "blur"]


def test_a_folder_of_something_else_is_refused_and_stays(evaluate, folder):
    (folder / "photos").mkdir()
    (folder / "photos" / "me.jpg").write_bytes(b"me")
    said = evaluate("--report", "photos", "--json")
    assert (said.code, said.out) == (2, "")
    assert "photos holds more than a report (me.jpg), and stays as it is" in said.err
    assert said.err.count("\n") == 1
    assert [path.name for path in (folder / "photos").iterdir()] == ["me.jpg"]


def test_a_model_that_does_not_fit_the_rows_leaves_no_folder(run, tiny, folder):
    model = MLP([7, 3])
    model.save(folder / "other.safetensors")
    said = run("evaluate", "other.safetensors", "--data", "mnist", "--report", "report")
    assert (said.code, said.out) == (4, "")
    assert "the network takes 7" in said.err
    assert not (folder / "report").exists()


def test_missing_matplotlib_gives_the_usual_message(evaluate, folder, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("matplotlib")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said = evaluate("--report", "report")
    assert said.code == 10
    assert "pictures need matplotlib: " in said.err
    assert "-m pip install 'clearprop[plots]'" in said.err
    assert not (folder / "report").exists()


def test_help_shows_how(run):
    assert "--report" in run("evaluate", "--help").out.split("\n\n")[0]
