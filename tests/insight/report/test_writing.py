"""A report as its reader gets it: the page, its pictures, and what a file's words may not do."""

import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from clearprop.data import from_arrays
from clearprop.errors import MissingExtraError, OutputError, SettingError
from clearprop.inputs import Inputs
from clearprop.insight.report import charts, write_report
from clearprop.insight.report.charts import short_name
from clearprop.insight.report.figures import measure
from clearprop.tasks import Targets

CHARTS = ["abstention.png", "confusion.png", "reliability.png", "robustness.png"]
# HTML knows these elements without an end.
VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """What a page is made of; fails on elements that are not closed in order."""

    def __init__(self, source):
        super().__init__()
        self.open, self.elements, self.words = [], [], []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def written(model, rows, tmp_path):
    write_report(model, rows, tmp_path / "report", title="A <b>title</b>")
    return tmp_path / "report", measure(model, rows, lambda done, total: None).figures


def read(folder):
    return Page((folder / "index.html").read_text(encoding="utf-8"))


def test_every_picture_has_its_file_and_its_words(written):
    folder, figures = written
    images = read(folder).all("img")
    shown = [image["src"] for image in images]
    assert sorted(shown) == sorted(path.name for path in folder.glob("*.png"))
    assert set(CHARTS) < set(shown)
    assert sum(name.startswith("mistake-") for name in shown) == len(figures.mistakes) > 3
    assert all(len(image["alt"]) > 5 for image in images)
    for name in shown:
        with Image.open(folder / name) as picture:
            assert picture.format == "PNG"


def test_the_page_needs_nothing_from_elsewhere(written):
    folder, _ = written
    source = (folder / "index.html").read_text(encoding="utf-8")
    page = Page(source)
    assert not {"script", "iframe", "object", "link", "base"} & {tag for tag, _ in page.elements}
    assert not re.search(r"https?:|url\(|@import|//", source)
    used = {a["href"] for a in page.all("a")}
    parts = {"#" + section["id"] for section in page.all("section")}
    assert used == parts | {"report.json"}
    assert "prefers-color-scheme: dark" in source


def test_what_a_file_calls_things_stays_words(written, model):
    folder, _ = written
    page = read(folder)
    words = " ".join(page.words)
    assert "A <b>title</b>" in words
    assert not page.all("script")
    for name in model.classes:
        assert name in words
    assert all(a.keys() <= {"src", "alt", "class"} for a in page.all("img"))


def test_the_record_holds_the_figures_and_so_does_what_is_returned(written, model, rows, tmp_path):
    folder, figures = written
    record = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert record == json.loads(json.dumps(figures.as_dict()))
    assert record == json.loads(json.dumps(write_report(model, rows, tmp_path / "again")))


def test_the_page_tells_the_figures(written):
    folder, figures = written
    words = " ".join(read(folder).words)
    low, high = figures.accuracy_interval
    for told in (
        f"{100 * figures.accuracy:.2f} %",
        f"{100 * low:.2f} to {100 * high:.2f}",
        f"{figures.loss:.4f}",
        f"{100 * figures.calibration_error:.2f} %",
        f"{100 * figures.classes[1].recall:.1f} %",
        f"{100 * figures.robustness[2].accuracy[-1]:.1f} %",
    ):
        assert told in words


def test_the_same_rows_give_the_same_bytes(written, model, rows, tmp_path):
    write_report(model, rows, tmp_path / "again", title="A <b>title</b>")
    for path in written[0].iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_mistakes_are_shown_as_they_are(written, rows):
    folder, figures = written
    for number, one in enumerate(figures.mistakes, start=1):
        with Image.open(folder / f"mistake-{number}.png") as picture:
            assert (np.asarray(picture) == rows.images[one.row]).all()


def test_rows_that_are_no_pictures_lack_that_part_and_the_page_says_so(model, rows, tmp_path):
    model.inputs = Inputs((54,))
    model.predict_proba = lambda x: np.full((len(x), 3), [0.2, 0.5, 0.3])
    flat = replace(rows, images=rows.images.reshape(120, -1))
    write_report(model, flat, tmp_path / "report")
    page = read(tmp_path / "report")
    assert "These rows are not pictures" in " ".join(page.words)
    shown = [image["src"] for image in page.all("img")]
    assert sorted(shown) == sorted(path.name for path in (tmp_path / "report").glob("*.png"))
    assert sorted(shown) == CHARTS[:3]
    assert sum(attributes == {"scope": "row"} for attributes in page.all("th")) > 24


def test_outputs_that_are_no_probabilities_have_no_diagram(model, rows, tmp_path):
    model.predict_proba = lambda x, made=model.predict_proba: 2.0 * made(x)
    write_report(model, rows, tmp_path / "report")
    assert "are not probabilities" in " ".join(read(tmp_path / "report").words)
    assert not (tmp_path / "report" / "reliability.png").exists()


def test_without_a_mistake_there_is_none_to_show(model, rows, tmp_path):
    right = model.predict_proba(rows).argmax(axis=1)
    write_report(model, replace(rows, labels=right), tmp_path / "report")
    assert "Nowhere: every row is right." in " ".join(read(tmp_path / "report").words)


@pytest.mark.parametrize("count", [1, 2, 11])
def test_few_rows_are_enough(model, rows, tmp_path, count):
    few = from_arrays(rows.images[:count], rows.labels[:count], model.classes)
    write_report(model, few, tmp_path / "report")
    assert f"{count} rows" in " ".join(read(tmp_path / "report").words)


@pytest.mark.parametrize("classes", [2, 25, 45, 70])
def test_many_classes(classes, tmp_path):
    """A matrix too large for a table is told so; too many names do not become a black bar."""
    names = tuple(f"class number {k}" for k in range(classes))
    rng = np.random.default_rng(0)
    rows = from_arrays(rng.integers(0, 256, (200, 4, 4)), rng.integers(0, classes, 200), names)

    class Guesser:
        def __init__(self):
            self.classes, self.inputs, self.answer = names, Inputs((4, 4)), "one"
            self.targets = Targets(names)

        def predict_proba(self, x):
            return np.random.default_rng(1).dirichlet(np.ones(classes), len(x))

        def evaluate(self, split):
            from clearprop.training import Evaluation

            return Evaluation(1.0, {}, len(split))

    write_report(Guesser(), rows, tmp_path / "report")
    words = " ".join(read(tmp_path / "report").words)
    assert ("too large for a table" in words) == (classes > 40)
    assert (tmp_path / "report" / "confusion.png").stat().st_size < 300_000


def test_charts_do_not_run_out_of_their_pictures(written):
    folder, _ = written
    for name in CHARTS:
        with Image.open(folder / name) as picture:
            image = np.asarray(picture.convert("L"))
        edges = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
        assert edges.min() == 255, name


def test_robustness_is_drawn_as_measured(model, rows, monkeypatch):
    kept = []
    monkeypatch.setattr(charts, "write_figure", lambda path, figure: kept.append(figure))
    figures = measure(model, rows, lambda done, total: None).figures
    charts.draw_robustness("unused", figures.robustness, 3)
    for axes, curve in zip(kept[0].axes, figures.robustness, strict=True):
        guessing, line = axes.lines
        assert list(line.get_xdata()) == curve.strengths
        assert list(line.get_ydata()) == curve.accuracy
        assert guessing.get_ydata()[0] == pytest.approx(1 / 3)


def test_names_that_the_font_lacks_are_numbers():
    assert short_name("Ångström", 0) == "Ångström"
    assert short_name("Жук", 0) == "Жук"
    assert short_name("猫", 3) == "3"
    assert short_name("bell\x07", 4) == "4"
    assert short_name("a name that is long", 0) == "a name that i…"
    assert short_name("", 0) == ""


def test_missing_matplotlib_is_reported_before_anything_is_measured(
    model, rows, tmp_path, monkeypatch
):
    for name in [name for name in sys.modules if name.startswith("matplotlib")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    model.evaluate = None
    with pytest.raises(MissingExtraError, match=r"pip install 'clearprop\[plots\]'"):
        write_report(model, rows, tmp_path / "report")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_is_refused_before_anything_is_measured(model, rows, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    model.evaluate = None
    with pytest.raises(SettingError, match=r"thesis\.txt"):
        write_report(model, rows, tmp_path)


def test_a_report_that_cannot_be_finished_leaves_nothing(model, rows, tmp_path, monkeypatch):
    def full(path, *parts):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("clearprop.insight.report.report.atomic.write", full)
    with pytest.raises(OutputError, match="No space left"):
        write_report(model, rows, tmp_path / "report")
    assert list(tmp_path.iterdir()) == []
