"""Train a recipe from Python: stop it, resume it, and train several seeds.

Usage:
    .venv/bin/python examples/train_a_recipe.py runs/lesson
"""

import sys
from pathlib import Path

from clearprop.recipes import load, seeds_of
from clearprop.runs import load_rows, open_folder, prepare, train_into, trained_seed


def main(folder: Path) -> None:
    """Train into a folder; the same command resumes where it was stopped."""
    recipe = load("explicit-numpy", ["epochs=2", "data.rows=[0, 6000]"])
    rows = load_rows(recipe)
    with open_folder(recipe, str(folder / "one"), "auto") as run:
        result = run.finished or train_into(run, prepare(recipe, rows), "50steps", sys.stdout)[1]
    print(f"one seed: {result['test_accuracy']:.4f} of the test rows")
    for seed in seeds_of(recipe, [0, 1, 2]):
        trained = trained_seed(seed, folder / "seeds", rows)
        print(f"seed {seed.number}: {trained.test['accuracy']:.4f}, {trained.model}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
