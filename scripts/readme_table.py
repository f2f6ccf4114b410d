"""Write the README's table of recipes from what `clearprop reproduce --json` measured.

Usage:
    .venv/bin/clearprop reproduce --json > docs/recipes.json
    .venv/bin/python scripts/readme_table.py docs/recipes.json
"""

import json
import sys
from pathlib import Path

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
    """Return the rows as a Markdown table; a variant stands below its recipe."""
    lines = ["| recipe | what it is | claim | measured | met |", "|---|---|---|---|---|"]
    for row in rows:
        met = {True: "yes", False: "**no**", None: "not measured"}[row["met"]]
        lines.append(
            f"| `{row['recipe']}` | {row['title']} | {percent(row['claim'])} "
            f"| {percent(row['measured'])} | {met} |"
        )
        variant = row.get("variant")
        if variant:
            lines.append(
                f"| | the same, {variant['title']} | – | {percent(variant['measured'])} | – |"
            )
    return "\n".join(lines)


def percent(share: float | None) -> str:
    """Return a share as a percentage, or a dash."""
    return "–" if share is None else f"{100 * share:.2f} %"


if __name__ == "__main__":
    main(sys.argv[1])
