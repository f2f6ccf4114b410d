"""What a sweep varies: the values of a setting, or the range to draw them from."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from clearprop.errors import SettingError, in_one_line
from clearprop.recipes import value_of

Settings = dict[str, Any]

# Draws are uniform in the logarithm if the ends of a range differ by this factor or more.
DECADE = 10.0

# Settings that a sweep controls, and why they cannot be varied.
OWN = {
    "seed": "--seeds 3 trains every setting with three seeds",
    "keep_best": "a sweep measures after the last epoch, whichever was the best",
    "refit": "a sweep measures networks that were not trained on the validation rows",
}


class Values(NamedTuple):
    """A setting and its values."""

    key: str
    values: tuple[Any, ...]

    @property
    def extremes(self) -> tuple[Any, ...]:
        """The values to check before a sweep: all of them."""
        return self.values

    def at(self, share: float) -> Any:
        """Return the value at a fraction of the list, in [0, 1)."""
        return self.values[int(share * len(self.values))]


class Range(NamedTuple):
    """A setting and the range to draw its values from, both ends included.

    With `whole`, only whole numbers are drawn.
    """

    key: str
    low: float
    high: float
    whole: bool = False

    @property
    def log(self) -> bool:
        """Whether draws are log-uniform: the ends are positive and at least a decade apart."""
        return self.low > 0.0 and self.high >= DECADE * self.low

    @property
    def extremes(self) -> tuple[float, float]:
        """The values to check before a sweep: if both ends are valid, so is the range."""
        return self.low, self.high

    def at(self, share: float) -> float:
        """Return the quantile at a fraction u from 0 to 1.

        It is low + u·(high - low), or low·(high/low)ᵘ if `log`; for whole numbers, of a range that
        is wider by ½ at both ends, rounded.
        """
        half = 0.5 if self.whole else 0.0
        low, high = self.low - half, self.high + half
        value = low * (high / low) ** share if self.log else low + share * (high - low)
        return self.rounded(min(max(value, self.low), self.high))

    def rounded(self, value: float) -> float:
        """Return a value with four significant digits, or whole."""
        return math.floor(value + 0.5) if self.whole else float(f"{value:.4g}")


Varied = Values | Range


def varied(texts: Iterable[str]) -> list[Varied]:
    """Parse "key=value,value" and "key=low..high".

    Raises:
        SettingError: a text is malformed, a key appears twice, or a sweep sets it itself.
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
            f"--vary {key} lacks a value; separate values by commas: {key}=1,2 (quote a text with "
            "spaces)"
        )
    values = tuple(map(value_of, parts))
    for value in values:
        if sum(type(one) is type(value) and one == value for one in values) > 1:
            raise SettingError(f"--vary {key} has {value!r} twice")
    return values


def _parts(words: str) -> list[str]:
    """Split at commas outside brackets and quotes."""
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
            f"--vary {key}={in_one_line(low)}..{in_one_line(high)} is not a range of numbers; give "
            f"two: {key}=0.001..0.1"
        )
    if not ends[0] < ends[1]:
        raise SettingError(f"--vary {key}={low}..{high}: the first number must be the smaller one")
    return Range(key, ends[0], ends[1], whole=all(type(end) is int for end in ends))
