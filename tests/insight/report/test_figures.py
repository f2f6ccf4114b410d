"""The figures of a report, against scikit-learn and what can be counted by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from clearprop import MLP
from clearprop.data import from_arrays
from clearprop.errors import DataError, ModelFileError
from clearprop.inputs import Inputs
from clearprop.insight.report import robustness as robustness_module
from clearprop.insight.report.corruptions import CORRUPTIONS, corrupted, span_of
from clearprop.insight.report.figures import measure
from clearprop.insight.report.robustness import chosen_rows
from clearprop.training import Evaluation


def quiet(done, total):
    pass


@pytest.fixture
def figures(model, rows):
    return measure(model, rows, quiet).figures


def test_figures_are_those_of_scikit_learn(model, rows, figures):
    chances = model.predict_proba(rows)
    predicted = chances.argmax(axis=1)
    assert figures.confusion == confusion_matrix(rows.labels, predicted).tolist()
    assert figures.accuracy == (predicted == rows.labels).mean()
    assert figures.wrong == (predicted != rows.labels).sum() > 0
    assert figures.loss == model.evaluate(rows).loss
    scores = precision_recall_fscore_support(rows.labels, predicted)
    for number, one in enumerate(figures.classes):
        wanted = [column[number] for column in scores]
        assert [one.precision, one.recall, one.f1, one.support] == pytest.approx(wanted)
    assert [one.name for one in figures.classes] == list(model.classes)
    assert figures.mean_confidence == pytest.approx(chances.max(axis=1).mean())


def test_accuracy_is_that_of_the_models_own_evaluation(rows):
    model = MLP([54, 8, 3])
    model.fit(rows, epochs=3)
    found, figures = model.evaluate(rows), measure(model, rows, quiet).figures
    assert (figures.loss, figures.accuracy, figures.rows) == (found.loss, found.accuracy, 120)


def test_mistakes_are_the_surest_first(model, rows, figures):
    chances = model.predict_proba(rows)
    sure = [one.confidence for one in figures.mistakes]
    assert sure == sorted(sure, reverse=True)
    assert len(sure) == min(24, figures.wrong)
    for one in figures.mistakes:
        assert one.truth == model.classes[rows.labels[one.row]]
        assert one.predicted == model.classes[chances[one.row].argmax()] != one.truth


def test_abstention_counts_the_surest_rows(model, rows, figures):
    chances = model.predict_proba(rows)
    sure, right = chances.max(axis=1), chances.argmax(axis=1) == rows.labels
    assert [one.rows for one in figures.abstention] == [120, 119, 118, 114, 108, 96, 84, 60]
    for one in figures.abstention:
        answered = sure >= one.least_confidence
        assert answered.sum() == one.rows
        assert right[answered].mean() == pytest.approx(one.accuracy)


def test_every_figure_is_json_also_where_there_is_none(model, rows):
    # No row is of the last class, and none is taken for it.
    two = from_arrays(rows.images[rows.labels < 2][:1], [0], model.classes)
    two.images.flags.writeable = True
    two.images[0] = 0
    two.images[0, :, :3] = 200
    record = measure(model, two, quiet).figures.as_dict()
    assert json.loads(json.dumps(record, allow_nan=False))["accuracy"] == 1.0
    assert record["classes"][2]["precision"] is None
    assert record["classes"][2]["f1"] is None
    assert record["mistakes"] == []


def test_classes_are_matched_by_name(model, rows):
    # The same rows under names in another order.
    turned = replace(rows, labels=2 - rows.labels, classes=rows.classes[::-1])
    one, other = (measure(model, split, quiet).figures for split in (rows, turned))
    assert one == other


def test_outputs_that_are_no_probabilities_are_not_calibrated(model, rows):
    model.predict_proba = lambda x, made=model.predict_proba: 2.0 * made(x)
    figures = measure(model, rows, quiet).figures
    assert figures.calibration_error is None
    assert figures.calibration == []
    assert len(figures.abstention) == 8


def test_rows_that_do_not_fit_are_refused(rows):
    with pytest.raises(DataError, match="the network takes 7"):
        measure(MLP([7, 3]), rows, quiet)


def test_a_loss_that_is_not_finite_is_refused(model, rows):
    model.evaluate = lambda split: Evaluation(float("nan"), 0.5, len(split))
    with pytest.raises(ModelFileError, match="not finite"):
        measure(model, rows, quiet)


def test_rows_without_pictures_have_no_curves(model, rows):
    model.inputs = Inputs((54,))
    model.predict_proba = lambda x: np.full((len(x), 3), 1 / 3)
    flat = replace(rows, images=rows.images.reshape(120, -1))
    measured = measure(model, flat, quiet)
    assert measured.pictures is None
    assert (measured.figures.robustness, measured.figures.robustness_rows) == ([], 0)


def test_rows_of_numbers_are_the_pictures_that_the_model_learned_from(model, rows):
    flat = replace(rows, images=rows.images.reshape(120, -1))
    assert measure(model, flat, quiet).figures == measure(model, rows, quiet).figures


def test_curves_begin_at_the_accuracy_and_progress_is_reported(model, rows):
    told = []
    figures = measure(model, rows, lambda *words: told.append(words)).figures
    assert [curve.name for curve in figures.robustness] == ["rotation", "shift", "noise", "blur"]
    for curve in figures.robustness:
        assert curve.strengths[0] == 0
        assert curve.accuracy[0] == figures.accuracy
        assert len(curve.strengths) == len(curve.accuracy)
    shift = figures.robustness[1]
    assert shift.strengths == [0, 1, 2]
    total = sum(len(curve.strengths) - 1 for curve in figures.robustness)
    assert told == [(done, total) for done in range(1, total + 1)]


def test_curves_are_the_accuracies_of_changed_pictures(model, rows, figures):
    for corruption, curve in zip(CORRUPTIONS, figures.robustness, strict=True):
        changed = corrupted(rows.images, corruption, curve.strengths[-1], span_of(rows.images))
        right = model.predict_proba(changed).argmax(axis=1) == rows.labels
        assert curve.accuracy[-1] == right.mean() < figures.accuracy


def test_curves_are_measured_on_so_many_rows_at_most(model, rows, monkeypatch):
    monkeypatch.setattr(robustness_module, "MOST_ROWS", 50)
    figures = measure(model, rows, quiet).figures
    assert (figures.robustness_rows, figures.rows) == (50, 120)
    chosen = chosen_rows(120)
    right = model.predict_proba(rows).argmax(axis=1) == rows.labels
    assert figures.robustness[0].accuracy[0] == right[chosen].mean()
    assert (chosen[0], chosen[-1]) == (0, 119)
