"""`load_model` and `predict`: any Clearprop model, one input at a time."""

import numpy as np
import pytest

import clearprop
from clearprop.classic import MLP, Monitor, load_data_wrapper, load_model
from clearprop.errors import DataError, ModelFileError
from clearprop.inputs import Preparation
from clearprop.models import SHIPPED

RNG = np.random.default_rng(4)
PIXELS = RNG.integers(0, 256, (50, 3, 2)).astype(np.uint8)
LABELS = PIXELS.reshape(50, 6)[:, :3].argmax(axis=1)


@pytest.mark.parametrize("words", [{}, {"preparation": "standardize", "batch_norm": True}])
def test_any_model_predicts_from_bytes_and_from_fractions_alike(folder, words):
    model = clearprop.MLP([6, 8, 3], learning_rate=0.05, **words)
    model.fit(PIXELS, LABELS, epochs=20, batch_size=10)
    wanted = model.predict(PIXELS).tolist()
    assert len(set(wanted)) == 3
    classic = load_model(model.save(folder / "softmax.safetensors"))
    assert [classic.predict(x) for x in PIXELS] == wanted
    assert [classic.predict(x.reshape(6, 1) / 255) for x in PIXELS] == wanted
    assert type(classic.predict(PIXELS[0])) is int


def test_a_loaded_model_learns_on(folder):
    model = clearprop.MLP([6, 8, 3])
    model.fit(PIXELS, LABELS, epochs=1)
    classic = load_model(model.save(folder / "m.safetensors"))
    rows = list(zip(PIXELS, LABELS.tolist(), strict=True))
    classic.fit(rows, rows, epochs=2, monitor=Monitor(save=True))
    again = clearprop.load("runs/classic/model.safetensors")
    assert again.inputs.preparation == Preparation()
    assert (again.input_shape, again.classes) == ((6,), ("0", "1", "2"))
    assert again.predict(PIXELS).tolist() == [load_model().predict(x) for x in PIXELS]


WRONG = {
    "a whole pair": ((np.zeros((6, 1)), 2), "first half of a pair"),
    "several inputs": (np.zeros((5, 6)), "30 numbers, but predict takes one input of 6"),
    "a smaller one": (np.zeros(5), "5 numbers"),
    "nothing": (None, "predict takes one input"),
    "a text": ("six", "not an array of numbers"),
    "NaN": (np.full(6, np.nan), "nan"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_one_input_is_refused(make, name):
    x, says = WRONG[name]
    with pytest.raises(DataError, match=says):
        make().predict(x)


def test_without_a_save_the_shipped_model_is_loaded(folder, monkeypatch):
    shipped = clearprop.MLP([6, 3], seed=9).save(folder / "shipped.safetensors")
    monkeypatch.setattr("clearprop.classic.mlp.SHIPPED", {"mnist-small": shipped})
    assert (load_model().model.parameters["layers.0.weight"]
            == clearprop.load(shipped).parameters["layers.0.weight"]).all()  # fmt: skip


def test_a_file_that_is_not_ours_is_refused(folder, make, train, validation):
    with pytest.raises(ModelFileError, match="there is no file"):
        load_model("digits.safetensors")
    make().fit(train, validation, 1, monitor=Monitor(save=True))
    with pytest.raises(ModelFileError, match="not a model file; name another"):
        load_model("runs/classic/checkpoint.safetensors")


@pytest.mark.data
def test_the_shipped_model_is_small_and_knows_its_digits(require_dataset):
    rows = require_dataset("mnist").test
    assert SHIPPED["mnist-small"].stat().st_size < 2 * 2**20
    model = load_model()
    assert isinstance(model, MLP)
    guesses = [model.predict(image) for image in rows.images[:1000]]
    assert np.mean(guesses == rows.labels[:1000]) > 0.9


@pytest.mark.data
def test_the_snippet_of_the_classic_interfaces_users(require_dataset):
    require_dataset("mnist")
    import clearprop.classic as mlp
    import clearprop.classic as mnist_loader
    from clearprop.classic import SGD, CrossEntropyLoss, Sigmoid

    train_data, val_data = load_data_wrapper()
    model = MLP(layers=[784, 30, 10], optimizer=SGD, loss=CrossEntropyLoss, activation=Sigmoid,
                learning_rate=0.1, lmbda=5.0)  # fmt: skip
    monitor = Monitor(training=True, validation=True, save=False)
    model.fit(train_data=train_data[:10000], val_data=val_data[:1000], epochs=5, batch_size=32,
              continue_train=False, monitor=monitor)  # fmt: skip
    evaluation_cost, evaluation_accuracy, training_cost, training_accuracy = monitor.history()
    assert len(evaluation_cost) == len(training_cost) == 5
    assert 0.85 < evaluation_accuracy[-1] < training_accuracy[-1] < 1.0
    model = load_model()
    truth = val_data[140][1]
    assert f"{model.predict(val_data[140][0])} {truth}" == f"{truth} {truth}"

    _, again = mnist_loader.load_data_wrapper()
    assert mlp.load_model().predict(again[140][0]) == truth
    assert (train_data[0][0].shape, train_data[0][1].shape) == ((784, 1), (10, 1))
    assert (len(train_data), len(val_data)) == (50_000, 10_000)


def test_it_says_which_network_was_loaded(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model = load_model()
    assert "the model that ships with Clearprop" in capsys.readouterr().err
    inside = "<MLP 784-512-200-10, classes, cross_entropy, 80 epochs learned>"
    assert repr(model) == f"<classic {inside}>"


@pytest.fixture
def standardizing(folder):
    """The file of a model that learned from standardized pixels."""
    model = clearprop.MLP([6, 8, 3], preparation="standardize")
    model.fit(PIXELS, LABELS, epochs=2)
    return model.save(folder / "standardizing.safetensors")


RAW = list(zip(PIXELS, LABELS.tolist(), strict=True))
FLOATS = [(x.reshape(6, 1) / 255, y) for x, y in RAW]


def test_fit_takes_floats_as_predict_does(standardizing):
    wanted, found, watch = load_model(standardizing), load_model(standardizing), Monitor()
    wanted.fit(RAW, epochs=3)
    found.fit(FLOATS, FLOATS, epochs=3, monitor=watch)
    for name, value in wanted.model.parameters.items():
        assert (value == found.model.parameters[name]).all()
    assert watch.history()[:2] == watch.history()[2:]


def test_a_model_that_redraws_pictures_takes_floats_as_pixels():
    # Nine pixels a row, whose brightest column is the class.
    pixels = RNG.integers(0, 256, (60, 3, 3)).astype(np.uint8)
    labels = pixels.sum(axis=1).argmax(axis=1).tolist()
    floats = [(x.reshape(9, 1) / 255, y) for x, y in zip(pixels, labels, strict=True)]
    wanted = clearprop.MLP([9, 8, 3], pictures=["center"])
    wanted.fit(pixels, labels, validation_data=(pixels, labels), epochs=3, batch_size=10)
    found, watch = MLP.of(clearprop.MLP([(3, 3), 8, 3], pictures=["center"])), Monitor()
    found.fit(floats, floats, epochs=3, batch_size=10, monitor=watch)
    for name, value in wanted.parameters.items():
        assert (value == found.model.parameters[name]).all()
    assert [found.predict(x) for x, _ in floats] == wanted.predict(pixels).tolist()
    with pytest.raises(DataError, match=r"holds 1\.05, but this model redraws pictures"):
        found.predict(np.linspace(0.0, 1.2, 9))


def test_floats_that_are_no_fractions_are_refused_where_pixels_are_standardized(standardizing):
    model, x = load_model(standardizing), np.linspace(0.0, 1.5, 6)
    says = "holds 1.2, but this model standardizes pixels"
    with pytest.raises(DataError, match=says):
        model.predict(x)
    with pytest.raises(DataError, match=says):
        model.fit([(x, 0), (x, 1)])


def test_validation_floats_follow_the_pixels_of_a_fresh_model():
    watch = Monitor()
    MLP.of(clearprop.MLP([6, 8, 3], preparation="standardize")).fit(RAW, FLOATS, monitor=watch)
    assert watch.history()[:2] == watch.history()[2:]
