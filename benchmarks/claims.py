"""A claim: by how much one contender shall be ahead of others, and whether it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

Records = Mapping[str, Mapping[str, Any]]
"""What was measured in a work, by contender: `values`, one a round, and what there is to say."""


@dataclass(frozen=True)
class Claim:
    """A ratio that a work shall show.

    Attributes:
        words: what the table calls it.
        ours: the contenders that make the claim; the best of them counts.
        others: those that it is made against; the best of them counts.
        at_least: others / ours shall be this or more ("so many times faster").
        at_most: ours / others shall be this or less; without either, there is no target.
    """

    words: str
    ours: tuple[str, ...]
    others: tuple[str, ...]
    at_least: float | None = None
    at_most: float | None = None

    def target(self) -> str:
        """Return the target in words."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}× faster"
        return "none" if self.at_most is None else f"≤ {self.at_most:g}×"

    def judge(self, records: Records) -> Verdict:
        """Return what the records say."""
        ours, other = best(self.ours, records), best(self.others, records)
        if ours is None or other is None:
            absent = self.ours if ours is None else self.others
            return Verdict(self, missing=f"not measured: {', '.join(absent)}")
        above, below = (ours, other) if self.at_most is not None else (other, ours)
        found = ratios(records[above]["values"], records[below]["values"])
        return Verdict(self, ours, other, median(found), min(found), max(found))


@dataclass(frozen=True)
class Verdict:
    """What became of a claim: who met whom, the median ratio and its spread."""

    claim: Claim
    ours: str = ""
    other: str = ""
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    missing: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is no target or no figure."""
        if self.ratio is None:
            return None
        if self.claim.at_least is not None:
            return self.ratio >= self.claim.at_least
        return None if self.claim.at_most is None else self.ratio <= self.claim.at_most

    def words(self) -> str:
        """Return in a word or two whether it is met, and if not, by how much it is missed."""
        if self.missing:
            return self.missing
        if self.met is None:
            return "no target"
        return "met" if self.met else f"missed by {100 * self.shortfall():.0f} %"

    def shortfall(self) -> float:
        """Return how far the ratio is from a target that is missed, as a share of the target."""
        target = self.claim.at_least or self.claim.at_most
        if self.met is not False or not self.ratio or not target:
            return 0.0
        return abs(self.ratio / target - 1.0)


def ratios(above: list[float], below: list[float]) -> list[float]:
    """Return above / below for each round that both have: what drifts, drifts for both."""
    return [a / b for a, b in zip(above, below, strict=False)]


def best(names: tuple[str, ...], records: Records) -> str | None:
    """Return the contender with the smallest median; None where none of them was measured."""
    measured = [name for name in names if counts(records.get(name, {}))]
    return min(measured, key=lambda name: median(records[name]["values"]), default=None)


def counts(record: Mapping[str, Any]) -> bool:
    """Return whether a contender was measured to the end."""
    return bool(record.get("values")) and "error" not in record
