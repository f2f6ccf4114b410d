"""Write the golden files of the present format: tiny networks, and where a fit ended.

    python tests/golden/make_golden.py

A new pair is made once, when the format's number rises, under its new number. Older pairs stay
as they are: what was saved once is read for ever. (Until the first release the pair of format 2
is made anew where the format changes.)
"""

import tempfile
from pathlib import Path

import numpy as np

from clearprop import MLP, Committee, Views
from clearprop.storage import committee_file, model_file, write, write_committee
from clearprop.training import Checkpoints

HERE = Path(__file__).parent
X = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [-1.0, 0.0]], np.float32)


def main() -> None:
    """Write all files."""
    model, made = MLP([2, 2, 2], batch_norm=True, moving_average=0.5, seed=1), model_file.FORMAT
    with tempfile.TemporaryDirectory() as folder:
        model.fit(X, [0, 1, 1, 0], steps=3, batch_size=2,
                  callbacks=[Checkpoints(folder, every="1steps")])  # fmt: skip
        newest = sorted(Path(folder).glob("*.safetensors"))[-1].read_bytes()
    (HERE / f"checkpoint-{made}.safetensors").write_bytes(newest)
    tensors = model.parameters | model.statistics
    rounded = {name: np.round(value, 2) for name, value in tensors.items()}
    write(HERE / f"model-{made}.safetensors", model.card, rounded)
    write_the_committee()


def write_the_committee() -> None:
    """Write a committee of two networks that look at pictures of 3 by 2 pixels in three ways."""
    pictures = np.arange(0, 240, 10, dtype=np.uint8).reshape(4, 3, 2)
    members = [MLP([6, 2, 2], batch_norm=True, seed=1), MLP([6, 2], precision="float64", seed=2)]
    for member in members:
        member.fit(pictures, [0, 1, 1, 0], epochs=3, batch_size=2)
    rounded = [
        {name: np.round(value, 2) for name, value in (one.parameters | one.statistics).items()}
        for one in members
    ]
    committee = Committee(members, 1.5, Views(3, shift=0.5, rotation=30.0))
    path = HERE / f"committee-{committee_file.FORMAT}.safetensors"
    write_committee(path, committee._card(), rounded)


if __name__ == "__main__":
    main()
