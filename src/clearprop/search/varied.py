"""What a sweep varies: the values of a setting, or the range that they are drawn from."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from clearprop.errors import SettingError, in_one_line
from clearprop.recipes import value_of

Settings = dict[str, Any]

# A range is drawn evenly over its logarithm where its ends are so many times apart, or more.
DECADE = 10.0

# Keys that a sweep sets itself, and what to do in place of varying them.
OWN = {
    "seed": "--seeds 3 trains every setting with three seeds",
    "keep_best": "a sweep measures after the last epoch, whichever was the best",
    "refit": "a sweep measures networks that have not learned from the validation rows",
}


class Values(NamedTuple):
    """A setting and the values that it takes."""

    key: str
    values: tuple[Any, ...]

    @property
    def extremes(self) -> tuple[Any, ...]:
        """The values that must all do."""
        return self.values

    def at(self, share: float) -> Any:
        """Return the value at a share of the list, from 0 up to, but without, 1."""
        return self.values[int(share * len(self.values))]


class Range(NamedTuple):
    """A setting and the range that its values are drawn from, both ends included.

    `whole` says that only whole numbers are drawn.
    """

    key: str
    low: float
    high: float
    whole: bool = False

    @property
    def log(self) -> bool:
        """Whether its logarithm is drawn evenly: positive ends, a decade or more apart."""
        return self.low > 0.0 and self.high >= DECADE * self.low

    @property
    def extremes(self) -> tuple[float, float]:
        """The values that must do: if both ends do, so does what lies between."""
        return self.low, self.high

    def at(self, share: float) -> float:
        """Return the value below which that share of all draws lies, from 0 to 1.

        The inverse of the distribution: low + u·(high - low), or low·(high/low)ᵘ under `log`.
        Whole numbers have the values within ½ of them rounded to them.
        """
        half = 0.5 if self.whole else 0.0
        low, high = self.low - half, self.high + half
        value = low * (high / low) ** share if self.log else low + share * (high - low)
        return self.told(min(max(value, self.low), self.high))

    def told(self, value: float) -> float:
        """Return a value with four digits, or whole: nobody wants to type more of them."""
        return math.floor(value + 0.5) if self.whole else float(f"{value:.4g}")


Varied = Values | Range


def varied(texts: Iterable[str]) -> list[Varied]:
    """Return what "key=value,value" and "key=low..high" say.

    Raises:
        SettingError: a text that says neither, a key that occurs twice, or one that a sweep sets.
    """
    made = [_one(text) for text in texts]
    short = [one.key.removeprefix("model.").removeprefix("fit.") for one in made]
    for key in short:
        if key in OWN:
            raise SettingError(f"{key} cannot be varied: {OWN[key]}")
        if short.count(key) > 1:
            raise SettingError(f"{key} is varied twice; give all its values in one --vary")
    return made


def _one(text: str) -> Varied:
    key, equals, words = (part.strip() for part in text.partition("="))
    if not equals or not key:
        raise SettingError(
            f"--vary takes KEY=VALUE,VALUE or KEY=LOW..HIGH, not {in_one_line(repr(text))}"
        )
    low, dots, high = words.partition("..")
    if dots and not words.startswith(("[", "{", '"', "'")):
        return _range(key, low, high)
    return Values(key, _values(key, words))


def _values(key: str, words: str) -> tuple[Any, ...]:
    parts = _parts(words)
    if not all(parts):
        raise SettingError(
            f"--vary {key} lacks a value; give them with commas between: {key}=1,2 (a text with "
            "spaces in quotes)"
        )
    values = tuple(map(value_of, parts))
    for value in values:
        if sum(type(one) is type(value) and one == value for one in values) > 1:
            raise SettingError(f"--vary {key} has {value!r} twice")
    return values


def _parts(words: str) -> list[str]:
    """Return what stands between commas that are in no bracket and no quotes."""
    parts, depth, quote = [""], 0, ""
    for sign in words:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        depth += 0 if quote else (sign in "[{") - (sign in "]}")
        if sign == "," and not quote and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _range(key: str, low: str, high: str) -> Range:
    ends = [value_of(end.strip()) for end in (low, high)]
    if not all(type(end) in (int, float) and abs(end) < math.inf for end in ends):
        raise SettingError(
            f"--vary {key}={in_one_line(low)}..{in_one_line(high)} is no range of numbers; give "
            f"two: {key}=0.001..0.1"
        )
    if not ends[0] < ends[1]:
        raise SettingError(f"--vary {key}={low}..{high}: the first number must be the smaller one")
    return Range(key, ends[0], ends[1], whole=all(type(end) is int for end in ends))
