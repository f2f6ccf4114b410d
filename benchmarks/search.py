"""`python -m benchmarks.search [--again]`: settings with which each contender is soonest at a goal.

First the accuracy of every setting, on 10,000 training rows that were held out, over three seeds:
the worst must pass the goal with a margin. Then every contender's time with each passing setting
that could be anybody's fastest: with the first of them in all its forms, with the others in the
forms that came within a tenth of the fastest. What was tried goes into settings.json as it is
found, so a search that was stopped goes on; `--again` times anew, as another machine should.
"""

import itertools
import json
import sys
from typing import Any

from benchmarks import results, settings
from benchmarks.contenders import CONTENDERS
from benchmarks.job import Job
from benchmarks.processes import ProcessError
from benchmarks.to_accuracy import one_run
from benchmarks.works import STARTERS

SEEDS = (0, 1, 2)
MARGIN = 0.001
RUNS = 2
NEAR = 1.1


def main() -> None:
    """Search, and write settings.json."""
    found = settings.read()
    if "--again" in sys.argv[1:]:
        found["seconds"] = {}
    found["timed"] = results.circumstances()
    for name, family in settings.FAMILIES.items():
        if not CONTENDERS[family.measured_with].missing():
            find_accuracies(found, name, family)
    for percent in settings.PERCENTS:
        for name in STARTERS:
            if not CONTENDERS[name].missing():
                find_seconds(found, percent, name)
    keep(found)


def find_accuracies(found: dict[str, Any], name: str, family: settings.Family) -> None:
    """Measure the settings of a list, and leave one at the first seed that misses every goal."""
    for job in family.jobs():
        made = found["accuracies"].setdefault(name, {}).setdefault(settings.words(job), [])
        while len(made) < len(SEEDS) and passes(made, min(settings.PERCENTS)):
            held_out = job.changed(held_out=True, rows=50_000)
            made.append(one_run(family.measured_with, "", held_out, SEEDS[len(made)])["accuracies"])
            report(f"{name}: {settings.words(job)}: {made}")
            keep(found)


def passes(accuracies: list[float], percent: int) -> bool:
    """Return whether even the worst seed is above the goal by the margin."""
    return all(accuracy >= percent / 100 + MARGIN for accuracy in accuracies)


def find_seconds(found: dict[str, Any], percent: int, name: str) -> None:
    """Time a contender with the settings that pass, in each form, and choose the fastest."""
    family = settings.family_of(name)
    accuracies = found["accuracies"].get(family, {})
    passing = [
        job
        for job in settings.FAMILIES[family].jobs()
        if len(made := accuracies.get(settings.words(job), [])) == len(SEEDS)
        and passes(made, percent)
    ]
    jobs = worth_timing(passing)
    for job in jobs:
        forms = CONTENDERS[name].forms(job)
        for form in forms if job is jobs[0] else good_forms(found, name, jobs[0]):
            time_once(found, name, form, job)
    choose(found, percent, name, [settings.words(job) for job in jobs])


def good_forms(found: dict[str, Any], name: str, job: Job) -> list[str]:
    """Return the forms that came near the fastest with a setting; none where all of them failed."""
    seconds = found["seconds"].get(name, {}).get(settings.words(job), {})
    return [form for form, s in seconds.items() if s <= NEAR * min(seconds.values())]


def time_once(found: dict[str, Any], name: str, form: str, job: Job) -> None:
    """Time one setting in one form, the better of two runs: the first may fill a cache."""
    made = found["seconds"].setdefault(name, {}).setdefault(settings.words(job), {})
    if form in made:
        return
    try:
        made[form] = min(one_run(name, form, job, seed)["values"] for seed in range(RUNS))
    except ProcessError as error:
        report(f"{name}: {form}: {error}")
        return
    report(f"{name}: {settings.words(job)}; {form}: {made[form]:.2f} s")
    keep(found)


def choose(found: dict[str, Any], percent: int, name: str, said: list[str]) -> None:
    """Keep the fastest of a contender's settings and forms."""
    seconds = found["seconds"].get(name, {})
    found["chosen"].setdefault(str(percent), {}).pop(name, None)
    tried = [(s, one, form) for one in said for form, s in seconds.get(one, {}).items()]
    if tried:
        _, one, form = min(tried)
        found["chosen"][str(percent)][name] = {"setting": one, "form": form}


def worth_timing(jobs: list[Job]) -> list[Job]:
    """Return the settings that no other one beats in both arithmetic and number of updates."""
    return [job for job in jobs if not any(is_less(other, job) for other in jobs)]


def is_less(one: Job, other: Job) -> bool:
    """Return whether one setting costs less than another in both ways, or in one at a tie."""
    mine, theirs = (costs(job) for job in (one, other))
    return mine != theirs and all(a <= b for a, b in zip(mine, theirs, strict=True))


def costs(job: Job) -> tuple[int, int]:
    """Return a setting's multiplications and updates."""
    weights = sum(a * b for a, b in itertools.pairwise(job.layers))
    return weights * job.rows * (job.epochs or 1), job.steps


def keep(found: dict[str, Any]) -> None:
    """Write what is found."""
    from clearprop import atomic

    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
    atomic.write(settings.FILE, text.encode() + b"\n")


def report(line: str) -> None:
    """Say what was found."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
