"""Write the table and the pictures of docs/results.md from docs/results/*.json.

Usage:
    clearprop reproduce NAME --keep runs/kept --results docs/results
    python scripts/results_table.py
"""

import json
from pathlib import Path

from results_pictures import draw_curves, draw_errors

from clearprop import recipes
from clearprop.recipes import Recipe

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
HEAD = ("recipe", "what it is", "target", "validation", "test", "minutes a seed", "target met")


def main(docs: Path = DOCS) -> None:
    """Replace what stands between the two marks, and draw the pictures again."""
    every = [recipes.load(name) for name in recipes.names()]
    results = {one.name: found(docs / "results", one.name) for one in every}
    chosen = [one for one in every if one.long or one.committee or results[one.name]]
    measured = {one.name: results[one.name] for one in chosen if results[one.name]}
    draw_errors(docs / "images/results.png", measured, {one.name: one.data.name for one in chosen})
    parts = [table(chosen, results)]
    if draw_curves(docs / "images/results_curves.png", measured):
        parts.append("![Validation errors over the epochs](images/results_curves.png)")
    page = docs / "results.md"
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    made = "\n\n".join(parts)
    page.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")


def found(folder: Path, name: str) -> dict | None:
    """Return the figures of a recipe; None where it was not run yet."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def table(chosen: list[Recipe], results: dict[str, dict | None]) -> str:
    """Return a line for each recipe, the members of a committee below it."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    for recipe in chosen:
        figures = results[recipe.name]
        lines.append(row(f"`{recipe.name}`", recipe.title, target(recipe), *cells(recipe, figures)))
        lines += [row("", *member(one)) for one in (figures or {}).get("members", ())]
    return "\n".join(lines)


def row(*values: str) -> str:
    """Return a line of the table."""
    return "| " + " | ".join(values) + " |"


def target(recipe: Recipe) -> str:
    """Return what a recipe shall reach."""
    return f"≥ {percent(recipe.claim.value)}" if recipe.claim else "none"


def cells(recipe: Recipe, figures: dict | None) -> tuple[str, str, str, str]:
    """Return what was measured: validation, test, minutes, verdict."""
    if figures is None:
        return "-", "not run yet", "-", "-"
    seeds, mean = figures["seeds"], figures["test_accuracy_mean"]
    minutes = sum(one["minutes"] for one in seeds) / len(seeds)
    validation = percent(figures["validation_accuracy_mean"])
    return validation, spread(figures), duration(minutes), verdict(recipe, mean, len(seeds))


def duration(minutes: float) -> str:
    """Return minutes, a second of which shows too."""
    return f"{minutes:.1f}" if minutes >= 1 else f"{minutes:.2f}"


def spread(figures: dict) -> str:
    """Return the mean over seeds with its deviation, or what one seed or a committee showed."""
    mean, count = percent(figures["test_accuracy_mean"]), len(figures["seeds"])
    if "members" in figures:
        return f"{mean} ({len(figures['members'])} networks together)"
    if figures["test_accuracy_std"] is None:
        return f"{mean} (1 seed)"
    return f"{mean} ± {percent(figures['test_accuracy_std'])} ({count} seeds)"


def verdict(recipe: Recipe, mean: float | None, seeds: int) -> str:
    """Return whether the target is met, by as many seeds as it is about or by the first of them."""
    if recipe.claim is None or mean is None:
        return "no target"
    missing = recipe.claim.value - mean
    word = "met" if missing <= 0 else f"**missed by {percent(missing)}**"
    wanted = 1 if recipe.committee else recipe.claim.seeds
    return word if seeds >= wanted else f"{word} so far, by {seeds} of {wanted} seeds"


def member(one: dict) -> tuple[str, ...]:
    """Return the cells of a committee's member."""
    changed = ", ".join(f"{key} = {value}" for key, value in one.get("settings", {}).items())
    what = f"`{one['recipe']}`, seed {one['seed']}" + (f", {changed}" if changed else "")
    validation, test = percent(one["validation"]), percent(one["test"])
    return what, "-", validation, test, duration(one["minutes"]), "-"


def percent(share: float | None) -> str:
    """Return a share as a percentage, or a dash."""
    return "-" if share is None else f"{100 * share:.2f} %"


if __name__ == "__main__":
    main()
