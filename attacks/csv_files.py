"""Attacks on tables: lines without end, columns by the million, fields that are no numbers."""

from pathlib import Path

from attacks.attack import named, of_bytes

MIB = 2**20
FILES = {
    "a line without an end": lambda: b"label,p\n1," + b"1" * (3 * MIB),
    "a first line without an end": lambda: b"1," + b"1" * (3 * MIB),
    "a header without an end": lambda: b"label," + b"pixel," * MIB,
    "a million columns": lambda: b"1" + b",1" * (MIB - 2) + b"\n",
    "half a million columns in one row": lambda: b"1" + b",1" * (MIB // 2 - 1) + b"\n",
    "half a million columns and then one": lambda: b"1" + b",1" * (MIB // 2 - 1) + b"\n0,1\n",
    "a field of a million digits": lambda: b"label,p\n1," + b"9" * (MIB - 10) + b"\n",
    "a label of a million digits": lambda: b"label,p\n" + b"9" * (MIB - 10) + b",1\n",
    "a column too many": lambda: b"label,p\n0,1\n1,2,3\n",
    "a column too few": lambda: b"label,p\n0,1\n1\n",
    "a blank line": lambda: b"label,p\n0,1\n\n1,2\n",
    "a million blank lines": lambda: b"label,p\n" + b"\n" * 10**6 + b"0,1\n1,2\n",
    "no row": lambda: b"label,p\n",
    "four megabytes of commas": lambda: b"0,1\n" + b"," * (4 * MIB),
    "a label below zero": lambda: b"0,1\n-1,2\n",
    "a label of 2^32": lambda: b"0,1\n4294967296,2\n",
    "a label of 65,536": lambda: b"0,1\n65536,2\n",
    "a pixel of 256": lambda: b"0,1\n1,256\n",
    "a pixel of 1e308": lambda: b"0,1\n1,1e308\n",
    "a pixel that is NaN": lambda: b"0,1\n1,nan\n",
    "a pixel that is a formula": lambda: b"0,1\n1,=cmd|'/C true'!A0\n",
    "a pixel that is code": lambda: b"0,1\n1,__import__('os').system('true')\n",
    "a pixel with a sign": lambda: b"0,1\n1,+2\n",
    "a pixel with a line between its digits": lambda: b"0,1\n1,1_0\n",
    "a pixel in other digits": lambda: "0,1\n1,\u0663\n".encode(),
    "a pixel in quotes that never end": lambda: b'0,1\n1,"' + b"2\n" * 1000,
    "escape codes": lambda: b"0,1\n1,\x1b[2J\x07\n",
    "escape codes in the header": lambda: b"\xffcolor\x7f\xc2\x9b,label\n0,1\n",
    "NUL bytes": lambda: b"0,1\n1,\0\n",
    "UTF-16": lambda: "label,p\n0,1\n1,2\n".encode("utf-16"),
    "no UTF-8": lambda: b"\xff\xfe\xfd,label\n0,1\n",
    "lines that end as on an old Mac": lambda: b"0,1\r1,2\r",
    "one class only": lambda: b"1,1\n" * 1000,
}


def _a_sparse_table_of_two_gigabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"label,p\n0,1\n1,2\n")
        file.truncate(2**31 - 1)


def _a_sparse_table_of_three_gigabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"label,p\n0,1\n1,2\n")
        file.truncate(3 * 2**30)


def _a_link_to_a_device_without_end(path: Path) -> None:
    path.symlink_to("/dev/zero")


ATTACKS = [
    *of_bytes(".csv", "data", FILES),
    *named(
        ".csv",
        "data",
        _a_sparse_table_of_two_gigabytes,
        _a_sparse_table_of_three_gigabytes,
        _a_link_to_a_device_without_end,
    ),
]
