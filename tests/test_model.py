"""`MLP`, as README promises it, and what it says to a beginner's mistakes."""

import re

import numpy as np
import pytest

import clearprop
from clearprop import MLP, ClearpropError, EarlyStopping, History, datasets, fit_many, load
from clearprop.engines import choice
from clearprop.errors import DataError, ModelFileError, SettingError

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (60, 3, 4)).astype(np.uint8)
X = PIXELS.reshape(60, 12) / 255.0
Y = X[:, :3].argmax(axis=1)


def make(**words) -> MLP:
    """Return a small network for the rows above."""
    return MLP([12, 8, 3], **words)


def learned(*rows, **words) -> MLP:
    """Return a small network that has learned for two epochs."""
    network = make(**words)
    network.fit(*rows, epochs=2)
    return network


def alike(one: MLP, other: MLP, tolerance: float = 1e-5) -> bool:
    """Return whether two networks have about the same parameters."""
    return all(
        np.allclose(value, other.parameters[name], rtol=tolerance, atol=tolerance)
        for name, value in one.parameters.items()
    )


# The surface.


@pytest.mark.data
def test_the_lines_that_others_rely_on(require_dataset, tmp_path):
    mnist = require_dataset("mnist")
    assert (mnist.train.images.shape, mnist.train.images.dtype) == ((60_000, 28, 28), np.uint8)
    assert (mnist.test.labels.shape, len(mnist.test.classes)) == ((10_000,), 10)
    train = datasets.from_arrays(mnist.train.images[:4000], mnist.train.labels[:4000])
    assert type(train) is type(mnist.train)
    model = MLP([784, 128, 64, 10], activation="relu", optimizer="adam", learning_rate=1e-3,
                loss="cross_entropy", batch_norm=False, dropout=0.0, l2=0.0, schedule=None,
                initializer=None, engine="numpy", gradients="auto", precision="float32",
                seed=0)  # fmt: skip
    history = model.fit(train, validation_data=mnist.test, epochs=5, batch_size=128,
                        class_weight=None, sample_weight=None, callbacks=())  # fmt: skip
    assert isinstance(history, History)
    assert len(history.loss) == len(history.val_accuracy) == 5
    assert model.evaluate(mnist.test).accuracy == history.val_accuracy[-1] > 0.87
    labels, chances = model.predict(mnist.test.images), model.predict_proba(mnist.test.images)
    assert (labels.shape, chances.shape) == ((10_000,), (10_000, 10))
    path = model.save(tmp_path / "digits.safetensors")
    assert (load(path).predict_proba(mnist.test.images) == chances).all()


def test_the_signature_is_the_promised_one():
    import inspect

    made = {n: p.default for n, p in inspect.signature(MLP).parameters.items()}
    promised = {
        "activation": "relu", "optimizer": "adam", "learning_rate": 1e-3, "loss": None,
        "task": "auto", "batch_norm": False, "dropout": 0.0, "l2": 0.0, "schedule": None,
        "initializer": None,
        "engine": "numpy", "gradients": "auto", "precision": "float32", "seed": 0,
    }  # fmt: skip
    assert promised.items() <= made.items()
    fit = {n: p.default for n, p in inspect.signature(MLP.fit).parameters.items()}
    promised = {"y": None, "validation_data": None, "epochs": 5, "batch_size": 128,
                "class_weight": None, "sample_weight": None, "callbacks": ()}  # fmt: skip
    assert promised.items() <= fit.items()


def test_the_public_names_are_there():
    assert all(getattr(clearprop, name) is not None for name in clearprop.__all__)
    assert set(clearprop.__all__) <= set(dir(clearprop))
    with pytest.raises(AttributeError, match="nothing"):
        clearprop.nothing  # noqa: B018


def test_parameters_are_named_and_shaped():
    shapes = {name: value.shape for name, value in make().parameters.items()}
    assert shapes == {
        "layers.0.weight": (12, 8),
        "layers.0.bias": (8,),
        "layers.1.weight": (8, 3),
        "layers.1.bias": (3,),
    }
    normalized = MLP([12, 8, 3], batch_norm=True)
    assert {"layers.0.gamma", "layers.0.beta"} <= normalized.parameters.keys()
    assert normalized.statistics.keys() == {"layers.0.mean", "layers.0.variance"}


def test_parameters_are_copies():
    network = make()
    network.parameters["layers.0.weight"][:] = 0.0
    assert network.parameters["layers.0.weight"].any()


def test_the_summary_counts():
    text = MLP([784, 128, 64, 10]).summary()
    assert "109,386" in text
    assert "(784, 128)" in text


# Rows in every shape and type.

KINDS = {
    "a split": (datasets.from_arrays(PIXELS, Y),),
    "pictures": (PIXELS, Y),
    "flat pixels": (PIXELS.reshape(60, 12), Y),
    "whole numbers": (PIXELS.astype(int), Y),
    "floats": (X, Y),
    "lists": (X.tolist(), Y.tolist()),
    "single precision": (X.astype(np.float32), Y.astype(np.uint8)),
    "objects": (X.astype(object), Y),
    "a column of labels": (X, Y[:, None]),
    "labels as floats": (X, Y.astype(float)),
    "one-hot floats": (X, np.eye(3)[Y]),
    "one-hot integers": (X, np.eye(3, dtype=int)[Y]),
    "names": (X, np.array(["cat", "dog", "emu"])[Y]),
    "read-only": (datasets.from_arrays(X, Y).images, Y),
    "columns first": (np.asfortranarray(X), Y),
}


@pytest.mark.parametrize("rows", KINDS.values(), ids=KINDS)
def test_fit_and_evaluate_take_rows_of_every_kind(rows):
    network = learned(*rows)
    assert alike(network, learned(X, Y))
    assert network.evaluate(*rows).loss == pytest.approx(network.evaluate(X, Y).loss, abs=1e-5)


def test_the_callers_arrays_stay_as_they_were(engine):
    x, y, weight = X.copy(), Y.copy(), np.ones(60)
    network = make(engine=engine)
    network.fit(x, y, epochs=1, sample_weight=weight, class_weight="balanced")
    network.predict(x)
    assert (x == X).all()
    assert (y == Y).all()
    assert (weight == 1.0).all()


def test_names_of_classes_come_from_the_first_rows_and_stay():
    names = np.array(["cat", "dog", "emu"])
    network = learned(X, names[Y])
    assert network.classes == ("cat", "dog", "emu")
    assert network.evaluate(X, names[Y]).accuracy == network.evaluate(X, Y).accuracy
    few = Y > 0  # rows without a cat: a dog is still the second class
    network.fit(X[few], names[Y[few]], epochs=1)
    assert network.classes == ("cat", "dog", "emu")
    with pytest.raises(DataError, match="cow"):
        network.fit(X, ["cow"] * 30 + ["dog"] * 30)


def test_validation_names_have_the_numbers_of_the_training_rows():
    names, few = np.array(["cat", "dog", "emu"]), Y > 0
    history = make().fit(X, names[Y], epochs=1, validation_data=(X[few], names[Y[few]]))
    assert history.val_loss == make().fit(X, Y, epochs=1, validation_data=(X[few], Y[few])).val_loss


def test_names_that_are_fewer_than_the_outputs_are_refused():
    with pytest.raises(DataError, match=r"2 classes \(cat, dog\), but the network has 3 outputs"):
        make().fit(X, np.array(["cat", "dog"])[Y % 2])


@pytest.mark.parametrize("kind", ["split", "pair", "list"])
def test_validation_rows_are_a_split_or_a_pair(kind):
    given = {"split": datasets.from_arrays(PIXELS, Y), "pair": (X, Y), "list": [X, Y]}[kind]
    network = make()
    history = network.fit(X, Y, epochs=2, validation_data=given)
    assert history.val_loss[-1] == pytest.approx(network.evaluate(X, Y).loss, rel=1e-5)
    assert network.metrics == {"loss": history.val_loss[-1], "accuracy": history.val_accuracy[-1]}


@pytest.mark.parametrize("one", [PIXELS[0], PIXELS[0].reshape(12), X[0], X[0].tolist()])
def test_a_single_input_needs_no_first_axis(engine, one):
    network = learned(PIXELS, Y, engine=engine)
    assert network.predict(one).tolist() == network.predict(PIXELS[:1]).tolist()
    assert network.predict_proba(one) == pytest.approx(network.predict_proba(PIXELS)[:1], rel=1e-5)


def test_probabilities_add_up_and_the_largest_is_predicted(engine):
    network = learned(X, Y, engine=engine)
    chances = network.predict_proba(X)
    assert chances.sum(axis=1) == pytest.approx(np.ones(60), rel=1e-5)
    assert (chances.argmax(axis=1) == network.predict(X)).all()
    assert network.evaluate(X, Y).accuracy == (network.predict(X) == Y).mean()


def test_dropout_is_off_at_prediction():
    network = learned(X, Y, dropout=0.5, input_dropout=0.2)
    assert (network.predict_proba(X) == network.predict_proba(X)).all()


def test_noise_is_there_while_training_and_gone_at_prediction(tmp_path):
    network = learned(X, Y, noise=0.5, input_noise=0.2)
    assert not alike(network, learned(X, Y))
    assert (network.predict_proba(X) == network.predict_proba(X)).all()
    again = load(network.save(tmp_path / "m.safetensors"))
    assert again.network.layers[0].noise == 0.5
    assert (again.predict_proba(X) == network.predict_proba(X)).all()
    assert "noise 0.5, relu" in network.summary()


# Settings that reach the step.


def test_lmbda_is_l2_times_the_rows():
    by_lmbda = learned(X, Y, lmbda=3.0, optimizer="sgd")
    assert by_lmbda.settings.l2 == 3.0 / 60
    by_l2 = learned(X, Y, l2=0.05, optimizer="sgd")
    assert alike(by_lmbda, by_l2, 0.0)
    assert not alike(by_lmbda, learned(X, Y, optimizer="sgd"))
    by_lmbda.fit(X[:30], Y[:30], epochs=1)
    assert by_lmbda.settings.l2 == 3.0 / 30


def test_the_engine_is_chosen_by_the_job_and_says_why(monkeypatch):
    assert learned(X, Y).chosen == ("numpy", "it was asked for")
    network = learned(X, Y, engine="auto")
    assert network.chosen.name == "numpy"
    assert "operations" in network.chosen.why
    monkeypatch.setattr(choice, "STEP", 0.0)
    monkeypatch.setattr(choice, "BREAK_EVEN", 6 * 60 * 120 * 2)  # exactly this job
    assert learned(X, Y, engine="auto").chosen.name == "jax"
    monkeypatch.setattr(choice, "BREAK_EVEN", 6 * 60 * 120 * 2 + 1)
    assert learned(X, Y, engine="auto").chosen.name == "numpy"
    # A step that takes two gradients is twice the arithmetic.
    assert learned(X, Y, engine="auto", adversarial=0.1).chosen.name == "jax"


@pytest.mark.parametrize(
    "words", [{"engine": "jax", "gradients": name} for name in ("auto", "derived")]
)
@pytest.mark.parametrize(
    "extra", [{}, {"batch_norm": True, "dropout": 0.3}, {"noise": 0.2, "input_noise": 0.1}]
)
def test_both_engines_and_both_gradients_learn_the_same(words, extra):
    usual = {"precision": "float64", "activation": "tanh"} | extra
    assert alike(learned(X, Y, **usual), learned(X, Y, **usual, **words), 1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_precision_is_kept_everywhere(engine, dtype, tmp_path):
    network = learned(X, Y, engine=engine, precision=dtype, batch_norm=True, moving_average=0.9)
    found = [*network.parameters.values(), *network.statistics.values(), network.predict_proba(X)]
    assert {array.dtype for array in found} == {np.dtype(dtype)}
    again = load(network.save(tmp_path / "m.safetensors"), engine=engine)
    assert again.predict_proba(X).dtype == dtype


def test_standardizing_is_measured_on_training_rows_and_applied_at_prediction(engine, tmp_path):
    network = learned(PIXELS, Y, preparation="standardize", engine=engine)
    mean, deviation = PIXELS.mean(), PIXELS.std()
    assert network.inputs.preparation.shift == pytest.approx(mean)
    assert network.inputs.preparation.scale == pytest.approx(1 / deviation)
    prepared = (PIXELS - mean) / deviation
    expected = network.predict_proba(prepared)
    assert network.predict_proba(PIXELS) == pytest.approx(expected, rel=1e-5)
    again = load(network.save(tmp_path / "m.safetensors"), engine=engine)
    assert (again.predict_proba(PIXELS) == network.predict_proba(PIXELS)).all()
    # Other rows later change nothing: the weights have grown used to the first ones'.
    network.fit(PIXELS // 2, Y, epochs=1)
    assert network.inputs.preparation.shift == pytest.approx(mean)


def test_pixels_are_divided_by_255_otherwise():
    network = make()
    assert network.predict_proba(PIXELS) == pytest.approx(network.predict_proba(X), rel=1e-5)


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        ({"learning_rate": np.float32(0.5)}, {"learning_rate": 0.5}),
        ({"seed": np.int64(3)}, {"seed": 3}),
        ({"batch_norm": np.bool_(True)}, {"batch_norm": True}),
        ({"dropout": np.array([0.5])}, {"dropout": 0.5}),
        ({"precision": np.float64}, {"precision": "float64"}),
        ({"optimizer": {"name": "adam", "beta1": np.float64(0.8)}},
         {"optimizer": {"name": "adam", "beta1": 0.8}}),
    ],
)  # fmt: skip
def test_numbers_of_numpy_are_numbers(words, typed, tmp_path):
    network = make(**words)
    network.fit(X, Y, epochs=np.int64(1), batch_size=np.int32(20))
    assert network.settings == learned_once(**typed).settings
    assert network.network == make(**typed).network
    assert load(network.save(tmp_path / "m.safetensors")).settings == network.settings


def learned_once(**words):
    """Return a network after one epoch in batches of 20."""
    network = make(**words)
    network.fit(X, Y, epochs=1, batch_size=20)
    return network


def test_sizes_of_layers_may_come_from_arrays():
    network = MLP([X.shape[1], np.int64(8), Y.max() + 1])
    assert network.network.sizes == MLP(np.array([12, 8, 3])).network.sizes == [12, 8, 3]


# Targets beyond labels.


@pytest.mark.parametrize(("task", "output"), [("values", "identity"), ("labels", "sigmoid")])
def test_squared_error_learns_real_targets(engine, task, output):
    # The first column is always the larger one: no reason to call it one class only.
    targets = np.stack([0.5 + 0.4 * X[:, 0], 0.4 * X[:, 1] ** 2], axis=1)
    network = MLP([12, 16, 2], loss="squared_error", output=output, learning_rate=0.02,
                  activation="tanh", engine=engine, task=task)  # fmt: skip
    before = network.evaluate(X, targets).loss
    history = network.fit(X, targets, epochs=60, batch_size=20)
    if task == "values":
        scale = network.targets
        found = (network.predict(X) - scale.means) / scale.deviations
        targets, wanted = (targets - scale.means) / scale.deviations, targets
    else:
        found, wanted = network.predict_proba(X), targets
    error = 0.5 * ((found - targets) ** 2).sum(axis=1).mean()
    assert network.evaluate(X, wanted).loss == pytest.approx(error, rel=1e-5)
    assert error < history.loss[0]
    assert task == "values" or error < 0.5 * before


@pytest.mark.parametrize("kind", [bool, int, float])
def test_sigmoid_cross_entropy_takes_several_ones_in_a_row(kind):
    targets = (X[:, :3] > 0.5).astype(kind)
    network = make(loss="sigmoid_cross_entropy", learning_rate=0.02)
    network.fit(X, targets, epochs=60, batch_size=20)
    assert ((network.predict_proba(X) > 0.5) == targets).mean() > 0.95


def test_soft_labels_are_learned_as_they_are():
    soft = 0.2 / 2 + (1 - 0.3) * np.eye(3)[Y]
    smoothed, by_hand = make(label_smoothing=0.3), make()
    smoothed.fit(X, Y, epochs=2)
    by_hand.fit(X, soft, epochs=2)
    assert alike(smoothed, by_hand)


# Mistakes: each gets an error of the family, and a sentence that helps.

SETTINGS = {
    "layers='abc'": "give sizes from input to output",
    "layers=5": "give sizes",
    "layers=None": "give sizes",
    "layers=[12]": "give sizes",
    "layers={12, 3}": "give sizes",
    "layers=[12, 8.5, 3]": "int",
    "layers=[12, '8', 3]": "unknown layer '8'",
    "layers=[12, -8, 3]": "layer size is -8",
    "layers=[12, 0, 3]": "layer size is 0",
    "layers=[12, 10**12, 3]": "layer size",
    "layers=[12, 8, 1], task='classes'": "classes take an output each",
    "layers=[12, 8, 3], task='values', loss='cross_entropy'": "real numbers need an identity",
    "layers=[12, 8, 3], task='labels', loss='cross_entropy'": "needs a sigmoid output",
    "layers=[12, 8, 1], task='values', label_smoothing=0.1": "label_smoothing is for answers of",
    "layers=[12, 8, 3], task='clases'": "did you mean 'classes'",
    "layers=[[12, 8], [3]]": "is not a layer",
    "activation='rleu'": "did you mean 'relu'",
    "activation=['relu', 'relu']": "2 entries for 1 hidden dense layer",
    "activation=None": "activation",
    "optimizer='adm'": "did you mean 'adam'",
    "optimizer=3": "optimizer",
    "optimizer={'name': 'adam', 'beta_1': 0.8}": "did you mean 'beta1'",
    "optimizer={'name': 'adam', 'beta1': 1.0}": "beta1 is 1.0",
    "learning_rate=float('nan')": "learning_rate is nan",
    "learning_rate=-1": "learning_rate is -1",
    "learning_rate=0": "learning_rate is 0",
    "learning_rate='0.1'": "learning_rate",
    "learning_rate=None": "learning_rate",
    "loss='crossentropy'": "did you mean 'cross_entropy'",
    "output='sigmoid'": "softmax output",
    "dropout=1.0": "dropout rate is 1.0",
    "dropout=[0.1, 0.2]": "2 entries for 1 hidden dense layer",
    "dropout=None": "dropout",
    "noise=-1.0": "noise is -1.0",
    "noise=[0.1, 0.2]": "2 entries for 1 hidden dense layer",
    "input_noise='much'": "input_noise",
    "batch_norm='yes'": "batch_norm",
    "l2=-1.0": "l2 is -1",
    "l2=0.1, lmbda=0.1": "not both",
    "lmbda=-1.0": "lmbda is -1",
    "lmbda='5'": "lmbda is '5'",
    "lmbda=float('nan')": "lmbda is nan",
    "clip_norm=-1": "clip_norm",
    "max_norm=-1": "max_norm",
    "moving_average=1.0": "moving_average",
    "label_smoothing=1.0": "label_smoothing",
    "schedule='cos'": "did you mean 'cosine'",
    "schedule={'name': 'step', 'evry': 3}": "did you mean 'every'",
    "initializer='he'": "he_normal",
    "preparation='std'": "standardize",
    "pictures=['delsant']": "did you mean 'deslant'",
    "engine='torch'": "known are auto, jax, numpy",
    "gradients='autodiff'": "gradients",
    "precision='float16'": "precision",
    "seed=None": "seed",
    "seed=1.5": "seed",
}


@pytest.mark.parametrize("words", SETTINGS)
def test_settings_that_do_not_fit_are_refused_by_name(words):
    with pytest.raises(SettingError, match=re.escape(SETTINGS[words])):
        eval(f"MLP({words})" if words.startswith("layers") else f"make({words})")


NAN = np.where(X > 0.98, np.nan, X)
FITS = {
    "no labels": ((X,), {}, "labels are missing"),
    "a whole data set": ((datasets.Dataset("mine", *[KINDS["a split"][0]] * 2),), {}, ".train"),
    "too narrow": ((X[:, :5], Y), {}, "5 features a row, but the network takes 12"),
    "NaN": ((NAN, Y), {}, "is nan"),
    "infinite": ((np.where(X > 0.98, np.inf, X), Y), {}, "is inf"),
    "no rows": ((X[:0], Y[:0]), {}, "nothing to learn from"),
    "fewer labels": ((X, Y[:-1]), {}, "60 images but 59 labels"),
    "one class": ((X, Y * 0), {}, "nothing to tell apart"),
    "one class, one-hot": ((X, np.eye(3)[Y * 0]), {}, "nothing to tell apart"),
    "a label too large": ((X, np.append(Y[1:], 5)), {}, "label 5 needs 6 outputs"),
    "a label below 0": ((X, np.append(Y[1:], -1)), {}, "4 different labels occur"),
    "a label that none has": ((X, Y % 2), {}, "2 classes, but the network has 3 outputs"),
    "half labels": ((X, Y + 0.5), {}, "give it one for each column"),
    "one-hot too wide": ((X, np.eye(4)[Y]), {}, "4 columns"),
    "ragged labels": ((X, [[1], [1, 2]]), {}, "shape"),
    "ragged rows": (([[1.0, 2.0], [3.0]], [0, 1]), {}, "shape"),
    "None": ((None, Y), {}, "the rows are None"),
    "a path": (("photos/",), {}, "load them first"),
    "texts": ((X.astype(str), Y), {}, "uint8 pixels"),
    "truth values": ((X > 0.5, Y), {}, "bool"),
    "complex": ((X + 0j, Y), {}, "complex"),
    "a single row": ((X[0], Y[0]), {}, "shape"),
    "not pixels": (((X * 9000).astype(int), Y), {}, "pixels from 0 to 255"),
    "NaN targets": ((X, np.full((60, 3), np.nan)), {}, "is nan"),
    "shares of something": ((X, 0.5 * np.eye(3)[Y]), {}, "task='labels', or real numbers, task="),
    "validation without labels": ((X, Y), {"validation_data": X}, "a pair (x, y)"),
    "half a pair": ((X, Y), {"validation_data": (X,)}, "a pair (x, y)"),
    "a share of the rows": ((X, Y), {"validation_data": 0.2}, "a pair (x, y)"),
    "narrow validation": ((X, Y), {"validation_data": (X[:, :5], Y)}, "5 features"),
}  # fmt: skip


@pytest.mark.parametrize("name", FITS)
def test_rows_that_cannot_be_learned_from_are_refused(name):
    rows, words, says = FITS[name]
    network = make()
    before = network.parameters
    with pytest.raises(DataError, match=re.escape(says)):
        network.fit(*rows, **words)
    assert all((value == before[k]).all() for k, value in network.parameters.items())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"epochs": -1}, "epochs is -1"),
        ({"epochs": 1.5}, "epochs"),
        ({"epochs": "5"}, "epochs"),
        ({"epochs": None}, "epochs"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": None}, "batch_size"),
        ({"batch_size": 32.0}, "batch_size"),
    ],
)
def test_counts_that_do_not_fit_are_refused(words, says):
    with pytest.raises(SettingError, match=says):
        make().fit(X, Y, **words)


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (X[:, :5], "5 features"),
        (X[:0], "takes 12"),
        ([], "takes 12"),
        (3.0, "takes 12"),
        (X[None], "takes 12"),
        (NAN, "nan"),
        (None, "give numbers"),
        ("seven.png", "uint8 pixels"),
    ],
)
@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_inputs_that_do_not_fit_are_refused(method, x, says):
    with pytest.raises(DataError, match=says):
        getattr(make(), method)(x)


def test_squared_error_takes_targets_of_any_size_and_others_do_not():
    targets = 100.0 * (X[:, :3] - 0.5)
    assert make(loss="squared_error").fit(X, targets, epochs=1).loss
    with pytest.raises(DataError, match="labels are 1 for yes"):
        make(loss="sigmoid_cross_entropy").fit(X, targets)
    with pytest.raises(DataError, match="of classes each is a probability from 0 to 1"):
        make(loss="cross_entropy").fit(X, targets)
    for wrong in (2.0 * np.eye(3)[Y], np.eye(4)[Y + 1, :3]):
        with pytest.raises(DataError, match="probabilit"):
            make(task="classes").fit(X, wrong)


@pytest.mark.parametrize("path", [None, 3, "", "a\0b"])
def test_what_is_no_name_of_a_file_is_refused(path):
    with pytest.raises(ModelFileError):
        make().save(path)
    with pytest.raises(ModelFileError):
        load(path)


def test_the_family_can_be_caught_as_one_and_as_values():
    assert issubclass(SettingError, ClearpropError)
    for wrong in (lambda: make(seed="x"), lambda: make().predict([]), lambda: load("none")):
        with pytest.raises(ClearpropError):
            wrong()
        with pytest.raises(ValueError, match=r"\w"):
            wrong()


# Files.


def test_a_loaded_model_predicts_exactly_the_same_and_knows_what_it_knew(engine, tmp_path):
    words = {"batch_norm": True, "dropout": 0.2, "moving_average": 0.9, "engine": engine}
    network = make(**words)
    network.fit(PIXELS, np.array(["cat", "dog", "emu"])[Y], epochs=2, batch_size=20,
                validation_data=(PIXELS, Y))  # fmt: skip
    path = network.save(tmp_path / "m.safetensors", dataset="mine")
    again = load(str(path), engine=engine)
    assert (again.predict_proba(PIXELS) == network.predict_proba(PIXELS)).all()
    assert again.evaluate(PIXELS, Y) == network.evaluate(PIXELS, Y)
    for name in ("network", "inputs", "targets", "settings", "epochs", "metrics"):
        assert getattr(again, name) == getattr(network, name), name
    assert again.dataset == "mine"
    assert again.summary() == network.summary()
    assert again.save(tmp_path / "again.safetensors", dataset="mine").read_bytes() == (
        path.read_bytes()
    )


def test_a_loaded_model_learns_on(tmp_path):
    network = learned(X, Y)
    again = load(network.save(tmp_path / "m.safetensors"))
    before = again.evaluate(X, Y).loss
    again.fit(X, Y, epochs=20, callbacks=[EarlyStopping(monitor="loss")])
    assert again.evaluate(X, Y).loss < before
    assert again.epochs > 2


def test_engines_read_each_others_files(tmp_path):
    path = learned(X, Y, engine="jax").save(tmp_path / "m.safetensors")
    ours, theirs = (load(path, engine=engine).predict_proba(X) for engine in ("numpy", "jax"))
    assert ours == pytest.approx(theirs, rel=1e-5)


def test_whole_numbers_are_no_pixels_to_a_network_that_learned_from_floats():
    network = learned(X, Y)
    assert network.inputs.trained_on_floats
    with pytest.raises(DataError, match="learned from floats, but these rows are int64"):
        network.predict(np.ones((2, 12), np.int64))
    with pytest.raises(DataError, match="learned from floats"):
        make().fit(X, Y, epochs=1, validation_data=(PIXELS.reshape(60, 12).astype(int), Y))
    assert network.predict(PIXELS).shape == (60,)  # uint8 says what it is


def test_the_labels_of_a_split_are_matched_by_name():
    names = np.array(["cat", "dog", "emu"])
    network = make(learning_rate=0.02)
    network.fit(datasets.from_arrays(X, names[Y]), epochs=20, batch_size=10)
    assert network.classes == ("cat", "dog", "emu")
    few = Y > 0
    shuffled = datasets.from_arrays(X, names[Y], classes=["emu", "cat", "dog"])
    for split, truth in [
        (shuffled, network.evaluate(X, Y)),
        (datasets.from_arrays(X[few], names[Y[few]]), network.evaluate(X[few], Y[few])),
    ]:
        assert network.evaluate(split) == truth
    network.fit(shuffled, epochs=1)
    assert network.classes == ("cat", "dog", "emu")
    with pytest.raises(DataError, match="the class 'yak' is not one of the network's"):
        network.evaluate(datasets.from_arrays(X, np.array(["cat", "dog", "yak"])[Y]))


def test_a_split_brings_its_own_labels():
    with pytest.raises(DataError, match="a split has its labels with it"):
        make().fit(datasets.from_arrays(PIXELS, Y), Y)


def test_a_batch_of_one_row_and_batch_normalization_do_not_go_together():
    for rows, batch in [(60, 1), (3, 2)]:
        with pytest.raises(SettingError, match="two rows in every batch"):
            make(batch_norm=True).fit(X[:rows], np.arange(rows) % 3, batch_size=batch)


def test_a_loaded_model_remembers_its_data_when_it_is_saved_again(tmp_path):
    path = learned(PIXELS, Y).save(tmp_path / "a.safetensors", dataset="mnist")
    assert load(load(path).save(tmp_path / "b.safetensors")).dataset == "mnist"


def test_a_model_shows_what_it_is():
    network = make()
    assert repr(network) == "<MLP 12-8-3, classes, cross_entropy, 0 epochs learned>"
    network.fit(X, Y, epochs=2)
    assert "2 epochs" in repr(network)


def test_flat_rows_are_deformed_where_somebody_has_said_what_they_are_pictures_of():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 6, 6)).astype(np.uint8)
    flat, y = pixels.reshape(40, 36), np.arange(40) % 3
    shift = {"shift": 1.0}
    with pytest.raises(DataError, match=r"rows of shape \(36,\) do not say how high and wide"):
        MLP([36, 3], deformation=shift).fit(flat, y, epochs=1)
    known = MLP([36, 3], deformation=shift | {"sides": [6, 6]}), MLP([(6, 6), 3], deformation=shift)
    losses = [model.fit(flat, y, epochs=2).loss for model in known]
    wanted = MLP([36, 3], deformation=shift).fit(pixels, y, epochs=2).loss
    assert losses == [wanted, wanted]
    many = [MLP([36, 3], deformation=shift, engine="jax", seed=seed) for seed in range(2)]
    fit_many(many, pixels, y, epochs=1)
