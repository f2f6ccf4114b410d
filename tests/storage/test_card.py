"""Whatever a card says of inputs, targets and metrics is read back as it was written."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from clearprop import MLP
from clearprop.inputs import Inputs, Preparation, Range
from clearprop.inputs.pictures import Center, Deslant, Width
from clearprop.storage import Card, read, write
from clearprop.tasks import METRICS, TASKS, Targets

numbers = some.floats(-1e300, 1e300)
positive = some.floats(1e-300, 1e300)
ways = some.sampled_from([(), (Center(),), (Deslant(), Width(3))])


@some.composite
def preparations(draw, features):
    columns = draw(some.sampled_from([0, 1, features]))
    moments = [
        tuple(draw(some.lists(kind, min_size=columns, max_size=columns)))
        for kind in (numbers, positive)
    ]
    return Preparation(draw(numbers), draw(positive), *moments)


@some.composite
def ranges(draw):
    least, most = sorted([draw(numbers), draw(numbers)])
    kind = draw(some.sampled_from(["bytes", "floats"]))
    return Range(kind, least, most, draw(numbers), draw(some.floats(0, 1e300)))


@some.composite
def cards(draw):
    """A card of a network of any task, and the tensors of that."""
    name = draw(some.sampled_from(sorted(TASKS)))
    shape = draw(some.sampled_from([(6,), (2, 3), (1, 2, 3)]))
    outputs = draw(some.integers(2, 4))
    model = MLP([6, outputs], task=name)
    count = len(model.network.task_type.unnamed(outputs).names)
    names = draw(some.lists(some.text(), min_size=count, max_size=count, unique=True))
    moments = [
        tuple(draw(some.lists(kind, min_size=count, max_size=count)))
        for kind in (numbers, positive)
        if name == "values"
    ]
    inputs = Inputs(
        shape,
        draw(ways),
        draw(preparations(6)),
        draw(some.sampled_from(["digit", "garment", "picture"])),
        draw(some.none() | ranges()),
    )
    bounds = {one: METRICS[one] for one in ("loss", *TASKS[name].shown)}
    metrics = {
        one: draw(some.floats(max(figure.least, -1e300), min(figure.most, 1e300)))
        for one, figure in bounds.items()
    }
    card = Card(model.network, inputs, Targets(tuple(names), *moments), model.settings, 3, "mine",
                metrics)  # fmt: skip
    return card, model.parameters


@given(cards())
def test_what_is_written_is_read_back(tmp_path_factory, made):
    card, tensors = made
    path = tmp_path_factory.mktemp("card") / "m.safetensors"
    found, held = read(write(path, card, tensors))
    for name in ("network", "inputs", "targets", "training", "epochs", "dataset", "metrics"):
        assert getattr(found, name) == getattr(card, name)
    assert all((held[name] == tensors[name]).all() for name in tensors)
    assert held.keys() == tensors.keys()
    assert np.isfinite(list(found.metrics.values())).all()
