"""Signals that wait, and SIGTERM as an error."""

import signal
import subprocess
import sys
import threading

import pytest

from clearprop.signals import Terminated, held, terminating


@pytest.mark.parametrize(
    ("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)]
)
def test_a_signal_waits_until_the_end_and_then_acts_as_it_always_does(number, error):
    done = []

    def work():
        with held():
            signal.raise_signal(number)
            done.append("all of it")
        done.append("more")

    with terminating(), pytest.raises(error):
        work()
    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_outside_the_main_thread_nothing_changes():
    found = []

    def look():
        with terminating(), held():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT)]


def test_a_signal_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


INTERRUPTED = """
import signal, sys
class Presses:
    def find_spec(self, name, *rest):
        if name == "jax.numpy":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Presses())
try:
    import clearprop.engines.jax_setup
except KeyboardInterrupt:
    print("whole" if hasattr(sys.modules["jax"], "numpy") else "torn")
"""


def test_ctrl_c_does_not_tear_the_import_of_jax():
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True)
    assert done.stdout == "whole\n", done.stderr
