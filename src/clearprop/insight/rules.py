"""The table of rules: every forward with its hand-derived VJP, at example inputs.

A rule is a pair of functions and the arguments to try them at. First come the equations of
`maths/`, one by one; then whole networks, with every loss, with and without batch normalization,
and with every activation. The inputs avoid kinks, where a slope has two values.
"""

import math
from collections.abc import Callable, Iterator
from itertools import cycle, product
from typing import Any, NamedTuple, cast

import numpy as np

from clearprop.layers import KINDS, Dense, LayerNorm, Operation, Pass, Place
from clearprop.layers.batch_norm import BatchNorm
from clearprop.layers.dropout import Drop
from clearprop.layers.noise import AddNoise
from clearprop.maths import (
    affine,
    dropout,
    gaussian_noise,
    losses,
    normalization,
    penalties,
    softmax,
)
from clearprop.maths.activations import ACTIVATIONS, BUILT_IN
from clearprop.maths.losses import LOSSES
from clearprop.maths.noise import uniform
from clearprop.maths.randomness import key
from clearprop.network import Batch, Network, Training, batch_loss, derived_gradient, hyper, roles
from clearprop.network.objective import objective, objective_vjp
from clearprop.network.table import noise_keys

Array = Any
Arrays = dict[str, Any]
Pair = tuple[Callable, Callable]


class Rule(NamedTuple):
    """A forward, its VJP, and the arguments at which witnesses compare them.

    Another VJP can be tried in its place: `rule._replace(vjp=another)`.

    Attributes:
        name: what reports call it.
        forward: the function that is differentiated.
        vjp: its hand-derived vector-Jacobian product.
        call: how the two are called: (xp, rule, inputs, fixed) -> (result, back), where
            back(g) returns one gradient for each input.
        inputs: float64 arrays whose gradients are compared, by parameter name.
        fixed: the forward's other arguments.
        cotangent: g, of the result's shape; the gradients are those of Σ g·result.
        network: the architecture, if the functions need one.
        operation: the operation whose methods they are, if any.
    """

    name: str
    forward: Callable
    vjp: Callable
    call: Callable
    inputs: Arrays
    fixed: Arrays
    cotangent: Any = 1.0
    network: Network | None = None
    operation: Operation | None = None


def rules() -> list[Rule]:
    """Return the whole table: the equations one by one, then whole networks."""
    parts = (
        _elementwise,
        _affine,
        _norm,
        _mask,
        _noise,
        _losses,
        _objectives,
        _penalties,
        _networks,
        _layers,
        _operations,
        _pictures,
    )
    return [rule for part in parts for rule in part()]


def draw(name: str, *shape: int) -> np.ndarray:
    """Return numbers in ±[0.1, 1.1) that depend on the name alone, the same on every machine."""
    words = np.frombuffer(key(0, "gradcheck", name).to_bytes(16, "little"), "<u4")
    flat = uniform(np, words[:2].astype(np.uint32), (1, math.prod(shape)), np.float64)
    signed = np.reshape(2.0 * flat - 1.0, shape)
    return signed + np.where(signed > 0.0, 0.1, -0.1)


def _plain(xp: Any, rule: Rule, inputs: Arrays, fixed: Arrays) -> tuple[Array, Callable]:
    return rule.forward(xp, **inputs), lambda g: (rule.vjp(xp, **inputs, g=g),)


def _saving(xp: Any, rule: Rule, inputs: Arrays, fixed: Arrays) -> tuple[Array, Callable]:
    out, saved = rule.forward(xp, **inputs, **fixed)

    def back(g: Any) -> tuple[Array, ...]:
        gradients = rule.vjp(xp, saved, g)
        return gradients if isinstance(gradients, tuple) else (gradients,)

    return out, back


def _on_data(xp: Any, rule: Rule, inputs: Arrays, fixed: Arrays) -> tuple[Array, Callable]:
    out, saved = rule.forward(xp, **inputs, **fixed)
    return out, lambda g: rule.vjp(xp, saved, g, input_gradient=False)[1:]


def _masked(xp: Any, rule: Rule, inputs: Arrays, fixed: Arrays) -> tuple[Array, Callable]:
    out = rule.forward(xp, **inputs, **fixed)
    return out, lambda g: (rule.vjp(xp, (fixed["keep"], fixed["rate"]), g),)


def _shifted(xp: Any, rule: Rule, inputs: Arrays, fixed: Arrays) -> tuple[Array, Callable]:
    out = rule.forward(xp, **inputs, **fixed)
    return out, lambda g: (rule.vjp(xp, g),)


def _penalty(xp: Any, rule: Rule, inputs: Arrays, fixed: Arrays) -> tuple[Array, Callable]:
    out = rule.forward(xp, **inputs, **fixed)
    return out, lambda g: (g * rule.vjp(xp, **inputs, **fixed),)


def _objective(xp: Any, rule: Rule, inputs: Arrays, fixed: Arrays) -> tuple[Array, Callable]:
    out, saved = rule.forward(xp, rule.network, **inputs, **fixed)
    return out, lambda g: (rule.vjp(xp, rule.network, saved, g),)


def _whole(xp: Any, rule: Rule, inputs: Arrays, fixed: Arrays) -> tuple[Array, Callable]:
    out, _ = rule.forward(xp, rule.network, inputs, **fixed)

    def back(g: Any) -> tuple[Array, ...]:
        gradients, _ = rule.vjp(xp, rule.network, inputs, **fixed)
        return tuple(g * gradients[name] for name in rule.inputs)

    return out, back


def _methods(xp: Any, rule: Rule, inputs: Arrays, fixed: Arrays) -> tuple[Array, Callable]:
    one = cast(Operation, rule.operation)
    params = {name: value for name, value in inputs.items() if name != "x"}
    out, saved = one.train(xp, Pass(params, fixed["real"], fixed), inputs["x"])

    def back(g: Any) -> tuple[Array, ...]:
        g_input, gradients = one.vjp(xp, saved, g, True)
        made = {"x": g_input, **gradients}
        return tuple(made[name] for name in rule.inputs)

    return out, back


def _elementwise() -> Iterator[Rule]:
    pairs = {name: (a.forward, a.vjp) for name, a in ACTIVATIONS.items()}
    pairs["softmax"] = (softmax.softmax, softmax.softmax_vjp)
    pairs["log_softmax"] = (softmax.log_softmax, softmax.log_softmax_vjp)
    for name, (forward, vjp) in pairs.items():
        z, g = 3.0 * draw("z", 5, 4), draw("g", 5, 4)
        yield Rule(name, forward, vjp, _plain, {"z": z}, {}, g)


def _affine() -> Iterator[Rule]:
    x, weight, bias = draw("x", 5, 3), draw("weight", 3, 4), draw("bias", 4)
    pair, g = (affine.affine, affine.affine_vjp), draw("g", 5, 4)
    own = {"weight": weight, "bias": bias}
    yield Rule("affine", *pair, _saving, {"x": x, **own}, {}, g)
    yield Rule("affine, no bias", *pair, _saving, {"x": x, "weight": weight}, {"bias": None}, g)
    yield Rule("affine, no input gradient", *pair, _on_data, own, {"x": x}, g)


def _norm() -> Iterator[Rule]:
    inputs = {"z": draw("z", 5, 4), "gamma": 2.0 + draw("gamma", 4), "beta": draw("beta", 4)}
    pair, g = (normalization.batch_norm, normalization.batch_norm_vjp), draw("g", 5, 4)
    for name, real in (("all rows", np.ones(5)), ("padded rows", np.array([1.0, 0, 1, 1, 0]))):
        fixed = {"real": real, "epsilon": 1e-5}
        yield Rule(f"batch_norm, {name}", *pair, _saving, inputs, fixed, g)


def _mask() -> Iterator[Rule]:
    fixed = {"keep": draw("keep", 5, 4) > -0.5, "rate": 0.3}
    x, g = {"x": draw("x", 5, 4)}, draw("g", 5, 4)
    yield Rule("dropout", dropout.dropout, dropout.dropout_vjp, _masked, x, fixed, g)


def _noise() -> Iterator[Rule]:
    pair = (gaussian_noise.gaussian_noise, gaussian_noise.gaussian_noise_vjp)
    fixed = {"draw": draw("draw", 5, 4), "deviation": 0.3}
    yield Rule("gaussian_noise", *pair, _shifted, {"x": draw("x", 5, 4)}, fixed, draw("g", 5, 4))


def _losses() -> Iterator[Rule]:
    hard = losses.one_hot(np, np.array([0, 3, 1, 1, 2]), 4, np.float64)
    soft, some = softmax.softmax(np, draw("soft", 5, 4)), np.abs(draw("targets", 5, 4))
    smoothed = losses.smooth(np, hard, 0.1, 4)
    equal, weights = np.full(5, 0.2), np.array([0.1, 0.0, 0.5, 0.3, 0.2])
    cross: Pair = (losses.cross_entropy, losses.cross_entropy_vjp)
    binary: Pair = (losses.sigmoid_cross_entropy, losses.sigmoid_cross_entropy_vjp)
    square: Pair = (losses.squared_error, losses.squared_error_vjp)
    for name, pair, first, targets, weight in (
        ("cross_entropy, hard targets", cross, "logits", hard, equal),
        ("cross_entropy, soft targets", cross, "logits", soft, equal),
        ("cross_entropy, smoothed targets", cross, "logits", smoothed, equal),
        ("cross_entropy, targets of any sum", cross, "logits", some, equal),
        ("cross_entropy, row weights", cross, "logits", hard, weights),
        ("sigmoid_cross_entropy", binary, "logits", some, weights),
        ("squared_error", square, "outputs", some, weights),
    ):
        inputs, fixed = {first: 2.0 * draw(first, 5, 4)}, {"targets": targets, "weight": weight}
        yield Rule(name, *pair, _saving, inputs, fixed, 1.7)


def _objectives() -> Iterator[Rule]:
    fixed = {"wanted": draw("wanted", 5, 4), "weight": np.array([0.1, 0.0, 0.5, 0.3, 0.2])}
    logits = {"logits": 2.0 * draw("logits", 5, 4)}
    for loss, output in _outputs():
        net = Network((3,), (Dense(4, output),), loss)
        pair: Pair = (objective, objective_vjp)
        yield Rule(f"objective, {loss} on {output}", *pair, _objective, logits, fixed, 1.7, net)


def _penalties() -> Iterator[Rule]:
    weight, fixed = {"weight": draw("weight", 3, 4)}, {"amount": 0.03}
    yield Rule("l1", penalties.l1, penalties.l1_vjp, _penalty, weight, fixed, 1.7)
    yield Rule("l2", penalties.l2, penalties.l2_vjp, _penalty, weight, fixed, 1.7)


def _networks() -> Iterator[Rule]:
    # Each has dropout and noise everywhere, fixed by keys, padded rows and row weights.
    turn = cycle(BUILT_IN)
    for (loss, output), norm in product(_outputs(), (False, True)):
        first, second = next(turn), next(turn)
        hidden = (Dense(5, first, norm, 0.25, 0.1), Dense(4, second, norm, 0.4, 0.2))
        net = Network((4,), (*hidden, Dense(3, output)), loss, input_dropout=0.2, input_noise=0.3)
        name = f"network, {loss} on {output}, {first}, {second}" + ", batch norm" * norm
        yield _network_rule(name, net)


def _tasks() -> Iterator[Rule]:
    # Classes are the task of all other networks.
    hidden = (Dense(5, "tanh"), Dense(4, "gelu"))
    for task, loss, output in (
        ("labels", "sigmoid_cross_entropy", "sigmoid"),
        ("labels", "squared_error", "sigmoid"),
        ("values", "squared_error", "identity"),
    ):
        net = Network((4,), (*hidden, Dense(3, output)), loss, 0.2, task=task)
        name = f"network for {task}, {loss} on {output}"
        yield _network_rule(name, net)


def _layers() -> Iterator[Rule]:
    # Each between two others, since the gradient must come in and go on.
    for kind, layer in ((kind, one) for kind, made in KINDS.items() for one in made.examples()):
        layers = (Dense(4, "tanh"), layer, Dense(3, "softmax"))
        net = Network((4,), layers, input_dropout=0.2)
        name = f"network with {kind}, {layer.words()}"
        yield _network_rule(name, net)


def _operations() -> Iterator[Rule]:
    # On rows of more than one axis, one of them padded; four real ones keep the mean of equal
    # numbers exact.
    at, keys = Place("layers.0", "1", (2, 3)), noise_keys(0, 1, 7, 1)[0]
    real, g = np.array([1.0, 0, 1, 1, 1]), draw("g", 5, 2, 3)
    for one in (BatchNorm(at), Drop(at, 0.3), AddNoise(at, 0.2)):
        learned = {name: 2.0 + draw(name, *p.shape) for name, p in one.parameters.items()}
        fixed = {"real": real, one.draws: keys, **one.settings}
        inputs = {"x": draw("x", 5, 2, 3), **learned}
        name = f"{type(one).__name__} on rows of 2×3"
        yield Rule(name, type(one).train, type(one).vjp, _methods, inputs, fixed, g, None, one)


def _pictures() -> Iterator[Rule]:
    # Rows arrive flat, are given their shape, and are made flat again.
    net = Network((2, 2), (LayerNorm(), Dense(3, "softmax")), input_noise=0.1)
    name = "network of rows of 2×2, layer norm"
    yield _network_rule(name, net)


def _network_rule(name: str, network: Network) -> Rule:
    return Rule(
        name,
        batch_loss,
        derived_gradient,
        _whole,
        inputs=_parameters(network),
        fixed={"batch": _batch(network.loss), "values": _values(network)},
        network=network,
    )


def _outputs() -> list[tuple[str, str]]:
    return [(loss, output) for loss, kind in LOSSES.items() for output in kind.outputs]


def _parameters(network: Network) -> Arrays:
    # Factors are near their first values, and away from 0.
    return {
        name: draw(name, *p.shape) + (1.5 * p.first if p.first else 0.0)
        for name, p in roles(network).items()
    }


def _batch(loss: str) -> Batch:
    labels = np.array([0, 2, 1, 1, 0, 2, 0, 1], np.int32)
    soft = softmax.softmax(np, draw("targets", 8, 3))
    real = np.array([1.0, 1, 1, 1, 1, 1, 0, 0])
    weight = np.array([0.5, 2.0, 1.0, 0.5, 1.5, 0.5, 1.0, 3.0])
    y = labels if loss == "cross_entropy" else soft
    return Batch(2.0 * draw("inputs", 8, 4), y, real, weight)


def _values(network: Network) -> Arrays:
    smoothing = 0.1 if network.task_type.possible_answers(network.outputs) else 0.0
    values: Arrays = hyper(network, Training(label_smoothing=smoothing))
    keys = {name: noise_keys(0, 3, 7, 1, name)[0] for name in ("noise", "gaussian")}
    return values | keys
