"""The words of `--vary`, and the quantiles of a range against SciPy's."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from clearprop.errors import SettingError
from clearprop.search.varied import Range, Values, varied

SHARES = [0.0, 0.1, 0.25, 0.5, 0.77, 0.999]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("learning_rate=0.001,0.01", Values("learning_rate", (0.001, 0.01))),
        (" batch_size = 32 , 64 ", Values("batch_size", (32, 64))),
        ("activation=relu,tanh", Values("activation", ("relu", "tanh"))),
        ("batch_norm=true,false", Values("batch_norm", (True, False))),
        ("layers=[4,9,3],[4, 3]", Values("layers", ([4, 9, 3], [4, 3]))),
        (
            'optimizer={name="adam", beta1=0.8},sgd',
            Values("optimizer", ({"name": "adam", "beta1": 0.8}, "sgd")),
        ),
        ("x='a,b',c", Values("x", ("a,b", "c"))),
        ("l2=0,1e-4", Values("l2", (0, 1e-4))),
        ("learning_rate=1e-4..1e-2", Range("learning_rate", 1e-4, 1e-2)),
        ("batch_size=16..64", Range("batch_size", 16, 64, whole=True)),
        ("dropout=0..0.5", Range("dropout", 0, 0.5)),
        ("l2=-1 .. .5", Range("l2", -1, 0.5)),
    ],
)
def test_what_the_words_mean(text, expected):
    assert varied([text]) == [expected]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["learning_rate"], "--vary takes KEY=VALUE,VALUE or KEY=LOW..HIGH, not 'learning_rate'"),
        (["=1,2"], "--vary takes KEY=VALUE"),
        (["dropout="], "--vary dropout lacks a value"),
        (["dropout=0.1,"], "--vary dropout lacks a value"),
        (["dropout=0.1,0.10"], "--vary dropout has 0.1 twice"),
        (["seed=1,2"], "seed cannot be varied: --seeds 3"),
        (["model.seed=1,2"], "seed cannot be varied: --seeds 3"),
        (["fit.keep_best=true,false"], "keep_best cannot be varied"),
        (["refit=true,false"], "refit cannot be varied"),
        (["l2=0,1", "model.l2=2,3"], "l2 is varied twice"),
        (["l2=a..b"], "is not a range of numbers"),
        (["l2=0..inf"], "is not a range of numbers"),
        (["l2=0..nan"], "is not a range of numbers"),
        (["l2=1..2..3"], "is not a range of numbers"),
        (["l2=..3"], "is not a range of numbers"),
        (["l2=true..3"], "is not a range of numbers"),
        (["l2=1..0.1"], "the first number must be the smaller one"),
        (["l2=1..1"], "the first number must be the smaller one"),
    ],
)
def test_a_beginners_mistakes(texts, said):
    with pytest.raises(SettingError) as told:
        varied(texts)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


PLAIN = some.one_of(
    some.integers(-(2**60), 2**60),
    some.floats(allow_nan=False, allow_infinity=False),
    some.booleans(),
    some.text("abc ,[]{}'", max_size=6),
    some.lists(some.integers(0, 9), max_size=3),
)


@given(some.lists(PLAIN, min_size=1, max_size=5, unique_by=lambda value: json.dumps(value)))
def test_whatever_values_are_written_are_read_again(values):
    # Equal ones of one type stand twice, as 0.0 and -0.0.
    if any(type(a) is type(b) and a == b for i, a in enumerate(values) for b in values[:i]):
        return
    text = ",".join(map(json.dumps, values))
    (one,) = varied([f"key={text}"])
    assert one == Values("key", tuple(values))
    assert [type(value) for value in one.values] == [type(value) for value in values]


@given(some.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(SettingError):
        (one,) = varied([text])
        assert one.key
        assert isinstance(one, Range) or one.values


@pytest.mark.parametrize("share", SHARES)
def test_a_range_has_the_quantiles_of_scipy(share):
    rate = Range("learning_rate", 1e-4, 1e-1)
    assert rate.at(share) == pytest.approx(stats.loguniform(1e-4, 1e-1).ppf(share), rel=5e-4)
    dropout = Range("dropout", 0.0, 0.5)
    assert dropout.at(share) == pytest.approx(stats.uniform(0.0, 0.5).ppf(share), rel=5e-4)
    near = Range("l2", 1.0, 9.9)
    assert near.at(share) == pytest.approx(stats.uniform(1.0, 8.9).ppf(share), rel=5e-4)
    units = Range("batch_size", 8, 512, whole=True)
    assert units.at(share) == round(stats.loguniform(7.5, 512.5).ppf(share))


def test_whole_numbers_are_drawn_evenly_with_both_ends():
    epochs = Range("epochs", 3, 6, whole=True)
    found = [epochs.at((k + 0.5) / 400) for k in range(400)]
    assert {value: found.count(value) for value in found} == {3: 100, 4: 100, 5: 100, 6: 100}
    assert epochs.at(0.0) == 3
    assert epochs.at(1.0) == 6


@given(some.floats(1e-9, 1e9), some.floats(1.001, 1e6), some.floats(0, 1))
def test_a_draw_lies_in_its_range(low, times, share):
    one = Range("x", low, low * times)
    assert low * (1 - 5e-4) <= one.at(share) <= low * times * (1 + 5e-4)
