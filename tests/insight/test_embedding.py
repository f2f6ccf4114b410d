"""The picture of a hidden layer: groups stay groups, and every class is drawn by its name."""

import numpy as np
import pytest
from PIL import Image

from clearprop import MLP
from clearprop.errors import DataError
from clearprop.insight import embedding
from clearprop.insight.embedding import draw_hidden_layer, embed


@pytest.fixture
def groups():
    """Three far groups of rows in twenty dimensions, and which group each row is of."""
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    return 20.0 * np.eye(20)[labels] + rng.normal(size=(90, 20)), labels


def test_neighbors_stay_neighbors(groups):
    rows, labels = groups
    points = embed(rows)
    assert points.shape == (90, 2)
    distance = ((points[:, None] - points[None]) ** 2).sum(axis=-1)
    np.fill_diagonal(distance, np.inf)
    assert (labels[distance.argmin(axis=1)] == labels).all()


def test_the_same_rows_give_the_same_points(groups):
    rows = groups[0][:20]
    assert embed(rows).tobytes() == embed(rows).tobytes()


@pytest.mark.parametrize("shape", [(2, 5), (9, 1)])
def test_too_little_to_embed_is_reported(shape):
    with pytest.raises(DataError, match="at least three rows and two units"):
        embed(np.ones(shape))


@pytest.mark.parametrize("rows", [3, 10])
def test_few_rows_are_embedded_too(groups, rows):
    assert np.isfinite(embed(groups[0][:rows])).all()


def test_the_picture(tmp_path, groups, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        embedding, "_draw_class", lambda axes, points, name, *_: drawn.append((name, len(points)))
    )
    rows, labels = groups
    path = draw_hidden_layer(tmp_path / "a.png", rows, labels, ["cat", "dog", "emu", "fox"])
    assert drawn == [("cat", 30), ("dog", 30), ("emu", 30)]
    with Image.open(path) as picture:
        assert picture.format == "PNG"


@pytest.mark.parametrize("classes", [3, 12])
def test_dots_are_drawn_in_a_color_for_each_class(tmp_path, groups, classes):
    rows, labels = groups
    names = [f"class {k}" for k in range(classes)]
    with Image.open(draw_hidden_layer(tmp_path / "a.png", rows, labels, names)) as picture:
        colors = {color for _, color in picture.convert("RGB").quantize(64).getcolors(64)}
    assert len(colors) > 10


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_what_is_pictured_is_what_the_output_layer_sees(groups, dropout):
    rows, labels = groups
    words = {"batch_norm": True, "dropout": dropout, "moving_average": 0.5, "precision": "float64"}
    model = MLP([20, 7, 5, 3], **words)
    model.fit(rows, labels, epochs=2, batch_size=30)
    last = model.parameters["layers.2.weight"], model.parameters["layers.2.bias"]
    hidden = model.hidden(rows)
    assert hidden.shape == (90, 5)
    logits = hidden @ last[0] + last[1]
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(rows), chances, rtol=1e-12)


def test_a_network_without_hidden_layers_hands_on_its_prepared_inputs():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    np.testing.assert_allclose(MLP([4, 2]).hidden(pixels), pixels.reshape(3, 4) / 255, rtol=1e-6)
