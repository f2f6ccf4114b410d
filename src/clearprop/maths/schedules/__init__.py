"""Learning-rate schedules, one a file, and the table of them."""

from clearprop.maths.schedules.constant import CONSTANT
from clearprop.maths.schedules.cosine import COSINE
from clearprop.maths.schedules.exponential import EXPONENTIAL
from clearprop.maths.schedules.inverse_time import INVERSE_TIME
from clearprop.maths.schedules.linear import LINEAR
from clearprop.maths.schedules.one_cycle import ONE_CYCLE
from clearprop.maths.schedules.schedule import Schedule
from clearprop.maths.schedules.step import STEP
from clearprop.maths.schedules.warm_up import WARM_UP
from clearprop.maths.schedules.warm_up_cosine import WARM_UP_COSINE

__all__ = ["SCHEDULES", "Schedule"]

SCHEDULES = {
    "constant": CONSTANT,
    "cosine": COSINE,
    "exponential": EXPONENTIAL,
    "inverse_time": INVERSE_TIME,
    "linear": LINEAR,
    "one_cycle": ONE_CYCLE,
    "step": STEP,
    "warm_up": WARM_UP,
    "warm_up_cosine": WARM_UP_COSINE,
}
