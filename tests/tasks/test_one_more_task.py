"""A task is one file and a line of the table: here one more learns, is kept, saved and shown."""

import numpy as np
import pytest
from problems import X

from clearprop import MLP, Checkpoints, KeepBest, cli, load
from clearprop.errors import DataError
from clearprop.tasks import TASKS, Read
from clearprop.tasks.values import Values

PRICES = np.exp(X @ [0.5, 1.0, -0.5, 0.2] + 3.0)


class Prices(Values):
    """Positive numbers, of which the logarithm is learned."""

    name = "prices"
    judge = "mae"
    question = "what it costs"
    nouns = ("price", "prices")

    def read(self, y, names, targets, outputs):
        if not (np.asarray(y) > 0).all():
            raise DataError("prices are positive")
        made = super().read(np.log(y), names, targets, outputs)
        return Read(made.y, made.targets)

    def predicted(self, logits, targets):
        return np.exp(super().predicted(logits, targets))


@pytest.fixture(autouse=True)
def one_more(monkeypatch, unchecked_shapes):
    monkeypatch.setitem(TASKS, "prices", Prices())


def test_it_learns_is_kept_and_comes_back(engine, tmp_path):
    def fit(resume):
        model = MLP([4, 16, 1], task="prices", engine=engine, learning_rate=0.01)
        keep = [KeepBest(), Checkpoints(tmp_path / "c", "7steps", resume=resume)]
        model.fit(X, PRICES, epochs=60, batch_size=16, validation_split=0.2, callbacks=keep)
        return model

    model = fit(resume=False)
    assert np.corrcoef(np.log(model.predict(X)), np.log(PRICES))[0, 1] > 0.97
    assert model.metrics["mae"] == min(model.history.val_mae)
    again = fit(resume=True)
    assert (again.predict(X) == model.predict(X)).all()
    loaded = load(model.save(tmp_path / "m.safetensors"))
    assert loaded.task == "prices"
    np.testing.assert_allclose(loaded.predict(X), model.predict(X), rtol=1e-5)
    with pytest.raises(DataError, match="prices are positive"):
        model.evaluate(X, -PRICES)


def test_the_commands_know_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    np.savez("prices.npz", x_train=X, y_train=PRICES)
    words = ["--data", "prices.npz", "--set", "task=prices", "--epochs", "2", "--out", "out"]
    assert cli.run(["train", *words, "--explain"]) == 0
    said = capsys.readouterr()
    assert "with 1 price, 6 held out" in said.err
    assert "task: prices, what it costs; judged by mean absolute error" in said.err
    assert "validation mean absolute error: " in said.out
    model = "out/model.safetensors"
    assert cli.run(["evaluate", model, "--data", "prices.npz", "--report", "report"]) == 0
    assert cli.run(["sweep", *words[:4], "--vary", "dropout=0,0.2", "--epochs", "1"]) == 0
    assert "mean absolute error" in capsys.readouterr().out
