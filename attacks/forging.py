"""Good files of ours, taken apart and put together again with something wrong in them."""

import copy
import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from clearprop import MLP, Committee, KeepBest, Views
from clearprop.data import from_arrays
from clearprop.storage import model_file
from clearprop.storage.tensor_file import packed
from clearprop.training import Checkpoints

MODEL, CHECKPOINT, COMMITTEE = "clearprop", "clearprop_checkpoint", "clearprop_committee"
METADATA = "__metadata__"


def network() -> MLP:
    """Return a network of every kind of tensor."""
    return MLP([6, 4, 3], batch_norm=True, moving_average=0.9, seed=5)


@functools.cache
def model() -> bytes:
    """Return a good model file."""
    made = network()
    tensors = made.parameters | made.statistics
    return b"".join(packed(model_file.KIND, "good", made.card, tensors))


@functools.cache
def values() -> bytes:
    """Return a good model file of real numbers, which knows the moments of inputs and targets."""
    x = np.arange(36.0, dtype=np.float32).reshape(6, 6)
    made = MLP([6, 4, 2], preparation="standardize")
    made.fit(x, x[:, :2] / 7, epochs=1)
    tensors = made.parameters | made.statistics
    return b"".join(packed(model_file.KIND, "good", made.card, tensors))


@functools.cache
def committee() -> bytes:
    """Return a good committee file of two members that look at pictures in two ways."""
    pictures = from_arrays(np.arange(18, dtype=np.uint8).reshape(3, 2, 3), [0, 1, 2])
    members = [network(), MLP([6, 3], seed=6)]
    for one in members:
        one.fit(pictures, epochs=1)
    with tempfile.TemporaryDirectory() as folder:
        made = Committee(members, 1.5, Views(2))
        return made.save(Path(folder) / "good.safetensors").read_bytes()


@functools.cache
def saved() -> bytes:
    """Return a good checkpoint, of a training in the middle of its second epoch."""
    x = np.arange(36.0, dtype=np.float32).reshape(6, 6) / 36
    with tempfile.TemporaryDirectory() as folder:
        steps = Checkpoints(folder, every="1steps")
        network().fit(x, [0, 1, 2, 0, 1, 2], steps=5, batch_size=2, validation_data=(x, [0] * 6),
                      callbacks=[KeepBest(), steps])  # fmt: skip
        return sorted(Path(folder).glob("*.safetensors"))[-1].read_bytes()


def apart(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return a file's header as a table, and the bytes of its tensors."""
    end = 8 + int.from_bytes(data[:8], "little")
    return json.loads(data[8:end]), data[end:]


def together(header: dict[str, Any] | bytes, body: bytes = b"") -> bytes:
    """Return a file of this header and these bytes."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def with_header(change: Callable[[dict[str, Any]], object], good: bytes | None = None) -> bytes:
    """Return a good file whose header was changed."""
    header, body = apart(good or model())
    change(header)
    return together(header, body)


def with_text(old: str, new: str) -> bytes:
    """Return a good model file in whose header a text was replaced once."""
    header, body = apart(model())
    text = json.dumps(header)
    assert old in text, old
    return together(text.replace(old, new, 1).encode(), body)


def with_card(
    change: Callable[[dict[str, Any]], object], good: bytes | None = None, key: str = MODEL
) -> bytes:
    """Return a good file whose card was changed."""

    def forge(header: dict[str, Any]) -> None:
        card = json.loads(header[METADATA][key])
        change(card)
        header[METADATA] = {key: json.dumps(card)}

    return with_header(forge, good)


def with_card_text(change: Callable[[str], str], key: str = MODEL) -> bytes:
    """Return a good model file whose card is another text."""

    def forge(header: dict[str, Any]) -> None:
        header[METADATA] = {key: change(header[METADATA][key])}

    return with_header(forge)


def with_tensor(name: str, change: Callable[[np.ndarray], object], good: bytes = b"") -> bytes:
    """Return a good file in which the numbers of one float32 tensor were changed in place."""
    header, body = apart(good or model())
    start, stop = header[name]["data_offsets"]
    values = np.frombuffer(body[start:stop], np.float32).copy()
    change(values)
    return together(header, body[:start] + values.tobytes() + body[stop:])


def entry(kind: str = "F32", shape: Any = (1,), span: Any = (0, 4)) -> dict[str, Any]:
    """Return a tensor's entry in a header."""
    return {"dtype": kind, "shape": copy.copy(shape), "data_offsets": span}
