"""Saves of checkpoints, to be broken off."""

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from clearprop import MLP, atomic
from clearprop.errors import ClearpropError
from clearprop.network import initial_state, program
from clearprop.storage import Checkpoint, checkpoint_folder
from soak.save import Save

LAST = 2  # how many checkpoints are kept, beside the best
VALUES = {10: 0.9, 20: 0.5, 30: 0.6, 40: 0.7, 50: 0.8}  # the first one stays, as the best
FILES = frozenset({str(atomic.__file__), str(checkpoint_folder.__file__)})


@functools.cache
def checkpoint(steps: int) -> Checkpoint:
    """Return a checkpoint of few tensors: each is a write of its own, broken off by itself."""
    model = MLP([6, 3], optimizer="momentum")
    state = initial_state(
        np, program(model.network, model.settings), model.parameters, model.statistics
    )
    params = {name: value + np.float32(steps) for name, value in state.params.items()}
    card, state = model.card, state._replace(params=params)
    return Checkpoint(
        card.network, card.training, card.inputs, card.targets, state, steps, 0, {"loss": [0.5]}
    )


def keep(folder: Path, *numbers: int) -> None:
    """Save checkpoints of these steps, one after another, as a training does it."""
    for steps in numbers:
        checkpoint_folder.keep(folder, checkpoint(steps), VALUES[steps])
        checkpoint_folder.prune(folder, LAST)


def newest(folder: Path) -> tuple[int, list[str]]:
    """Return the step of the newest checkpoint and what was said; 0 where there is none.

    Raises:
        AssertionError: it is not, bit for bit, what was saved.
    """
    said: list[str] = []
    found = checkpoint_folder.newest(folder, said.append)
    if found is None:
        return 0, said
    path, made = found
    assert same(made, checkpoint(made.steps)), f"{path} is not what was saved"
    return made.steps, said


def same(one: Checkpoint, other: Checkpoint) -> bool:
    """Return whether two checkpoints are alike to the last bit."""
    parts = zip(one.state, other.state, strict=True)
    return one._replace(state=None) == other._replace(state=None) and all(
        mine.keys() == theirs.keys()
        and all(mine[name].tobytes() == value.tobytes() for name, value in theirs.items())
        for mine, theirs in parts
    )


def _found_checkpoint(old: int, new: int) -> Callable[[Path], str]:
    def found(folder: Path) -> str:
        steps, said = newest(folder)
        if said:
            return f"damage was reported: {said}"
        return {old: "old", new: "new"}.get(steps, f"the newest is of step {steps}")

    return found


def _keep_again(folder: Path) -> str:
    for path in checkpoint_folder.names(folder):
        try:
            checkpoint_folder.whole(path)
        except ClearpropError as error:
            return f"a manifest vouches for what is not there: {error}"
    keep(folder, 50)
    steps, said = newest(folder)
    if steps != 50 or said:
        return f"the save after it was not found: step {steps}, {said}"
    files = sorted(path.name for path in folder.iterdir() if path.is_file())
    wanted = {path.stem for path in folder.glob("step-*.json")}
    if files != sorted(f"{name}{end}" for name in wanted for end in (".json", ".safetensors")):
        return f"something was left behind: {files}"
    return "" if len(wanted) <= LAST + 1 else f"too many are kept: {files}"


def _with_leftovers(folder: Path) -> None:
    """Make the folder of a training that was killed twice before, in the midst of saves."""
    keep(folder, 10, 20, 30)
    (folder / ".step-0000000000000035.safetensors.ab.part").write_bytes(b"half")
    (folder / "step-0000000000000035.safetensors").write_bytes(b"never vouched for")


def _with_damage(folder: Path) -> None:
    keep(folder, 10, 20, 30)
    path = folder / checkpoint_folder.names(folder)[-1].name
    path.write_bytes(path.read_bytes()[:-1])


def _set_aside(folder: Path) -> None:
    found = checkpoint_folder.newest(folder, lambda _: None)
    checkpoint_folder.set_aside(folder, found[0] if found else None)
    keep(folder, 30)


def _found_beside_damage(folder: Path) -> str:
    steps, _ = newest(folder)
    return {20: "old", 30: "new"}.get(steps, f"the newest is of step {steps}")


SAVES = (
    Save(
        "the first checkpoint", FILES, lambda folder: folder.mkdir(exist_ok=True),
        lambda folder: keep(folder, 40), _found_checkpoint(0, 40), _keep_again, 2,
    ),
    Save(
        "a checkpoint, where old ones and half ones are removed", FILES, _with_leftovers,
        lambda folder: keep(folder, 40), _found_checkpoint(30, 40), _keep_again, 2,
    ),
    Save(
        "a damaged checkpoint set aside and made again", FILES, _with_damage, _set_aside,
        _found_beside_damage, lambda folder: (_set_aside(folder), _keep_again(folder))[1],
    ),
)  # fmt: skip
