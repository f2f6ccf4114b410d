"""Findings: what looks wrong with rows or with a training, the evidence, and a remedy.

All sentences are here; finders supply the figures. A finding is not proof: rows and
networks may be intended that way.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Sentence(NamedTuple):
    """The sentences of a kind of finding, with the names of figures in braces."""

    what: str
    evidence: str
    remedy: str


SENTENCES = {
    "dead_units": Sentence(
        "units of layer {layer} are dead",
        "{percent:.0f} % of them are 0 for all of {rows:.0f} training rows",
        "lower the learning rate, scale the inputs, or take leaky_relu",
    ),
    "saturated_units": Sentence(
        "units of layer {layer} are saturated",
        "{percent:.0f} % of their values lie where the activation is flat",
        "scale the inputs, lower the learning rate, or use batch normalization or relu",
    ),
    "vanishing_gradient": Sentence(
        "the gradient vanishes",
        "at layer 1 it is {ratio:.1g} times as large as at the output",
        "use relu with he_normal, batch normalization, or fewer layers",
    ),
    "exploding_gradient": Sentence(
        "the gradient explodes",
        "at layer 1 it is {ratio:.1g} times as large as at the output",
        "use smaller initial weights (he_normal, glorot_uniform) or batch normalization, and "
        "clip_norm = 1",
    ),
    "large_updates": Sentence(
        "the weights of layer {layer} jump about",
        "one step changes them by {percent:.0f} % of their size; 0.1 % is usual",
        "lower the learning rate",
    ),
    "small_updates": Sentence(
        "the weights hardly move",
        "one step changes them by {percent:.1g} % of their size, where 0.1 % is usual, and the "
        "loss stays at {loss:.3g}",
        "raise the learning rate",
    ),
    "one_answer": Sentence(
        "the network gives one answer to everything",
        "class {answer:.0f} for all of {rows:.0f} training rows, {percent:.0f} % of which belong "
        "to it, and the loss stays at {loss:.3g}",
        "change the learning rate, and check that inputs are scaled and labels belong to them",
    ),
    "drifting_apart": Sentence(
        "training and validation drift apart",
        "the validation loss was {best:.3g} after epoch {epoch:.0f} and is {validation:.3g}, while "
        "the training loss is {training:.3g}",
        "stop early (EarlyStopping), or add dropout, l2 or more rows",
    ),
    "unscaled_inputs": Sentence(
        "inputs are not scaled",
        "{count:,} of {features:,} features have a mean or standard deviation beyond 20, feature "
        "{worst} has {mean:.3g} and {deviation:.3g}",
        "scale every feature to mean 0 and standard deviation 1, or give pixels as uint8",
    ),
    "faint_inputs": Sentence(
        "inputs are close to zero",
        "the largest is {largest:.2g}",
        "scale every feature to mean 0 and standard deviation 1; were pixels divided by 255 twice?",
    ),
    "constant_inputs": Sentence(
        "inputs hardly change",
        "{count:,} of {features:,} features have one value in all of {rows:,} rows",
        "check how the rows were read",
    ),
    "other_scale": Sentence(
        "rows are scaled differently from those it learned from",
        "{why}",
        "prepare them as its training rows were",
    ),
    "rare_class": Sentence(
        "a class is rare",
        "{name} has {count:,} of {rows:,} training rows",
        'give fit class_weight="balanced", and judge each class by itself',
    ),
    "shuffled_labels": Sentence(
        "labels look shuffled",
        "{percent:.0f} % of {asked:,} rows have the label of the row most like them, {chance:.0f} "
        "% would by chance, and no feature's mean depends on the label",
        "check that rows and labels are in the same order",
    ),
    "shared_rows": Sentence(
        "test rows are also training rows",
        "{count:,} of {rows:,}; by chance it would be {expected:,}",
        "remove them from one of the two: the test accuracy is too good",
    ),
}


class Finding(NamedTuple):
    """A problem.

    Attributes:
        kind: one of `SENTENCES`.
        figures: the numbers and names in its evidence.
    """

    kind: str
    figures: Mapping[str, Any]

    @property
    def what(self) -> str:
        """What looks wrong, in a few words."""
        return SENTENCES[self.kind].what.format(**self.figures)

    @property
    def evidence(self) -> str:
        """The figures that show it."""
        return SENTENCES[self.kind].evidence.format(**self.figures)

    @property
    def remedy(self) -> str:
        """What to try."""
        return SENTENCES[self.kind].remedy

    def __str__(self) -> str:
        return f"{self.what} ({self.evidence}): {self.remedy}"

    def as_dict(self) -> dict[str, Any]:
        """Return the plain values, for JSON."""
        said = {"what": self.what, "evidence": self.evidence, "remedy": self.remedy}
        return {"kind": self.kind, **said, "figures": dict(self.figures)}
