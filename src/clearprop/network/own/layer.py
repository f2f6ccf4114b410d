"""Register a layer of your own."""

from functools import partial

import numpy as np

from clearprop.errors import SettingError
from clearprop.layers import KINDS, Dense, Layer
from clearprop.network.batch import Batch
from clearprop.network.gradient import batch_loss, derived_gradient
from clearprop.network.operations import every_operation, streams
from clearprop.network.own.checks import check_name, check_single, check_slopes, remember, running
from clearprop.network.parameters import initial_parameters
from clearprop.network.program import hyper
from clearprop.network.spec import Network, Training
from clearprop.network.table import noise_keys

ROWS = 6


def register_layer(kind: type[Layer]) -> type[Layer]:
    """Register a kind of layer by its tag, for both engines, files and the gradient check.

    Its examples are tried in a small network: every gradient is compared with finite differences
    before anything learns by it. A model file has the layer's name and the module it comes from;
    it loads where the same is registered, and nowhere else.

    Args:
        kind: a frozen subclass of `clearprop.layers.Layer` with a tag.

    Returns:
        The class itself, so that it can be used as a decorator.

    Raises:
        SettingError: the tag is in use or not a name; an example cannot be run, widens single
            precision, is not finite or has a wrong gradient.
    """
    if not (isinstance(kind, type) and issubclass(kind, Layer)):
        raise SettingError(
            f"{kind!r} is not a kind of layer; derive one from clearprop.layers.Layer"
        )
    name = str(kind.__struct_config__.tag)
    check_name("layer", name, KINDS)
    if not kind.__struct_config__.frozen:
        raise SettingError(f"the layer {name!r} must be frozen: (Layer, frozen=True, tag={name!r})")
    examples = running(f"examples() of the layer {name!r}", kind.examples)
    if not (isinstance(examples, tuple) and examples and all(type(e) is kind for e in examples)):
        raise SettingError(
            f"examples() of the layer {name!r} must return a tuple with one such layer or more"
        )
    for example in examples:
        _check(f"the layer {example}", example)
    KINDS[name] = kind
    remember("layer", name, kind)
    return kind


def _check(what: str, layer: Layer) -> None:
    network = running(what, Network, (4,), (Dense(4, "tanh"), layer, Dense(3, "softmax")))
    params = running(what, initial_parameters, network, 0, "float64")
    draws = np.random.Philox(key=1)
    # Away from initial values, where a factor of 1 or a shift of 0 could hide a mistake.
    params = {n: p + 0.1 * _uniform(draws, p.shape) for n, p in params.items()}
    real = np.array([1.0] * (ROWS - 1) + [0.0])
    batch = Batch(2.0 * _uniform(draws, (ROWS, 4)), np.arange(ROWS) % 3, real)
    values = hyper(network, Training())
    for purpose in {one.draws for one in every_operation(network)} - {""}:
        values[purpose] = noise_keys(0, streams(network), 0, 1, purpose)[0]

    def loss(name: str, moved: np.ndarray) -> float:
        there = batch if name != "inputs" else batch._replace(x=moved)
        return batch_loss(np, network, {**params, name: moved}, there, values)[0]

    _check_words(what, network)
    _check_single(what, network, params, batch, values)
    found, _ = running(what, derived_gradient, np, network, params, batch, values, inputs=True)
    for name, x in {"inputs": batch.x, **params}.items():
        judged = f"with {what}, the gradient of a network with respect to {name}"
        check_slopes(judged, partial(loss, name), x, found[name])


def _check_words(what: str, network: Network) -> None:
    """Raise SettingError where an operation cannot be explained."""
    for one in every_operation(network):
        named = f"{type(one).__name__} of {what}"
        running(f"formula() of {named}", one.formula)
        running(f"backward_formula() of {named}", one.backward_formula, "g")
        learned = running(f"learned() of {named}", one.learned, "g")
        if missing := [] if one.parts else sorted(one.parameters.keys() - learned.keys()):
            raise SettingError(f"learned() of {named} says nothing of {', '.join(missing)}")


def _check_single(what: str, network: Network, params: dict, batch: Batch, values: dict) -> None:
    single = {name: value.astype("float32") for name, value in params.items()}
    batch = batch._replace(x=batch.x.astype("float32"), real=batch.real.astype("float32"))
    gradients, outcome = running(what, derived_gradient, np, network, single, batch, values)
    for name, value in {"its result": outcome.loss, **gradients}.items():
        check_single(f"{what} ({name})", value)
        if not np.isfinite(value).all():
            raise SettingError(f"{what} is not finite ({name}) at ordinary numbers")


def _uniform(draws: np.random.Philox, shape: tuple[int, ...]) -> np.ndarray:
    raw = draws.random_raw(int(np.prod(shape))) >> np.uint64(11)
    return (raw * 2.0**-52 - 1.0).reshape(shape)
