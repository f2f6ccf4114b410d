"""A wrong sign anywhere on the way back fails the gradient check.

Every VJP is rewritten with one sign flipped: a plus to a minus or the other way, a minus in
front of something taken away, a returned gradient negated. Each such mutant is then judged by
finite differences, as the ordinary check would. A mutant that passes would show a part of a
VJP that no example in the table of rules reaches.
"""

import ast
import importlib
import inspect
import pkgutil
import sys
import types
from functools import cache

import numpy as np
import pytest
from ways import RULES

from clearprop import layers, maths
from clearprop.insight.gradcheck import (
    WITNESSES,
    derived_gradients,
    finite_differences,
    relative_error,
)
from clearprop.layers import Operation, passes
from clearprop.network import every_operation, gradient

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

# By its full name: in the package this one's name is that of its function.
objective = importlib.import_module("clearprop.network.objective")

NETWORKS = [
    rule for rule in RULES.values() if rule.network and rule.vjp.__name__ == "derived_gradient"
]

# Mutants that change nothing, each with the reason.
TWO_AXES = "of two axes the last is also axis 1"
EQUIVALENT = {
    "softmax_vjp: -1": TWO_AXES,
    "log_softmax_vjp: -1": TWO_AXES,
    "cross_entropy_vjp: -1": TWO_AXES,
    "layer_norm_vjp: -1": TWO_AXES,
    "Activate.vjp: return element 1": "an activation has no parameters",
    "Drop.vjp: return element 1": "nor has dropout",
    "AddNoise.vjp: return element 1": "nor has noise",
    "Reshape.vjp: return element 1": "nor has another shape",
    "derived_gradient: return element 1": "it is the outcome, not a gradient",
}


def modules(package):
    """Return every module of a package."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(one.name) for one in found]


def backward_code():
    """Return (module, name) of every VJP, and of what leads back through a network."""
    found = [
        (module, node.name)
        for module in [*modules(maths), objective]
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_vjp")
    ]
    kinds = [
        (module, f"{node.name}.vjp")
        for module in modules(layers)
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.ClassDef)
        and issubclass(getattr(module, node.name), Operation)
        and getattr(module, node.name) is not Operation
    ]
    return [*found, *kinds, (passes, "backward"), (gradient, "derived_gradient")]


def negated(value):
    """Return -value, for all that the way back returns; what is left out stays left out."""
    if value is None or isinstance(value, gradient.Outcome):
        return value
    if isinstance(value, dict):
        return {name: -g for name, g in value.items()}
    if isinstance(value, list):
        return [back._replace(gradients=negated(back.gradients)) for back in value]
    return -value


def flips(function):
    """Return a description and a change in place for every sign in a function's tree."""
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
            found.append((ast.unparse(node), swap_sign, node))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            found.append((ast.unparse(node), drop_sign, node))
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            for i in range(len(node.value.elts)):
                found.append((f"return element {i}", negate, (node.value.elts, i)))
        elif isinstance(node, ast.Return):
            found.append((f"return {ast.unparse(node.value)}", negate, (vars(node), "value")))
    return found


def swap_sign(node):
    node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()


def drop_sign(node):
    node.op = ast.UAdd()


def negate(place):
    holder, where = place
    holder[where] = ast.Call(ast.Name("negated", ast.Load()), [holder[where]], [])


def tree_of(module, name):
    """Return a module's tree, and in it the function, or the method after the point."""
    tree = node = ast.parse(inspect.getsource(module))
    for part in name.split("."):
        node = next(n for n in node.body if getattr(n, "name", None) == part)
    return tree, node


def executed(module, tree):
    """Return a fresh module made from a tree; the real one is untouched."""
    made = types.ModuleType(module.__name__)
    made.negated = negated
    exec(compile(ast.fix_missing_locations(tree), module.__file__, "exec"), vars(made))
    return made


def kinds(rule):
    """Return the kinds of operations that a rule runs by their methods."""
    whole = rule.network is not None and rule.vjp.__name__ == "derived_gradient"
    return set(map(type, every_operation(rule.network) if whole else [rule.operation]))


def rules_with(module, name, made, monkeypatch):
    """Return the rules that use a function, with the fresh module's in its place."""
    own = [rule for rule in RULES.values() if rule.vjp.__name__ == name]
    if own:
        return [rule._replace(vjp=getattr(made, name)) for rule in own]
    if "." in name:
        kind, method = getattr(module, name.split(".")[0]), name.split(".")[1]
        monkeypatch.setattr(kind, method, vars(getattr(made, kind.__name__))[method])
        return [rule for rule in RULES.values() if kind in kinds(rule)]
    real = getattr(module, name)
    for holder in [m for n, m in sys.modules.items() if n.startswith("clearprop.")]:
        if vars(holder).get(name) is real:
            monkeypatch.setattr(holder, name, getattr(made, name))
    return NETWORKS


@cache
def slopes(name):
    # The forward is never mutated, so its finite differences serve every mutant.
    return finite_differences(RULES[name])


def is_right(rule):
    """Return whether a rule passes the check; one that cannot even be run does not."""
    try:
        error = relative_error(derived_gradients(np, rule), slopes(rule.name))
    except (IndexError, KeyError, TypeError, ValueError):  # as of an index that lost its minus
        return False
    return error <= WITNESSES["finite differences"].tolerance


def mutants():
    for module, name in backward_code():
        _, function = tree_of(module, name)
        for i, (description, _, _) in enumerate(flips(function)):
            title = f"{name}: {description}"
            if title not in EQUIVALENT:
                yield pytest.param(module, name, i, id=title)


@pytest.mark.parametrize(("module", "name", "i"), list(mutants()))
def test_a_flipped_sign_is_caught(module, name, i, monkeypatch):
    tree, function = tree_of(module, name)
    _, change, node = flips(function)[i]
    change(node)
    found = rules_with(module, name, executed(module, tree), monkeypatch)
    assert not all(is_right(rule) for rule in found)


@pytest.mark.parametrize(
    ("module", "name"), backward_code(), ids=[name for _, name in backward_code()]
)
def test_the_same_code_without_a_flip_passes(module, name, monkeypatch):
    tree, _ = tree_of(module, name)
    found = rules_with(module, name, executed(module, tree), monkeypatch)
    assert found
    assert all(is_right(rule) for rule in found)


def test_the_whole_way_back_is_walked():
    # So that a walk that found nothing could not pass for one that found no fault.
    walked = {name for _, name in backward_code()}
    assert {rule.vjp.__name__ for rule in RULES.values()} - {"vjp"} <= walked
    used = {type(one) for rule in NETWORKS for one in every_operation(rule.network)}
    assert {f"{kind.__name__}.vjp" for kind in used} <= walked


def test_what_is_excused_exists():
    titles = [f"{n}: {text}" for m, n in backward_code() for text, _, _ in flips(tree_of(m, n)[1])]
    assert set(EQUIVALENT) <= set(titles)
