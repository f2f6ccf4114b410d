"""The schedule as people write it: one by name, or a list of parts in sequence.

`[{name = "warm_up", epochs = 2, for = 2}, {name = "linear", fall = 0.3}]` rises for two epochs; the
second part takes the rest of the training. Each part counts time from its own beginning, and its
length is its total.
"""

from collections.abc import Mapping, Sequence

from clearprop.errors import SettingError, known
from clearprop.maths.schedules import SCHEDULES
from clearprop.maths.settings import Setting
from clearprop.network.choices import Choice, check_settings

Schedule = Choice | tuple[Choice, ...]
LASTS = "for"
# Far more than anyone writes; a file from elsewhere may have a million.
MOST_PARTS = 100
NOTHING: Mapping[str, Setting] = {}


def schedule_of(value: Schedule | str | Mapping | Sequence | None) -> Schedule:
    """Return the schedule that a name, a table, a list of them, or None stands for."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(Choice.of(part) for part in value)
    return Choice.of(value)


def factor(schedule: Schedule, t: float, total: float) -> float:
    """Return the factor on the learning rate at time t of `total` epochs."""
    if isinstance(schedule, Choice):
        settings = {name: value for name, value in schedule.settings if name != LASTS}
        return SCHEDULES[schedule.name](t, total, **settings)
    for part in schedule[:-1]:
        lasts = dict(part.settings)[LASTS]
        # Epoch 10 of 0.1-epoch steps may arrive as 9.99999…: it is meant to be the tenth.
        if t < lasts - 1e-9:
            return factor(part, t, lasts)
        t, total = max(0.0, t - lasts), total - lasts
    return factor(schedule[-1], t, total)


def check_schedule(schedule: Schedule) -> None:
    """Raise SettingError where the schedule or one of its settings does not exist."""
    if isinstance(schedule, Choice):
        return _check_one(schedule)
    if not 1 <= len(schedule) <= MOST_PARTS:
        raise SettingError(f"schedule has {len(schedule)} parts; give from 1 to {MOST_PARTS}")
    for number, part in enumerate(schedule, 1):
        _check_part(part, number, number == len(schedule))
    return None


def _check_part(part: Choice, number: int, last: bool) -> None:
    says = LASTS in dict(part.settings)
    which = f"part {number} of the schedule, {part.name!r},"
    _check_one(part, {LASTS: Setting(0.0, positive=True)})
    if last and says:
        raise SettingError(f"{which} is the last and goes to the end: leave its 'for' out")
    if not last and not says:
        raise SettingError(
            f"{which} does not say how long it lasts: add for how many epochs, as for = 2; "
            "only the last part goes to the end"
        )


def _check_one(choice: Choice, besides: Mapping[str, Setting] = NOTHING) -> None:
    known("schedule", choice.name, SCHEDULES)
    check_settings(choice, {**SCHEDULES[choice.name].settings, **besides})
