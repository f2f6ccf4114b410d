"""`clearprop inspect`: what is in a model file or a committee file."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from clearprop.cli.console import result, result_json
from clearprop.cli.options import Json
from clearprop.errors import in_one_line

if TYPE_CHECKING:
    from clearprop.inputs import Inputs
    from clearprop.storage import Card, CommitteeCard

EXAMPLES = """\
Examples:
  clearprop inspect model.safetensors
  clearprop inspect model.safetensors --picture net.png    draw it
  clearprop inspect model.safetensors --json"""


def register(app: App) -> None:
    """Add the command."""
    app.command(inspect, help_prologue=EXAMPLES, help="Show what is in a model file.")


def inspect(
    model: Annotated[
        str, Parameter(help="A model file, a committee's, or the name of one that ships.")
    ],
    /,
    *,
    picture: Annotated[str | None, Parameter(help="PNG file to draw the network to.")] = None,
    json: Json = False,
) -> None:
    """Inspect; see EXAMPLES."""
    from clearprop.network import count, shapes, statistics_shapes, summary
    from clearprop.storage import CommitteeCard, read_any

    card, members = read_any(model)
    if isinstance(card, CommitteeCard):
        return _inspect_committee(model, card, members, picture, json)
    if picture is not None:
        _draw(card, picture)
    if json:
        result_json(_record(card) | {"parameters": count(card.network), "picture": picture})
        return
    result(summary(card.network))
    result("")
    result("\n".join(_lines(card)))
    for name in (*shapes(card.network), *statistics_shapes(card.network)):
        tensor = members[0][name]
        result(f"{name}: {tensor.shape} {tensor.dtype}, {tensor.min():.4f} to {tensor.max():.4f}")
    if picture is not None:
        result(f"picture: {picture}")


def _inspect_committee(
    path: str, card: CommitteeCard, members: list[dict], picture: str | None, json: bool
) -> None:
    from clearprop.committee import Committee
    from clearprop.errors import SettingError
    from clearprop.network import count

    if picture is not None:
        raise SettingError(f"--picture draws one network, and {in_one_line(path)} holds several")
    if json:
        parameters = sum(count(member.network) for member in card.members)
        result_json(_record(card) | {"parameters": parameters})
        return
    result(Committee.of(card, members).summary())
    result("")
    first = card.members[0]
    result(f"classes: {', '.join(map(in_one_line, first.targets.names))}")
    result(f"inputs: {'×'.join(map(str, first.inputs.shape))}")
    for number, member in enumerate(card.members):
        result(", ".join([f"member {number} {_learned_from(member)}", *_redrawn(member)]))
    result(_made_with(card))


def _draw(card: Card, picture: str) -> None:
    from clearprop.insight.architecture import draw_architecture
    from clearprop.network import layer_counts, layer_operations

    parts = layer_operations(card.network)[1:]
    activations = [layer.label for layer in card.network.layers]
    draw_architecture(
        picture,
        card.network.sizes,
        activations,
        parameters=layer_counts(card.network),
        joined=[
            any(one.work for one in part) or a != b
            for part, (a, b) in zip(parts, itertools.pairwise(card.network.sizes), strict=True)
        ],
        between=["block" if any(one.parts for one in part) else "" for part in parts],
        classes=card.targets.names,
    )


def _record(card: Card | CommitteeCard) -> dict:
    import msgspec

    return msgspec.to_builtins(card)


def _lines(card: Card) -> list[str]:
    from clearprop.cli.metrics import metrics_in_words

    lines = [
        _learned_from(card),
        _asked(card),
        f"inputs: {'×'.join(map(str, card.inputs.shape))}, {_prepared(card.inputs)}",
        *_range(card.inputs),
        *_redrawn(card),
        _made_with(card),
    ]
    if card.metrics:
        lines.append(metrics_in_words(card.network.task, card.metrics, "validation "))
    return lines


def _asked(card: Card) -> str:
    names, targets = ", ".join(map(in_one_line, card.targets.names)), card.targets
    if not targets.means:
        return f"{card.network.task}: {names}"
    scales = (f"({m:g}, {d:g})" for m, d in zip(targets.means, targets.deviations, strict=True))
    return f"values: {names}; (mean, standard deviation) of the training rows: {', '.join(scales)}"


def _prepared(inputs: Inputs) -> str:
    made = inputs.preparation
    if made.means:
        return "numbers, each column standardized" if made.means[1:] else "numbers, standardized"
    if inputs.trained_on_floats:
        return "numbers, taken as they are"
    return f"pixels, prepared as (x - {made.shift:g})·{made.scale:g}"


def _range(inputs: Inputs) -> list[str]:
    found = inputs.range
    if found is None:
        return []
    return [
        f"learned from {found.kind} from {found.least:g} to {found.most:g}, mean {found.mean:.4g}"
        f", standard deviation {found.deviation:.4g}"
    ]


def _learned_from(card: Card) -> str:
    return (
        f"learned from: {in_one_line(card.dataset) or 'unnamed data'}, {card.epochs} epochs, "
        f"{card.training.optimizer.name} at {card.training.learning_rate:g}, "
        f"batch {card.training.batch_size}, seed {card.training.seed}"
    )


def _redrawn(card: Card) -> list[str]:
    return (
        [f"pictures: {', '.join(map(str, card.inputs.pictures))}"] if card.inputs.pictures else []
    )


def _made_with(card: Card | CommitteeCard) -> str:
    versions = (f"{name} {version}" for name, version in card.made_with.items())
    return f"made with: {', '.join(map(in_one_line, versions))}"
