"""Attacks on checkpoints: their card, their tensors, and the manifest that vouches for them."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from attacks.attack import Attack, named, of_bytes
from attacks.cards import CODE, Card, first_layer
from attacks.forging import (
    CHECKPOINT,
    METADATA,
    MODEL,
    apart,
    model,
    saved,
    with_card,
    with_header,
    with_tensor,
)

DIGEST = "0" * 64


def put(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a checkpoint whose card has other values."""
    return changed(lambda card: card.update(words))


def progress(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a checkpoint that had come elsewhere."""
    return changed(lambda card: card["progress"].update(words))


def changed(change: Callable[[Card], object]) -> Callable[[], bytes]:
    """Return the maker of a checkpoint whose card was changed."""
    return lambda: with_card(change, saved(), CHECKPOINT)


def part(name: str, **words: Any) -> Callable[[], bytes]:
    """Return the maker of a checkpoint in whose card a table has other values."""
    return changed(lambda card: card[name].update(words))


def of_values(card: Card) -> None:
    """Say that the network learned real numbers; its steps were measured for classes."""
    card["network"]["layers"][-1].update(activation="identity")
    card["network"].update(task="values", loss="squared_error")
    card["targets"].update(means=[0.0] * 3, deviations=[1.0] * 3)


def huge(card: Card) -> None:
    """Ask for 1,000 layers, a hundred times over."""
    card["network"]["layers"][0:0] = [first_layer(card)] * 998
    card["progress"].update(keeps=[True] * 100, memories=[{}] * 100)


FILES = {
    "a model file for a checkpoint": model,
    "steps below zero": put(steps=-1),
    "2^60 steps": put(steps=2**60),
    "more epochs than steps": put(epochs=99),
    "a series that is code": put(series=CODE),
    "a series of texts": put(series={"loss": [CODE]}),
    "a series that nests": put(series={"loss": [[[[1.0]]]]}),
    "a series of 300,000 tables": put(series={"loss": [{}] * 300_000}),
    "a key more": put(run="os.system"),
    "a newer format": put(format=3),
    "2^53 steps in the epoch": progress(step_in_epoch=2**53),
    "an epoch below zero": progress(epoch=-1),
    "300,000 callbacks": progress(keeps=[True] * 300_000, memories=[{}] * 300_000),
    "a hundred states of 1,000 layers": changed(huge),
    "callbacks without memories": progress(keeps=[True, True]),
    "a state that is not there": progress(keeps=[True] * 3, memories=[{}] * 3),
    "memories that are texts": progress(memories=[{"best": CODE}]),
    "versions that are tables": progress(engine={"name": {}}),
    "another optimizer": changed(
        lambda card: card["training"].update(optimizer={"name": "sgd", "settings": []})
    ),
    "inputs of another shape": part("inputs", shape=[2, 4]),
    "moments of two columns of six": part(
        "inputs", preparation={"means": [0.0] * 2, "deviations": [1.0] * 2}
    ),
    "no inputs": changed(lambda card: card.pop("inputs")),
    "a class too few": part("targets", names=["0", "1"]),
    "classes with moments": part("targets", means=[0.0] * 3, deviations=[1.0] * 3),
    "a deviation of nothing": part("targets", means=[0.0] * 3, deviations=[1.0, 1.0, 0.0]),
    "no targets": changed(lambda card: card.pop("targets")),
    "a task that does not exist": part("network", task="os.system"),
    "steps that were measured for another task": changed(of_values),
    "another precision than the tensors'": part("training", precision="float64"),
    "a layer of 2^62 units": changed(lambda card: first_layer(card).update(units=2**62)),
    "a million units": changed(lambda card: first_layer(card).update(units=10**6)),
    "a NaN in the optimizer's memory": lambda: with_tensor(
        "slots/layers.0.weight/mean", lambda t: t.fill(np.nan), saved()
    ),
    "an infinite average": lambda: with_tensor(
        "average/layers.0.mean", lambda t: t.fill(np.inf), saved()
    ),
    "a NaN in what a callback keeps": lambda: with_tensor(
        "0/params/layers.0.weight", lambda t: t.fill(np.nan), saved()
    ),
    "a slot by another name": lambda: with_header(
        lambda h: h.update({"slots/../../x": h.pop("slots/layers.0.weight/mean")}), saved()
    ),
    "a model's card beside the checkpoint's": lambda: with_header(
        lambda h: h[METADATA].update({MODEL: apart(model())[0][METADATA][MODEL]}), saved()
    ),
    "one byte short": lambda: saved()[:-1],
    "one byte long": lambda: saved() + b"\0",
}


def vouched(words: dict[str, Any] | bytes, data: bytes | None = None) -> Callable[[Path], None]:
    """Return the writer of a checkpoint, and of a manifest in which some values are others."""

    def write(path: Path) -> None:
        held = saved() if data is None else data
        path.write_bytes(held)
        good = {
            "size": len(held),
            "sha256": hashlib.sha256(held).hexdigest(),
            "steps": 2,
            "value": None,
            "format": 1,
        }
        text = words if isinstance(words, bytes) else json.dumps(good | words).encode()
        path.with_suffix(".json").write_bytes(text)

    return write


def twice() -> bytes:
    """Return a manifest that holds a wrong size and then the right one."""
    data = saved()
    return (
        f'{{"size":1,"size":{len(data)},"sha256":"{hashlib.sha256(data).hexdigest()}","steps":2}}'
    ).encode()


def _a_checkpoint_that_is_a_device_without_end(path: Path) -> None:
    vouched({"size": 0, "sha256": DIGEST})(path)
    path.unlink()
    path.symlink_to("/dev/zero")


def _a_checkpoint_that_is_a_pipe(path: Path) -> None:
    vouched({"size": 0, "sha256": DIGEST})(path)
    path.unlink()
    os.mkfifo(path)


def _a_manifest_that_is_a_pipe(path: Path) -> None:
    path.write_bytes(saved())
    os.mkfifo(path.with_suffix(".json"))


def _a_manifest_that_is_a_device_without_end(path: Path) -> None:
    path.write_bytes(saved())
    path.with_suffix(".json").symlink_to("/dev/zero")


def _a_manifest_that_is_a_folder(path: Path) -> None:
    path.write_bytes(saved())
    path.with_suffix(".json").mkdir()


def _no_manifest(path: Path) -> None:
    path.write_bytes(saved())


MANIFESTS = {
    "a size that lies": vouched({"size": 5}),
    "a size of 2^60": vouched({"size": 2**60}),
    "a size below zero": vouched({"size": -1}),
    "another file's digest": vouched({"sha256": DIGEST}),
    "a digest in capitals": vouched({"sha256": hashlib.sha256(saved()).hexdigest().upper()}),
    "a digest that is code": vouched({"sha256": CODE}),
    "a digest with a line end": vouched({"sha256": DIGEST + "\n"}),
    "steps of 2^60": vouched({"steps": 2**60}),
    "a value that is a text": vouched({"value": CODE}),
    "a newer manifest": vouched({"format": 2}),
    "a manifest's format below zero": vouched({"format": -1}),
    "a manifest with a key more": vouched({"path": "../../etc/passwd"}),
    "a manifest with escape codes": vouched({"\n\x1b[2J": 1}),
    "a manifest with a key twice": vouched(twice()),
    "a manifest of 4 MiB": vouched(b"[" * 2**22),
    "a manifest that nests": vouched(b'{"size":' * 500),
    "an empty manifest": vouched(b""),
    "a manifest that vouches for what is no checkpoint": vouched({}, b"import os"),
    "a manifest that vouches for a model file": vouched({}, model()),
    "a manifest that vouches for an empty file": vouched({}, b""),
}

ATTACKS = [
    *of_bytes(".safetensors", "checkpoint", FILES),
    *(Attack(name, ".safetensors", "resume", write) for name, write in MANIFESTS.items()),
    *named(
        ".safetensors",
        "resume",
        _a_checkpoint_that_is_a_device_without_end,
        _a_checkpoint_that_is_a_pipe,
        _a_manifest_that_is_a_pipe,
        _a_manifest_that_is_a_device_without_end,
        _a_manifest_that_is_a_folder,
        _no_manifest,
    ),
]
