"""Fifty steps of several dense networks: what they come to, in full and as a digest.

    .venv/bin/python tests/training/fifty_steps.py                # a digest for each
    .venv/bin/python tests/training/fifty_steps.py --write        # fifty_steps.json anew

Two versions of Clearprop that print the same digests in one environment train alike to the last
bit: run the file with PYTHONPATH=OTHER/src to ask another checkout. fifty_steps.json holds float64
results of the code before layers became types (commit b96b96f), which any environment reaches but
for rounding; test_fifty_steps.py asks for that.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from clearprop import MLP

RESULTS = Path(__file__).with_suffix(".json")
STEPS = 50
PICTURE = (4, 4)
CASES = {
    "plain": {"layers": [16, 7, 5, 3], "optimizer": "sgd", "learning_rate": 0.1},
    "everything": {
        "layers": [16, 8, 6, 3], "activation": ["elu", "gelu"], "optimizer": "adamw",
        "learning_rate": 0.01, "batch_norm": True, "dropout": [0.3, 0.2], "input_dropout": 0.1,
        "noise": 0.1, "input_noise": 0.2, "moving_average": 0.9, "label_smoothing": 0.1,
        "l1": 1e-4, "l2": 1e-3, "clip_norm": 1.0, "max_norm": 1.5, "schedule": "one_cycle",
    },
    "muon": {
        "layers": [16, 9, 9, 3], "optimizer": "muon", "learning_rate": 0.02, "max_norm": 2.0,
        "activation": "silu", "initializer": "orthogonal", "dropout": 0.1,
    },
    "adversarial lion": {
        "layers": [16, 6, 3], "optimizer": "lion", "learning_rate": 1e-3, "adversarial": 0.05,
        "activation": "tanh", "batch_norm": True,
    },
    "squared error": {
        "layers": [16, 6, 3], "loss": "squared_error", "output": "sigmoid", "noise": 0.3,
        "optimizer": "rmsprop", "activation": "sigmoid", "schedule": "cosine",
    },
    "deformed": {
        "layers": [16, 6, 3], "loss": "sigmoid_cross_entropy", "optimizer": "nesterov",
        "learning_rate": 0.05, "activation": "leaky_relu", "preparation": "standardize",
        "deformation": {
            "rotation": 20, "shift": 1, "elastic": 0.5, "mixup": 0.3, "strength": {"1": 0.5},
            "fade": 0.5, "sides": PICTURE,
        },
    },
    "no hidden layer": {"layers": [16, 3], "optimizer": "momentum", "input_dropout": 0.2},
}  # fmt: skip
WAYS = {"numpy": ("numpy", "auto"), "jax": ("jax", "auto"), "jax, derived": ("jax", "derived")}


def rows():
    """Return pictures of bytes and their classes, the same everywhere."""
    words = np.random.Philox(key=7).random_raw(60 * 16 + 60)
    x = (words[: 60 * 16] % np.uint64(256)).astype(np.uint8).reshape(60, *PICTURE)
    return x, (words[60 * 16 :] % np.uint64(3)).astype(np.int64)


def trained(case: str, way: str, dtype: str) -> dict[str, np.ndarray]:
    """Return all that fifty steps come to: parameters, statistics, slots, averages, history."""
    engine, gradients = WAYS[way]
    model = MLP(**CASES[case], engine=engine, gradients=gradients, precision=dtype, seed=3)
    x, y = rows()
    if "deformation" not in CASES[case]:
        x = (x.reshape(len(x), -1) / 128.0 - 1.0).astype(dtype)
    history = model.fit(x, y, steps=STEPS, batch_size=16, validation_data=(x[:20], y[:20]))
    state = zip(("params", "stats", "slots", "average"), model.position.state, strict=True)
    found = {f"{part}/{name}": a for part, arrays in state for name, a in arrays.items()}
    series = ("loss", "accuracy", "val_loss", "val_accuracy")
    return found | {f"history/{name}": np.asarray(history[name]) for name in series}


def digest(found: dict[str, np.ndarray]) -> str:
    """Return a digest of names, shapes and bytes."""
    made = hashlib.sha256()
    for name, a in sorted(found.items()):
        made.update(f"{name} {a.shape} {a.dtype}\n".encode() + np.ascontiguousarray(a).tobytes())
    return made.hexdigest()


def main() -> None:
    """Print digests, or write the results that the test compares with."""
    if sys.argv[1:] == ["--write"]:
        results = {
            case: {name: a.tolist() for name, a in trained(case, "numpy", "float64").items()}
            for case in CASES
        }
        RESULTS.write_text(json.dumps(results, indent=None, sort_keys=True) + "\n")
        return
    for case in CASES:
        for way in WAYS:
            for dtype in ("float32", "float64"):
                print(digest(trained(case, way, dtype))[:32], dtype, way, case)


if __name__ == "__main__":
    main()
