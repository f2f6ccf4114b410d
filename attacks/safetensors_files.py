"""Attacks on the safetensors format: the header's length, its JSON, its spans, what is no file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from attacks.attack import named, of_bytes
from attacks.forging import METADATA, apart, entry, model, together, with_header, with_tensor
from attacks.no_files import NO_FILES

WEIGHT = "layers.0.weight"
MIB = 2**20


def only(entries: dict[str, Any], size: int) -> Callable[[], bytes]:
    """Return the maker of a file of these tensors, over so many bytes of zeros."""
    return lambda: together(entries, bytes(size))


def changed(**words: Any) -> Callable[[], bytes]:
    """Return the maker of a model file whose first weight is described otherwise."""
    return lambda: with_header(lambda header: header[WEIGHT].update(words))


def many(count: int, text: str, size: int) -> bytes:
    """Return a file with so many tensors of other names, all described by this text."""
    return together(b"{" + ",".join(f'"{i:x}":{text}' for i in range(count)).encode() + b"}",
                    bytes(size))  # fmt: skip


def metadata_of(value: str) -> Callable[[], bytes]:
    """Return the maker of a file whose metadata are this JSON."""
    return lambda: together(f'{{"{METADATA}":{value}}}'.encode())


LENGTHS = {
    "no byte": lambda: b"",
    "seven bytes": lambda: bytes(7),
    "a header of no bytes": lambda: bytes(8),
    "a header of 2^64 - 1 bytes": lambda: b"\xff" * 8 + model()[8:],
    "a header of 2^63 bytes": lambda: (2**63).to_bytes(8, "little") + model()[8:],
    "a header one byte longer than the file": lambda: (
        (len(model()) - 7).to_bytes(8, "little") + model()[8:]
    ),
    "a header of 17 GB that is not there": lambda: (17 * 10**9).to_bytes(8, "little") + b"{",
    "a header of 90 MB that is not there": lambda: (90 * 10**6).to_bytes(8, "little") + b"{",
    "a header of 17 MiB of blanks": lambda: together(b"{}" + b" " * (17 * MIB)),
    "cut in the middle": lambda: model()[: len(model()) // 2],
    "one byte short": lambda: model()[:-1],
    "one byte long": lambda: model() + b"\0",
    "two files in one": lambda: model() + model(),
}
JSON = {
    "a list": lambda: together(b"[]"),
    "no JSON": lambda: together(b"import os"),
    "two texts": lambda: together(b"{}{}"),
    "a blank first": lambda: together(b" " + model()[8:], b""),
    "UTF-16": lambda: together("{}".encode("utf-16")),
    "a byte order mark": lambda: together(b"\xef\xbb\xbf{}"),
    "no UTF-8": lambda: together(b'{"\xff\xfe":{}}'),
    "an overlong slash": lambda: together(b'{"\xc0\xaf":{}}'),
    "half a surrogate": lambda: together(rb'{"\ud800":{}}'),
    "ten million brackets": lambda: together(b"[" * (10 * 10**6)),
    "ten million brackets within": lambda: together(b'{"a":' + b"[" * (10 * 10**6)),
    "a million tables within tables": lambda: together(b'{"a":' * 10**6 + b"1" + b"}" * 10**6),
    "five million lists side by side": lambda: together(b'{"a":[' + b"[]," * (5 * 10**6) + b"1]}"),
    "a text without an end": lambda: together(b'{"' + rb"\"" * (7 * 10**6)),
    "fourteen million backslashes": lambda: together(b'{"a' + b"\\" * (14 * 10**6)),
    "a number of fourteen million digits": lambda: together(
        b'{"a":{"dtype":"F32","shape":[' + b"9" * (14 * 10**6) + b'],"data_offsets":[0,4]}}',
        bytes(4),
    ),
    "metadata of 15 MiB": metadata_of(f'{{"clearprop":"{"x" * 15 * MIB}"}}'),
    "a key twice": lambda: together(
        b"{" + b",".join([b'"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'] * 2) + b"}"),
    "a key twice once escaped": lambda: twice(rb'"\u006cayers.0.weight"'),
    "a tensor twice": lambda: twice(b'"layers.0.weight"'),
    "the metadata twice": lambda: twice(b'"__metadata__"', b"{}"),
    "a key twice in a tensor": lambda: together(model_header().replace(
        b'"dtype":"F32"', b'"dtype":"F64","dtype":"F32"', 1), apart(model())[1]),
    "a key twice in the metadata": lambda: together(model_header().replace(
        b'"__metadata__":{', b'"__metadata__":{"clearprop":"{}",', 1), apart(model())[1]),
    "metadata of a number": metadata_of('{"clearprop":1}'),
    "metadata of a list": metadata_of('["clearprop"]'),
    "metadata of null": metadata_of("null"),
    "metadata within metadata": metadata_of('{"clearprop":{"network":{}}}'),
    "foreign metadata": metadata_of('{"format":"pt"}'),
    "no metadata": lambda: with_header(lambda header: header.pop(METADATA)),
}  # fmt: skip
SPANS = {
    "a gap before": only({"a": entry(span=(4, 8))}, 8),
    "a gap between": only({"a": entry(), "b": entry(span=(8, 12))}, 12),
    "two over the same bytes": only({"a": entry(), "b": entry()}, 4),
    "an overlap by half": only({"a": entry(shape=[2], span=(0, 8)), "b": entry(span=(4, 8))}, 8),
    "bytes in no tensor": only({"a": entry()}, 8),
    "no bytes": only({"a": entry()}, 0),
    "a span that goes back": only({"a": entry(span=(4, 0))}, 4),
    "a span below zero": only({"a": entry(span=(-4, 0))}, 4),
    "a span to 2^64": only({"a": entry(span=(0, 2**64))}, 4),
    "a span round 2^64": only({"a": entry(span=(2**64 - 4, 0))}, 4),
    "a span of floats": only({"a": entry(span=(0.0, 4.0))}, 4),
    "a span of truths": only({"a": entry(span=(False, True))}, 1),
    "a span of texts": only({"a": entry(span=("0", "4"))}, 4),
    "a span of three": only({"a": entry(span=(0, 4, 8))}, 8),
    "a span too short for the shape": changed(shape=[6, 5]),
    "a span too long for the shape": only({"a": entry(span=(0, 8))}, 8),
    "a shape below zero": changed(shape=[-6, -4]),
    "a shape of truths": changed(shape=[True, 24]),
    "a shape of floats": changed(shape=[6.0, 4.0]),
    "a shape of texts": changed(shape=["6", "4"]),
    "a shape of null": changed(shape=None),
    "a shape that wraps to nothing": only({"a": entry(shape=[2**32, 2**32], span=(0, 0))}, 0),
    "a shape that wraps to four bytes": only({"a": entry(shape=[2**62 + 1])}, 4),
    "a shape of ten gigabytes": only({"a": entry(shape=[2500, 10**6])}, 4),
    "a shape of 2^100": only({"a": entry(shape=[2**100])}, 4),
    "2^53 rows of nothing": only({"a": entry(shape=[2**53, 0], span=(0, 0))}, 0),
    "a thousand dimensions": only({"a": entry(shape=[1] * 1000)}, 4),
    "a million dimensions of 2^31": only({"a": entry(shape=[2**31] * 10**6)}, 4),
    "a type that is none": changed(dtype="F7"),
    "a type that is code": changed(dtype="__import__('os').system('true')"),
    "half precision": changed(dtype="F16"),
    "bfloat16": changed(dtype="BF16"),
    "integers": changed(dtype="I32"),
    "small letters": changed(dtype="f32"),
    "objects": changed(dtype="O"),
    "doubles where floats are due": changed(dtype="F64", shape=[6, 2]),
    "a key more": changed(code="x"),
    "a tensor without a type": lambda: with_header(lambda header: header[WEIGHT].pop("dtype")),
    "a tensor that is a list": only({"a": [1]}, 0),
    "a name that climbs": only({"../../etc/passwd": entry()}, 4),
    "a name of a million letters": only({"a" * 10**6: entry()}, 4),
    "a name with escape codes": lambda: renamed("layers.0.weight\n\x1b[2J"),
    "a name with a NUL": lambda: renamed("layers.0.weight\0"),
    "150,000 tensors over the same bytes": lambda: many(
        150_000, '{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}', 16
    ),
    "60,000 tensors of nothing": lambda: many(
        60_000, '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}', 0
    ),
}
VALUES = {
    "a weight that is NaN": lambda: with_tensor(WEIGHT, lambda t: t.put(0, np.nan)),
    "a weight that is infinite": lambda: with_tensor(WEIGHT, lambda t: t.put(5, -np.inf)),
    "a variance that is NaN": lambda: with_tensor("layers.0.variance", lambda t: t.fill(np.nan)),
    "a tensor that is missing": lambda: without("layers.1.bias"),
    "a tensor more": lambda: with_header(
        lambda header: header.update(extra=entry(shape=[0], span=(0, 0)))
    ),
    "a weight that lies down": changed(shape=[4, 6]),
    "a weight in one row": changed(shape=[24]),
    "a weight in three dimensions": changed(shape=[6, 4, 1]),
}


def model_header() -> bytes:
    """Return the text of a good model file's header."""
    return model()[8 : 8 + int.from_bytes(model()[:8], "little")].rstrip()


def twice(key: bytes, value: bytes = b'{"dtype":"F32","shape":[0],"data_offsets":[0,0]}') -> bytes:
    """Return a model file with one more value under a key that it has, before the other."""
    return together(b"{" + key + b":" + value + b"," + model_header()[1:], apart(model())[1])


def renamed(name: str) -> bytes:
    """Return a model file whose first weight has another name."""
    return with_header(lambda header: header.update({name: header.pop(WEIGHT)}))


def without(name: str) -> bytes:
    """Return a model file that lacks its last tensor, and the bytes of it."""
    header, body = apart(model())
    spans = {key: value["data_offsets"] for key, value in header.items() if key != METADATA}
    (start, stop), _ = spans[name], header.pop(name)
    for key, (begin, _) in spans.items():
        if begin >= stop and key != name:
            header[key]["data_offsets"] = [at - stop + start for at in header[key]["data_offsets"]]
    return together(header, body[:start] + body[stop:])


def _a_sparse_file_of_nine_gigabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.write(model())
        file.truncate(9 * 2**30)


def _a_sparse_file_whose_card_asks_for_all_of_it(path: Path) -> None:
    units = 10**6
    card = model_card_of(units)
    span = (0, 4 * units * 700)
    header = {
        METADATA: {"clearprop": card},
        "layers.0.weight": entry(shape=[700, units], span=span),
    }
    header["layers.0.bias"] = entry(shape=[units], span=(span[1], span[1] + 4 * units))
    data = together(header)
    with path.open("wb") as file:
        file.write(data)
        file.truncate(len(data) + span[1] + 4 * units)


def model_card_of(units: int) -> str:
    """Return the card of a network of 700 inputs and so many outputs."""
    import msgspec

    from clearprop import MLP
    from clearprop.tasks import Targets

    card = MLP([700, 2]).card
    output = msgspec.structs.replace(card.network.layers[-1], units=units)
    return msgspec.json.encode(
        msgspec.structs.replace(
            card,
            network=msgspec.structs.replace(card.network, layers=(output,)),
            targets=Targets(tuple(map(str, range(units)))),
        )
    ).decode()


def _a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


ATTACKS = [
    *of_bytes(".safetensors", "model", LENGTHS | JSON | SPANS | VALUES),
    *named(
        ".safetensors",
        "model",
        _a_sparse_file_of_nine_gigabytes,
        _a_sparse_file_whose_card_asks_for_all_of_it,
        _a_link_to_itself,
        *NO_FILES,
    ),
]
