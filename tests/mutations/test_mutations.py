"""Every format, damaged in thousands of ways: read or refused, and nothing else."""

import warnings
from collections import Counter

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from mutations.outcome import is_accepted
from mutations.specimen import Specimen, mutations
from mutations.specimens import OTHERS, SPECIMENS

from clearprop.errors import DataError

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

# Of those that train or run a command fewer.
MANY, FEW = 90, 30
COUNTS = {name: FEW if one.is_slow else MANY for name, one in SPECIMENS.items()}


def outcomes(specimen: Specimen, count: int, folder) -> Counter[bool]:
    """Read so many mutations of a specimen and count how many are accepted."""
    found = Counter()

    # Each specimen with draws of its own.
    @hypothesis.seed(specimen.name)
    @settings(max_examples=count, database=None, suppress_health_check=list(HealthCheck))
    @given(mutations(specimen, OTHERS))
    def read(data):
        found[is_accepted(specimen, data, folder)] += 1

    read()
    return found


def test_the_ordinary_tests_make_two_thousand_mutations():
    assert sum(COUNTS.values()) >= 2000


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_mutated_file_is_read_or_refused_in_one_line(name, tmp_path):
    found = outcomes(SPECIMENS[name], COUNTS[name], tmp_path / "files")
    assert found.total() >= COUNTS[name]


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_whole_file_is_read_and_so_is_one_whose_parts_were_taken_out_and_put_back(name, tmp_path):
    specimen = SPECIMENS[name]
    assert is_accepted(specimen, specimen.data, tmp_path / "files")
    for part in specimen.parts:
        again = part.put(specimen.data, part.take(specimen.data))
        assert part.take(again) == part.take(specimen.data)
        assert is_accepted(specimen, again, tmp_path / "files"), part.name


def reads(answer) -> Specimen:
    """Return a specimen whose reader answers so wherever the file was changed."""
    whole = SPECIMENS["CSV"]

    def read(path):
        return None if path.read_bytes() == whole.data else answer(path)

    def check(found):
        assert found is None

    return whole._replace(read=read, check=check)


def refusing(words):
    def refuse(path):
        raise DataError(words.format(path=path))

    return refuse


def warn(path):
    warnings.warn(f"{path} looks odd", stacklevel=1)


def take_all_memory(path):
    try:
        np.empty(2**60, np.uint8)
    except MemoryError as error:
        raise DataError(f"{path} is damaged") from error


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (lambda path: int(path.read_bytes()), ValueError, "invalid literal"),
        (lambda path: 1 / 0, ZeroDivisionError, "zero"),
        (warn, UserWarning, "odd"),
        (lambda path: "something else", AssertionError, "something else"),
        (refusing("the file is damaged"), AssertionError, "names no file"),
        (refusing("{path} holds the\nlabel 12"), AssertionError, "several lines"),
        (refusing("{path} holds \x1b[31m"), AssertionError, "control characters"),
        (refusing("{path} holds " + "x" * 9999), AssertionError, "characters"),
        (take_all_memory, AssertionError, "took all memory"),
    ],
)
def test_a_reader_that_does_anything_else_is_caught(answer, error, says, tmp_path):
    with pytest.raises(error, match=says):
        outcomes(reads(answer), 5, tmp_path / "files")


def test_a_reader_that_refuses_clearly_is_not(tmp_path):
    found = outcomes(reads(refusing("{path} is damaged; save it again.")), 20, tmp_path / "files")
    assert found[False] > 10
