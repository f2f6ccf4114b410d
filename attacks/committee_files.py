"""Attacks on committee files: members that are too many, too large, or not of one kind."""

from collections.abc import Callable
from typing import Any

import numpy as np

from attacks.attack import of_bytes
from attacks.cards import CODE, Card, first_layer
from attacks.forging import (
    COMMITTEE,
    METADATA,
    apart,
    committee,
    model,
    saved,
    together,
    with_card,
    with_header,
    with_tensor,
)

WEIGHT = "members.1.layers.0.weight"


def changed(change: Callable[[Card], object]) -> Callable[[], bytes]:
    """Return the maker of a committee file whose card was changed."""
    return lambda: with_card(change, committee(), COMMITTEE)


def put(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a committee file whose card has other values."""
    return changed(lambda card: card.update(words))


def of_member(part: str, **words: Any) -> Callable[[], bytes]:
    """Return the maker of a committee file in whose second card a table has other values."""
    return changed(lambda card: card["members"][1][part].update(words))


def member(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a committee file whose second member's card has other values."""
    return changed(lambda card: card["members"][1].update(words))


def network(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a committee file whose second member is another network."""
    return changed(lambda card: card["members"][1]["network"].update(words))


def members(count: int) -> Callable[[], bytes]:
    """Return the maker of a committee file that says it has so many members."""
    return changed(lambda card: card.update(members=card["members"][:1] * count))


def views(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a committee file that looks in other ways."""
    return put(views={"count": 2, "shift": 1.0, "rotation": 5.0} | words)


def huge(layers: int, count: int) -> Callable[[], bytes]:
    """Return the maker of a committee file of so many members with so many layers more."""

    def change(card: Card) -> None:
        one = card["members"][0]
        one["network"]["layers"][0:0] = [
            {"name": "dense", "units": 4, "activation": "relu"}
        ] * layers
        card["members"] = [one] * count

    return changed(change)


def header(change: Callable[[dict[str, Any]], object]) -> Callable[[], bytes]:
    """Return the maker of a committee file whose header was changed."""
    return lambda: with_header(change, committee())


def renamed(old: str, new: str) -> Callable[[], bytes]:
    """Return the maker of a committee file one of whose tensors has another name."""
    return header(lambda table: table.update({new: table.pop(old)}))


def two_cards(key: str, other: Callable[[], bytes]) -> Callable[[], bytes]:
    """Return the maker of a committee file that is another kind of file too."""
    text = lambda: apart(other())[0][METADATA][key]  # noqa: E731
    return header(lambda table: table[METADATA].update({key: text()}))


def under_another_key() -> bytes:
    """Return a model file whose card says that it is a committee's."""
    table, body = apart(model())
    table[METADATA] = {COMMITTEE: table[METADATA].popitem()[1]}
    return together(table, body)


FILES = {
    "no member": put(members=[]),
    "1,001 members": members(1001),
    "20,000 members": members(20_000),
    "300,000 numbers for members": put(members=[1] * 300_000),
    "members that are a table": put(members={}),
    "a member that is a committee": changed(
        lambda card: card["members"].append({**card, "members": [*card["members"]]})
    ),
    "a member more than there are tensors": members(3),
    "a member less than there are tensors": members(1),
    "members of 40,000 layers": huge(990, 40),
    "members of 100,000 layers": huge(990, 101),
    "a layer of 2^62 units in a member": changed(
        lambda card: first_layer(card["members"][1]).update(units=2**62)
    ),
    "a million units in a member": changed(
        lambda card: first_layer(card["members"][1]).update(units=10**6)
    ),
    "a temperature of nothing": put(temperature=0.0),
    "a temperature below zero": put(temperature=-1.0),
    "a temperature of 1e308": put(temperature=1e308),
    "a temperature of 5e-324": put(temperature=5e-324),
    "a temperature of 2^200": put(temperature=2**200),
    "a temperature that is code": put(temperature=CODE),
    "a temperature of true": put(temperature=True),
    "no view": views(count=0),
    "2^62 views": views(count=2**62),
    "2.5 views": views(count=2.5),
    "views moved by 1e308 pixels": views(shift=1e308),
    "views moved out of sight": views(shift=3.0),
    "views turned by 1e308 degrees": views(rotation=1e308),
    "views that are code": put(views=CODE),
    "views with a key more": views(call="os.system"),
    "views of what is no picture": changed(
        lambda card: [one["inputs"].update(shape=[6]) for one in card["members"]]
    ),
    "members of other classes": of_member("targets", names=["0", "1", "3"]),
    "members of other inputs": of_member("inputs", shape=[3, 2]),
    "members that read otherwise": of_member("inputs", reading="garment"),
    "a member whose inputs do not fit": changed(
        lambda card: [one["inputs"].update(shape=[2, 4]) for one in card["members"]]
    ),
    "a member without probabilities": changed(
        lambda card: (
            card["members"][1]["network"].update(loss="squared_error"),
            card["members"][1]["network"]["layers"][-1].update(activation="identity"),
        )
    ),
    "a member of another type than its tensors": changed(
        lambda card: card["members"][1]["training"].update(precision="float64")
    ),
    "a member of a newer format": member(format=3),
    "a member with a key more": member(run="os.system"),
    "an activation that is code in a member": network(
        layers=[
            {"name": "dense", "units": 4, "activation": CODE},
            {"name": "dense", "units": 3, "activation": "softmax"},
        ]
    ),
    "a newer format": put(format=3),
    "a key more": put(run="os.system"),
    "a card twice": two_cards("clearprop", model),
    "a card that is a checkpoint's too": two_cards("clearprop_checkpoint", saved),
    "a model file that calls itself a committee": under_another_key,
    "a tensor of a member that is not there": renamed(WEIGHT, "members.2.layers.0.weight"),
    "a member's number with a zero before it": renamed(WEIGHT, "members.01.layers.0.weight"),
    "a member's number that is none": renamed(WEIGHT, "members.one.layers.0.weight"),
    "a tensor of a model file": renamed(WEIGHT, "layers.0.weight"),
    "two members over the same bytes": header(
        lambda table: table.update({WEIGHT: table["members.0.layers.0.weight"]})
    ),
    "a weight that is not a number": lambda: with_tensor(
        WEIGHT, lambda values: values.__setitem__(0, np.nan), committee()
    ),
    "a weight without end": lambda: with_tensor(
        WEIGHT, lambda values: values.__setitem__(0, np.inf), committee()
    ),
}

ATTACKS = of_bytes(".safetensors", "model", FILES)
