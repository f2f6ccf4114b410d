"""Progress: a line an epoch, nothing where nothing is wanted, a bar on terminals only."""

import io
import sys

import pytest

from clearprop import KeepBest, Progress
from clearprop.data import from_arrays
from clearprop.errors import DivergedError
from clearprop.training import progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def lines(network, rows, *others, **words):
    """Return the lines that a fit of two epochs prints."""
    stream = io.StringIO()
    callbacks = [*others, Progress(stream)]
    network.fit(*rows, **({"epochs": 2, "callbacks": callbacks} | words))
    return stream.getvalue().splitlines()


def test_a_line_an_epoch_and_one_about_the_time(model, rows):
    first, second, last = lines(model(), rows)
    assert first.startswith("epoch 1/2  loss 1.")
    assert "rate 0.01" in second
    assert "validation" not in second
    assert last.startswith("2 epochs in ")


def test_what_was_restored_and_why_it_stopped_are_said(model, rows):
    printed = lines(model(), rows, KeepBest(), validation_data=rows)
    assert any("validation 0." in line for line in printed)
    assert any(line.startswith("kept the weights of epoch") for line in printed)


def test_test_accuracy_is_shown_where_asked_and_chooses_nothing(model, rows, other_rows, same):
    network, plain, stream = model(), model(), io.StringIO()
    shown = Progress(stream, from_arrays(*other_rows))
    network.fit(*rows, epochs=3, callbacks=[shown])
    plain.fit(*rows, epochs=3)
    assert len(shown.of_test) == 3
    assert f"test {network.evaluate(*other_rows).accuracy:.4f}" in stream.getvalue()
    assert same(network.parameters, plain.parameters)


def test_no_stream_prints_nothing(model, rows, capfd):
    model().fit(*rows, epochs=1, callbacks=[Progress(None)])
    assert capfd.readouterr() == ("", "")


def test_a_terminal_gets_a_bar_that_is_taken_away(model, rows, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    shown = Progress(terminal)
    model().fit(*rows, epochs=2, callbacks=[shown])
    drawn = terminal.getvalue()
    assert "epoch 2/2" in drawn
    assert drawn.rindex("\x1b[?25h") > drawn.rindex("\x1b[?25l")  # the cursor is back


def test_the_bar_goes_where_training_fails(model, rows, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    shown = Progress(io.StringIO())
    with pytest.raises(DivergedError):
        model(loss="squared_error", optimizer="sgd", learning_rate=1e5).fit(
            *rows, epochs=9, callbacks=[shown]
        )
    assert shown._bar is None
    assert terminal.getvalue().rindex("\x1b[?25h") > terminal.getvalue().rindex("\x1b[?25l")


def test_the_bar_moves_with_the_steps(model, rows, monkeypatch):
    moved = []

    class Bar:
        def __getattr__(self, name):
            return lambda *_, **words: moved.append((name, words))

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(progress, "_bar", Bar)
    model().fit(*rows, epochs=3, batch_size=16, callbacks=[Progress(io.StringIO())])
    totals = [words["total"] for name, words in moved if name == "add_task"]
    done = [words["completed"] for name, words in moved if name == "update"]
    assert totals == [12]
    assert done == sorted(done)
    assert done[-1] == 12


def test_a_message_goes_past_the_bar_to_stderr(model, rows, spy, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    shown = Progress(io.StringIO())

    class Speaks(spy):
        def after_epoch(self, fit):
            shown.say("mind [this] gap")

    model().fit(*rows, epochs=1, callbacks=[shown, Speaks()])
    line = next(line for line in terminal.getvalue().splitlines() if "gap" in line)
    # The bar's line was wiped before it, so nothing of the bar is left beside it.
    assert line.rpartition("\x1b[2K")[2].endswith("mind [this] gap")
    monkeypatch.undo()
    Progress(None).say("mind the gap")
    assert capsys.readouterr().err == "mind the gap\n"
