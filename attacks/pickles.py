"""Attacks with pickles, which are programs: what they call, and what they make the reader do.

They are written by hand, an instruction at a time, so that nothing here unpickles anything.
"""

import gzip
import struct

from attacks.attack import of_bytes
from attacks.idx_files import zeros

MIB = 2**20
NDARRAY = b"cnumpy\nndarray\n"
RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n"


def text(value: str) -> bytes:
    """Return the instruction that puts a text on the stack."""
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def number(value: int) -> bytes:
    """Return the instruction that puts a number on the stack."""
    return b"J" + struct.pack("<i", value)


def program(body: bytes, protocol: int = 2) -> bytes:
    """Return a pickle of these instructions."""
    return b"\x80" + bytes([protocol]) + body + b"."


def call(module: str, name: str, argument: str) -> bytes:
    """Return the instructions that call a function by its name."""
    return f"c{module}\n{name}\n".encode() + text(argument) + b"\x85R"


def dtype(code: bytes, order: bytes = b"\x55\x01<") -> bytes:
    """Return the instructions that make a type of numbers."""
    made = b"cnumpy\ndtype\n" + code + number(0) + number(1) + b"\x87R"
    return made + b"(" + number(3) + order + b"NNN" + 2 * number(-1) + number(0) + b"tb"


def array(shape: bytes, kind: bytes, data: bytes) -> bytes:
    """Return the instructions that make an array."""
    made = RECONSTRUCT + NDARRAY + number(0) + b"\x85" + text("b") + b"\x87R"
    return made + b"(" + number(1) + shape + kind + b"\x89" + data + b"tb"


def set_of(images: bytes) -> bytes:
    """Return the pickle of a set whose images are made by these instructions."""
    labels = array(b"(" + number(1) + b"t", dtype(text("u1")), b"U\x01\0")
    return program(b"(" + 3 * (images + labels + b"\x86") + b"t")


def nested(depth: int) -> bytes:
    """Return the instructions that make a pair of pairs of pairs, 2^depth leaves in few bytes."""
    return b")" + b"q\x01h\x01\x86" * depth


PIXELS = number(1) + number(784)
FLOATS = dtype(text("f4"))
ROW = b"T" + struct.pack("<i", 3136) + bytes(3136)
CANARY = "touch canary"
CALLS = {
    "os.system": call("os", "system", CANARY),
    "posix.system": call("posix", "system", CANARY),
    "builtins.eval": call("builtins", "eval", "open('canary', 'w')"),
    "Python 2's eval": call("__builtin__", "eval", "open('canary', 'w')"),
    "builtins.open": b"cbuiltins\nopen\n" + text("canary") + text("w") + b"\x86R",
    "subprocess.call": b"csubprocess\ncall\n(" + text("touch") + text("canary") + b"l\x85R",
    "runpy": call("runpy", "run_path", "canary"),
    "an import": call("importlib", "import_module", "antigravity"),
    "numpy.load": call("numpy", "load", "canary"),
    "a method of an array": b"cnumpy\nndarray.tofile\n" + text("canary") + b"\x85R",
    "a scalar of objects": b"cnumpy.core.multiarray\nscalar\n" + dtype(text("O8")) + text("canary")
                           + b"\x86R",
    "a name from the stack": text("os") + text("system") + b"\x93" + text(CANARY) + b"\x85R",
    "an instance": b"(" + text(CANARY) + b"ios\nsystem\n",
    "an object": b"(cos\nsystem\n" + text(CANARY) + b"o",
    "a new object": b"cos\nsystem\n" + text(CANARY) + b"\x85\x81",
    "a new object with words": b"cos\nsystem\n" + text(CANARY) + b"\x85}\x92",
    "an extension": b"\x82\x01",
    "a name of one's own": b"Pos.system\n",
    "a name of one's own from the stack": text("os.system") + b"Q",
    "a call after the set": set_of(array(b"(" + PIXELS + b"t", FLOATS, ROW))[2:-1] + b"0"
                            + call("os", "system", CANARY),
    "a call within the set": b"(" + call("os", "system", CANARY) + b"NN" + b"t",
    "a call by reconstruct": RECONSTRUCT + b"cos\nsystem\n" + number(0) + b"\x85" + text("b")
                             + b"\x87R",
    "a name in escape codes": call("\x1b[2J", "x" * 1000, "x"),
}  # fmt: skip
ARRAYS = {
    "objects": array(b"(" + PIXELS + b"t", dtype(text("O8")), ROW),
    "a type with fields": array(b"(" + PIXELS + b"t", dtype(text("V16")), ROW),
    "a type that is code": array(b"(" + PIXELS + b"t", dtype(text("__import__('os')")), ROW),
    "a type that is 2^60 pairs": array(b"(" + PIXELS + b"t", dtype(nested(60)), ROW),
    "an order that is 2^60 pairs": array(b"(" + PIXELS + b"t", dtype(text("f4"), nested(60)), ROW),
    "a shape of 2^60 pairs": array(nested(60), FLOATS, ROW),
    "sizes of 2^60 pairs": array(b"(" + nested(60) + nested(60) + b"t", FLOATS, ROW),
    "values of 2^60 pairs": array(b"(" + PIXELS + b"t", FLOATS, nested(60)),
    "a state of 2^60 pairs": RECONSTRUCT + NDARRAY + nested(60) + text("b") + b"\x87R" + nested(60)
                             + b"b",
    "2^60 pairs for images": nested(60),
    "sizes below zero": array(b"(" + number(-1) + number(-784) + b"t", FLOATS, ROW),
    "2^31 - 1 rows": array(b"(" + number(2**31 - 1) + number(784) + b"t", FLOATS, ROW),
    "a shape of truths": array(b"(\x88" + number(784) + b"t", FLOATS, ROW),
    "a shape of a million sizes": array(b"(" + number(2**31 - 1) * 10**6 + b"t", FLOATS, ROW),
    "a shape that is a number": array(number(784), FLOATS, ROW),
    "a shape of texts": array(b"(" + text("1") + text("784") + b"t", FLOATS, ROW),
    "a pixel that is infinite": array(
        b"(" + PIXELS + b"t", FLOATS, ROW[:-4] + b"\0\0\x80\x7f"
    ),
}  # fmt: skip
PROGRAMS = {
    "nothing": lambda: program(b""),
    "no end": lambda: b"\x80\x02(((",
    "None": lambda: program(b"N"),
    "a protocol to come": lambda: program(b"N", protocol=255),
    "a million brackets": lambda: program(b"(" * 10**6 + b"t" * 10**6),
    "a million tuples within tuples": lambda: program(b")" + b"\x85" * 10**6),
    "a million marks": lambda: program(b"(" * (64 * MIB)),
    "a memo of 2^32 places": lambda: program(b"Nr\xff\xff\xff\xff"),
    "a text of 2^31 letters that are not there": lambda: program(b"T\xff\xff\xff\x7f"),
    "a text of 2^63 letters that are not there": lambda: program(b"\x8d" + b"\xff" * 7 + b"\x7f"),
    "a frame of 2^63 bytes": lambda: program(b"\x95" + b"\xff" * 7 + b"\x7fN", 4),
    "a number of ten million digits": lambda: program(
        b"\x8b" + struct.pack("<i", 10 * MIB) + b"\xff" * (10 * MIB)
    ),
    "a number of a million digits in words": lambda: program(b"I" + b"9" * 10**6 + b"\n"),
    "a list that holds itself": lambda: program(b"]q\x00h\x00a"),
    "an array beside the stack": lambda: program(b"\x97"),
    "a name with line ends": lambda: program(
        text("o\n\n\ns") + text("sys\x1b[2Jtem" * 1000) + b"\x93", 4
    ),
    "plain letters after it": lambda: program(b"N") + b"N" * 1000,
}
GZIP = {
    "a bomb of 1,000 to 1": lambda: zeros(b"\x80\x02", 2**28 - 2),
    "a bomb beyond the limit": lambda: zeros(b"\x80\x02", 2**30),
    "a bomb of one text": lambda: zeros(b"\x80\x02T" + struct.pack("<i", 2**28 - 100), 2**28 - 50),
}


ATTACKS = of_bytes(
    ".pkl",
    "data",
    {name: (lambda body=body: program(body)) for name, body in CALLS.items()}
    | {name: (lambda body=body: set_of(body)) for name, body in ARRAYS.items()}
    | PROGRAMS,
) + of_bytes(
    ".pkl.gz",
    "data",
    GZIP | {"os.system in a gzip": lambda: gzip.compress(program(CALLS["os.system"]))},
)
