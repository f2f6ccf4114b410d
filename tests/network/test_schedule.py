"""Schedules that follow one another, against optax's joined ones; and what is refused."""

import msgspec
import optax
import pytest

from clearprop.errors import SettingError
from clearprop.network import Choice, Training, build_training
from clearprop.network.schedule import factor as factor_of
from clearprop.network.schedule import schedule_of

TRAPEZOID = [{"name": "warm_up", "epochs": 4, "for": 4}, {"name": "linear", "fall": 0.25}]
LONG = [
    {"name": "warm_up", "epochs": 5, "for": 5},
    {"name": "constant", "for": 10},
    {"name": "cosine", "final": 0.1},
]


def factor(schedule, t: float, total: float) -> float:
    return factor_of(build_training(schedule=schedule).schedule, float(t), total)


@pytest.mark.usefixtures("float64")
def test_parts_follow_one_another_as_optax_joins_them():
    rise, flat = optax.linear_schedule(0.0, 1.0, 5), optax.constant_schedule(1.0)
    fall = optax.cosine_decay_schedule(1.0, 25, 0.1)
    twin = optax.join_schedules([rise, flat, fall], [5, 15])
    ours = [factor(LONG, float(t), 40.0) for t in range(41)]
    assert ours == pytest.approx([float(twin(t)) for t in range(41)], rel=1e-6, abs=1e-12)


def test_a_trapezoid_by_hand():
    # Up over 4 epochs; of the other 16 the last quarter falls.
    found = [factor(TRAPEZOID, t, 20.0) for t in (0, 1, 4, 16, 18, 20)]
    assert found == pytest.approx([0.0, 0.25, 1.0, 1.0, 0.5, 0.0])


def test_a_part_begins_with_its_own_first_step():
    # Steps of a tenth of an epoch: sums of them miss the whole numbers by a last digit.
    schedule = [{"name": "constant", "for": 0.3}, {"name": "step", "every": 0.1}]
    found = [factor(schedule, 0.1 + 0.1 + 0.1, 1.0), factor(schedule, 3 / 10, 1.0)]
    assert found == [1.0, 1.0]
    assert factor(schedule, 4 / 10, 1.0) == 0.5


def test_a_training_that_is_too_short_ends_within_a_part():
    assert factor(LONG, 2.0, 3.0) == pytest.approx(0.4)


def test_it_is_data_in_a_training_and_in_json():
    made = build_training(schedule=TRAPEZOID)
    assert made.schedule == tuple(Choice.of(part) for part in TRAPEZOID)
    assert build_training(schedule=made.schedule) == made
    assert msgspec.json.decode(msgspec.json.encode(made), type=Training) == made
    assert hash(made) == hash(build_training(schedule=tuple(TRAPEZOID)))


def test_a_name_alone_may_be_a_part():
    assert schedule_of(["cosine"]) == (Choice("cosine"),)
    assert factor(["cosine"], 3.0, 10.0) == factor("cosine", 3.0, 10.0)


WRONG = {
    "no parts": ([], "schedule has 0 parts; give from 1"),
    "too many parts": ([{"name": "constant", "for": 1}] * 101, "has 101 parts"),
    "a part that does not end": (["warm_up", "cosine"], "part 1 .* 'warm_up', .* as for = 2"),
    "a last part that ends": (
        [{"name": "constant", "for": 1}, {"name": "cosine", "for": 2}],
        "part 2 of the schedule, 'cosine', is the last .* leave its 'for' out",
    ),
    "no time at all": (
        [{"name": "constant", "for": 0}, "cosine"],
        "for is 0.0; it must be positive",
    ),
    "an unknown part": ([{"name": "constant", "for": 1}, "cosin"], "did you mean 'cosine'"),
    "a setting of another": (
        [{"name": "cosine", "every": 2, "for": 1}, "cosine"],
        "setting of cos",
    ),
    "for without a list": ({"name": "cosine", "for": 3}, "unknown setting of cosine 'for'"),
    "text for a time": ([{"name": "constant", "for": "long"}, "cosine"], "for|settings"),
    "a list in a list": ([["cosine"], "cosine"], "unknown schedule"),
    "a fall of all and more": ([{"name": "linear", "fall": 1.5}], "fall is 1.5; .* at most 1"),
    "no fall": ([{"name": "linear", "fall": 0}], "fall is 0.0; it must be positive"),
}


@pytest.mark.parametrize(("schedule", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(schedule, message):
    with pytest.raises(SettingError, match=message):
        build_training(schedule=schedule)
