"""Attacks on the card of a model file: what it says of the network, and the JSON that says it."""

from collections.abc import Callable
from typing import Any

from attacks.attack import of_bytes
from attacks.forging import with_card, with_card_text

Card = dict[str, Any]
CODE = "__import__('os').system('true')"


def first_layer(card: Card) -> Card:
    """Return the table of the first layer."""
    return card["network"]["layers"][0]


def put(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a model file whose card has other values."""
    return lambda: with_card(lambda card: card.update(words))


def network(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a model file of another network."""
    return lambda: with_card(lambda card: card["network"].update(words))


def layer(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a model file with another first layer."""
    return lambda: with_card(lambda card: first_layer(card).update(words))


def training(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a model file of another training."""
    return lambda: with_card(lambda card: card["training"].update(words))


def layers(count: int, units: int = 2) -> Callable[[], bytes]:
    """Return the maker of a model file of so many more layers."""
    more = {"name": "dense", "units": units, "activation": "relu"}
    return lambda: with_card(
        lambda card: card["network"]["layers"].__setitem__(slice(0, 0), [more] * count)
    )


def raw(key: str, value: str) -> Callable[[], bytes]:
    """Return the maker of a model file with one more key in its card's text, before all others."""
    return lambda: with_card_text(lambda text: f'{{"{key}":{value},' + text[1:])


NETWORKS = {
    "a layer of 2^62 units": layer(units=2**62),
    "a layer of 2^200 units": layer(units=2**200),
    "a layer of minus four units": layer(units=-4),
    "a layer of no units": layer(units=0),
    "a layer of 4.0 units": layer(units=4.0),
    "a layer of true units": layer(units=True),
    "a million units": layer(units=10**6),
    "a million units twice": layers(2, 10**6),
    "1,000 layers of a million units": layers(998, 10**6),
    "1,001 layers": layers(999),
    "100,000 layers": layers(100_000),
    "no layer": network(layers=[]),
    "layers that are a table": network(layers={}),
    "a layer that is a number": network(layers=[4, 3]),
    "inputs below zero": network(input_shape=[-6]),
    "2^53 inputs": network(input_shape=[2**53]),
    "an activation that is code": layer(activation=CODE),
    "an activation of a million letters": layer(activation="relu" * 250_000),
    "an activation with escape codes": layer(activation="relu\n\x1b[2J"),
    "an activation that is a method": layer(activation="__class__"),
    "a loss that is code": network(loss=CODE),
    "an initializer that is code": network(initializer=CODE),
    "a dropout of 1e308": layer(dropout=1e308),
    "a dropout below zero": layer(dropout=-0.5),
    "a key that names a class": layer(__class__="os.system"),
    "a key that reduces": network(__reduce__=["os.system", ["true"]]),
}
OTHERS = {
    "a key more": put(run="os.system"),
    "a key with escape codes": put(**{"run\n\x1b[2J": 1}),
    "a key of a million letters": put(**{"k" * 10**6: 1}),
    "a key twice in the card": raw("epochs", "0"),
    "a key twice deep in the card": lambda: with_card_text(
        lambda text: text.replace('"units":', '"units":4,"units":', 1)
    ),
    "a key twice in the card once escaped": raw(r"\u0065pochs", "0"),
    "no network": lambda: with_card(lambda card: card.pop("network")),
    "a newer format": put(format=3),
    "an older format": put(format=1),
    "a format of 2^200": put(format=2**200),
    "a format below zero": put(format=-1),
    "a format of true": put(format=True),
    "a format that is a text": put(format="1"),
    "a format that is a list": put(format=[1]),
    "epochs below zero": put(epochs=-1),
    "epochs of 2^200": put(epochs=2**200),
    "a metric of 1e999": lambda: with_card_text(
        lambda text: text.replace('"metrics":{}', '"metrics":{"accuracy":1e999}', 1)
    ),
    "a share of 1e308": put(metrics={"accuracy": 1e308}),
    "a share below zero": put(metrics={"accuracy": -1}),
    "a metric that is code": put(metrics={"accuracy": CODE}),
    "metrics that nest": put(metrics={"accuracy": {"accuracy": 1.0}}),
    "a metric that does not exist": put(metrics={"os.system": 1.0}),
    "100,000 metrics": put(metrics={f"accuracy{k}": 1.0 for k in range(10**5)}),
    "an optimizer that is code": training(optimizer={"name": CODE, "settings": []}),
    "an optimizer's setting that does not exist": training(
        optimizer={"name": "adam", "settings": [["__call__", 1.0]]}
    ),
    "an optimizer's setting of 1e308": training(
        optimizer={"name": "adam", "settings": [["beta1", 1e308]]}
    ),
    "100,000 settings": training(optimizer={"name": "adam", "settings": [["x", 1.0]] * 10**5}),
    "a schedule that is code": training(schedule={"name": CODE, "settings": []}),
    "a learning rate of 1e308": training(learning_rate=1e308),
    "a learning rate of nothing": training(learning_rate=0),
    "a batch of 2^62 rows": training(batch_size=2**62),
    "a precision that is code": training(precision=CODE),
    "a precision of objects": training(precision="object"),
    "another precision than the tensors'": training(precision="float64"),
    "no batch normalization": layer(batch_norm=False),
    "made with a table": put(made_with={"numpy": {}}),
}
TEXTS = {
    "a card that is empty": lambda: with_card_text(lambda _: ""),
    "a card that is a list": lambda: with_card_text(lambda _: "[]"),
    "a card that is code": lambda: with_card_text(lambda _: "import os"),
    "a card of a million brackets": lambda: with_card_text(lambda _: "[" * 10**6),
    "a million brackets under the format": raw("format", "[" * 10**6),
    "a million balanced brackets under an unknown key": raw("x", "[" * 10**6 + "]" * 10**6),
    "seventeen brackets": raw("x", "[" * 17 + "]" * 17),
    "four million lists in a card": raw("x", "[" + "[]," * (4 * 10**6) + "1]"),
    "NaN in a card": raw("metrics", '{"accuracy":NaN}'),
    "1e999 in a card": lambda: with_card_text(
        lambda text: text.replace('"learning_rate":', '"learning_rate":1e999,"x":', 1)
    ),
    "a million digits in a card": raw("epochs", "9" * 10**6),
    "half a surrogate in a card": raw("dataset", r'"\ud800"'),
    "a comment in a card": lambda: with_card_text(lambda text: "/* */" + text),
    "something after a card": lambda: with_card_text(lambda text: text + "{}"),
    "a NUL after a card": lambda: with_card_text(lambda text: text + "\0"),
}

ATTACKS = of_bytes(".safetensors", "model", NETWORKS | OTHERS | TEXTS)
