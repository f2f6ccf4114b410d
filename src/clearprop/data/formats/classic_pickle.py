"""A reader for the classic `mnist.pkl.gz`, and for nothing else that a pickle can hold.

The file is a Python 2 pickle of ((images, labels), (images, labels), (images, labels)): the
first 50,000 training rows, the other 10,000, and the 10,000 test rows. A pickle is a program, so
this one is restricted: only the few instructions that arrays need are allowed; the three names it
may use stand for plain records of their arguments; and the arrays are built here, from bytes of
the right length. NumPy's own reconstruction is never called. No other file imports pickle.
"""

import io
import math
import pickle
import pickletools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearprop.data.formats.gzip_data import MAGIC, inflate
from clearprop.data.formats.idx import encode
from clearprop.errors import DataError, in_one_line

Part = tuple[NDArray[Any], NDArray[Any]]

LIMIT = 2**28
"""The most bytes that the file may unpack to; the real one takes 220,080,342."""

SIDE = 28
_PIXELS = SIDE * SIDE
_NUMBERS = {"u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"}
# Instructions that name, call and fill arrays. Others that create objects (INST, OBJ, NEWOBJ,
# PERSID, EXT1, BUFFER...) are excluded.
_ALLOWED = frozenset(
    """
    PROTO FRAME STOP MARK GLOBAL STACK_GLOBAL REDUCE BUILD NONE NEWTRUE NEWFALSE
    BININT BININT1 BININT2 EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3
    SHORT_BINSTRING BINSTRING BINUNICODE SHORT_BINUNICODE SHORT_BINBYTES BINBYTES
    BINPUT LONG_BINPUT BINGET LONG_BINGET MEMOIZE
    """.split()  # noqa: SIM905 - a list of thirty quoted words would be harder to read
)
# The interpreter's memo grows to the number that an instruction names, whatever it is.
_MEMO_LIMIT = 1000
# The real file has 300; ten million that do nothing would take minutes.
_MOST_INSTRUCTIONS = 10_000


class _Record:
    """Stands for a name in the file: it keeps its arguments and its state."""

    def __init__(self, *arguments: object) -> None:
        self.arguments = arguments
        self.state: Any = None

    def __setstate__(self, state: object) -> None:
        self.state = state


class _Reconstruct(_Record): ...


class _NdArray(_Record): ...


class _DType(_Record): ...


_NAMES = {
    ("numpy.core.multiarray", "_reconstruct"): _Reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _Reconstruct,
    ("numpy", "ndarray"): _NdArray,
    ("numpy", "dtype"): _DType,
}


class _Unpickler(pickle.Unpickler):
    """An unpickler that knows three names and imports nothing."""

    def find_class(self, module: str, name: str) -> type[_Record]:
        if (module, name) not in _NAMES:
            raise DataError(
                f"the pickle asks for {module}.{name}; only NumPy arrays of numbers are read"
            )
        return _NAMES[module, name]


def read(data: bytes, name: str = "mnist.pkl.gz") -> tuple[Part, Part, Part]:
    """Return the three parts of the classic file: training, validation, test.

    Args:
        data: the file, gzip-compressed or plain.
        name: what error messages call it.

    Returns:
        Each part as (images (n, 784), labels (n,)), as stored.

    Raises:
        DataError: anything but three pairs of numeric arrays of matching lengths.
    """
    program = inflate(data, LIMIT, name, at_most=True) if data.startswith(MAGIC) else data
    try:
        first, second, third = (_part(pair) for pair in _run(program))
    except DataError as error:
        raise DataError(f"{name}: {in_one_line(error)}.") from error
    except Exception as error:
        # A damaged pickle fails in as many ways as there are instructions.
        raise DataError(f"{name}: the pickle is damaged ({in_one_line(repr(error))}).") from error
    return first, second, third


def idx_files(data: bytes, name: str = "mnist.pkl.gz") -> dict[str, bytes]:
    """Rebuild the four files in which MNIST was first published, bit for bit.

    The stored pixels are float32, each exactly k/256 for a byte k; the 60,000 training rows are
    the first two parts in order.

    Returns:
        The bytes of the four IDX files, by their published names.

    Raises:
        DataError: `read` refuses it, a pixel is not k/256, or a label is not a digit.
    """
    parts = read(data, name)
    squares = [pixels(images, name).reshape(-1, SIDE, SIDE) for images, _ in parts]
    labels = [_bytes_of(numbers, 9, f"{name}: label") for _, numbers in parts]
    return {
        "train-images-idx3-ubyte": encode(np.concatenate(squares[:2])),
        "train-labels-idx1-ubyte": encode(np.concatenate(labels[:2])),
        "t10k-images-idx3-ubyte": encode(squares[2]),
        "t10k-labels-idx1-ubyte": encode(labels[2]),
    }


def pixels(images: NDArray[Any], name: str = "mnist.pkl.gz") -> NDArray[np.uint8]:
    """Return stored pixels, k/256 for a byte k, as the bytes k: a power of two is exact.

    Raises:
        DataError: values that are not floats, or not k/256.

    >>> pixels(np.array([[0.0, 0.5]]))
    array([[  0, 128]], dtype=uint8)
    """
    if images.dtype.kind != "f":
        raise DataError(
            f"{name}: the pixels are of type {images.dtype}; the classic file holds floats."
        )
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = images * 256
    return _bytes_of(scaled, 255, f"{name}: 256 × pixel")


def _run(program: bytes) -> Any:
    """Run a pickle's instructions after checking each of them."""
    _inspect(program)
    return _Unpickler(io.BytesIO(program), encoding="latin1").load()


def _inspect(program: bytes) -> None:
    """Refuse every instruction that arrays do not need."""
    for count, (instruction, argument, place) in enumerate(pickletools.genops(io.BytesIO(program))):
        if count > _MOST_INSTRUCTIONS:
            raise DataError(
                f"byte {place}: there are more than {_MOST_INSTRUCTIONS:,} instructions"
            )
        if instruction.name not in _ALLOWED:
            raise DataError(
                f"byte {place}: the instruction {instruction.name} is not allowed, since three "
                "pairs of numeric arrays need none"
            )
        if instruction.name == "LONG_BINPUT" and int(argument or 0) > _MEMO_LIMIT:
            raise DataError(f"byte {place}: memo {argument} is beyond {_MEMO_LIMIT}")


def _part(pair: Any) -> Part:
    """Return one pair of images and labels, its shapes checked."""
    images, labels = (_array(record) for record in pair)
    if images.shape != (len(labels), _PIXELS) or labels.ndim != 1:
        raise DataError(f"images {images.shape} and labels {labels.shape} do not fit together")
    return images, labels


def _array(record: Any) -> NDArray[Any]:
    """Build the array that a record describes."""
    if not isinstance(record, _Reconstruct):
        raise DataError(f"an array is due, a {type(record).__name__} is there")
    _, shape, dtype, by_column, values = record.state
    # Exact types: deeply nested pairs take a few bytes, but forever to compare, hash or print.
    if type(shape) is not tuple or len(shape) > 2 or any(type(size) is not int for size in shape):
        raise DataError("the shape of an array is not one or two whole numbers")
    # Python 2 wrote bytes as text, of which latin1 gives every byte back; Python 3 as bytes.
    data = values.encode("latin1") if isinstance(values, str) else bytes(memoryview(values))
    kind = _kind(dtype)
    if min(shape, default=0) < 0 or math.prod(shape) * kind.itemsize != len(data):
        raise DataError(f"an array of shape {shape} does not take {len(data)} bytes")
    return np.frombuffer(data, kind).reshape(shape, order="F" if by_column else "C")


def _kind(record: Any) -> np.dtype[Any]:
    """Return the numeric type that a record describes."""
    code = record.arguments[0] if isinstance(record, _DType) else None
    if type(code) is not str or code not in _NUMBERS:
        shown = repr(code) if type(code) is str else f"{type(code).__name__}"
        raise DataError(f"an array of the type {shown} is not one of numbers")
    order = record.state[1]
    if type(order) is not str or order not in ("<", ">", "|"):
        raise DataError("the byte order of an array is not one")
    return np.dtype(order + code)


def _bytes_of(values: NDArray[Any], largest: int, what: str) -> NDArray[np.uint8]:
    """Return values as bytes, refusing any that are not whole and between 0 and `largest`."""
    with np.errstate(invalid="ignore", over="ignore"):
        right = (values >= 0) & (values <= largest) & (values == np.floor(values))
    if not right.all():
        row = int(np.argwhere(~right)[0, 0])
        raise DataError(f"{what} in row {row:,} is not a whole number from 0 to {largest}.")
    return values.astype(np.uint8)
