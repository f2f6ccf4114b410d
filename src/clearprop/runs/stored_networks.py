"""Networks in model files and checkpoints, and what looks wrong with them."""

from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from clearprop.data import Dataset, datasets
from clearprop.data.arrays import for_task
from clearprop.errors import DataError, SettingError
from clearprop.inputs import Inputs
from clearprop.insight import Finding
from clearprop.insight.diagnosis import single_look
from clearprop.insight.row_findings import range_findings
from clearprop.network import Network, shapes
from clearprop.runs.folder import recipe_of
from clearprop.storage import Card, Checkpoint, CommitteeCard, read_any
from clearprop.tasks import Targets
from clearprop.training import evaluated_state
from clearprop.training.rows import rows_of


class StoredNetwork(NamedTuple):
    """A network from a model file or a checkpoint.

    Attributes:
        network: the architecture and the task.
        params: the parameters that it predicts with.
        inputs: the shape, range and preparation of an input.
        targets: what the outputs stand for.
        data: the name of the data set it learned from, or "".
    """

    network: Network
    params: dict[str, np.ndarray]
    inputs: Inputs
    targets: Targets
    data: str


def from_model(path: Path) -> list[StoredNetwork]:
    """Return the network in a model file, or all members in a committee file.

    Raises:
        ModelFileError: the file is missing, damaged, or something else.
    """
    card, tensors = read_any(path)
    cards = card.members if isinstance(card, CommitteeCard) else (card,)
    return [_of(*one) for one in zip(cards, tensors, strict=True)]


def _of(card: Card, tensors: dict[str, np.ndarray]) -> StoredNetwork:
    params = {name: tensors[name] for name in shapes(card.network)}
    return StoredNetwork(card.network, params, card.inputs, card.targets, card.dataset)


def from_checkpoint(folder: Path, checkpoint: Checkpoint) -> StoredNetwork:
    """Return the network in a checkpoint; the training's folder has the recipe."""
    params, _ = evaluated_state(checkpoint.state)
    try:
        data = recipe_of(folder).data.name
    except SettingError:  # checkpoints of a fit in Python come without a recipe
        data = ""
    return StoredNetwork(checkpoint.network, params, checkpoint.inputs, checkpoint.targets, data)


def findings_of(
    networks: list[StoredNetwork], data: Dataset | None, data_dir: str | None
) -> list[dict[str, Any]]:
    """Return what looks wrong with networks after one pass over some rows, as plain values.

    Args:
        networks: one network, or the members of a committee, which are named by number.
        data: the data set; None loads the network's own, if it is on this machine.
        data_dir: the folder of the data sets.

    Raises:
        ClearpropError: there are no rows to pass through it, or they do not fit.
    """
    found = []
    for number, network in enumerate(networks):
        whose = f"member {number}: " if len(networks) > 1 else ""
        plain = [finding.as_dict() for finding in _findings(network, data, data_dir)]
        found += [one | {"what": whose + one["what"]} for one in plain]
    return found


def _findings(stored: StoredNetwork, data: Dataset | None, data_dir: str | None) -> list[Finding]:
    task = stored.network.task_type.of_files
    split = for_task(data or _own_data(stored.data, data_dir, task), task).train
    if found := range_findings(stored.inputs, split):
        # How it responds to rows from another range says nothing about the network.
        return found
    # The range was checked just now.
    inputs = msgspec.structs.replace(stored.inputs, range=None)
    rows = rows_of(stored.network, inputs, stored.targets, split)
    return single_look(stored.network, stored.params, rows, inputs.preparation)


def _own_data(name: str, data_dir: str | None, task: str) -> Dataset:
    if not name:
        raise DataError("it does not say which data it learned from; name the data before it")
    return datasets.load(name, data_dir=data_dir, offline=True, quiet=True, task=task)
