"""Schedules, against optax, in closed form, and for what holds of all of them."""

import math

import optax
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.maths.schedules import SCHEDULES

TOTAL = 40
MOMENTS = range(TOTAL + 1)
TENS = (10, 20, 30, 40)
# Optax counts steps; one of its steps stands for one epoch here.
TWINS = [
    ("constant", {}, lambda: optax.constant_schedule(1.0)),
    ("step", {}, lambda: optax.piecewise_constant_schedule(1.0, dict.fromkeys(TENS, 0.5))),
    ("step", {"every": 7.0, "factor": 0.1}, lambda: optax.exponential_decay(1, 7, 0.1, 0, True)),
    ("exponential", {}, lambda: optax.exponential_decay(1.0, 1, 0.95)),
    ("exponential", {"factor": 0.7}, lambda: optax.exponential_decay(1.0, 1, 0.7)),
    ("cosine", {}, lambda: optax.cosine_decay_schedule(1.0, TOTAL)),
    ("cosine", {"final": 0.1}, lambda: optax.cosine_decay_schedule(1.0, TOTAL, 0.1)),
    ("linear", {}, lambda: optax.linear_schedule(1.0, 0.0, TOTAL)),
    ("linear", {"fall": 0.25, "final": 0.1}, lambda: optax.linear_schedule(1.0, 0.1, 10, 30)),
    ("one_cycle", {}, lambda: optax.cosine_onecycle_schedule(TOTAL, 1.0)),
    (
        "one_cycle",
        {"rise": 0.25, "start": 0.1, "final": 0.001},
        lambda: optax.cosine_onecycle_schedule(TOTAL, 1.0, 0.25, 10.0, 100.0),
    ),
    ("warm_up", {"epochs": 5.0}, lambda: optax.linear_schedule(0.0, 1.0, 5)),
    (
        "warm_up_cosine",
        {"epochs": 5.0, "final": 0.01},
        lambda: optax.warmup_cosine_decay_schedule(0.0, 1.0, 5, TOTAL, 0.01),
    ),
]  # fmt: skip
names = st.sampled_from(sorted(SCHEDULES))
shares = st.floats(0.0, 1.0)
totals = st.integers(2, 500).map(float)


@pytest.mark.parametrize(("name", "settings", "twin"), TWINS)
@pytest.mark.usefixtures("float64")
def test_equals_optax(name, settings, twin):
    schedule = twin()
    ours = [SCHEDULES[name](float(t), float(TOTAL), **settings) for t in MOMENTS]
    # Optax computes some of its constants in single precision.
    assert ours == pytest.approx([float(schedule(t)) for t in MOMENTS], rel=1e-6, abs=1e-12)


def test_every_schedule_has_an_oracle():
    assert {name for name, *_ in TWINS} | {"inverse_time"} == SCHEDULES.keys()


@pytest.mark.parametrize(
    ("name", "t", "settings", "factor"),
    [
        ("inverse_time", 0.0, {}, 1.0),
        ("inverse_time", 100.0, {}, 0.5),
        ("inverse_time", 30.0, {"decay": 0.1}, 0.25),
        ("step", 9.999, {}, 1.0),
        ("step", 10.0, {}, 0.5),
        ("exponential", 0.5, {"factor": 0.25}, 0.5),
        ("cosine", 10.0, {}, (1.0 + math.sqrt(0.5)) / 2.0),
        ("cosine", 20.0, {"final": 0.2}, 0.6),
        ("one_cycle", 0.0, {}, 0.04),
        ("one_cycle", 12.0, {}, 1.0),
        ("one_cycle", 40.0, {}, 4e-6),
        ("warm_up", 0.25, {}, 0.25),
        ("warm_up", 7.0, {}, 1.0),
        ("warm_up_cosine", 1.0, {}, 1.0),
        ("warm_up_cosine", 20.5, {}, 0.5),
        ("warm_up_cosine", 40.0, {"final": 0.3}, 0.3),
    ],
)
def test_closed_form(name, t, settings, factor):
    assert SCHEDULES[name](t, float(TOTAL), **settings) == pytest.approx(factor, rel=1e-12)


def test_a_drop_comes_at_its_step_however_steps_are_counted():
    for per_epoch in (3, 7, 10, 49, 469, 1875):
        made = [SCHEDULES["step"](i / per_epoch, 30.0) for i in range(11 * per_epoch)]
        assert made.index(0.5) == 10 * per_epoch
    # 3/10 over 0.1 arrives as 2.9999999999999996, and is meant to be the third drop.
    assert [SCHEDULES["step"](i / 10, 1.0, every=0.1) for i in range(9)] == [
        0.5**i for i in range(9)
    ]


@given(names, shares, totals)
def test_a_factor_is_a_plain_float_between_0_and_1(name, share, total):
    factor = SCHEDULES[name](share * total, total)
    assert type(factor) is float
    assert 0.0 <= factor <= 1.0


@given(names.filter(lambda name: name != "step"), shares, totals)
def test_a_factor_moves_smoothly(name, share, total):
    # No schedule but the staircase jumps, wherever its pieces meet.
    here, there = (SCHEDULES[name](t, total) for t in (share * total, share * total + 1e-7))
    assert there == pytest.approx(here, abs=1e-6)


@given(st.sampled_from(["step", "exponential", "inverse_time", "cosine"]), shares, shares, totals)
def test_what_decays_never_restarts(name, one, other, total):
    early, late = sorted((one * total, other * total))
    assert SCHEDULES[name](early, total) >= SCHEDULES[name](late, total)


@given(names, totals)
def test_after_its_end_a_schedule_stays_where_it_was_or_goes_on_falling(name, total):
    end, after = (SCHEDULES[name](t, total) for t in (total, 1.5 * total))
    assert 0.0 <= after <= end


@pytest.mark.parametrize(
    ("name", "settings"),
    [("one_cycle", {"rise": 1.0}), ("warm_up_cosine", {"epochs": 5.0})],
)
def test_a_rise_that_fills_all_of_training_ends_at_1(name, settings):
    assert SCHEDULES[name](5.0, 5.0, **settings) == 1.0
