"""The metrics of each task, with and without weights, against scikit-learn."""

import numpy as np
import pytest
from scipy import special
from sklearn import metrics as theirs

from clearprop.tasks import TASKS, Answered, Targets

RNG = np.random.default_rng(0)
ROWS = 200
WEIGHTS = {"equal": np.ones(ROWS), "some": RNG.random(ROWS) * (RNG.random(ROWS) < 0.8)}


def measured(task, logits, wanted, activation, weight, targets=None):
    outputs = {"softmax": special.softmax, "sigmoid": lambda z, axis: special.expit(z),
               "identity": lambda z, axis: z}[activation](logits, axis=1)  # fmt: skip
    known = targets or TASKS[task].unnamed(logits.shape[1])
    made = Answered(logits, outputs, activation, wanted, weight)
    return TASKS[task].metrics(made, known), outputs


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("classes", [2, 4])
def test_those_of_classes(classes, weight):
    w, y = WEIGHTS[weight], RNG.integers(0, classes, ROWS)
    logits = RNG.normal(size=(ROWS, classes)) + 1.5 * np.eye(classes)[y]
    found, p = measured("classes", logits, np.eye(classes)[y], "softmax", w)
    taken = logits.argmax(axis=1)
    scores = p[:, 1] if classes == 2 else p
    several = {} if classes == 2 else {"multi_class": "ovr"}
    assert found == pytest.approx({
        "accuracy": theirs.accuracy_score(y, taken, sample_weight=w),
        "balanced_accuracy": theirs.balanced_accuracy_score(y, taken, sample_weight=w),
        "brier": theirs.brier_score_loss(y, scores, sample_weight=w),
        "f1": theirs.f1_score(y, taken, average="macro", sample_weight=w),
        "log_loss": theirs.log_loss(y, p, sample_weight=w),
        "roc_auc": theirs.roc_auc_score(y, scores, sample_weight=w, **several),
    }, rel=1e-12)  # fmt: skip


def test_outputs_that_are_no_probabilities_have_no_score_of_such():
    y = np.arange(ROWS) % 3
    found, _ = measured("classes", np.eye(3)[y], np.eye(3)[y], "sigmoid", np.ones(ROWS))
    assert found == {"accuracy": 1.0, "balanced_accuracy": 1.0, "f1": 1.0, "roc_auc": 1.0}


def test_classes_that_do_not_occur_are_left_out():
    y = np.zeros(ROWS, int)
    found, _ = measured(
        "classes", RNG.normal(size=(ROWS, 3)), np.eye(3)[y], "softmax", np.ones(ROWS)
    )
    assert np.isnan(found["roc_auc"])
    assert found["balanced_accuracy"] == found["accuracy"]


@pytest.mark.parametrize("weight", WEIGHTS)
def test_those_of_several_labels(weight):
    w, y = WEIGHTS[weight], (RNG.random((ROWS, 3)) < [0.5, 0.2, 0.7]) * 1.0
    logits = RNG.normal(size=(ROWS, 3)) + 2.0 * y - 1.0
    found, p = measured("labels", logits, y, "sigmoid", w)
    taken, columns = (logits > 0).astype(int), range(3)

    def mean(score, made):
        return np.mean([score(y[:, k], made[:, k], sample_weight=w) for k in columns])

    assert found == pytest.approx({
        "accuracy": mean(theirs.accuracy_score, taken),
        "balanced_accuracy": mean(theirs.balanced_accuracy_score, taken),
        "brier": mean(theirs.brier_score_loss, p),
        "f1": theirs.f1_score(y, taken, average="macro", sample_weight=w),
        "log_loss": mean(theirs.log_loss, p),
        "roc_auc": theirs.roc_auc_score(y, p, sample_weight=w),
        "subset_accuracy": theirs.accuracy_score(y, taken, sample_weight=w),
    }, rel=1e-12)  # fmt: skip


@pytest.mark.parametrize("weight", WEIGHTS)
def test_those_of_a_single_label_are_those_of_two_classes(weight):
    w, y = WEIGHTS[weight], RNG.integers(0, 2, ROWS)
    z = RNG.normal(size=ROWS) + 1.5 * y
    one, _ = measured("labels", z[:, None], y[:, None] * 1.0, "sigmoid", w)
    two, _ = measured("classes", np.stack([-z, z], 1) / 2, np.eye(2)[y], "softmax", w)
    # F1 is that of the yes in the one case, and the mean of both classes in the other.
    f1 = theirs.f1_score(y, z > 0, sample_weight=w)
    assert one == pytest.approx(two | {"f1": f1}, rel=1e-12)


def test_a_label_that_never_occurs_says_nothing_of_its_ranking():
    y = np.zeros((ROWS, 2))
    y[::2, 0] = 1.0
    found, _ = measured("labels", y - 0.5, y, "sigmoid", np.ones(ROWS))
    assert (found["roc_auc"], found["f1"], found["balanced_accuracy"]) == (1.0, 1.0, 1.0)
    none, _ = measured("labels", -np.ones((ROWS, 2)), y * 0, "sigmoid", np.ones(ROWS))
    assert np.isnan([none["roc_auc"], none["f1"]]).all()


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("columns", [1, 3])
def test_those_of_values_are_in_their_own_units(columns, weight):
    w, scale = WEIGHTS[weight], np.array([3.0, 100.0, 0.01])[:columns]
    y = RNG.normal(size=(ROWS, columns)) * scale + 7.0
    predicted = y + RNG.normal(size=y.shape) * 0.3 * scale
    names = tuple("abc"[:columns])
    known = Targets(names, tuple(y.mean(axis=0).tolist()), tuple(y.std(axis=0).tolist()))
    z, wanted = known.standardized(predicted), known.standardized(y)
    found, _ = measured("values", z, wanted, "identity", w, known)
    assert found == pytest.approx({
        "r2": theirs.r2_score(y, predicted, sample_weight=w),
        "rmse": theirs.root_mean_squared_error(y, predicted, sample_weight=w),
        "mae": theirs.mean_absolute_error(y, predicted, sample_weight=w),
    }, rel=1e-9)  # fmt: skip


@pytest.mark.parametrize("task", TASKS)
def test_only_those_that_are_asked_for_are_measured(task):
    activation = {"classes": "softmax", "labels": "sigmoid", "values": "identity"}[task]
    y = np.eye(3)[np.arange(ROWS) % 3]
    made = Answered(y, y, activation, y, np.ones(ROWS))
    known, judge = TASKS[task].unnamed(3), TASKS[task].judge
    assert TASKS[task].metrics(made, known, (judge,)).keys() == {judge}
    assert TASKS[task].metrics(made, known).keys() == set(TASKS[task].metrics_of)
    assert set(TASKS[task].shown) <= set(TASKS[task].metrics_of)


@pytest.mark.parametrize("task", TASKS)
def test_what_a_step_adds_up_is_what_an_evaluation_finds(task, xp, float64):
    # Padding, which counts nothing, is as wrong as can be.
    y = np.eye(3)[np.arange(12) % 3]
    y = (y - y.mean(axis=0)) / y.std(axis=0) if task == "values" else y
    logits = RNG.normal(size=(12, 3)) + y
    padded = np.concatenate([logits, -50.0 * y[:2]])
    rows, real = np.concatenate([y, y[:2]]), np.append(np.ones(12), np.zeros(2))
    arrays = (xp.asarray(a) for a in (padded, rows, real))
    sums = {name: float(a) for name, a in TASKS[task].measure(xp, *arrays).items()}
    assert sums.keys() == set(TASKS[task].sums)
    activation = {"classes": "softmax", "labels": "sigmoid", "values": "identity"}[task]
    found, _ = measured(task, logits, y, activation, np.ones(12))
    for name, value in TASKS[task].running(sums, 12).items():
        assert value == pytest.approx(found[name], rel=1e-12)
