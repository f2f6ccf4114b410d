"""The demo: one network, two engines, real digits. Run it with ./scripts/demo."""

import os
import sys
import time
from pathlib import Path

# JAX's compiler reports false alarms about cached programs unless it is told not to.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from clearprop import MLP, Progress, datasets
from clearprop.data import from_arrays
from clearprop.insight import draw_architecture, draw_learning_curves, draw_some_and_worst

OUT = Path("runs/demo")
LAYERS = [784, 256, 128, 10]


def main() -> None:
    """Train, compare, draw."""
    mnist = datasets.load("mnist")
    print(f"MNIST: {len(mnist.train):,} training and {len(mnist.test):,} test images\n")
    histories, models = {}, {}
    for engine in ("numpy", "jax"):
        print(f"the {engine} engine:")
        model = MLP(LAYERS, engine=engine, optimizer="adamw", schedule="one_cycle",
                    learning_rate=4e-3)  # fmt: skip
        progress = Progress(sys.stdout, title=engine)
        histories[engine] = model.fit(mnist.train, epochs=8, batch_size=256, callbacks=[progress])
        models[engine] = model
        print()
    apart = exact()
    if apart > 1e-12:
        sys.exit(f"the engines do not agree: in float64 their losses differ by {apart:.1e}")
    print(agreement(histories, models, mnist, apart))
    draw(histories, models["jax"], mnist)
    path = models["jax"].save(OUT / "model.safetensors", dataset="mnist")
    print(f"written: {path}, {OUT / 'curves.png'}, {OUT / 'predictions.png'},")
    print(f"         {OUT / 'network.png'}\n")
    print(f"test accuracy: {100 * models['jax'].evaluate(mnist.test).accuracy:.2f} %")
    print("what to try next:")
    print(f"  look at {OUT / 'predictions.png'} and {OUT / 'curves.png'}")
    print(f"  .venv/bin/clearprop inspect {path}")
    print(f"  .venv/bin/clearprop predict {path} a-photo-of-a-digit.jpg")
    print("  .venv/bin/clearprop train explicit-numpy --explain --epochs 3")
    print("  .venv/bin/clearprop gradcheck")


def agreement(histories: dict, models: dict, mnist: datasets.Dataset, exact: float) -> str:
    """Return sentences on how closely the two engines agree."""
    same = np.mean(models["numpy"].predict(mnist.test) == models["jax"].predict(mnist.test))
    pair = np.array([histories["numpy"].loss, histories["jax"].loss])
    apart = np.max(np.abs(pair[0] - pair[1]) / pair[1])
    return (
        f"The engines agree: in float64, with dropout and batch normalization on, the losses of "
        f"10 epochs\ndiffer by {exact:.1e} of their size. In float32, above, {100 * same:.2f} % "
        f"of the test predictions\nare the same and the loss curves part by {100 * apart:.1f} % at "
        "most: a ReLU that rounding opens in one\nengine and closes in the other changes all that "
        "follows.\n"
    )


def exact() -> float:
    """Return the largest relative difference of ten float64 epochs' losses."""
    rng = np.random.default_rng(0)
    rows = from_arrays(rng.random((640, 20)), rng.integers(0, 4, 640))
    losses = [
        MLP([20, 32, 16, 4], engine=engine, precision="float64", batch_norm=True, dropout=0.2)
        .fit(rows, epochs=10, batch_size=32)
        .loss
        for engine in ("numpy", "jax")
    ]
    return float(np.max(np.abs(np.subtract(*losses)) / losses[0]))


def draw(histories: dict, model: MLP, mnist: datasets.Dataset) -> None:
    """Draw the curves, the predictions and the network."""
    OUT.mkdir(parents=True, exist_ok=True)
    curves = {name: history.as_dict() for name, history in histories.items()}
    draw_learning_curves(OUT / "curves.png", curves, title="one network, two engines")
    draw_some_and_worst(OUT / "predictions.png", model.predict_proba(mnist.test), mnist.test)
    draw_architecture(OUT / "network.png", LAYERS, ["relu", "relu", "softmax"])


if __name__ == "__main__":
    began = time.perf_counter()
    main()
    print(f"({time.perf_counter() - began:.0f} s)", file=sys.stderr)
