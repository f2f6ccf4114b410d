"""The words that people write become a network, or an error that names the word."""

import pytest

from clearprop.errors import SettingError
from clearprop.layers import Dense
from clearprop.network import Choice, Training
from clearprop.network.build import build_network, build_training


def test_words_become_layers():
    made = build_network(
        [4, 6, 5, 3], ["relu", "tanh"], batch_norm=True, dropout=[0.1, 0.2], noise=[0.3, 0.0],
        input_noise=0.4,
    )  # fmt: skip
    assert made.layers == (
        Dense(6, "relu", True, 0.1, 0.3),
        Dense(5, "tanh", True, 0.2),
        Dense(3, "softmax"),
    )
    assert made.sizes == [4, 6, 5, 3]
    assert made.input_noise == 0.4


@pytest.mark.parametrize(
    ("words", "initializer", "output"),
    [
        ({"activation": "relu"}, "he_normal", "softmax"),
        ({"activation": "tanh"}, "glorot_uniform", "softmax"),
        ({"initializer": "lecun_normal"}, "lecun_normal", "softmax"),
        ({"loss": "squared_error"}, "he_normal", "identity"),
        ({"loss": "squared_error", "output": "sigmoid"}, "he_normal", "sigmoid"),
        ({"loss": "sigmoid_cross_entropy"}, "he_normal", "sigmoid"),
    ],
)
def test_what_is_not_said_is_what_is_usual(words, initializer, output):
    made = build_network([4, 6, 3], **words)
    assert (made.initializer, made.layers[-1].activation) == (initializer, output)


def test_training_takes_names_and_tables():
    assert build_training() == Training()
    made = build_training({"name": "adam", "beta1": 0.5}, "cosine", epochs=3)
    assert made.optimizer == Choice("adam", (("beta1", 0.5),))
    assert (made.schedule, made.epochs) == (Choice("cosine"), 3)


WRONG = {
    "one size": (lambda: build_network([784]), "give sizes from input to output"),
    "text for sizes": (lambda: build_network("784"), "give sizes from input to output"),
    "half a unit": (lambda: build_network([4, 2.5, 3]), "int"),
    "too few activations": (lambda: build_network([4, 6, 5, 3], ["relu"]), "1 entry for 2"),
    "too many rates": (lambda: build_network([4, 6, 3], dropout=[0.1, 0.2]), "2 entries for 1"),
    "too much noise": (lambda: build_network([4, 6, 3], noise=[0.1, 0.2]), "noise has 2 entries"),
    "unknown activation": (lambda: build_network([4, 6, 3], "rellu"), "did you mean 'relu'"),
    "unknown loss": (lambda: build_network([4, 6, 3], loss="mse"), "unknown loss 'mse'"),
    "misfit output": (lambda: build_network([4, 6, 3], output="sigmoid"), "softmax output"),
    "unknown word": (lambda: build_training(batchsize=3), "batchsize"),
    "precision": (lambda: build_training(precision="float16"), "float16"),
    "half a batch": (lambda: build_training(batch_size=2.5), "batch_size"),
    "text for a rate": (lambda: build_training(learning_rate="fast"), "learning_rate"),
    "text for a setting": (lambda: build_training({"name": "adam", "beta1": "x"}), "settings"),
}


@pytest.mark.parametrize(("make", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(make, message):
    with pytest.raises(SettingError, match=message):
        make()
