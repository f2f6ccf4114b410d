"""The command line as a reader of files: its output, or its message as an error."""

import contextlib
import io

from clearprop import cli
from clearprop.errors import ClearpropError

WARNING = "warning: "


def command(*words: object) -> str:
    """Return the output of a command.

    Raises:
        ClearpropError: it failed; the message is its stderr.
    """
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.run([str(word) for word in words])
    if code:
        # A warning is a line of its own. The message need not name the file of the command line.
        lines = err.getvalue().strip().split("\n")
        message = "\n".join(line for line in lines if not line.startswith(WARNING))
        raise ClearpropError(f"{words[1]}: {message}")
    return out.getvalue()
