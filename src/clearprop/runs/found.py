"""A network as a run left it, looked at with rows of the data that it learned from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from clearprop.errors import DataError, SettingError
from clearprop.runs.folder import recipe_of

if TYPE_CHECKING:
    import numpy as np

    from clearprop.data import Dataset
    from clearprop.inputs import Inputs
    from clearprop.insight import Finding
    from clearprop.network import Network
    from clearprop.storage import Card, Checkpoint
    from clearprop.tasks import Targets


class FoundNetwork(NamedTuple):
    """A network as it is found.

    Attributes:
        network: the architecture, and what it is asked for.
        params: what it answers with.
        inputs: what one input is.
        targets: what the outputs stand for.
        data: the name of the rows it learned from, or "".
    """

    network: Network
    params: dict[str, np.ndarray]
    inputs: Inputs
    targets: Targets
    data: str


def from_model(path: Path) -> list[FoundNetwork]:
    """Return the network in a model file, or those of all members in a committee file.

    Raises:
        ModelFileError: the file is missing, damaged or foreign.
    """
    from clearprop.storage import CommitteeCard, read_any

    card, tensors = read_any(path)
    cards = card.members if isinstance(card, CommitteeCard) else (card,)
    return [_of(*one) for one in zip(cards, tensors, strict=True)]


def _of(card: Card, tensors: dict[str, np.ndarray]) -> FoundNetwork:
    from clearprop.network import shapes

    params = {name: tensors[name] for name in shapes(card.network)}
    return FoundNetwork(card.network, params, card.inputs, card.targets, card.dataset)


def from_checkpoint(folder: Path, checkpoint: Checkpoint) -> FoundNetwork:
    """Return the network in a checkpoint of a run, whose folder holds the recipe."""
    from clearprop.training import evaluated_state

    params, _ = evaluated_state(checkpoint.state)
    try:
        data = recipe_of(folder).data.name
    except SettingError:  # the checkpoints of a fit in Python have none
        data = ""
    return FoundNetwork(checkpoint.network, params, checkpoint.inputs, checkpoint.targets, data)


def findings_of(
    trained: list[FoundNetwork], data: Dataset | None, data_dir: str | None
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


def _findings(trained: FoundNetwork, data: Dataset | None, data_dir: str | None) -> list[Finding]:
    from clearprop.data.arrays import as_asked
    from clearprop.insight.diagnosis import single_look
    from clearprop.insight.row_findings import range_findings
    from clearprop.training.rows import rows_of

    task = trained.network.asked.of_files
    split = as_asked(data or _own_data(trained.data, data_dir, task), task).train
    if found := range_findings(trained.inputs, split):
        # What it makes of such rows says nothing about the network.
        return found
    # That they lie where it learned was looked at just now.
    inputs = msgspec.structs.replace(trained.inputs, range=None)
    rows = rows_of(trained.network, inputs, trained.targets, split)
    return single_look(trained.network, trained.params, rows, inputs.preparation)


def _own_data(name: str, data_dir: str | None, task: str) -> Dataset:
    from clearprop.data import load

    if not name:
        raise DataError("it does not say which rows it learned from; name them before it")
    return load(name, data_dir=data_dir, offline=True, quiet=True, task=task)
