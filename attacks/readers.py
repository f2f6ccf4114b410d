"""What opens a file that was sent: each reader as a user meets it, by a name."""

from collections.abc import Callable
from pathlib import Path

from clearprop import load, read_digit
from clearprop.data import load as load_data
from clearprop.network.build import build_training
from clearprop.recipes import load as load_recipe
from clearprop.runs.prepared import build_model
from clearprop.storage import read_checkpoint
from clearprop.storage.checkpoint_folder import whole


def recipe(path: Path) -> object:
    """Read a recipe, and check its network and its fit as `clearprop train` does."""
    read = load_recipe(str(path))
    build_training(epochs=read.fit.epochs, batch_size=read.fit.batch_size)
    return build_model(read)


READERS: dict[str, Callable[[Path], object]] = {
    "model": load,
    "checkpoint": read_checkpoint,
    "resume": whole,
    "data": load_data,
    "picture": read_digit,
    "recipe": recipe,
}
