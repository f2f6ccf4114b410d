"""Attacks with recipes: keys that are none, numbers beyond all bounds, nesting without end."""

from collections.abc import Callable

from attacks.attack import named, of_bytes
from attacks.no_files import NO_FILES

CODE = "__import__('os').system('true')"


def recipe(model: str = "layers = [6, 4, 3]", data: str = 'name = "digits"', rest: str = "",
           top: str = "") -> Callable[[], bytes]:  # fmt: skip
    """Return the maker of a recipe with these lines in its tables."""
    text = f'{top}\ntitle = "sent"\n[data]\n{data}\n[model]\n{model}\n{rest}\n'
    return text.encode


def model(*lines: str) -> Callable[[], bytes]:
    """Return the maker of a recipe whose model has these lines more."""
    return recipe("\n".join(["layers = [6, 4, 3]", *lines]))


TEXTS = {
    "nothing": lambda: b"",
    "no TOML": lambda: b"import os\nos.system('true')\n",
    "a binary file": lambda: bytes(range(256)),
    "no UTF-8": lambda: b'title = "\xff\xfe"\n',
    "UTF-16": lambda: 'title = "x"\n'.encode("utf-16"),
    "two megabytes": lambda: b"#" * 2_000_000,
    "a key of 1,900 dots": recipe(top=f"a{'.a' * 1900} = 1"),
    "40,000 brackets": lambda: b"a = " + b"[" * 40_000,
    "1,000 balanced brackets": lambda: b"a = " + b"[" * 1000 + b"]" * 1000,
    "tables within tables": lambda: b"a = " + b"{b=" * 20_000 + b"1" + b"}" * 20_000,
    "a key of 10,000 dots": recipe(top=f"a{'.a' * 10_000} = 1"),
    "a table of 10,000 dots": recipe(rest=f"[a{'.a' * 10_000}]"),
    "a model of 1,000 dots": model(f"a{'.a' * 1000} = 1"),
    "7,000 tables": recipe(rest="[[variants]]\n" * 7_000),
    "9,000 keys": model(*[f"k{i} = 1" for i in range(9_000)]),
    "a text without an end": recipe(top='x = """' + '"' * 90_000),
    "a key twice": model("seed = 1", "seed = 2"),
    "a table twice": recipe(rest="[model]\nseed = 1"),
    "half a surrogate": model(r'activation = "\ud800"'),
    "a date that is none": model("seed = 2000-99-99"),
    "90,000 digits": model("seed = " + "9" * 90_000),
    "5,000 digits": model("seed = " + "9" * 5000),
    "90,000 digits to the base of sixteen": model("seed = 0x" + "f" * 90_000),
}
KEYS = {
    "a key that is none": recipe(top="run = 1"),
    "a table that is none": recipe(rest="[hook]\ncall = 1"),
    "a model's key that is none": model("__init__ = 1"),
    "a model's key that is the object": model("self = 1"),
    "a model's key with escape codes": model(r'"\u001b[2J\n\n" = 1'),
    "a model's key of 90,000 letters": model("k" * 90_000 + " = 1"),
    "a name that climbs": recipe(top='name = "../../etc"'),
    "a name from the root": recipe(top='name = "/etc/passwd"'),
    "a name that climbs in Windows": recipe(top='name = "..\\\\x"'),
    "a name with escape codes": recipe(top=r'name = "\u001b[2J\n"'),
    "a name of 20,000 letters": recipe(top=f'name = "{"n" * 20_000}"'),
    "no title": lambda: b'[data]\nname = "digits"\n[model]\nlayers = [6, 3]\n',
    "an engine that is code": model(f'engine = "{CODE}"'),
    "an activation that is code": model(f'activation = "{CODE}"'),
    "an optimizer that is code": model(f'optimizer = "{CODE}"'),
    "an optimizer with a key more": model('optimizer = {name = "adam", call = "os.system"}'),
    "a loss that is a table": model("loss = {a = 1}"),
    "a loss of 90,000 letters": model(f'loss = "{"l" * 90_000}"'),
}
VALUES = {
    "a layer of 2^62 units": recipe("layers = [6, 4611686018427387904, 3]"),
    "a layer of 2^4000 units": recipe(f"layers = [6, 0x1{'0' * 1000}, 3]"),
    "a layer of 2^360000 units": recipe(f"layers = [6, 0x1{'0' * 90_000}, 3]"),
    "a layer below zero": recipe("layers = [6, -4, 3]"),
    "a layer of 4.5 units": recipe("layers = [6, 4.5, 3]"),
    "a layer that is NaN": recipe("layers = [6, nan, 3]"),
    "40,000 layers": recipe(f"layers = [{'2,' * 40_000}3]"),
    "40,000 activations": model(f"activation = [{','.join(['1'] * 40_000)}]"),
    "layers that nest": recipe("layers = [[[6]], [[3]]]"),
    "layers that are a text": recipe('layers = "6,3"'),
    "no layers": recipe("layers = []"),
    "a learning rate of 1e308": model("learning_rate = 1e308"),
    "a learning rate of 1e999": model("learning_rate = 1e999"),
    "a learning rate that is NaN": model("learning_rate = nan"),
    "a learning rate below zero": model("learning_rate = -0.1"),
    "a learning rate that is infinite": model("learning_rate = inf"),
    "a dropout of 1e308": model("dropout = 1e308"),
    "a dropout that is NaN": model("dropout = nan"),
    "an l2 that is NaN": model("l2 = nan"),
    "an lmbda of 1e999": model("lmbda = 1e999"),
    "a moving average of 1": model("moving_average = 1"),
    "a type of objects": model('dtype = "object"'),
    "a schedule's setting that is NaN": model('schedule = {name = "step", every = nan}'),
    "epochs of 2^70": recipe(rest="[fit]\nepochs = 1180591620717411303424"),
    "epochs that are a text": recipe(rest='[fit]\nepochs = "5"'),
    "rows below zero": recipe(data='name = "digits"\nrows = [-5, 10]'),
    "rows that go back": recipe(data='name = "digits"\nrows = [10, 5]'),
    "pictures of a million by a million": recipe(data='name = "x"\nsize = [1000000, 1000000, 3]'),
    "a claim that is NaN": recipe(rest='[claim]\naccuracy = nan\nsource = "x"'),
    "a claim over 2^62 seeds": recipe(rest='[claim]\naccuracy = 0.5\nsource = "x"\nseeds = 0\n'),
}


ATTACKS = [
    *of_bytes(".toml", "recipe", TEXTS | KEYS | VALUES),
    *named(".toml", "recipe", *NO_FILES),
]
