"""Proof that the harness can fail: harmless files are accepted, readers that fall for it caught.

The readers below believe what they are told, as many do. They are here to show that the limits
are tight enough and the canary awake; nothing else may use them.
"""

import gzip
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from attacks.attack import Attack, Generator
from attacks.checkpoint_files import vouched
from attacks.folders import classes
from attacks.forging import committee, model, saved
from attacks.harness import SECONDS, Job, Reader
from attacks.idx_files import good, images
from attacks.npz_files import LABELS, ROWS, X, Y, archive, npy
from attacks.pickles import FLOATS, PIXELS, ROW, array, set_of
from attacks.readers import READERS
from attacks.toml_files import recipe


class Control(NamedTuple):
    """A file with a reader, and what must come of it: the verdict, and a part of its words."""

    job: Job
    verdict: str
    says: str = ""


def bytes_of(make: Callable[[], bytes]) -> Generator:
    """Return the writer of a file of these bytes."""
    return lambda path: path.write_bytes(make()) and None


def _drawing(path: Path) -> None:
    picture = Image.new("L", (40, 40), 255)
    ImageDraw.Draw(picture).line((20, 8, 20, 32), fill=0, width=4)
    picture.save(path)


def _two_classes(path: Path) -> None:
    classes(path)


TABLE = b"label,p0,p1,p2,p3\n0,1,2,3,4\n1,5,6,7,8\n"
HARMLESS: dict[str, tuple[str, Generator]] = {
    "model": (".safetensors", bytes_of(model)),
    "model: committee": (".safetensors", bytes_of(committee)),
    "checkpoint": (".safetensors", bytes_of(saved)),
    "resume": (".safetensors", vouched({})),
    "data: IDX": ("", images(good)),
    "data: gzip": ("", images(lambda: gzip.compress(good()))),
    "data: npz": (".npz", bytes_of(lambda: archive((X, npy(ROWS)), (Y, npy(LABELS))))),
    "data: CSV": (".csv", bytes_of(lambda: TABLE)),
    "data: pickle": (".pkl", bytes_of(lambda: set_of(array(b"(" + PIXELS + b"t", FLOATS, ROW)))),
    "data: pictures": ("", _two_classes),
    "picture: PNG": (".png", _drawing),
    "picture: JPEG": (".jpg", _drawing),
    "recipe": (".toml", bytes_of(recipe())),
}


def believes_the_length(path: Path) -> object:
    """Take as much memory as a safetensors file says that its header needs."""
    with path.open("rb") as file:
        return bytearray(int.from_bytes(file.read(8), "little"))


def believes_the_shape(path: Path) -> object:
    """Take the memory of every tensor that a safetensors file describes."""
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return [np.ones(one["shape"], np.float32) for one in header.values() if "shape" in one]


def believes_the_archive(path: Path) -> object:
    """Load every array of an archive as NumPy does where it is allowed to unpickle."""
    with np.load(path, allow_pickle=True) as held:
        return [held[name] for name in held]


def believes_the_size(path: Path) -> object:
    """Decode a picture of any size."""
    Image.MAX_IMAGE_PIXELS = None
    return Image.open(path).convert("RGB").load()


def never_ends(path: Path) -> object:
    """Look at the file for ever."""
    while path.exists():
        pass
    return None


def runs_it(path: Path) -> object:
    """Unpickle."""
    return pickle.loads(path.read_bytes())  # noqa: S301 - the harness must catch what it does


def unpacks_it(path: Path) -> object:
    """Unpack a gzip file, however much it is."""
    return gzip.decompress((path / "images-idx3-ubyte").read_bytes())


CAUGHT: list[tuple[str, Reader, str]] = [
    ("safetensors files: a header of 2^63 bytes", believes_the_length, "OverflowError"),
    ("safetensors files: a header of 17 GB that is not there", believes_the_length, "MemoryError"),
    ("safetensors files: a shape of ten gigabytes", believes_the_shape, "MemoryError"),
    ("idx files: a bomb of a gigabyte whose header asks for it", unpacks_it, "MemoryError"),
    ("npz files: an array of 2^62 bytes", believes_the_archive, "MemoryError"),
    ("npz files: a bomb of 1,000 to 1", believes_the_archive, "MemoryError"),
    ("npz files: objects that run code", believes_the_archive, "it ran code: os.system"),
    ("pickles: os.system", runs_it, "it ran code: os.system"),
    ("pictures: 100,000 by 100,000 pixels", believes_the_size, "MemoryError"),
    ("safetensors files: a link to a device without end", Path.read_bytes, "MemoryError"),
    ("safetensors files: no byte", never_ends, "killed by SIG"),
    ("toml files: a pipe", Path.read_bytes, "killed by SIGALRM"),
]


def controls(attacks: dict[str, Attack]) -> list[Control]:
    """Return all controls, of which some are made of these attacks."""
    accepted = [
        Control(Job(f"harmless {name}", suffix, write, READERS[name.partition(":")[0]]), "accepted")
        for name, (suffix, write) in HARMLESS.items()
    ]
    caught = []
    for name, reader, says in CAUGHT:
        # A second is enough where all of it is waited for.
        seconds = 1 if says.startswith("killed") else SECONDS
        job = Job(
            f"{reader.__name__}, {name}", attacks[name].suffix, attacks[name].write, reader, seconds
        )
        caught.append(Control(job, "broken", says))
    return accepted + caught
