"""Write the tables of docs/performance.md from what `python -m benchmarks` measured.

Usage:
    python -m benchmarks --out runs/bench
    cp runs/bench/results.json docs/performance.json
    cp runs/bench/chart.png docs/images/performance.png
    python scripts/performance_table.py docs/performance.json
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.table import figures, judged, measured, ratio, spread, told, typical  # noqa: E402
from benchmarks.works import WORKS, Work  # noqa: E402

PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def main(file: str) -> None:
    """Replace what stands between the two marks."""
    results = json.loads(Path(file).read_text(encoding="utf-8"))
    if quick := [name for name, record in results.items() if record["quick"]]:
        sys.exit(f"{', '.join(quick)}: from a quick run, which gives no figures")
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    parts = [claims(results), missing(results), *works(results), where(results)]
    made = "\n\n".join(part for part in parts if part)
    PAGE.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")


def claims(results: dict) -> str:
    """Return the table of what must be shown."""
    lines = ["| work | target | measured | spread | verdict |", "|---|---|---|---|---|"]
    for work, record in measured(results):
        for claim in work.claims:
            verdict = claim.judge(record["contenders"])
            words = judged(verdict, record["contenders"])
            words = words if verdict.met is not False else f"**{words}**"
            lines.append(
                f"| {work.title}: {told(verdict)} | {claim.target()} | {ratio(verdict.ratio)} | "
                f"{spread(verdict)} | {words} |"
            )
    return "\n".join(lines)


def missing(results: dict) -> str:
    """Return which works are not measured yet."""
    names = [f"{work.title} (`{name}`)" for name, work in WORKS.items() if name not in results]
    return f"Not measured yet: {'; '.join(names)}." if names else ""


def works(results: dict) -> list[str]:
    """Return every work's own table, the fastest first."""
    return [f"### {work.title}\n\n{contenders(work, record)}" for work, record in measured(results)]


def contenders(work: Work, record: dict) -> str:
    """Return the figures of everybody in a work."""
    records = record["contenders"]
    names = sorted(records, key=lambda name: typical(records[name]))
    head = f"| contender | median {work.measure.unit} | least to most | accuracy | form, remarks |"
    rows = [f"| {' | '.join(figures(name, records))} |" for name in names]
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def where(results: dict) -> str:
    """Return on which machines, with which versions and when, each line once."""
    said = []
    for record in results.values():
        versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
        place = f"{record['machine']}; Python {record['python']}, {versions}"
        said.append(f"Measured on {record['date'][:10]}: {place}.")
    return "\n\n".join(dict.fromkeys(said))


if __name__ == "__main__":
    main(sys.argv[1])
