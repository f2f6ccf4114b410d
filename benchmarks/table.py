"""The tables: what every work must show and whether it does, and every contender's figures."""

from statistics import median
from typing import Any

from rich.markup import escape
from rich.table import Table

from benchmarks.claims import Records, Verdict, counts
from benchmarks.remarks import remarks
from benchmarks.works import WORKS, Work, title_of

COLORS = {True: "green", False: "red", None: "dim"}


def claims_table(results: dict[str, Any]) -> Table:
    """Return the table of the targets: work, target, measured ratio, spread, verdict."""
    table = Table(title="What it must show", title_justify="left", expand=False)
    for heading in ("work", "target", "measured", "spread", "verdict"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("measured", "spread"))
    for work, record in measured(results):
        for claim in work.claims:
            verdict = claim.judge(record["contenders"])
            words = f"[{COLORS[verdict.met]}]{escape(judged(verdict, record['contenders']))}[/]"
            table.add_row(
                escape(f"{work.title}: {told(verdict)}"), claim.target(), ratio(verdict.ratio),
                spread(verdict), words,
            )  # fmt: skip
    return table


def told(verdict: Verdict) -> str:
    """Return a claim in words, with the one it was measured against where there were several."""
    words = verdict.claim.words
    if verdict.ratio is None:
        return words
    if len(verdict.claim.others) > 1:
        words += f" ({title_of(verdict.other)})"
    return f"{words}, by {title_of(verdict.ours)}" if len(verdict.claim.ours) > 1 else words


def judged(verdict: Verdict, records: Records) -> str:
    """Return a verdict in words, with what speaks against the figures that it stands on."""
    doubts = [
        f"{title_of(name)}: {remark}"
        for name in (verdict.ours, verdict.other)
        if name
        for remark in remarks(name, records)
    ]
    return "; ".join([verdict.words(), *doubts])


def ratio(value: float | None) -> str:
    """Return a ratio as text."""
    return "-" if value is None else f"{value:.2f}×"


def spread(verdict: Verdict) -> str:
    """Return the smallest and the largest ratio of any round."""
    return "-" if verdict.low is None else f"{verdict.low:.2f} to {verdict.high:.2f}"


def work_table(work: Work, record: dict[str, Any]) -> Table:
    """Return every contender's figures in one work, the fastest first."""
    records, unit = record["contenders"], work.measure.unit
    table = Table(title=f"{work.title} ({record['date']})", title_justify="left")
    for heading in ("contender", f"median {unit}", "least to most", "accuracy", "form, remarks"):
        table.add_column(heading, overflow="fold")
    for name in sorted(records, key=lambda name: typical(records[name])):
        table.add_row(*map(escape, figures(name, records)))
    return table


def typical(record: dict[str, Any]) -> float:
    """Return the median of a contender's values; those without any come last."""
    return median(record["values"]) if counts(record) else float("inf")


def figures(name: str, records: dict[str, Any]) -> list[str]:
    """Return one contender's row."""
    record = records[name]
    values, found = record["values"], accuracy_of(record)
    words = [record[key] for key in ("form",) if key in record] + remarks(name, records)
    if not counts(record):
        return [title_of(name), "-", "-", "-", "; ".join(words)]
    span = f"{min(values):.3g} to {max(values):.3g}"
    accuracy = "" if found is None else f"{100 * found:.2f} %"
    return [title_of(name), f"{median(values):.4g}", span, accuracy, "; ".join(words)]


def accuracy_of(record: dict[str, Any]) -> float | None:
    """Return how much a contender got right, the worst of its runs where there were several."""
    return min(record["accuracies"]) if record.get("accuracies") else record.get("accuracy")


def measured(results: dict[str, Any]) -> list[tuple[Work, dict[str, Any]]]:
    """Return the works that were measured, in the order of the bench."""
    return [(work, results[name]) for name, work in WORKS.items() if name in results]


def verdicts(name: str, records: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what became of a work's claims, as the JSON file holds it."""
    return [
        {
            "claim": told(verdict), "target": verdict.claim.target(), "ratio": verdict.ratio,
            "spread": [verdict.low, verdict.high], "verdict": judged(verdict, records),
        }
        for verdict in (claim.judge(records) for claim in WORKS[name].claims)
    ]  # fmt: skip
