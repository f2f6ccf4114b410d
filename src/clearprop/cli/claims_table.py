"""The table of claims and measurements."""

from clearprop.tasks import direction, in_words


def table(rows: list[dict]) -> list[str]:
    """Return the lines: each recipe, then its remarks and variants."""
    lines = [_line("recipe", "claim", "measured", "met")]
    for row in rows:
        metric = row["metric"]
        claim, measured = in_words(metric, row["claim"]), in_words(metric, row["measured"])
        lines.append(_line(row["recipe"], claim, measured, mark(row)))
        lines += [f"    {remark}" for remark in remarks(row)]
        lines += [
            _line("", "", in_words(metric, variant["measured"]), told(variant, row))
            for variant in row.get("variants", ())
        ]
        lines += [f"    {line}" for line in row.get("message", "").splitlines()]
    return lines


def _line(recipe: str, claim: str, measured: str, words: str) -> str:
    return f"{recipe:<18}{claim:>9}{measured:>11}  {words}"


def mark(row: dict) -> str:
    """Return whether the claim is met, in a word or two."""
    if row["measured"] is None:
        return "not measured"
    if row["met"] is None:
        return "no claim"
    if row["met"]:
        return "yes"
    return "NO" if row["holds"] else "NO: this claim does not hold"


def told(variant: dict, row: dict) -> str:
    """Return what a variant is, and whether it reaches a claim that the recipe misses."""
    seeds = f" (mean of {variant['seeds']} seeds)" if variant["seeds"] > 1 else ""
    way = direction(row["metric"])
    reaches = row["met"] is False and way * (variant["measured"] - row["claim"]) >= 0.0
    return variant["title"] + seeds + (": reaches the claim" if reaches else "")


def remarks(row: dict) -> list[str]:
    """Return the remarks on a row: which rows, how many seeds, reference figures."""
    made, metric, test = [], row["metric"], row["test_metrics"] or {}
    if row["settings"]:
        under = ", ".join(f"{key} = {value}" for key, value in row["settings"].items())
        made.append(f"claimed for {under}")
    if row["measured_on"] == "validation" and row["measured"] is not None:
        made.append(f"on validation rows (test rows: {in_words(metric, test.get(metric))})")
    if row.get("deviation") is not None:
        spread, best = in_words(metric, row["deviation"]), in_words(metric, row["best"])
        made.append(f"mean of {row['seeds']} seeds, standard deviation {spread}, best {best}")
    if row["reference"] is not None:
        made.append(f"{in_words(metric, row['reference'])}: {row['reference_source']}")
    return made
