"""Recipes: every file that ships is good, and what does not fit is refused by name."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop import recipes
from clearprop.errors import SettingError
from clearprop.network import count, table
from clearprop.recipes import Recipe, as_claimed, load, members_of, variants_of, with_settings
from clearprop.recipes.changes import as_toml, value_of
from clearprop.recipes.recipe import Data, Fit
from clearprop.runs.prepared import build_model

TEXT = """
title = "mine"
[data]
name = "digits"
[model]
layers = [64, 10]
[fit]
epochs = 3
[claim]
metrics.accuracy = 0.5
source = "me"
[[variants]]
title = "the other"
settings = { learning_rate = 0.5, "fit.epochs" = 4 }
"""


@pytest.fixture
def recipe_file(tmp_path):
    """Return a function that writes a recipe, with one text in place of another."""

    def write(old="", new="", name="mine.toml"):
        path = tmp_path / name
        path.write_text(TEXT.replace(old, new, 1) if old else TEXT + new, encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize("name", recipes.names())
def test_every_recipe_that_ships_is_good(name):
    recipe = load(name)
    assert recipe.name == name
    assert (recipe.claim.metric, recipe.claim.value < 1.0) == ("accuracy", True)
    assert recipe.claim.source
    if recipe.committee is not None:
        assert all(build_model(one.recipe).network.features == 784 for one in members_of(recipe))
        return
    model = build_model(recipe)
    assert model.network.features == 784
    assert "seed" in recipe.model
    for variant in (as_claimed(recipe), *variants_of(recipe)):
        assert build_model(variant).network == model.network


def test_names_are_sorted():
    assert recipes.names() == sorted(recipes.names())


def test_fashion_sgd_is_what_it_says():
    recipe = load("fashion-sgd")
    model = build_model(recipe)
    assert model.network.sizes == [784, 128, 64, 10]
    assert count(model.network) == 109_386
    assert [layer.activation for layer in model.network.layers] == ["relu", "relu", "softmax"]
    assert not model.network.normalized
    assert (model.network.loss, model.network.initializer) == ("cross_entropy", "lecun_normal")
    settings = model.settings
    assert (settings.optimizer.name, settings.learning_rate) == ("sgd", 0.01)
    assert (settings.schedule.name, settings.seed, settings.precision) == ("constant", 0, "float32")
    assert (settings.l1, settings.l2, settings.clip_norm, settings.moving_average) == (0, 0, 0, 0)
    assert (recipe.data.name, recipe.data.validation) == ("fashion-mnist", 0)
    assert (recipe.fit.batch_size, recipe.fit.epochs) == (128, 20)
    assert (recipe.model["engine"], recipe.model["preparation"]) == ("jax", "standardize")
    assert recipe.claim.value == 0.859
    assert set(recipe.show) == {"test_each_epoch", "five_predictions"}
    (variant,) = variants_of(recipe)
    assert variant.model == recipe.model | {"preparation": "unit"}
    assert (variant.claim, variant.fit, variant.data) == (None, recipe.fit, recipe.data)


def test_explicit_numpy_is_what_it_says():
    recipe = load("explicit-numpy")
    model = build_model(recipe)
    assert model.network.sizes == [784, 128, 10]
    assert model.network.initializer == "he_normal"
    assert (model.settings.optimizer.name, model.settings.learning_rate) == ("sgd", 0.01)
    assert (recipe.fit.batch_size, recipe.fit.epochs) == (32, 30)
    assert (recipe.data.name, recipe.model["engine"]) == ("mnist", "numpy")
    assert recipe.claim.value == 0.96


def test_explicit_numpys_rate_falls_with_every_step_and_never_restarts():
    recipe = load("explicit-numpy")
    model, per_epoch = build_model(recipe), 1875
    training = msgspec.structs.replace(model.settings, epochs=30, batch_size=32)
    rates = np.concatenate(
        [
            table(model.network, training, first=n, fit_first=n, steps=per_epoch,
                  per_epoch=per_epoch)["learning_rate"]
            for n in range(0, 30 * per_epoch, per_epoch)
        ]
    )  # fmt: skip
    assert rates[0] == 0.01
    assert (np.diff(rates) < 0).all()
    t = np.arange(30 * per_epoch) / per_epoch
    assert rates == pytest.approx(0.01 / (1 + 0.01 * t))


def test_a_file_is_named_after_itself(recipe_file):
    recipe = load(recipe_file())
    assert (recipe.name, recipe.fit.epochs, recipe.fit.batch_size) == ("mine", 3, 128)
    assert load(recipe_file(), ["epochs=9"]).fit.epochs == 9


def test_a_key_within_a_setting_can_be_changed_alone(recipe_file):
    whole = ['optimizer={name="adamw", beta1=0.8}', "deformation={rotation=5, shift=1}"]
    recipe = load(recipe_file(), [*whole, "optimizer.beta1=0.7", "model.deformation.shift=2"])
    assert recipe.model["optimizer"] == {"name": "adamw", "beta1": 0.7}
    assert recipe.model["deformation"] == {"rotation": 5, "shift": 2}
    named = load(recipe_file(), ["optimizer=adamw", "optimizer.weight_decay=0.1"])
    assert named.model["optimizer"] == {"name": "adamw", "weight_decay": 0.1}


REFUSED = {
    "an unknown key": ("title", "titel", "titel"),
    "an unknown table": ("[fit]", "[fitt]", "fitt"),
    "a key of a table": ("epochs", "epoch", "epoch"),
    "a wrong type": ("epochs = 3", 'epochs = "3"', "int"),
    "a missing key": ('name = "digits"', "", "name"),
    "a claim in percent": ("0.5", "96", "between 0 and 1"),
    "an unknown show": ("title =", 'show = ["all"]\ntitle =', "show"),
    "no range": ('"digits"', '"digits"\nrows = [5, 5]', "not a range of rows"),
    "a range of one": ('"digits"', '"digits"\nrows = [5]', "rows"),
    "negative rows": ('"digits"', '"digits"\nvalidation = [-1, 5]', "not a range of rows"),
    "ranges that overlap": (
        '"digits"',
        '"digits"\nrows = [0, 9]\nvalidation = [8, 12]',
        "must lie apart",
    ),
    "a range beside all rows": ('"digits"', '"digits"\nvalidation = [8, 12]', "must lie apart"),
    "a claim about rows that are not there": (
        '"me"',
        '"me"\nrows = "validation"',
        "validation is 0",
    ),
    "a mean over test rows": ('"me"', '"me"\nlast_epochs = 5', "test rows are read once"),
    "no epochs": ('"me"', '"me"\nlast_epochs = 0', "at least 1"),
    "no seeds": ('"me"', '"me"\nseeds = 0', "at least 1"),
    "an unknown output": ("title =", 'output = "all"\ntitle =', "output"),
    "bad TOML": ("[data]", "[data", "not valid TOML"),
    "a path for a name": ("title =", 'name = "../../x"\ntitle =', "names a folder"),
    "a folder for a name": ("title =", 'name = "a/b"\ntitle =', "names a folder"),
    "no folder for a name": ("title =", 'name = ".."\ntitle =', "names a folder"),
    "a deep list": ("[64, 10]", "[" * 100_000, "not valid TOML"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_does_not_fit_is_refused(recipe_file, name):
    old, new, says = REFUSED[name]
    with pytest.raises(SettingError, match=says):
        load(recipe_file(old, new))


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"#" * 1_000_001])
def test_a_file_that_cannot_be_read_is_refused(tmp_path, content):
    path = tmp_path / "bad.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingError, match=r"bad\.toml"):
        load(str(path))


def test_an_unknown_name_gets_a_hint():
    with pytest.raises(SettingError, match="did you mean 'fashion-sgd'"):
        load("fashion-sdg")


@pytest.fixture
def recipe():
    """A recipe to change."""
    return Recipe("t", Data("digits"), {"layers": [64, 10]}, name="mine")


@pytest.mark.parametrize(
    ("setting", "table", "key", "value"),
    [
        ("learning_rate=0.5", "model", "learning_rate", 0.5),
        ("learning_rate=1e-3", "model", "learning_rate", 1e-3),
        ("learning_rate=.5", "model", "learning_rate", 0.5),
        ("model.learning_rate=2", "model", "learning_rate", 2),
        ("layers=[64, 30, 10]", "model", "layers", [64, 30, 10]),
        ('activation=["relu", "tanh"]', "model", "activation", ["relu", "tanh"]),
        ("optimizer=sgd", "model", "optimizer", "sgd"),
        ('optimizer="sgd"', "model", "optimizer", "sgd"),
        (" optimizer = sgd ", "model", "optimizer", "sgd"),
        ("optimizer={name='adam', beta1=0.5}", "model", "optimizer",
         {"name": "adam", "beta1": 0.5}),
        ("batch_norm=true", "model", "batch_norm", True),
        ("batch_norm=True", "model", "batch_norm", True),
        ("epochs=7", "fit", "epochs", 7),
        ("fit.batch_size=8", "fit", "batch_size", 8),
        ("name=mnist", "data", "name", "mnist"),
        ("data.validation=0.2", "data", "validation", 0.2),
        ("validation=100", "data", "validation", 100),
    ],
)  # fmt: skip
def test_settings_are_parsed_as_toml_or_bare_words(recipe, setting, table, key, value):
    made = msgspec.to_builtins(with_settings(recipe, [setting]))
    assert made[table][key] == value
    assert type(made[table][key]) is type(value)


def test_later_settings_win_and_nothing_else_changes(recipe):
    made = with_settings(recipe, ["epochs=7", "epochs=8"])
    assert made == msgspec.structs.replace(recipe, fit=Fit(epochs=8))
    assert recipe.fit.epochs == 5


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("epochs", "KEY=VALUE"),
        ("claim.metrics.accuracy=0.1", "tables are data, fit and model"),
        ("optimizer.beta1=0.1", "tables are data, fit and model"),
        ("fit.epoch=3", "epoch"),
        ("epochs=3.5", "int"),
        ("epochs=many", "int"),
        ("data.rows=3", "rows"),
        ("data.row=3", "row"),
    ],
)
def test_settings_that_do_not_fit_are_refused(recipe, setting, says):
    with pytest.raises(SettingError, match=says):
        with_settings(recipe, [setting])


@pytest.mark.parametrize(
    ("setting", "says"),
    [("lerning_rate=1", "did you mean 'learning_rate'"), ("=5", "unknown key ''"),
     ("title=x", "unknown key 'title'"), ("layers=64", "give sizes")],
)  # fmt: skip
def test_model_settings_are_checked_when_it_is_built(recipe, setting, says):
    with pytest.raises(SettingError, match=says):
        build_model(with_settings(recipe, [setting]))


def test_a_model_needs_layers(recipe):
    with pytest.raises(SettingError, match=r"mine lacks model\.layers"):
        build_model(msgspec.structs.replace(recipe, model={}))


def test_a_variant_is_the_recipe_with_other_settings_and_no_claim(recipe_file):
    (variant,) = variants_of(load(recipe_file()))
    assert (variant.title, variant.claim, variant.variants) == ("the other", None, ())
    assert (variant.model["learning_rate"], variant.fit.epochs) == (0.5, 4)
    assert variants_of(variant) == []


def test_a_variant_of_unknown_keys_is_refused(recipe_file):
    path = recipe_file('"fit.epochs" = 4', '"claim.metrics" = 4')
    with pytest.raises(SettingError, match=r"recipe mine: .*claim\.metrics"):
        variants_of(load(path))


def test_the_source_is_the_file():
    text = recipes.source("fashion-sgd")
    assert text.startswith('title = "Fashion-MNIST with plain SGD"')
    assert "[claim]" in text


def on_validation_rows(*changes):
    """Return the text with a claim on validation rows, and with other changes (old, new)."""
    text = TEXT.replace('"digits"', '"digits"\nvalidation = 9')
    text = text.replace('"me"', '"me"\nrows = "validation"')
    text = text.replace("epochs = 3", "epochs = 3\nkeep_best = false")
    for old, new in changes:
        text = text.replace(old, new)
    return text


def test_a_claim_about_the_rows_that_choose_the_epoch_is_refused(recipe_file):
    text = on_validation_rows()
    assert load(recipe_file(TEXT, text)).claim.rows == "validation"
    with pytest.raises(SettingError, match="would be biased"):
        load(recipe_file(TEXT, text.replace("keep_best = false", "")))


def test_a_claims_settings_are_the_recipes_for_its_measurement(recipe_file):
    recipe = load(recipe_file('"me"', '"me"\nsettings = { learning_rate = 0.3 }'))
    assert as_claimed(recipe).model == recipe.model | {"learning_rate": 0.3}
    assert as_claimed(recipe).claim == recipe.claim


def test_full_batch_mnist_is_what_it_says():
    recipe = load("full-batch-mnist")
    model = build_model(recipe)
    assert model.network.sizes == [784, 128, 100, 10]
    assert all(layer.batch_norm and layer.dropout for layer in model.network.layers[:-1])
    assert [layer.activation for layer in model.network.layers] == ["relu", "relu", "softmax"]
    assert (model.settings.optimizer.name, recipe.model["engine"]) == ("sgd", "jax")
    assert model.settings.l2 > 0
    assert (recipe.data.rows, recipe.data.validation) == ((0, 42_000), 1000)
    assert 0 < recipe.data.deformed.images <= 8000
    assert recipe.fit.batch_size >= 41_000 + recipe.data.deformed.images
    assert (recipe.fit.epochs, recipe.output, recipe.show) == (500, "iterations", ("hidden_layer",))
    assert (recipe.claim.value, recipe.claim.rows) == (0.906, "validation")


def test_one_sample_sgd_is_what_it_says():
    recipe = load("one-sample-sgd")
    model = build_model(recipe)
    assert model.network.sizes == [784, 128, 10]
    assert (model.settings.optimizer.name, recipe.model["engine"]) == ("sgd", "jax")
    assert model.settings.gradients == "auto"
    assert (recipe.fit.steps, recipe.fit.batch_size, recipe.output) == (1000, 1, "steps")
    claim = recipe.claim
    assert (claim.value, claim.seeds, claim.holds) == (0.8683, 10, False)
    assert (as_claimed(recipe).fit.steps, as_claimed(recipe).fit.batch_size) == (200, 1)


@pytest.mark.parametrize("name", ["nielsen-sigmoid", "nielsen-book"])
def test_nielsens_network_is_what_it_says(name):
    recipe = load(name)
    model = build_model(recipe)
    assert model.network.sizes == [784, 30, 10]
    assert [layer.activation for layer in model.network.layers] == ["sigmoid", "sigmoid"]
    assert model.network.loss == "sigmoid_cross_entropy"
    assert (model.settings.optimizer.name, recipe.model["engine"]) == ("sgd", "numpy")
    assert recipe.model["lmbda"] == 5.0
    first = model.parameters["layers.0.weight"]
    assert first.std() == pytest.approx(784**-0.5, rel=0.02)
    small = (0.1, [(0, 10_000), (50_000, 51_000)], 5, 32, 0.86, 1)
    book = (0.5, [(0, 50_000), (50_000, 60_000)], 30, 10, 0.955, 5)
    assert (
        model.settings.learning_rate,
        [recipe.data.rows, recipe.data.validation],
        recipe.fit.epochs,
        recipe.fit.batch_size,
        recipe.claim.value,
        recipe.claim.last_epochs,
    ) == (small if name == "nielsen-sigmoid" else book)
    assert recipe.claim.reference == (None if name == "nielsen-sigmoid" else 0.9649)


def test_who_asks_for_epochs_gets_them_in_place_of_steps(recipe):
    stepped = with_settings(recipe, ["steps=100"])
    assert stepped.fit.steps == 100
    assert with_settings(stepped, ["epochs=3"]).fit == Fit(epochs=3)
    assert with_settings(stepped, ["epochs=3", "steps=7"]).fit.steps == 7


def test_a_variant_that_would_flatter_a_claim_is_refused(recipe_file):
    for setting, says in (('"fit.keep_best" = true', "biased"), ('"data.validation" = 0', "is 0")):
        text = on_validation_rows(('"fit.epochs" = 4', setting))
        with pytest.raises(SettingError, match=says):
            variants_of(load(recipe_file(TEXT, text)))


def test_a_mean_over_more_epochs_than_there_are_is_refused(recipe_file):
    text = on_validation_rows(('"validation"', '"validation"\nlast_epochs = 4'))
    with pytest.raises(SettingError, match="last 4 epochs, but there are 3"):
        load(recipe_file(TEXT, text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("show = " + "9" * 5000, "not valid TOML: Exceeds the limit"),
        ("a." * 1500 + "b = 1", "nest more than 16 deep"),
        ("show = " + "[" * 50 + "]" * 50, "nest more than 16 deep"),
        ("show = " + "[" * 5000 + "]" * 5000, "not valid TOML"),
        ('name = "run\\u0000"', "names a folder"),
        ('name = "\\u001b[31m"', "names a folder"),
        (f'name = "{"x" * 101}"', "names a folder"),
        ('"a\\nb" = 1', r"unknown field a\\nb"),
    ],
)
def test_what_no_recipe_holds_is_refused_in_one_printable_line(tmp_path, text, says):
    path = tmp_path / "mine.toml"
    path.write_text(f"{text}\n{TEXT}", encoding="utf-8")
    with pytest.raises(SettingError, match=says) as caught:
        load(str(path))
    assert str(path) in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


def test_half_a_character_is_refused(recipe):
    with pytest.raises(SettingError, match=r"ud800' holds half a character"):
        with_settings(recipe, ["fit.\ud800=1"])


def test_a_setting_of_thousands_of_digits_is_no_number(recipe):
    with pytest.raises(SettingError, match="epochs"):
        with_settings(recipe, ["epochs=" + "9" * 5000])


KEYS = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=8)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9)
VALUES = st.recursive(
    st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_as_toml_is_read_back(value):
    assert value_of(as_toml(value)) == value
