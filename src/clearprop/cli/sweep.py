"""`clearprop sweep`: which settings are best, over seeds, by validation rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from clearprop.cli.console import note, result, result_json
from clearprop.cli.options import (
    Data,
    DataDir,
    Engine,
    Epochs,
    Json,
    Offline,
    Quiet,
    RecipeName,
    Set,
)

if TYPE_CHECKING:
    from clearprop.runs.prepared import Prepared
    from clearprop.runs.request import Request
    from clearprop.search import Sweep

EXAMPLES = """\
Examples:
  clearprop sweep mnist-quick --vary learning_rate=0.001,0.003,0.01 --seeds 3
  clearprop sweep --data mnist --vary dropout=0,0.2 --vary batch_size=32,128
  clearprop sweep --data mnist --vary learning_rate=1e-4..1e-2 --trials 30
  clearprop sweep --data mnist --vary "layers=[784,30,10],[784,99,10]"
  clearprop sweep my.toml --vary dropout=0..0.5 --search optuna --trials 40

Settings are ranked by the accuracy (R² of real numbers) on the validation
rows after the last epoch, a mean over the seeds; the test rows are not touched. The seeds are
the recipe's own and those after it; all learn from the same rows.

From a range LOW..HIGH values are drawn: evenly, or evenly over the logarithm
where both ends are positive and ten times or more apart; whole numbers where
both ends are.

Every training that is done is a line in the sweep's file. The same command
goes on where it was stopped; more values, seeds or trials add to the file."""


def register(app: App) -> None:
    """Add the command."""
    app.command(
        sweep, help_prologue=EXAMPLES, help="Compare settings over seeds, by validation rows."
    )


def sweep(
    recipe: RecipeName = None,
    /,
    *,
    vary: Annotated[
        tuple[str, ...],
        Parameter(help="KEY=VALUE,VALUE or KEY=LOW..HIGH. May be repeated.", show_default=False),
    ] = (),
    seeds: Annotated[int, Parameter(help="How many seeds every settings are trained with.")] = 1,
    search: Annotated[
        str | None,
        Parameter(help="grid, random or optuna; else a grid, or random where there is a range."),
    ] = None,
    trials: Annotated[
        int | None, Parameter(help="How many settings are drawn; 20 without it.")
    ] = None,
    data: Data = None,
    engine: Engine = None,
    epochs: Epochs = None,
    seed: Annotated[int | None, Parameter(help="The first seed, and that of the draws.")] = None,
    set_: Set = (),
    out: Annotated[
        Path | None, Parameter(help="The sweep's file, as FILE.jsonl; else one in runs/.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
    offline: Offline = False,
) -> int:
    """Sweep; see EXAMPLES."""
    from clearprop.cli.sweep_progress import SweepProgress
    from clearprop.errors import SettingError
    from clearprop.runs.request import Request
    from clearprop.runs.sweeps import candidate, check_varied, journal_of
    from clearprop.search import Sweep

    if not 1 <= seeds <= 10_000 or (seeds == 1 and not vary):
        raise SettingError(
            "there is nothing to compare: --vary learning_rate=0.001,0.01, or --seeds 3"
        )
    asked = Request(recipe, data, engine, epochs, seed, set_)
    prepared = asked.prepare("sweep", data_dir, offline, quiet)
    if prepared.held_out is None:
        raise SettingError(
            f"{prepared.recipe.name} has no validation rows, and a sweep chooses by nothing else: "
            "hold some out with --set validation=0.1"
        )
    first = prepared.recipe.model.get("seed", 0)
    progress = SweepProgress(quiet)
    made = Sweep(
        lambda settings, seed: candidate(prepared.recipe, settings, seed),
        prepared.train,
        prepared.held_out,
        vary,
        seeds=range(first, first + seeds),
        search=search,
        trials=trials,
        seed=first,
        told=progress.told,
    )
    check_varied(made.varied)
    made.check()
    with journal_of(prepared, made, out, lambda text: note(text, quiet)) as made.journal:
        interrupted = _run(made, progress)
    return _report(made, asked, prepared, interrupted, json, quiet)


def _run(made: Sweep, progress: Any) -> bool:
    """Run the sweep; returns whether Ctrl-C ended it."""
    try:
        with progress:
            made.run()
    except KeyboardInterrupt:
        note(
            f"stopped by Ctrl-C, {made.done} of {made.planned} trainings done; the same command "
            f"resumes {made.journal.path}"
        )
        return True
    return False


def _report(
    made: Sweep, asked: Request, prepared: Prepared, interrupted: bool, json: bool, quiet: bool
) -> int:
    """Print what came of a sweep, and return the exit code."""
    from clearprop.cli.sweep_table import best, table

    trials, path = made.trials(), made.journal.path
    assert path is not None
    assert prepared.held_out is not None
    learned = [trial for trial in trials if trial.diverged < len(trial.outcomes)]
    command = asked.train_command(learned[0].settings) if learned else None
    if learned and not interrupted:
        note(_picture(made, prepared, path), quiet)
    if json:
        result_json(
            {
                "recipe": prepared.recipe.name,
                "data": prepared.data.name,
                "task": prepared.model.task,
                "measured_on": "validation",
                "rows": len(prepared.held_out),
                "search": made.search,
                "seeds": list(made.seeds),
                "planned": made.planned,
                "best": learned[0].settings if learned else None,
                "command": command,
                "trials": [trial.as_dict() for trial in trials],
                "file": str(path.absolute()),
                "interrupted": interrupted,
            }
        )
    else:
        result("\n".join([*table(trials), *best(trials, made.varied, len(prepared.held_out))]))
        if command:
            result(f"train with it: {command}")
    return 130 if interrupted else 0


def _picture(made: Sweep, prepared: Prepared, path: Path) -> str:
    from clearprop.errors import MissingExtraError
    from clearprop.search.pictures import draw_sweep

    if not made.varied:
        return f"trainings: {path}"
    title = f"A sweep of {prepared.recipe.name}"
    if len(made.seeds) > 1:
        title += f": means of {len(made.seeds)} seeds, bars: standard deviations"
    try:
        drawn = draw_sweep(path.with_suffix(".png"), made.trials(), title=title)
        return f"trainings: {path}\npicture: {drawn}"
    except MissingExtraError as error:
        return f"trainings: {path}\n{error}"
