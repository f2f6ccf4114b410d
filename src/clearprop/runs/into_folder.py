"""Train a recipe into its folder: checkpoints on the way, model and record at the end."""

import logging
from typing import TextIO

from clearprop.errors import DivergedError
from clearprop.runs.folder import RunFolder, has_checkpoints
from clearprop.runs.output import progress_of
from clearprop.runs.prepared import Prepared
from clearprop.runs.record import Result, write_record
from clearprop.runs.training import Trained, train
from clearprop.training import Checkpoints

LOG = logging.getLogger(__name__)


def train_into(
    run: RunFolder, prepared: Prepared, every: str = "30s", stream: TextIO | None = None
) -> tuple[Trained, Result]:
    """Train a recipe into a folder, or resume from the checkpoint in it.

    Args:
        run: the folder, from `open_folder`.
        prepared: the recipe with its network and rows.
        every: how often a checkpoint is saved: "200steps", "2epochs" or "30s".
        stream: where progress is shown; None shows none.

    Returns:
        The training, and its result as the record has it.

    Raises:
        DivergedError: training diverged.
        KeyboardInterrupt: a second Ctrl-C; the first one only ends the training early.
    """
    trained = _trained(run, prepared, every, stream)
    result = write_record(trained, run.folder)
    if trained.interrupted and has_checkpoints(run.folder):
        LOG.warning("resume with --resume %s", run.folder)
    return trained, result


def _trained(run: RunFolder, prepared: Prepared, every: str, stream: TextIO | None) -> Trained:
    progress = progress_of(prepared, stream)
    saver = Checkpoints(run.checkpoints, every, resume=run.resume, say=progress.say)
    try:
        return train(prepared, progress, saver)
    except BaseException as error:
        if saver.path is not None and isinstance(error, DivergedError):
            LOG.warning("the last checkpoint before it is %s", saver.path)
        elif saver.path is not None:
            LOG.warning("resume with --resume %s", run.folder)
        run.clear()
        raise
