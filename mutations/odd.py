"""Replacements for parts of a file: extreme values, and values of the wrong kind."""

import struct

_SIZES = (0, 7, 8, 15, 16, 31, 32, 63, 64)
_POWERS = sorted(
    {sign * 2**size + more for size in _SIZES for sign in (1, -1) for more in (-1, 0, 1)}
)
_FLOATS = (0x7FC00000, 0x7F7FFFFF, 0x7FF0 << 48)  # NaN, the largest float32, infinity

WORDS = [
    struct.pack(f"{order}{letter}", value % 2**bits)
    for order in "<>"
    for letter, bits in (("B", 8), ("H", 16), ("I", 32), ("Q", 64))
    for value in (*_POWERS, *_FLOATS)
]
NUMBERS = [
    *map(str, _POWERS), "0.5", "1e308", "1e-320", "1e999", "-1e999", "1" + "0" * 400, "9" * 5000,
]  # fmt: skip
JSON_VALUES = [
    *NUMBERS, "null", "true", "false", "NaN", "Infinity", "-Infinity", "[]", "{}", "[[]]",
    '""', '"x"', '"adam"', '"float64"', '"\\n"', '"\\u001b[31m"', '"\\u0000"', '"\\ud800"',
    '"../../x"', '{"name":"x"}', '"' + "x" * 9999 + '"', "[" * 99 + "]" * 99,
    "[" * 4000 + "]" * 4000, '{"a":' * 3000 + "1" + "}" * 3000,
]  # fmt: skip
JSON_KEYS = ["", "x", "\n", "\x1b[31m", "__class__", "é" * 500]
TOKENS = [
    token.encode()
    for token in (
        *NUMBERS, "nan", "inf", "-", "+", ",", ";", "\n", "\r", "\t", "\0", " ", "", "'", '"',
        '"""', "#", "=", "[", "]", "[[", "{", "}", "(", ")", "True", "None", "é", "\x1b[31m",
        "1_000", "0x10", "1979-05-27", "'|O'", "'<U9'", "'<f2'", "'>f8'", "'<c16'",
        "[('a', '<i4')]", "label", "../x", "[" * 3000, "a." * 3000 + "a", "(" * 3000, "-" * 3000,
    )
]  # fmt: skip
LINES = [*(token + b"\n" for token in TOKENS), b"[model]\n", b"x = 1\n", b"[[variants]]\n"]
INSTRUCTIONS = [
    b"(", b"0", b"1", b"2", b".", b"N", b"R", b"b", b"t", b")", b"]", b"}", b"\x85", b"\x86",
    b"\x87", b"\x88", b"\x89", b"\x94", b"K\xff", b"J\xff\xff\xff\xff", b"J\xff\xff\xff\x7f",
    b"M\xff\xff", b"q\x00", b"h\x00", b"r\xff\xff\xff\x7f", b"T\xff\xff\xff\x7f", b"U\x00",
    b"\x8e" + b"\xff" * 8, b"\x95" + b"\xff" * 8, b"cos\nsystem\n", b"cnumpy\nndarray\n",
    b"cnumpy\ndtype\n", b"cnumpy.core.multiarray\n_reconstruct\n", b"V\\ud800\n", b"I99\n",
    b"L1" + b"0" * 5000 + b"L\n",
]  # fmt: skip
