import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from clearprop.data import from_csv, load
from clearprop.data.formats import kaggle_csv
from clearprop.errors import DataError

SMALL = b"label,pixel0,pixel1\n1,0,255\n0,12,7\n2,3,4\n"


@pytest.fixture
def read(tmp_path):
    """Write bytes as a table and read them."""

    def write_and_read(data: bytes):
        (tmp_path / "own.csv").write_bytes(data)
        return from_csv(tmp_path / "own.csv")

    return write_and_read


def table(rows, header=None, quoting=csv.QUOTE_MINIMAL, end="\n") -> bytes:
    text = io.StringIO()
    if header:
        csv.writer(text, quoting=quoting, lineterminator=end).writerow(header)
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue().encode()


@given(
    pixels=hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9)),
    most=st.integers(1, 65_535),
    header=st.sampled_from([None, "pixel0", "1x1"]),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
    bom=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    block=st.integers(1, 50),
)
def test_what_the_csv_module_writes_is_read(
    tmp_path_factory, pixels, most, header, end, last, bom, quoting, block
):
    path = tmp_path_factory.getbasetemp() / "written.csv"
    labels = np.arange(len(pixels)) * most // (len(pixels) - 1)
    names = header and ["label", header, *["another"] * (pixels.shape[1] - 1)]
    data = table(np.column_stack([labels, pixels]).tolist(), names, quoting, end)
    path.write_bytes(b"\xef\xbb\xbf" * bom + (data if last else data.removesuffix(end.encode())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kaggle_csv, "_BLOCK", block)
        split = from_csv(path)
    assert split.images.reshape(len(pixels), -1).tolist() == pixels.tolist()
    assert split.images.ndim == (3 if pixels.shape[1] in (4, 9) else 2)
    assert split.labels.tolist() == labels.tolist()
    assert split.images.dtype == np.uint8


def test_it_reads_as_numpy_does(read):
    rng = np.random.default_rng(0)
    values = np.column_stack([rng.integers(0, 9, 300), rng.integers(0, 256, (300, 784))])
    data = table(values.tolist(), ["label", *(f"pixel{k}" for k in range(784))])
    split, expected = read(data), np.loadtxt(io.BytesIO(data), np.int64, delimiter=",", skiprows=1)
    assert (split.images == expected[:, 1:].reshape(300, 28, 28)).all()
    assert (split.labels == expected[:, 0]).all()


def test_a_table_of_digits_has_ten_classes_even_without_a_nine(read):
    rows = [[label] + [0] * 784 for label in (3, 8)]
    assert read(table(rows)).classes == tuple("0123456789")
    assert len(read(table([*rows, [10] + [0] * 784])).classes) == 11
    assert read(SMALL).classes == ("0", "1", "2")


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n\n", b"\r\n\r\n"])
def test_lines_may_end_as_they_like_below_the_last_row(read, end):
    assert len(read(SMALL.rstrip() + end)) == 3


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "line 1 is missing: the file is empty"),
        (b"\n" + SMALL, "line 1 is blank"),
        (SMALL.splitlines()[0], "holds no row below its header"),
        (SMALL.splitlines(True)[0] + b"\n\n", "holds no row below its header"),
        (b"label\n1\n", "line 1: 'label' has no comma"),
        (SMALL.replace(b",", b";"), "line 1: 'label;pixel0;pixel1' has no comma"),
        (b"pixel0,pixel1\n1,2\n", r"line 1, column 1: 'pixel0' .* has no labels .* test\.csv"),
        (b"pixel0,label\n1,2\n", "line 1: the labels are in column 2; put them first"),
        (SMALL.replace(b"255", b"256"), "line 2, column 3: '256' is not a pixel, .* 0 to 255"),
        (SMALL.replace(b"12", b"-1"), "line 3, column 2: '-1' is not a pixel"),
        (SMALL.replace(b"12", b"1.0"), r"line 3, column 2: '1\.0' is not a pixel"),
        (SMALL.replace(b"12", b"nan"), "line 3, column 2: 'nan' is not a pixel"),
        (SMALL.replace(b"12", b""), "line 3, column 2: '' is not a pixel"),
        (SMALL.replace(b"12", b" 12"), "line 3, column 2: ' 12' is not a pixel"),
        (SMALL.replace(b"12", b"+12"), r"line 3, column 2: '\+12' is not a pixel"),
        (SMALL.replace(b"12", "١".encode()), "line 3, column 2: '١' is not a pixel"),
        (SMALL.replace(b"12", b"12" * 30), "line 3, column 2: '121212121212121212121212…'"),
        (SMALL.replace(b"2,3,4", b"x,3,4"), "line 4, column 1: 'x' is not a label"),
        (SMALL.replace(b"2,3,4", b"65536,3,4"), "line 4, column 1: '65536' is not a label, .*,535"),
        (SMALL.replace(b"2,3,4", b"2,3"), "line 4 has 2 columns; the first line has 3"),
        (SMALL.replace(b"2,3,4", b"2,3,4,"), "line 4 has 4 columns; the first line has 3"),
        (SMALL.replace(b"0,12", b"\n0,12"), "line 3 is blank; delete it"),
        (SMALL.replace(b"0,12", b"\r\n0,12"), "line 3 is blank; delete it"),
        (SMALL.replace(b"0,12", b"  \n0,12"), "line 3 is blank; delete it"),
        (
            b"7,1,2\n7,3,4\n",
            "Every label is 7: .* Give rows of two classes or more\\. \\(In Python",
        ),
        (b"0,1,2\n1,2", "line 2 has 2 columns; the first line has 3"),
    ],
)
@pytest.mark.parametrize("block", [1, 7, 2**18])
def test_each_fault_is_named_with_line_and_column(read, data, message, block, monkeypatch):
    monkeypatch.setattr(kaggle_csv, "_BLOCK", block)
    with pytest.raises(DataError, match=r"own\.csv.*" + message):
        read(data)


@given(st.data())
def test_damaged_tables_are_refused_by_name(damaged, read_or_refuse, data):
    damage = data.draw(damaged(SMALL))
    split = read_or_refuse(from_csv, damage)
    if split is not None:
        lines = [line for line in damage.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
        rows = [line.split(b",") for line in lines if b"label" not in line.lower()]
        numbers = [[int(field) for field in row] for row in rows]
        images = split.images.reshape(len(split), -1)
        assert np.column_stack([split.labels, images]).tolist() == numbers


def test_lines_without_an_end_are_refused_at_little_cost(tmp_path, memory_of):
    path = tmp_path / "long.csv"

    def refused() -> None:
        for start, message in (
            (b"1,", "line 1 is longer than"),
            (SMALL + b"1", "line 5 is longer than"),
        ):
            with path.open("wb") as file:
                file.write(start)
                file.truncate(2**26)
            with pytest.raises(DataError, match=message):
                from_csv(path)

    assert memory_of(refused) < 2**24


def test_many_blank_lines_are_refused_at_little_cost(tmp_path, memory_of):
    (tmp_path / "blank.csv").write_bytes(SMALL + b"\n" * 2**23 + b"1,2,3\n")

    def refused() -> None:
        with pytest.raises(DataError, match="line 5 is blank"):
            from_csv(tmp_path / "blank.csv")

    assert memory_of(refused) < 2**24


def test_a_table_takes_a_small_multiple_of_its_pixels(tmp_path, memory_of):
    values = np.random.default_rng(0).integers(0, 10, (5_000, 785))
    (tmp_path / "large.csv").write_bytes(table(values.tolist()))
    split = None

    def read() -> None:
        nonlocal split
        split = from_csv(tmp_path / "large.csv")

    peak = memory_of(read)
    assert split.images.shape == (5_000, 28, 28)
    assert peak < 4 * values.size + 8_000_000


def test_a_table_is_a_set_without_test_rows(tmp_path):
    (tmp_path / "train.csv").write_bytes(SMALL)
    dataset = load(tmp_path / "train.csv")
    assert (dataset.name, dataset.test, len(dataset.train)) == ("train", None, 3)
