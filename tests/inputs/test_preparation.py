"""How inputs become numbers: bytes and floats, as an engine computes it and by hand."""

import msgspec
import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from clearprop import MLP, load
from clearprop.errors import DataError, SettingError
from clearprop.inputs import Preparation, Scaling, prepare
from clearprop.inputs.preparation import MOST_COLUMNS

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(2500, 3)) * [1.0, 50.0, 1e-3] + [0.0, -7.0, 4.0]
Y = (TABLE[:, 0] > 0.5).astype(int) + (TABLE[:, 1] > 0)
PICTURES = RNG.random((50, 4, 5)) * 3.0


def test_each_column_of_floats_is_standardized_by_itself():
    made = prepare(np, TABLE, Preparation.of("standardize", TABLE), np.float64)
    np.testing.assert_allclose(made, StandardScaler().fit_transform(TABLE), rtol=1e-9, atol=1e-10)


def test_a_column_that_does_not_vary_becomes_0():
    table = np.stack([TABLE[:, 0], np.full(2500, 3.25)], axis=1)
    assert not prepare(np, table, Preparation.of("standardize", table), np.float64)[:, 1].any()


def test_pictures_of_floats_are_standardized_alike():
    found = Preparation.of("standardize", PICTURES)
    assert found.means == pytest.approx((PICTURES.mean(),))
    assert found.deviations == pytest.approx((PICTURES.std(),))


@pytest.mark.parametrize("kind", ["unit", "standardize"])
@pytest.mark.parametrize("x", [TABLE, (RNG.random((9, 3)) * 255).astype(np.uint8)])
def test_an_engine_prepares_as_it_stands_there(xp, float64, kind, x):
    preparation = Preparation.of(kind, x)
    plain = prepare(xp, xp.asarray(x), preparation, xp.float64)
    fed = Scaling(*(a if a is None else xp.asarray(a) for a in preparation.scaling("float64")))
    assert np.allclose(np.asarray(prepare(xp, xp.asarray(x), fed, xp.float64)), np.asarray(plain))


def test_a_standardized_table_is_learned_as_one_that_was_standardized_before(engine, tmp_path):
    words = {"engine": engine, "precision": "float64", "learning_rate": 0.01}
    scaler = StandardScaler().fit(TABLE)
    ours, by_hand = MLP([3, 8, 3], preparation="standardize", **words), MLP([3, 8, 3], **words)
    one = ours.fit(TABLE, Y, epochs=2, batch_size=100, validation_data=(TABLE, Y))
    ready = scaler.transform(TABLE)
    other = by_hand.fit(ready, Y, epochs=2, batch_size=100, validation_data=(ready, Y))
    assert one.val_loss == pytest.approx(other.val_loss, rel=1e-9)
    assert ours.predict_proba(TABLE) == pytest.approx(by_hand.predict_proba(ready), rel=1e-8)
    assert ours.hidden(TABLE) == pytest.approx(by_hand.hidden(ready), rel=1e-8, abs=1e-9)
    again = load(ours.save(tmp_path / "m.safetensors"), engine=engine)
    assert again.inputs == ours.inputs
    assert (again.predict_proba(TABLE) == ours.predict_proba(TABLE)).all()


def test_the_moments_are_those_of_the_training_rows_and_stay():
    model = MLP([3, 4, 3], preparation="standardize")
    model.fit(TABLE, Y, epochs=1, validation_split=0.5)
    first = model.inputs.preparation
    assert first.means != pytest.approx(TABLE.mean(axis=0))
    model.fit(TABLE * 1.5, Y, epochs=1)
    assert model.inputs.preparation == first


@pytest.mark.parametrize(
    "words",
    [
        {"means": (1.0,)},
        {"means": (1.0,), "deviations": (0.0,)},
        {"means": (float("nan"),), "deviations": (1.0,)},
        {"scale": float("inf")},
    ],
)
def test_numbers_that_prepare_nothing_are_refused(words):
    with pytest.raises(SettingError):
        Preparation(**words)


def test_more_columns_than_a_card_holds_are_refused():
    with pytest.raises(DataError, match="standardize these rows yourself"):
        Preparation.of("standardize", np.zeros((2, MOST_COLUMNS + 1), np.float32))


def test_floats_beyond_all_measure_are_refused():
    with pytest.raises(DataError, match="too large to standardize"):
        Preparation.of("standardize", np.array([[1e308], [-1e308]]))


def test_it_is_read_back_from_json():
    made = Preparation.of("standardize", TABLE)
    assert msgspec.json.decode(msgspec.json.encode(made), type=Preparation) == made
