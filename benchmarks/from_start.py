"""From a process's start to a trained network: `python -m benchmarks.from_start NAME FORM JOB`.

Imports, rows, compiling, training and the evaluation are all in the time, which whoever started
the process takes; it prints the accuracy.
"""

import sys

from benchmarks.contenders import CONTENDERS
from benchmarks.job import Job


def main(name: str, form: str, job: Job) -> None:
    """Train one network and print how much it gets right; an empty form is the first one."""
    forms = CONTENDERS[name].forms(job)
    trainer = forms[form or next(iter(forms))]()
    trainer.train(job.epochs or 1)
    print(trainer.accuracy())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Job.from_json(sys.argv[3]))
