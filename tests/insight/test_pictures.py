"""Pictures are written whole, at their size, and say what they should."""

import sys
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from clearprop.errors import MissingExtraError, OutputError
from clearprop.insight import pictures
from clearprop.insight.architecture import draw_architecture
from clearprop.insight.curves import _spread, draw_learning_curves
from clearprop.insight.predictions import draw_predictions

DIGITS = [str(digit) for digit in range(10)]


@pytest.fixture
def figures(monkeypatch):
    """The figures themselves, before they become pixels."""
    kept = []
    for room in ("curves", "predictions", "architecture"):
        monkeypatch.setattr(
            f"clearprop.insight.{room}.write_figure", lambda path, figure: kept.append(figure)
        )
    return kept


def words(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def history(shift=0.0):
    falling = [0.5 + shift, 0.3 + shift, 0.2 + shift]
    rising = [0.8 - shift, 0.9 - shift, 0.95 - shift]
    return {"loss": falling, "val_loss": falling[1:], "accuracy": rising, "val_accuracy": rising}


def predictions(path, predicted, **options):
    count = len(predicted)
    images = np.full((count, 28, 28), 90, np.uint8)
    truth, confidence = [1] * count, np.linspace(0.5, 1, count)
    return draw_predictions(path, images, predicted, truth, confidence, DIGITS, **options)


def pixels(path):
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB")).astype(int)


def sides(path):
    """A strip on either side: a letter that runs out of the picture cannot miss it."""
    image = pixels(path)
    return np.concatenate([image[:, :6], image[:, -6:]], axis=1)


def near(image, color):
    """How many pixels are nearly of a color, given as "#RRGGBB"."""
    wanted = [int(color[place : place + 2], 16) for place in (1, 3, 5)]
    return int((np.abs(image - wanted).max(axis=-1) <= 30).sum())


DRAWINGS = {
    "curves": lambda path: draw_learning_curves(path, {"": history()}),
    "predictions": lambda path: predictions(path, [1, 7]),
    "architecture": lambda path: draw_architecture(path, [784, 16, 10], ["relu", "softmax"]),
}


@pytest.fixture(params=DRAWINGS)
def drawing(request):
    return DRAWINGS[request.param]


def test_drawing_returns_the_path_of_a_picture(drawing, tmp_path):
    path = drawing(tmp_path / "picture.png")
    assert path == tmp_path / "picture.png"
    assert min(pixels(path).shape[:2]) > 300


def test_same_data_give_the_same_bytes(drawing, tmp_path):
    assert drawing(tmp_path / "a.png").read_bytes() == drawing(tmp_path / "b.png").read_bytes()


def test_nothing_reaches_the_edge(drawing, tmp_path):
    image = pixels(drawing(tmp_path / "picture.png"))
    edges = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    assert edges.min() == 255


def test_nothing_is_left_half_written(drawing, tmp_path, monkeypatch):
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OutputError, match="No space left"):
        drawing(path)
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        drawing(path)
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [
        ("picture.png", b"old")
    ]


def test_missing_matplotlib_says_what_to_install(drawing, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("matplotlib")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'clearprop\[plots\]'"):
        drawing(tmp_path / "picture.png")
    assert not list(tmp_path.iterdir())


def test_pyplot_and_its_global_state_stay_out(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    for number, draw in enumerate(DRAWINGS.values()):
        draw(tmp_path / f"{number}.png")


def test_mistakes_are_red_and_right_ones_are_not(tmp_path):
    reds = [
        near(
            pixels(predictions(tmp_path / f"{wrong}.png", [7] * wrong + [1] * (6 - wrong))),
            pictures.RED,
        )
        for wrong in range(4)
    ]
    assert reds[0] == 0
    assert min(np.diff(reds)) > 2000  # a thick frame for each mistake


def test_sign_alone_tells_a_mistake_in_gray_print(tmp_path, monkeypatch):
    for name in ("RED", "PALE", "INK"):
        monkeypatch.setattr(f"clearprop.insight.predictions.{name}", "#000000")
    right = pixels(predictions(tmp_path / "right.png", [1]))
    wrong = pixels(predictions(tmp_path / "wrong.png", [7]))
    assert (right != wrong).any()
    assert near(wrong, "#000000") > near(right, "#000000") + 2000


@pytest.mark.parametrize(("count", "size"), [(1, (675, 351)), (6, (1350, 351)), (7, (1350, 609))])
def test_grid_grows_by_rows(tmp_path, count, size):
    with Image.open(predictions(tmp_path / "grid.png", [1] * count)) as image:
        assert image.size == pytest.approx(size, abs=1)


def test_long_names_and_titles_do_not_run_out_of_the_picture(tmp_path):
    names = ["a very long name of a class indeed"] * 10
    images = np.zeros((3, 8, 8), np.uint8)
    path = draw_predictions(
        tmp_path / "p.png", images, [1, 2, 3], [1, 1, 1], [1, 1, 1], names, title="words " * 20
    )
    assert sides(path).min() == 255
    draw_architecture(path, [4, 3], ["softmax"], classes=names[:3], title="words " * 20)
    assert sides(path).min() == 255
    draw_learning_curves(path, {"a run with a rather long name": history()})
    assert sides(path).min() == 255


def test_both_of_two_equal_curves_show(tmp_path):
    both = pixels(draw_learning_curves(tmp_path / "2.png", {"NumPy": history(), "JAX": history()}))
    assert near(both, pictures.BLUE) > 1500
    assert near(both, pictures.ORANGE) > 500


def test_later_runs_are_thinner_than_those_they_cover(figures):
    draw_learning_curves("unused", {str(number): history() for number in range(4)})
    widths = [line.get_linewidth() for line in figures[0].axes[0].lines[::2]]
    assert widths == sorted(set(widths), reverse=True)


@pytest.mark.parametrize(
    "histories",
    [
        {},
        {"": {}},
        {"": {"loss": [], "val_loss": [], "accuracy": [], "val_accuracy": []}},
        {"": {"loss": [0.3], "accuracy": [0.9]}},
        {"": {"loss": [0.3, float("nan"), float("inf")], "accuracy": [0.9, 0.1, 0.1]}},
        {"": {"loss": [-3.0, -4.0], "accuracy": [1.0, 1.0]}},
        {str(number): history(number / 100) for number in range(7)},
    ],
    ids=["none", "nothing", "empty", "one-epoch", "diverged", "negative", "seven"],
)
def test_unusual_histories_are_drawn(tmp_path, histories):
    assert pixels(draw_learning_curves(tmp_path / "curves.png", histories)).shape[0] == 600


def test_labels_are_moved_apart_and_stay_in_the_panel():
    for heights in ([0.5, 0.5, 0.5], [0.0, 0.01], [0.98, 1.0, 1.0], [0.1, 0.9]):
        placed = _spread(heights)
        assert all(upper - lower > 0.07 for lower, upper in pairwise(placed))
        assert min(placed) >= 0
        assert max(placed) <= 1
    assert placed == [0.1, 0.9]


def neurons(figure):
    """How many circles each column has; the dots of an ellipsis lie in columns of three."""
    columns = [column for column in figure.axes[0].collections if column.get_zorder() == 3]
    return [len(column.get_offsets()) for column in columns if len(column.get_offsets()) != 3]


def test_architecture_tells_sizes_weights_and_parameters(figures):
    draw_architecture("unused", [784, 128, 64, 10], ["relu", "relu", "softmax"], classes=DIGITS)
    said = set(words(figures[0]))
    assert {"784", "128", "64", "10", "input", "relu", "softmax"} <= said
    assert {"784 × 128", "128 × 64", "64 × 10", "100,480", "8,256", "650"} <= said
    assert {"109,386 parameters", "784 – 128 – 64 – 10", *DIGITS} <= said
    assert neurons(figures[0]) == [16, 16, 16, 10]


def test_given_parameter_counts_are_used(figures):
    draw_architecture("unused", [4, 5], ["tanh"], parameters=[35], title="Iris")
    assert {"35", "35 parameters", "Iris"} <= set(words(figures[0]))
    assert neurons(figures[0]) == [4, 5]


def test_cells_say_prediction_truth_and_confidence(figures):
    predictions("unused", [1, 7], title="Unseen digits")
    assert words(figures[0]) == ["✓ 1  50 %", "truth: 1", "✗ 7  100 %", "truth: 1"]
    assert [text.get_text() for text in figures[0].texts] == ["Unseen digits"]
    predictions("unused", [1, 7])
    assert [text.get_text() for text in figures[1].texts] == ["1 of 2 right"]


def test_long_names_are_shortened(figures):
    name = "a very long name of a class"
    draw_predictions("unused", np.zeros((1, 2, 2), np.uint8), [0], [0], [1.0], [name])
    assert words(figures[0]) == ["✓ a very long na…  100 %", "truth: a very long na…"]


def test_curves_end_in_their_last_finite_value(figures):
    draw_learning_curves("unused", {"run": {"loss": [0.5, 0.25], "val_accuracy": [0.9, np.nan]}})
    said = words(figures[0])
    assert "run training  0.2500" in said
    assert "run validation  90.00 %" in said
    markers = [axes.lines[0].get_marker() for axes in figures[0].axes]
    assert markers == ["", "o"]  # a single point is no line
