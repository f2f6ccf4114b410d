"""What outputs stand for: names and scales that fit together, and the scale undone."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.errors import SettingError
from clearprop.tasks import METRICS, TASKS, Targets, direction, in_words

NUMBERS = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(NUMBERS, st.floats(1e-6, 1e6)), min_size=1, max_size=4), st.data())
def test_a_scale_is_undone(scales, data):
    means, deviations = zip(*scales, strict=True)
    targets = Targets(tuple(map(str, range(len(scales)))), means, deviations)
    row = st.lists(NUMBERS, min_size=len(scales), max_size=len(scales))
    y = np.array(data.draw(st.lists(row, min_size=1, max_size=5)))
    back = targets.undone(targets.standardized(y))
    np.testing.assert_allclose(back, y, rtol=1e-9, atol=1e-7)
    assert msgspec.json.decode(msgspec.json.encode(targets), type=Targets) == targets


@pytest.mark.parametrize(
    ("means", "deviations"),
    [
        ((1.0,), ()),
        ((), (1.0,)),
        ((1.0, 2.0), (1.0,)),
        ((1.0,), (0.0,)),
        ((1.0,), (-1.0,)),
        ((float("nan"),), (1.0,)),
        ((1.0,), (float("inf"),)),
    ],
)
def test_scales_that_do_not_fit_are_refused(means, deviations):
    with pytest.raises(SettingError):
        Targets(("a",), means, deviations)


@pytest.mark.parametrize(
    ("task", "outputs", "targets", "fits"),
    [
        ("classes", 3, Targets(("a", "b", "c")), True),
        ("classes", 3, Targets(("a", "b")), False),
        ("labels", 3, Targets(("a", "b", "c")), True),
        ("labels", 1, Targets(("no", "yes")), True),
        ("labels", 1, Targets(("yes",)), False),
        ("values", 1, Targets(("a",), (0.0,), (1.0,)), True),
        ("values", 1, Targets(("a",)), False),
        ("classes", 2, Targets(("a", "b"), (0.0, 0.0), (1.0, 1.0)), False),
    ],
)
def test_outputs_stand_for_as_many_as_there_are(task, outputs, targets, fits):
    assert (TASKS[task].fault_of(targets, outputs) == "") == fits
    assert TASKS[task].fault_of(TASKS[task].unnamed(outputs), outputs) == ""


def test_every_metric_is_a_figure_whose_direction_is_known():
    for task in TASKS.values():
        for name in (*task.metrics_of, task.judge):
            assert direction(name) == (1.0 if METRICS[name].rises else -1.0)
    assert {name for name in METRICS if direction(name) < 0} == {
        "brier", "log_loss", "loss", "mae", "rmse"
    }  # fmt: skip
    with pytest.raises(SettingError, match="did you mean 'rmse'"):
        direction("rsme")


def test_figures_are_written_as_people_read_them():
    assert in_words("accuracy", 0.5) == "50.00 %"
    assert in_words("rmse", 1234.5678) == "1,235"
    assert in_words("rmse", 1.23456e12) == "1.235e+12"
    assert in_words("mae", 12.34567) == "12.35"
    assert in_words("r2", None) == "-"
