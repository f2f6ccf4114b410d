"""What the monitor measures is worked here in NumPy, from the parameters that stand."""

import re
import shutil

import numpy as np
import pytest

from clearprop.classic import CrossEntropyLoss, MeanSquaredError, Monitor
from clearprop.errors import OutputError, SettingError


def measured(model, pairs, loss, lmbda, n):
    """Return cost and accuracy of a network of sigmoids, by the book's formulas."""
    params = {name: value.astype(float) for name, value in model.model.parameters.items()}
    a = np.hstack([x for x, _ in pairs]).T.astype(float)
    labels = np.array([y if np.ndim(y) == 0 else np.argmax(y) for _, y in pairs])
    for i in range(2):
        z = a @ params[f"layers.{i}.weight"] + params[f"layers.{i}.bias"]
        a = 1.0 / (1.0 + np.exp(-z))
    y = np.eye(3)[labels]
    if loss is CrossEntropyLoss:
        rows = -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=1)
    else:
        rows = 0.5 * ((a - y) ** 2).sum(axis=1)
    squares = sum((params[f"layers.{i}.weight"] ** 2).sum() for i in range(2))
    return rows.mean() + lmbda / (2 * n) * squares, (a.argmax(axis=1) == labels).mean()


@pytest.mark.parametrize("loss", [CrossEntropyLoss, MeanSquaredError])
def test_costs_and_accuracies_are_the_books(make, train, validation, loss):
    model, monitor = make(loss=loss, lmbda=3.0), Monitor()
    for epochs in (1, 2):
        # The last values are of the weights that stand now, which the formulas are given.
        model.fit(train, validation, epochs=epochs, batch_size=16, monitor=monitor)
        found = monitor.history()
        assert [len(series) for series in found] == [epochs] * 4
        wanted = (
            *measured(model, validation, loss, 3.0, len(train)),
            *measured(model, train, loss, 3.0, len(train)),
        )
        assert np.allclose([series[-1] for series in found], wanted, rtol=1e-6)


def test_accuracies_are_fractions(make, train, validation):
    monitor = Monitor()
    make().fit(train, validation, epochs=40, batch_size=8, monitor=monitor)
    _, evaluation, _, training = monitor.history()
    for series, rows in ((evaluation, 40), (training, 70)):
        assert all(value * rows == pytest.approx(round(value * rows)) for value in series)
        assert 0.6 < series[-1] <= 1.0


@pytest.mark.parametrize("save", [False, True])
@pytest.mark.parametrize(
    ("watch_training", "watch_validation", "lengths"),
    [
        (True, True, [2, 2, 2, 2]),
        (False, True, [2, 2, 0, 0]),
        (True, False, [0, 0, 2, 2]),
        (False, False, [0, 0, 0, 0]),
    ],
)
def test_series_that_are_not_reported_are_empty_lists(
    make, train, validation, watch_training, watch_validation, lengths, save
):
    model, monitor = make(), Monitor(watch_training, watch_validation, save)
    # Every fit resets the monitor, and clearing what it returns leaves it unchanged.
    for _ in range(2):
        model.fit(train, validation, epochs=2, monitor=monitor)
        for _ in range(2):
            assert all(type(series) is list for series in monitor.history())
            assert [len(series) for series in monitor.history()] == lengths
            for series in monitor.history():
                series.clear()


def test_training_alone_needs_no_validation_rows(make, train):
    monitor = Monitor(validation=False)
    make().fit(train, epochs=2, monitor=monitor)
    assert len(monitor.history()[2]) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [({}, "validation=True.* give val_data"), ({"validation": False, "save": True}, "save=True")],
)
def test_a_monitor_of_validation_rows_needs_some(make, train, words, says, folder):
    with pytest.raises(SettingError, match=says):
        make().fit(train, epochs=1, monitor=Monitor(**words))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("wrong", [True, Monitor, "monitor"])
def test_what_is_no_monitor_is_refused(make, train, validation, wrong):
    with pytest.raises(SettingError, match="give Monitor"):
        make().fit(train, validation, monitor=wrong)


def test_a_line_an_epoch_is_printed(make, train, validation, capsys):
    monitor = Monitor()
    make().fit(train, validation, epochs=2, monitor=monitor)
    said = capsys.readouterr()
    assert said.err == ""
    lines = said.out.splitlines()
    assert [line.split()[1] for line in lines[:2]] == ["1/2", "2/2"]
    shown = [float(number) for number in re.findall(r"(?:cost|accuracy) (\S+)", lines[1])]
    validation_cost, validation_accuracy, cost, accuracy = (s[-1] for s in monitor.history())
    assert shown == pytest.approx([cost, accuracy, validation_cost, validation_accuracy], abs=5e-5)


def test_without_a_monitor_nothing_is_printed_or_written(make, train, capsys, folder):
    make().fit(train, epochs=2)
    assert capsys.readouterr() == ("", "")
    assert list(folder.iterdir()) == []


def test_a_refused_fit_leaves_the_monitor_as_it_was(make, train, validation, folder):
    model, monitor = make(), Monitor(save=True)
    model.fit(train, validation, epochs=2, monitor=monitor)
    before = monitor.history(), monitor.folder
    for wrong in ({"val_data": None}, {"epochs": -1}, {"batch_size": 0}):
        with pytest.raises(SettingError):
            model.fit(**({"train_data": train, "val_data": validation} | wrong), monitor=monitor)
        assert (monitor.history(), monitor.folder) == before
    shutil.rmtree("runs")
    (folder / "runs").write_text("no folder")
    with pytest.raises(OutputError):
        model.fit(train, validation, monitor=monitor)
    assert (monitor.history(), monitor.folder) == before
