"""The command line, one file a command.

Results go to stdout, messages and progress to stderr. Every failure that a user can cause is
a sentence or two on what is wrong and what to do, with an exit code of its own.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclopts import App

EXAMPLES = """\
Examples:
  clearprop train --data mnist         a sensible network for the MNIST digits
  clearprop train fashion-sgd          a recipe, by its name or as a TOML file
  clearprop predict mnist-small 7.jpg  which digit a picture shows
  clearprop reproduce                  check every recipe's claim
  clearprop gradcheck                  prove the backpropagation"""

# A file or folder that cannot be read or written; model files have a code of their own.
FILE = 11
MEMORY = 12


def build() -> App:
    """Return the application; heavy imports wait inside the commands."""
    from cyclopts import App, Parameter

    from clearprop.cli import (
        datasets,
        doctor,
        evaluate,
        find_rate,
        gradcheck,
        inspect,
        join,
        predict,
        recipes,
        reproduce,
        sweep,
        train,
    )
    from clearprop.version import __version__

    app = App(
        name="clearprop",
        help_prologue=EXAMPLES,
        help="Multilayer perceptrons that you can see through.",
        help_format="plaintext",
        version=__version__,
        default_parameter=Parameter(negative=""),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for module in (
        train,
        evaluate,
        predict,
        sweep,
        find_rate,
        reproduce,
        gradcheck,
        inspect,
        join,
        doctor,
        datasets,
        recipes,
    ):
        module.register(app)
    return app


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with an exit code."""
    import signal

    code = run(sys.argv[1:] if arguments is None else arguments)
    # Nothing is left to stop: a late Ctrl-C would only disturb Python's shutdown.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    from cyclopts import CycloptsError

    from clearprop.cli.console import fail, warnings_as_notes
    from clearprop.errors import ClearpropError
    from clearprop.signals import Terminated, terminating

    try:
        with terminating(), warnings_as_notes():
            return build()(arguments, exit_on_error=False, print_error=False) or 0
    except CycloptsError as error:
        return fail(f"{error}\nSee: clearprop --help", 2)
    except ClearpropError as error:
        return fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return fail("stopped by Ctrl-C", 130)
    except Terminated as error:
        return fail("stopped by SIGTERM", int(error.code or 0))
    except MemoryError:
        return fail("not enough memory: take fewer rows, or a smaller network or batch", MEMORY)
    except BrokenPipeError:
        # The reader of a pipe has gone (as `| head` does), so nobody would see a message.
        sys.stderr.close()
        return 141
    except OSError as error:
        return fail(f"{error.filename or 'a file'}: {error.strerror or error}; check it", FILE)
