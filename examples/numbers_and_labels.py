"""Real numbers, several labels, a single yes or no: the same network, asked for other things.

Run it with .venv/bin/python examples/numbers_and_labels.py (it needs the sklearn extra)
"""

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    make_friedman1,
    make_multilabel_classification,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from clearprop import MLP, KeepBest

SEEDS = range(5)
L2 = (0.001, 0.01, 0.03)


def ours(x: np.ndarray, y: np.ndarray, seed: int) -> MLP:
    """Return the best of three networks by rows that are held out of these: no others are seen."""
    outputs = 1 if y.ndim == 1 else y.shape[1]
    made = []
    for l2 in L2:
        model = MLP([x.shape[1], 64, 64, outputs], preparation="standardize", l2=l2,
                    learning_rate=3e-3, seed=seed)  # fmt: skip
        model.fit(
            x, y, epochs=40, batch_size=32, validation_split=0.2, callbacks=[KeepBest("val_loss")]
        )
        made.append(model)
    # Of a few hundred rows the loss tells more than a count does.
    return min(made, key=lambda model: model.metrics["loss"])


def problems() -> dict:
    """Return inputs and targets by name, and how many rows are for the test."""
    labels = make_multilabel_classification(700, 12, n_classes=5, random_state=0)
    return {
        "diabetes (R²)": (*load_diabetes(return_X_y=True), 100),
        "Friedman's function (R²)": (*make_friedman1(600, noise=1.0, random_state=0), 200),
        "five labels (accuracy of each)": (*labels, 200),
        "breast cancer (accuracy)": (*load_breast_cancer(return_X_y=True), 169),
    }


def theirs(name: str, seed: int) -> tuple:
    """Return scikit-learn's linear method and its network, on standardized columns."""
    if "R²" in name:
        linear, network = Ridge(), MLPRegressor(max_iter=400, random_state=seed)
    else:
        linear = LogisticRegression(max_iter=1000)
        network = MLPClassifier(max_iter=400, random_state=seed)
    return tuple(make_pipeline(StandardScaler(), one) for one in (linear, network))


def score(name: str, y: np.ndarray, predicted: np.ndarray) -> float:
    """Return R², or the share of the answers that is right."""
    return r2_score(y, predicted) if "R²" in name else accuracy_score(y.ravel(), predicted.ravel())


def answered(model: object, x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return what a method of scikit-learn answers; one that takes one label learns each alone."""
    if y.ndim == 1 or "neural" in str(type(model[-1])):
        return model.fit(x, y).predict(new)
    return np.stack([model.fit(x, column).predict(new) for column in y.T], axis=1)


def main() -> None:
    """Print a table: means and standard deviations over five divisions of the rows."""
    print(f"{'':<32}{'linear':>16}{'scikit-learn':>16}{'Clearprop':>16}")
    for name, (x, y, test) in problems().items():
        found = []
        for seed in SEEDS:
            order = np.random.default_rng(seed).permutation(len(x))
            train, new = order[test:], order[:test]
            made = [answered(one, x[train], y[train], x[new]) for one in theirs(name, seed)]
            made.append(ours(x[train], y[train], seed).predict(x[new]))
            found.append([score(name, y[new], one) for one in made])
        means, spread = np.mean(found, axis=0), np.std(found, axis=0, ddof=1)
        cells = (f"{m:.3f} ± {s:.3f}" for m, s in zip(means, spread, strict=True))
        print(f"{name:<32}" + "".join(f"{cell:>16}" for cell in cells))


if __name__ == "__main__":
    main()
