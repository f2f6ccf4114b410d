"""Committee files: several models in one file, and how their answers become one.

The tensors are those of the members' model files, each under its member's number, and the card
has the members' cards. What is true of a model file is true of every member.
"""

import os
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Annotated

import msgspec

from clearprop.data.views import Views
from clearprop.errors import SettingError
from clearprop.models import located
from clearprop.storage import header, model_file, tensor_file
from clearprop.storage.model_file import Card
from clearprop.storage.tensor_file import OLDEST, Kind, Tensors

FORMAT = 2
MOST_MEMBERS = 1000
# Beyond these a softmax is as good as a maximum, or as a constant.
COLDEST, HOTTEST = 0.01, 100.0


class CommitteeCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a committee file says beside its tensors.

    Attributes:
        members: the card of each member, as its model file would have it.
        temperature: by which the members' logits are divided.
        views: the views of a picture; None for the picture itself alone.
        made_with: the versions that wrote the file.
        format: the version of this format; it also rises with that of model files.
    """

    members: Annotated[tuple[Card, ...], msgspec.Meta(min_length=1, max_length=MOST_MEMBERS)]
    temperature: float = 1.0
    views: Views | None = None
    made_with: dict[str, str] = msgspec.field(default_factory=dict)
    format: Annotated[int, msgspec.Meta(ge=1)] = FORMAT

    def __post_init__(self) -> None:
        # Written so that NaN is refused too.
        if not isinstance(self.temperature, Real) or not COLDEST <= self.temperature <= HOTTEST:
            raise SettingError(
                f"the temperature is {self.temperature!r}; it must lie between {COLDEST:g} and "
                f"{HOTTEST:g}"
            )
        # NumPy's numbers are accepted too, but a file cannot hold them.
        msgspec.structs.force_setattr(self, "temperature", float(self.temperature))


def write_committee(
    path: str | os.PathLike[str], card: CommitteeCard, members: Sequence[Tensors]
) -> Path:
    """Write a committee file, whole or not at all; the tensors are not copied.

    Raises:
        ModelFileError: the file cannot be written there, or could not be read back.
    """
    tensors = {_prefix(k) + name: t for k, own in enumerate(members) for name, t in own.items()}
    return tensor_file.write(KIND, path, card, tensors)


def read_any(
    path: str | os.PathLike[str], *, allow_nonfinite: bool = False
) -> tuple[Card | CommitteeCard, list[Tensors]]:
    """Read a model file or a committee file, whichever it is.

    Args:
        path: the file, or the name of a model that ships.
        allow_nonfinite: whether tensors may hold NaN and infinite values.

    Returns:
        The card, and a list with the tensors of each member, or of the one model.

    Raises:
        ModelFileError: the file is missing, damaged, not one of ours, or of a newer version.
    """
    kinds = (model_file.KIND, KIND)
    card, tensors = tensor_file.read_one_of(kinds, located(path), allow_nonfinite=allow_nonfinite)
    if isinstance(card, Card):
        return card, [tensors]
    members = [
        {name: tensors[_prefix(k) + name] for name in model_file.KIND.shapes(member)}
        for k, member in enumerate(card.members)
    ]
    return card, members


def fault(card: CommitteeCard) -> str:
    """Return why these members cannot form a committee, or ""."""
    first = card.members[0]
    for k, member in enumerate(card.members):
        if wrong := _fault_beside(first, member):
            return f"has a member {k} (counted from 0) that {wrong}"
    # Checked before millions of names are made: a header of 16 MiB can describe that many.
    tensors = sum(2 * len(member.network.layers) for member in card.members)
    if tensors > header.MOST_TENSORS:
        return f"has members of {tensors:,} tensors or more, beyond {header.MOST_TENSORS:,}"
    return card.views.fault(first.inputs.shape) if card.views else ""


def _fault_beside(first: Card, member: Card) -> str:
    if member.format > model_file.FORMAT:
        return f"has format {member.format}, beyond {model_file.FORMAT}: upgrade Clearprop"
    if member.format < OLDEST:
        return f"has format {member.format}, from before {OLDEST}, and is no longer read"
    output, task = member.network.output.activation, member.network.task
    if task != "classes" or output != "softmax":
        return (
            f"has {output} outputs for {task}; only softmax outputs for classes are probabilities "
            "to be averaged"
        )
    if member.targets != first.targets:
        return "has other classes than the first one"
    if member.inputs.shape != first.inputs.shape:
        return "has inputs of another shape than the first one"
    if member.inputs.reading != first.inputs.reading:
        return "has another reading of pictures than the first one"
    return model_file.KIND.fault(member)


def _prefix(member: int) -> str:
    return f"members.{member}."


def _shapes(card: CommitteeCard) -> dict[str, tuple[int, ...]]:
    return {
        _prefix(k) + name: shape
        for k, member in enumerate(card.members)
        for name, shape in model_file.KIND.shapes(member).items()
    }


def _dtype(card: CommitteeCard, name: str) -> str:
    return card.members[int(name.split(".")[1])].training.dtype


KIND = Kind(
    key="clearprop_committee",
    words="committee",
    card=CommitteeCard,
    version=FORMAT,
    shapes=_shapes,
    fault=fault,
    dtype=_dtype,
)
