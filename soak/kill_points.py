"""`python -m soak.kill_points`: kill a save at every line that it runs, and inside every write.

After each kill the folder must hold the old or the new, whole, and the next save must work. The
same is asked of every state in which a power cut may leave the disk.
"""

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from soak import checkpoint_saves, file_saves, report
from soak.dying import SHARES, Arm, before_each_line, dies, in_each_write
from soak.power_cuts import found_after
from soak.save import Save

SAVES = (*checkpoint_saves.SAVES, *file_saves.SAVES)

app = App(name="python -m soak.kill_points", help_format="plaintext", version_flags=(),
          default_parameter=Parameter(negative=""), result_action="return_value")  # fmt: skip


@app.default
def kill_points(
    *, out: Annotated[Path | None, Parameter(help="The JSON file to write the counts to.")] = None
) -> int:
    """Kill every save at every point, and count what was found after it."""
    began, saves = time.perf_counter(), {}
    for number, save in enumerate(SAVES, 1):
        print(f"{number}/{len(SAVES)} {save.name}", end="", file=sys.stderr, flush=True)
        saves[save.name] = made = tried(save)
        print(f": {made['points']} points, {len(made['faults'])} faults", file=sys.stderr)
    counts = {key: sum(made[key] for made in saves.values()) for key in ("points", "survived")}
    found = {**report.circumstances(), **counts, "saves": saves}
    report.write(out, found | {"seconds": round(time.perf_counter() - began, 1)})
    return 0 if counts["points"] == counts["survived"] else 1


def tried(save: Save) -> dict[str, Any]:
    """Return how often a save was broken off where, what was found then, and what was wrong."""
    ends = list(broken_off(save))
    kinds, found = Counter(kind for kind, _ in ends), Counter(what for _, what in ends)
    made: dict[str, Any] = {kind: kinds[kind] for kind in ("lines", "writes", "power_cuts")}
    made |= {what: found.pop(what, 0) for what in ("old", "new")}
    survived = made["old"] + made["new"]
    return made | {"points": len(ends), "survived": survived, "faults": sorted(found)}


def broken_off(save: Save) -> Iterator[tuple[str, str]]:
    """Yield how a save was broken off, and what was found then: "old", "new" or a fault."""
    with tempfile.TemporaryDirectory() as place:
        before, folder = Path(place, "before"), Path(place, "folder")
        save.before(before)
        for found in _cut_off(save, before, folder):
            yield "power_cuts", found
        for way in _writes():
            for found in _killed(save, before, folder, way):
                yield "writes", found
        for found in _killed(save, before, folder, before_each_line(save.files)):
            yield "lines", found


def _writes() -> list[Iterator[Arm]]:
    return [in_each_write(share) for share in SHARES]


def _killed(save: Save, before: Path, folder: Path, way: Iterator[Arm]) -> Iterator[str]:
    """Yield what was found after each kill, until the save comes to its end."""
    for arm in way:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(before, folder)
        if not dies(lambda: save.save(folder), arm):
            return
        found = save.found(folder)
        yield save.again(folder) or found


def _cut_off(save: Save, before: Path, folder: Path) -> Iterator[str]:
    """Yield what was found in each state that a power cut may leave."""
    if not save.flushes:
        return
    for flushes, found in found_after(before, folder, save.save, save.found):
        lost = found == "old" and flushes >= save.flushes
        yield "what was flushed is lost" if lost else found


if __name__ == "__main__":
    sys.exit(app())
