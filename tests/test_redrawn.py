"""Models that redraw pictures: raw ones go in everywhere, and the same comes out everywhere."""

import numpy as np
import pytest

from clearprop import MLP, Callback, Committee, datasets, fit_many, load
from clearprop.errors import DataError, SettingError
from clearprop.inputs import Preparation, inputs, redrawn
from clearprop.training import Checkpoints

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

RNG = np.random.default_rng(0)
SIDE = 12
WORDS = ["deslant", {"name": "width", "pixels": 6}, "center"]


def bars(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures of one, two or three dots below each other, leaning as they like."""
    images, labels = np.zeros((count, SIDE, SIDE), np.uint8), np.arange(count) % 3
    for image, label in zip(images, labels, strict=True):
        row, column = RNG.integers(0, 4), RNG.integers(3, 8)
        for k in range(label + 1):
            image[row + 3 * k, column + RNG.integers(-1, 2) * k] = RNG.integers(100, 256)
    return images, labels


PIXELS, Y = bars(90)
OTHERS, THEIR_Y = bars(30)


def make(**words) -> MLP:
    layers = [SIDE * SIDE, 8, 3]
    return MLP(**{"layers": layers, "pictures": WORDS, "learning_rate": 0.01, **words})


def plain(**words) -> MLP:
    return make(pictures=None, **words)


def drawn(images: np.ndarray) -> np.ndarray:
    return redrawn(images, make().inputs.pictures)


@pytest.mark.parametrize("preparation", ["unit", "standardize"])
def test_raw_pictures_give_what_redrawn_ones_give_without_the_steps(engine, preparation):
    words = {"engine": engine, "preparation": preparation}
    model, wanted = make(**words), plain(**words)
    model.fit(PIXELS, Y, validation_data=(OTHERS, THEIR_Y), epochs=3)
    wanted.fit(drawn(PIXELS), Y, validation_data=(drawn(OTHERS), THEIR_Y), epochs=3)
    assert model.inputs.preparation == wanted.inputs.preparation
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert getattr(model.history, name) == getattr(wanted.history, name), name
    seen = drawn(OTHERS)
    assert model.evaluate(OTHERS, THEIR_Y) == wanted.evaluate(seen, THEIR_Y)
    assert (model.predict(OTHERS) == wanted.predict(seen)).all()
    assert (model.predict_proba(OTHERS) == wanted.predict_proba(seen)).all()
    assert (model.hidden(OTHERS) == wanted.hidden(seen)).all()
    assert (model.redrawn(OTHERS) == seen.reshape(30, -1)).all()
    # The rows do make a difference, or nothing was tested.
    assert (model.predict_proba(OTHERS) != wanted.predict_proba(OTHERS)).any()


def test_pictures_in_every_shape_are_the_same():
    model = make()
    split = datasets.from_arrays(PIXELS, Y)
    model.fit(split, validation_data=datasets.from_arrays(OTHERS, THEIR_Y), epochs=1)
    wanted = model.predict_proba(OTHERS)
    for x in (OTHERS.reshape(30, -1), OTHERS.tolist(), OTHERS.astype(np.int64)):
        assert (model.predict_proba(x) == wanted).all()
    assert model.predict_proba(OTHERS[0]) == pytest.approx(wanted[:1], rel=1e-5)
    assert model.predict_proba(OTHERS[0].reshape(-1)) == pytest.approx(wanted[:1], rel=1e-5)
    flat = make(layers=[(12, 12), 8, 3])
    flat.fit(PIXELS.reshape(90, -1), Y, validation_data=(OTHERS, THEIR_Y), epochs=1)
    assert flat.history.val_loss == model.history.val_loss
    assert (flat.predict_proba(OTHERS) == wanted).all()


def test_flat_rows_are_pictures_of_the_sides_that_were_learned():
    # 144 numbers could be 12 by 12, but these are 9 by 16.
    oblong, flat = PIXELS.reshape(90, 9, 16), PIXELS.reshape(90, 144)
    model = make()
    model.fit(oblong, Y, validation_data=(flat, Y), epochs=1)
    assert model.history.val_loss[0] == model.evaluate(oblong, Y).loss
    model.fit(flat, Y, validation_data=(flat, Y), epochs=1)
    assert model.history.val_loss[0] == model.evaluate(oblong, Y).loss
    assert (model.predict_proba(flat) == model.predict_proba(oblong)).all()
    square = make(layers=[(12, 12), 8, 3])
    square.fit(flat, Y, epochs=1)
    with pytest.raises(SettingError, match="have all of them met the same rows"):
        fit_many([model, square], flat, Y, epochs=1)
    with pytest.raises(DataError, match="pictures of 12 by 12 are given to a network"):
        model.predict(PIXELS)


def test_a_loaded_model_redraws_as_the_saved_one(tmp_path, engine):
    model = make(engine=engine)
    model.fit(PIXELS, Y, epochs=2)
    path = model.save(tmp_path / "m.safetensors")
    again = load(path, engine=engine)
    assert again.inputs == model.inputs
    assert again.inputs.pictures != ()
    assert (again.predict_proba(OTHERS) == model.predict_proba(OTHERS)).all()
    assert again.save(tmp_path / "again.safetensors").read_bytes() == path.read_bytes()
    model.fit(PIXELS, Y, epochs=1)
    assert load(path).evaluate(PIXELS, Y) != model.evaluate(PIXELS, Y)


def test_a_file_without_steps_redraws_nothing(tmp_path):
    model = plain()
    model.fit(PIXELS, Y, epochs=1)
    assert load(model.save(tmp_path / "m.safetensors")).inputs.pictures == ()


NO_PICTURES = {
    "floats": PIXELS / 255.0,
    "float rows": PIXELS.reshape(90, -1).astype(np.float32),
}


@pytest.mark.parametrize("rows", NO_PICTURES)
def test_rows_that_are_no_pixels_are_refused_everywhere(rows):
    x, model = NO_PICTURES[rows], make()
    model.fit(PIXELS, Y, epochs=1)
    said = r"redrawn \(deslant, width 6, center\), which takes pixels of uint8, and these rows are"
    for wrong in (
        lambda: make().fit(x, Y),
        lambda: make().fit(PIXELS, Y, validation_data=(x, Y)),
        lambda: model.evaluate(x, Y),
        lambda: model.predict(x),
        lambda: model.predict_proba(x),
        lambda: model.hidden(x),
    ):
        with pytest.raises(DataError, match=said):
            wrong()


def test_rows_that_are_no_squares_are_refused():
    with pytest.raises(DataError, match=r"rows of shape \(143,\) are no pictures"):
        MLP([143, 3], pictures="deslant").fit(PIXELS.reshape(90, 144)[:, 1:], Y)


def test_a_step_that_does_not_exist_is_refused_with_the_nearest():
    with pytest.raises(SettingError, match="step of pictures 'delsant': did you mean 'deslant'"):
        make(pictures=["delsant"])


def test_many_networks_redraw_once_and_learn_what_each_learns_alone(engine, monkeypatch):
    together, alone = ([make(engine=engine, seed=seed) for seed in range(3)] for _ in range(2))
    for model in alone:
        model.fit(PIXELS, Y, validation_data=(OTHERS, THEIR_Y), epochs=2)
    asked = []

    def counted(images, pictures, shape=()):
        asked.append(len(images))
        return redrawn(images, pictures, shape)

    monkeypatch.setattr(inputs, "redrawn", counted)
    fit_many(together, PIXELS, Y, validation_data=(OTHERS, THEIR_Y), epochs=2)
    assert asked == [90, 30]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.history.val_loss, other.history.val_loss, 1e-5)
        assert (one.predict(OTHERS) == other.predict(OTHERS)).all()


def test_many_networks_redraw_alike():
    with pytest.raises(SettingError, match="the same engine, preparation and pictures"):
        fit_many([make(), plain()], PIXELS, Y)


def test_the_members_of_a_committee_redraw_each_in_its_way(tmp_path):
    members = [make(pictures={"name": "width", "pixels": pixels}) for pixels in (4, 8)]
    members.append(plain())
    for member in members:
        member.fit(PIXELS, Y, epochs=2)
    wanted = np.mean([member.predict_proba(OTHERS) for member in members], axis=0)
    committee = Committee(members)
    np.testing.assert_allclose(committee.predict_proba(OTHERS), wanted, atol=1e-6)
    again = load(committee.save(tmp_path / "c.safetensors"))
    assert (again.predict_proba(OTHERS) == committee.predict_proba(OTHERS)).all()
    assert [one.inputs for one in again.members] == [one.inputs for one in members]


def test_a_checkpoint_of_other_steps_is_refused(tmp_path):
    make().fit(PIXELS, Y, epochs=3, callbacks=[Checkpoints(tmp_path, "1epochs")])
    for other in (plain(), make(pictures=WORDS[:1])):
        with pytest.raises(SettingError, match="the rows or their preparation differ"):
            other.fit(PIXELS, Y, epochs=3, callbacks=[Checkpoints(tmp_path, resume=True)])
    again = make()
    again.fit(PIXELS, Y, epochs=3, callbacks=[Checkpoints(tmp_path, resume=True)])
    assert again.epochs == 3


def test_a_callback_may_see_what_the_card_will_say():
    model, split = make(preparation="standardize"), datasets.from_arrays(PIXELS, Y)
    look = Look()
    model.fit(split, epochs=1, callbacks=[look])
    assert look.inputs == model.inputs
    assert look.targets == model.targets
    assert look.inputs.preparation == Preparation.of("standardize", drawn(PIXELS))


class Look(Callback):
    """Remembers what a fit knows of its rows before its first step."""

    def before_fit(self, fit):
        self.inputs, self.targets = fit.inputs, fit.targets
