"""Write the README's table of recipes from what `clearprop reproduce --json` measured.

Usage:
    .venv/bin/clearprop reproduce --json > docs/recipes.json
    .venv/bin/python scripts/readme_table.py docs/recipes.json
"""

import json
import sys
from pathlib import Path

from clearprop.cli.claims_table import mark, remarks, told
from clearprop.tasks import in_words

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- recipes: begin -->", "<!-- recipes: end -->"


def main(results: str) -> None:
    """Replace what stands between the two marks."""
    rows = json.loads(Path(results).read_text(encoding="utf-8"))
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{table(rows)}\n{END}{after}", encoding="utf-8")


def table(rows: list[dict]) -> str:
    """Return the rows as a Markdown table; variants stand below their recipe."""
    lines = ["| recipe | what it is | claim | measured | met |", "|---|---|---|---|---|"]
    for row in rows:
        what = "; ".join([row["title"], *remarks(row)])
        metric = row["metric"]
        claim, measured = in_words(metric, row["claim"]), in_words(metric, row["measured"])
        lines.append(f"| `{row['recipe']}` | {what} | {claim} | {measured} | {met(row)} |")
        for variant in row.get("variants", ()):
            variant_measured = in_words(metric, variant["measured"])
            lines.append(f"| | {told(variant, row)} | - | {variant_measured} | - |")
    return "\n".join(lines)


def met(row: dict) -> str:
    """Return the mark of a row, bold where the claim is not met."""
    return mark(row) if row["met"] is not False else f"**{mark(row)}**"


if __name__ == "__main__":
    main(sys.argv[1])
