"""Attacks on what a model file says of its inputs and targets: shapes, moments, ranges, names."""

from collections.abc import Callable
from typing import Any

from attacks.attack import of_bytes
from attacks.cards import CODE, network
from attacks.forging import values, with_card, with_card_text

NAN, ENDLESS = float("nan"), float("inf")


def inputs(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a model file of other inputs."""
    return lambda: with_card(lambda card: card["inputs"].update(words))


def steps(*pictures: Any) -> Callable[[], bytes]:
    """Return the maker of a model file that redraws pictures so."""
    return inputs(pictures=list(pictures))


def moments(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a model file of real numbers with another preparation."""
    return of_values(lambda card: card["inputs"]["preparation"].update(words))


def learned_range(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a model file of real numbers that learned from another range."""
    return of_values(lambda card: card["inputs"]["range"].update(words))


def targets(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a model file of real numbers with other targets."""
    return of_values(lambda card: card["targets"].update(words))


def names(*words: Any) -> Callable[[], bytes]:
    """Return the maker of a model file of other classes."""
    return lambda: with_card(lambda card: card["targets"].update(names=list(words)))


def of_values(change: Callable[[dict[str, Any]], object]) -> Callable[[], bytes]:
    """Return the maker of a model file of real numbers whose card was changed."""
    return lambda: with_card(change, values())


INPUTS = {
    "inputs that are code": lambda: with_card(lambda card: card.update(inputs=CODE)),
    "inputs with a key more": inputs(call="os.system"),
    "an input shape below zero": inputs(shape=[-2, -3]),
    "an input shape of nothing": inputs(shape=[0]),
    "an input shape of 300,000 ones": inputs(shape=[6] + [1] * 300_000),
    "an input shape of 300,000 sizes": inputs(shape=[2**52] * 300_000),
    "an input shape that is not the network's": inputs(shape=[2, 4]),
    "pictures that are code": inputs(pictures=CODE),
    "a step of pictures that is code": steps({"name": CODE}),
    "a step of pictures without a name": steps({"pixels": 3}),
    "a step of pictures with a key more": steps({"name": "center", "call": "os.system"}),
    "a width of minus one": steps({"name": "width", "pixels": -1}),
    "a width of 2^200": steps({"name": "width", "pixels": 2**200}),
    "100,000 steps of pictures": steps(*[{"name": "deslant"}] * 10**5),
    "a reading that is code": inputs(reading=CODE),
    "a preparation that is code": inputs(preparation=CODE),
    "a preparation with a key more": inputs(preparation={"call": "os.system"}),
    "a scale of nothing": moments(scale=0.0),
    "moments of 300,000 columns": moments(means=[0.0] * 300_000, deviations=[1.0] * 300_000),
    "moments of two columns of six": moments(means=[0.0] * 2, deviations=[1.0] * 2),
    "means without deviations": moments(deviations=[]),
    "a deviation of nothing": moments(deviations=[1.0] * 5 + [0.0]),
    "a deviation below zero": moments(deviations=[1.0] * 5 + [-1.0]),
    "a mean of NaN": moments(means=[0.0] * 5 + [NAN]),
    "a deviation without end": moments(deviations=[1.0] * 5 + [ENDLESS]),
    "a range that is code": inputs(range=CODE),
    "a range of another kind": learned_range(kind="objects"),
    "a range from high to low": learned_range(least=9.0, most=-9.0),
    "a range of NaN": learned_range(least=NAN),
    "a range of a deviation below zero": learned_range(deviation=-1.0),
    "a range with a key more": learned_range(call="os.system"),
}
TARGETS = {
    "targets that are code": lambda: with_card(lambda card: card.update(targets=CODE)),
    "targets with a key more": targets(call="os.system"),
    "300,000 classes": names(*map(str, range(300_000))),
    "classes that are numbers": names(0, 1, 2),
    "a class too few": names("0", "1"),
    "a class twice": names("0", "1", "1"),
    "no class": names(),
    "a class with moments": lambda: with_card(
        lambda card: card["targets"].update(means=[0.0] * 3, deviations=[1.0] * 3)
    ),
    "values without moments": targets(means=[], deviations=[]),
    "values with a mean too few": targets(means=[0.0]),
    "values with a deviation of nothing": targets(deviations=[1.0, 0.0]),
    "values with a deviation below zero": targets(deviations=[1.0, -1.0]),
    "values with a mean of NaN": targets(means=[0.0, NAN]),
    "values with a mean of 2^2000": of_values(
        lambda card: card["targets"].update(means=[0.0, 2**2000])
    ),
    "a column of values too many": targets(
        names=["a", "b", "c"], means=[0.0] * 3, deviations=[1.0] * 3
    ),
    "a task that is code": network(task=CODE),
    "a task that does not exist": network(task="os.system"),
    "classes that are asked for values": network(task="values"),
    "values that are asked for classes": of_values(
        lambda card: card["network"].update(task="classes")
    ),
    "values that are asked for labels": of_values(
        lambda card: card["network"].update(task="labels")
    ),
    "1e999 among the means": lambda: with_card_text(
        lambda text: text.replace('"means":[]', '"means":[1e999]')
    ),
}

ATTACKS = of_bytes(".safetensors", "model", INPUTS | TARGETS)
