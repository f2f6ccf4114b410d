"""A network as a run left it, looked at with rows of the data that it learned from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from clearprop.cli.resuming import recipe_of
from clearprop.errors import DataError, SettingError

if TYPE_CHECKING:
    import numpy as np

    from clearprop.data import Dataset
    from clearprop.insight import Finding
    from clearprop.network import Network, Pictures, Preparation
    from clearprop.storage import Card, Checkpoint


class Trained(NamedTuple):
    """A network as it is found.

    Attributes:
        network: the architecture.
        params: what it answers with.
        data: the name of the rows it learned from, or "".
        classes: the names of its outputs; None where they are not known.
        preparation: of uint8 inputs; None where it is not known.
        kind: the preparation's kind, which the rows then tell the rest of.
        pictures: how uint8 pictures are redrawn before that.
        shape: of one input; empty where it is not known.
    """

    network: Network
    params: dict[str, np.ndarray]
    data: str
    classes: tuple[str, ...] | None = None
    preparation: Preparation | None = None
    kind: str = "unit"
    pictures: Pictures = ()
    shape: tuple[int, ...] = ()


def from_model(path: Path) -> list[Trained]:
    """Return the network in a model file, or those of all members in a committee file.

    Raises:
        ModelFileError: the file is missing, damaged or foreign.
    """
    from clearprop.storage import CommitteeCard, read_any

    card, tensors = read_any(path)
    cards = card.members if isinstance(card, CommitteeCard) else (card,)
    return [_of(*one) for one in zip(cards, tensors, strict=True)]


def _of(card: Card, tensors: dict[str, np.ndarray]) -> Trained:
    from clearprop.network import shapes

    params = {name: tensors[name] for name in shapes(card.network)}
    return Trained(
        card.network, params, card.dataset, card.classes, card.preparation,
        pictures=card.pictures, shape=card.input_shape,
    )  # fmt: skip


def from_checkpoint(folder: Path, checkpoint: Checkpoint) -> Trained:
    """Return the network in a checkpoint of a run, whose folder holds the recipe."""
    from clearprop.network import build_pictures
    from clearprop.training import evaluated_state

    params, _ = evaluated_state(checkpoint.state)
    try:
        recipe = recipe_of(folder)
    except SettingError:  # the checkpoints of a fit in Python have none
        return Trained(checkpoint.network, params, "")
    kind, pictures = recipe.model.get("preparation", "unit"), recipe.model.get("pictures")
    return Trained(
        checkpoint.network, params, recipe.data.name, kind=kind, pictures=build_pictures(pictures)
    )


def findings_of(
    trained: list[Trained], data: Dataset | None, data_dir: str | None
) -> list[dict[str, Any]]:
    """Return what looks wrong with networks, as far as a single look tells, as plain values.

    Args:
        trained: a network; or the members of a committee, who are named by their numbers.
        data: its data set; None loads the one that it names, where that is on this machine.
        data_dir: the folder of the data sets.

    Raises:
        ClearpropError: there are no rows to look at it with, or they do not fit.
    """
    found = []
    for number, one in enumerate(trained):
        whose = f"member {number}: " if len(trained) > 1 else ""
        told = [finding.as_dict() for finding in _findings(one, data, data_dir)]
        found += [plain | {"what": whose + plain["what"]} for plain in told]
    return found


def _findings(trained: Trained, data: Dataset | None, data_dir: str | None) -> list[Finding]:
    from clearprop.insight.diagnosis import single_look
    from clearprop.network import Preparation
    from clearprop.training.intake import rows_of, split_of

    rows = (data or _own_data(trained.data, data_dir)).train
    split, _ = split_of(rows, None, trained.network, trained.classes)
    seen = rows_of(split, pictures=trained.pictures, shape=trained.shape)
    preparation = trained.preparation
    if preparation is None:
        is_pixels = seen.x.dtype == "uint8"
        preparation = Preparation.of(trained.kind, seen.x) if is_pixels else Preparation()
    return single_look(trained.network, trained.params, seen, preparation)


def _own_data(name: str, data_dir: str | None) -> Dataset:
    from clearprop.data import load

    if not name:
        raise DataError("it does not say which rows it learned from; name them before it")
    return load(name, data_dir=data_dir, offline=True, quiet=True)
