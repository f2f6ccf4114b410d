"""The command line as a reader: what it prints, or its complaint as an error."""

import contextlib
import io

from clearprop import cli
from clearprop.errors import ClearpropError

WARNING = "warning: "


def command(*words: object) -> str:
    """Return what a command prints.

    Raises:
        ClearpropError: it failed; the message is what it wrote to stderr.
    """
    out, complaint = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(complaint):
        code = cli.run([str(word) for word in words])
    if code:
        # A warning before it is a line of its own. Whoever typed the command knows the file: its
        # name need not stand in the complaint.
        lines = complaint.getvalue().strip().split("\n")
        said = "\n".join(line for line in lines if not line.startswith(WARNING))
        raise ClearpropError(f"{words[1]}: {said}")
    return out.getvalue()
