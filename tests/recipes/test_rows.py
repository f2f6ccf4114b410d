"""Which rows a recipe learns from, which it holds out, and the deformed ones among them."""

import numpy as np
import pytest

from clearprop.data import Dataset, from_arrays
from clearprop.errors import SettingError
from clearprop.recipes import Recipe, split_rows
from clearprop.recipes.recipe import Data, Deformed, Fit
from clearprop.recipes.rows import on_all_rows

REFIT = Fit(keep_best=False, refit=True)


@pytest.fixture
def dataset():
    """100 pictures whose pixels say which row they are."""
    images = np.repeat(np.arange(100, dtype=np.uint8), 16).reshape(100, 4, 4)
    split = from_arrays(images, np.arange(100) % 2)
    return Dataset("mine", split, split)


def rows(split):
    """Return the numbers of the rows."""
    return split.images[:, 1, 1].tolist()


def made(dataset, seed=0, **words):
    """Return the rows that a recipe learns from and those it holds out."""
    recipe = Recipe("t", Data("mine", **words), {"layers": [16, 2], "seed": seed})
    return split_rows(recipe, dataset)


def test_all_rows_unless_it_says_otherwise(dataset):
    train, held_out = made(dataset)
    assert (rows(train), held_out) == (list(range(100)), None)


def test_two_ranges(dataset):
    train, held_out = made(dataset, rows=(10, 40), validation=(50, 55))
    assert (rows(train), rows(held_out)) == (list(range(10, 40)), list(range(50, 55)))
    assert train.labels.tolist() == [n % 2 for n in range(10, 40)]


def test_held_out_rows_come_from_the_range_and_follow_the_seed(dataset):
    train, held_out = made(dataset, rows=(0, 40), validation=8)
    assert len(held_out) == 8
    assert sorted(rows(train) + rows(held_out)) == list(range(40))
    assert rows(made(dataset, rows=(0, 40), validation=8)[1]) == rows(held_out)
    assert rows(made(dataset, rows=(0, 40), validation=8, seed=1)[1]) != rows(held_out)


def test_deformed_rows_come_after_and_from_the_rows_that_are_learned_from(dataset):
    still = Deformed(images=30, rotation=0.0, shift=0.0)
    train, held_out = made(dataset, rows=(0, 60), validation=20, deformed=still)
    plain = made(dataset, rows=(0, 60), validation=20)[0]
    assert rows(train)[:40] == rows(plain)
    assert len(train) == 70
    assert set(rows(train)[40:]) <= set(rows(plain))
    assert not set(rows(train)) & set(rows(held_out))
    turned = Deformed(images=30, rotation=20.0, shift=1.0)
    moved = made(dataset, rows=(0, 60), validation=20, deformed=turned)[0]
    assert (moved.images[40:] != train.images[40:]).any()
    others = made(dataset, 1, rows=(0, 60), deformed=still)[0]
    ours = made(dataset, 0, rows=(0, 60), deformed=still)[0]
    assert rows(others)[60:] != rows(ours)[60:]


def test_too_few_rows_are_refused_by_name(dataset):
    with pytest.raises(SettingError, match=r"data\.rows = \[0, 101\], but mine has 100 training"):
        made(dataset, rows=(0, 101))
    with pytest.raises(SettingError, match=r"data\.validation = \[90, 110\]"):
        made(dataset, rows=(0, 50), validation=(90, 110))


def test_a_validation_seed_of_its_own_holds_out_the_same_rows_for_every_network(dataset):
    words = {"rows": (0, 40), "validation": 8}
    of_seed_1 = rows(made(dataset, seed=1, **words)[1])
    for seed in (0, 5):
        train, held_out = made(dataset, seed=seed, validation_seed=1, **words)
        assert rows(held_out) == of_seed_1
        assert sorted(rows(train) + rows(held_out)) == list(range(40))


def refitted(dataset, **words):
    """Return the rows of the training on all rows."""
    recipe = on_all_rows(Recipe("t", Data("mine", **words), {"layers": [16, 2]}, fit=REFIT))
    # Nothing is drawn, so no seed may make one training of all rows differ from another.
    assert (recipe.data.validation_seed, recipe.fit.refit) == (None, False)
    train, held_out = split_rows(recipe, dataset)
    assert held_out is None
    return rows(train)


def test_a_refitted_network_learns_from_the_validation_rows_too(dataset):
    assert refitted(dataset, validation=20, validation_seed=3) == list(range(100))
    assert refitted(dataset, rows=(0, 40), validation=0.5) == list(range(40))
    assert refitted(dataset, rows=(0, 60), validation=(60, 80)) == list(range(80))
    assert refitted(dataset, rows=(30, 60), validation=(10, 30)) == list(range(10, 60))


@pytest.mark.parametrize(
    ("data", "fit", "says"),
    [
        ({"rows": (0, 60), "validation": (70, 80)}, REFIT, "are not adjacent.*choose others"),
        ({}, REFIT, r"give data\.validation, or refit = false"),
        ({"validation": 10}, Fit(refit=True), r"fit\.refit needs fit\.keep_best = false"),
    ],
)
def test_what_cannot_be_refitted_is_refused(data, fit, says):
    with pytest.raises(SettingError, match=says):
        Recipe("t", Data("mine", **data), fit=fit)
