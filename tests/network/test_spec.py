"""Specs refuse what is wrong in words that help, and survive a trip through JSON."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.errors import SettingError
from clearprop.layers import Dense
from clearprop.maths.activations import ACTIVATIONS
from clearprop.maths.initializers import INITIALIZERS
from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.maths.schedules import SCHEDULES
from clearprop.network import Choice, Network, Training
from clearprop.network.schedule import schedule_of

OUT = Dense(3, "softmax")
NAN = math.nan


def hidden(*layer, **named) -> Network:
    return Network((4,), (Dense(*layer, **named), OUT))


def optimizer(name, **settings) -> Training:
    return Training(Choice.of({"name": name, **settings}))


def schedule(name, **settings) -> Training:
    return Training(schedule=Choice.of({"name": name, **settings}))


WRONG = {
    "unknown activation": (lambda: hidden(5, "rellu"), "did you mean 'relu'"),
    "another library's name": (lambda: hidden(5, "swish"), "known are elu, gelu, identity"),
    "unknown loss": (lambda: Network((4,), (OUT,), loss="crossentropy"), "mean 'cross_entropy'"),
    "unknown initializer": (
        lambda: Network((4,), (OUT,), initializer="he"), "known are .*he_normal"
    ),
    "unknown optimizer": (lambda: optimizer("adma"), "did you mean 'adam'"),
    "unknown setting": (lambda: optimizer("adam", beta_1=0.9), "did you mean 'beta1'"),
    "setting of another": (lambda: optimizer("sgd", momentum=0.9), "unknown setting of sgd"),
    "unknown schedule": (lambda: schedule("cosin"), "did you mean 'cosine'"),
    "unknown schedule setting": (lambda: schedule("step", evry=3), "did you mean 'every'"),
    "no layers": (lambda: Network((4,), ()), "at least an output layer"),
    "no inputs": (lambda: Network((0,), (OUT,)), "input size is 0; it must lie between 1 and"),
    "one output": (lambda: Network((4,), (Dense(1, "softmax"),)), "classes take an output each"),
    "negative size": (lambda: hidden(-5, "relu"), "layer size is -5"),
    "NaN dropout": (lambda: hidden(5, "relu", dropout=NAN), "dropout rate is nan"),
    "dropout of all": (lambda: hidden(5, "relu", dropout=1.0), "dropout rate is 1.0"),
    "negative noise": (lambda: hidden(5, "relu", noise=-0.1), "noise is -0.1; it must lie"),
    "NaN input noise": (lambda: Network((4,), (OUT,), input_noise=NAN), "input_noise is nan"),
    "noisy output": (lambda: Network((4,), (Dense(3, "softmax", noise=0.1),)), "nor noise"),
    "NaN input dropout": (lambda: Network((4,), (OUT,), input_dropout=NAN), "input dropout rate"),
    "momentum above 1": (lambda: Network((4,), (OUT,), norm_momentum=1.5), "norm_momentum is 1.5"),
    "no epsilon": (lambda: Network((4,), (OUT,), norm_epsilon=0.0), "norm_epsilon is 0.0"),
    "output that does not fit": (
        lambda: Network((4,), (Dense(3, "sigmoid"),)),
        "cross_entropy needs a softmax output, not 'sigmoid'",
    ),
    "no output activation": (
        lambda: Network((4,), (Dense(3, "relu"),), loss="squared_error"),
        "needs a identity or sigmoid or softmax output",
    ),
    "normalized output": (
        lambda: Network((4,), (Dense(3, "softmax", True),)), "output layer takes"
    ),
    "dropped output": (lambda: Network((4,), (Dense(3, "softmax", False, 0.5),)), "nor dropout"),
    "NaN rate": (lambda: Training(learning_rate=NAN), "learning_rate is nan"),
    "negative rate": (lambda: Training(learning_rate=-0.1), "learning_rate is -0.1"),
    "infinite rate": (lambda: Training(learning_rate=math.inf), "learning_rate is inf"),
    "no batch": (lambda: Training(batch_size=0), "batch_size is 0"),
    "negative epochs": (lambda: Training(epochs=-1), "epochs is -1"),
    "negative penalty": (lambda: Training(l2=-1.0), "l2 is -1.0"),
    "negative norm": (lambda: Training(max_norm=-1.0), "max_norm is -1.0"),
    "NaN penalty": (lambda: Training(l1=NAN), "l1 is nan"),
    "average that never moves": (lambda: Training(moving_average=1.0), "moving_average is 1.0"),
    "smoothing of all": (lambda: Training(label_smoothing=1.0), "label_smoothing is 1.0"),
    "beta of 1": (lambda: optimizer("adam", beta2=1.0), r"adam's beta2 is 1.0; .* \[0, 1\)"),
    "muon's weight for all": (lambda: optimizer("muon", momentum=1.0), "muon's momentum is 1.0"),
    "negative beta": (lambda: optimizer("adam", beta1=-0.1), "adam's beta1 is -0.1"),
    "NaN beta": (lambda: optimizer("adam", beta1=NAN), "must be a number"),
    "text for a number": (lambda: optimizer("adam", beta1="big"), "'big'; it must be a number"),
    "a switch for a number": (lambda: schedule("step", every=True), "must be a number"),
    "a step of no length": (lambda: schedule("step", every=0), "every is 0; it must be positive"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_in_words(make, message):
    with pytest.raises(SettingError, match=message):
        make()


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (Network, {"inputs": 4, "layers": [{"units": 3, "activation": "softmax", "size": 3}]}),
        (Network, {"inputs": 2.5, "layers": [{"units": 3, "activation": "softmax"}]}),
        (Network, {"inputs": 4, "layers": [{"units": "3", "activation": "softmax"}]}),
        (Network, {"inputs": 4, "layers": [{"units": 3, "activation": "sigmoid"}]}),
        (Training, {"precision": "float16"}),
        (Training, {"gradients": "numeric"}),
        (Training, {"batchsize": 3}),
        (Training, {"batch_size": 2.5}),
        (Training, {"learning_rate": "fast"}),
    ],
)
def test_what_is_wrong_in_a_file_is_refused_too(kind, table):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(table, kind)


sizes = st.integers(2, 2000)
rates = st.floats(0.0, 0.9)
initializers = st.sampled_from(sorted(INITIALIZERS))
layers = st.builds(Dense, sizes, st.sampled_from(sorted(ACTIVATIONS)), st.booleans(), rates)
networks = st.builds(
    lambda inputs, hidden, classes, rate, initializer: Network(
        (inputs,), (*hidden, Dense(classes, "softmax")), "cross_entropy", rate, initializer
    ),
    *(sizes, st.lists(layers, max_size=3), sizes, rates, initializers),
)
trainings = st.builds(
    Training,
    st.sampled_from(sorted(OPTIMIZERS)).map(Choice)
    | st.just(Choice.of({"name": "adam", "beta1": 0.5, "epsilon": 1e-3})),
    st.floats(1e-6, 10.0),
    st.sampled_from(sorted(SCHEDULES)).map(Choice)
    | st.just(Choice.of({"name": "step", "every": 3, "factor": 0.25}))
    | st.just(schedule_of([{"name": "warm_up", "epochs": 2, "for": 2}, "cosine"])),
    seed=st.integers(0, 2**63),
    l2=rates,
    precision=st.sampled_from(["float32", "float64"]),
)


@given(networks | trainings)
def test_a_spec_survives_json(spec):
    again = msgspec.json.decode(msgspec.json.encode(spec), type=type(spec))
    assert again == spec
    assert hash(again) == hash(spec)


@given(trainings)
def test_a_choice_survives_its_own_table(training):
    parts = training.schedule if isinstance(training.schedule, tuple) else (training.schedule,)
    for choice in (training.optimizer, *parts):
        assert Choice.of(choice.table()) == Choice.of(choice) == choice
