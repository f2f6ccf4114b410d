"""Write every attack into a temporary folder, open each, and print what came of it.

python -m attacks [--json FILE] [--only WORDS]
"""

import argparse
import json
import sys
from pathlib import Path

from attacks.controls import controls
from attacks.harness import Job, Outcome, opened
from attacks.readers import READERS
from attacks.table import ATTACKS


def main() -> int:
    """Try all; leave with 1 where an attack was not refused or a control failed."""
    parser = argparse.ArgumentParser("python -m attacks", description=__doc__)
    parser.add_argument("--json", metavar="FILE", help="write the outcomes there too")
    parser.add_argument("--only", default="", metavar="WORDS", help="those whose name has them")
    wanted = parser.parse_args()
    jobs = [
        Job(name, attack.suffix, attack.write, READERS[attack.reader])
        for name, attack in ATTACKS.items()
    ]
    due = dict.fromkeys((job.name for job in jobs), ("refused", ""))
    for control in controls(ATTACKS):
        jobs.append(control.job)
        due[control.job.name] = control.verdict, control.says
    jobs = [job for job in jobs if wanted.only in job.name]
    records = []
    for job, outcome in zip(jobs, opened(jobs), strict=True):
        verdict, says = due[job.name]
        right = outcome.verdict == verdict and says in outcome.says
        # A control may run what is in the file: that leaves the canary.
        right &= not outcome.left or verdict == "broken"
        sys.stdout.write(_line(job, outcome, right))
        records.append({"name": job.name, "right": right} | outcome._asdict())
    if wanted.json:
        Path(wanted.json).write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    wrong = sum(not record["right"] for record in records)
    sys.stdout.write(f"{len(records)} files opened, {wrong} not as they should be\n")
    return int(wrong > 0)


def _line(job: Job, outcome: Outcome, right: bool) -> str:
    mark = " " if right else "!"
    return (
        f"{mark} {outcome.verdict:8} {outcome.code:3} {outcome.seconds:6.2f} s "
        f"{outcome.mebibytes:5.0f} MiB  {job.name}: {outcome.says[:200]}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
