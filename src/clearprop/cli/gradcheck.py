"""`clearprop gradcheck`: every derived gradient against its witnesses."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from cyclopts import App

from clearprop.cli.console import note, result, result_json
from clearprop.cli.options import Json, Quiet

if TYPE_CHECKING:
    from clearprop.insight.gradcheck import Check

EXAMPLES = """\
Examples:
  clearprop gradcheck            the table: rule, witness, error, verdict
  clearprop gradcheck --json     the same for a script

Leaves with 3 where a gradient is wrong."""

WRONG = 3


def register(app: App) -> None:
    """Add the command."""
    app.command(gradcheck, help_prologue=EXAMPLES, help="Prove the backpropagation, rule by rule.")


def gradcheck(*, json: Json = False, quiet: Quiet = False) -> int:
    """Check; see EXAMPLES."""
    from clearprop.insight.gradcheck import available, checks

    found, left_out = [], available().left_out
    if left_out:
        note(left_out, quiet)
    if not json:
        result(f"{'rule':<70}{'witness':<22}{'max error':>10}  allowed")
    for check in checks():
        found.append(check)
        line = (
            f"{check.rule:<70}{check.witness:<22}{check.max_relative_error:>10.1e}"
            f"  {check.tolerance:.0e}  {'right' if check.passed else 'WRONG'}"
        )
        if not json:
            result(line)
        elif sys.stderr.isatty():
            note(line, quiet)
    wrong = sum(not check.passed for check in found)
    if json:
        result_json([_record(check) for check in found])
    else:
        result(f"{len(found)} checks, {wrong} wrong")
    return WRONG if wrong else 0


def _record(check: Check) -> dict:
    # JSON has no infinity and no NaN: such an error is null, and not passed.
    error = check.max_relative_error if math.isfinite(check.max_relative_error) else None
    return check._asdict() | {"max_relative_error": error, "passed": check.passed}
