"""Load what a file holds: a model, or a committee of several."""

import os

from clearprop.committee import Committee
from clearprop.model import MLP
from clearprop.storage import CommitteeCard, read_any


def load(
    path: str | os.PathLike[str], *, engine: str = "numpy", allow_nonfinite: bool = False
) -> MLP | Committee:
    """Return what is in a file that `MLP.save` or `Committee.save` wrote.

    Args:
        path: the file, or the name of a model that ships (`clearprop.models.NAMES`). Whatever it
            holds, reading it runs nothing.
        engine: the engine to run it on.
        allow_nonfinite: accept weights that are NaN or infinite, to find out what went wrong
            elsewhere; `save` never writes any.

    Raises:
        ModelFileError: the file is missing, damaged, foreign, or from a newer version.
    """
    card, tensors = read_any(path, allow_nonfinite=allow_nonfinite)
    if isinstance(card, CommitteeCard):
        return Committee.of(card, tensors, engine)
    return MLP.of(card, tensors[0], engine)
