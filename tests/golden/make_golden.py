"""Write the golden files of the present format: a tiny network, and where its fit ended.

    python tests/golden/make_golden.py

A new pair is made once, when the format's number rises, under its new number. Older pairs stay
as they are: what was saved once is read for ever. (Until the first release the pair of format 1
is made anew where the format changes.)
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from clearprop import MLP
from clearprop.storage import model_file, write
from clearprop.training import Checkpoints

HERE = Path(__file__).parent
X = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [-1.0, 0.0]], np.float32)


def main() -> None:
    """Write both files."""
    model, made = MLP([2, 2, 2], batch_norm=True, moving_average=0.5, seed=1), model_file.FORMAT
    with tempfile.TemporaryDirectory() as folder:
        model.fit(X, [0, 1, 1, 0], steps=3, batch_size=2,
                  callbacks=[Checkpoints(folder, every="1steps")])  # fmt: skip
        newest = sorted(Path(folder).glob("*.safetensors"))[-1].read_bytes()
    (HERE / f"checkpoint-{made}.safetensors").write_bytes(newest)
    tensors = model.parameters | model.statistics
    rounded = {name: np.round(value, 2) for name, value in tensors.items()}
    write(HERE / f"model-{made}.safetensors", model.card(), rounded)


if __name__ == "__main__":
    main()
