import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageFile

from clearprop.data import from_folder, load
from clearprop.data.formats import image_folder, picture_stack
from clearprop.errors import DataError, SettingError


def png(array, **saving) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(array, np.uint8)).save(buffer, "PNG", **saving)
    return buffer.getvalue()


DARK, LIGHT = png(np.full((3, 2), 10)), png(np.full((3, 2), 250))


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes files into a folder, each path with its content."""

    def write(**files):
        for name, content in files.items():
            path = tmp_path / "own" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return tmp_path / "own"

    return write


def two(**more):
    return {"a/1.png": DARK, "b/1.png": LIGHT, **more}


@given(
    images=hnp.arrays(np.uint8, hnp.array_shapes(min_dims=3, max_dims=3, min_side=2, max_side=5)),
    count=st.integers(2, 12),
)
def test_what_pillow_writes_is_read(tmp_path_factory, images, count):
    root = tmp_path_factory.mktemp("classes")
    labels = [row % min(count, len(images)) for row in range(len(images))]
    for row, (image, label) in enumerate(zip(images, labels, strict=True)):
        (root / str(label)).mkdir(exist_ok=True)
        (root / str(label) / f"{row}.png").write_bytes(png(image))
    split = from_folder(root)
    order = sorted(range(len(images)), key=lambda row: (labels[row], f"{row}.png"))
    assert split.images.tolist() == images[order].tolist()
    assert split.labels.tolist() == sorted(labels)
    assert split.classes == tuple(str(label) for label in sorted(set(labels)))
    assert split.images.dtype == np.uint8


def test_classes_are_sorted_as_numbers_before_words(folder):
    names = ["10", "9", "b", "a", "1", "01"]
    root = folder(**{f"{name}/1.png": DARK for name in names})
    assert from_folder(root).classes == ("01", "1", "9", "10", "a", "b")


def test_shades_stay_as_they_are(folder):
    gray = Image.new("L", (2, 3), 250)
    rgb, bilevel, alpha = gray.convert("RGB"), gray.convert("1"), gray.convert("LA")
    deep = Image.fromarray(np.full((3, 2), 250 * 256, np.uint16))
    root = folder(**two())
    for number, image in enumerate((gray, rgb, bilevel, alpha, deep, gray.convert("P"))):
        image.save(root / "b" / f"{number}.png")
    gray.save(root / "b" / "9.jpg", quality=100)
    split = from_folder(root)
    assert {int(value) for value in np.unique(split.images)} == {10, 250, 255}
    assert split.images.shape == (8, 3, 2)
    assert np.median(split.images[split.labels == 0]) == 10


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pictures_are_turned_upright(folder, kind):
    upright = np.zeros((16, 8), np.uint8)
    upright[:8] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    lying = Image.fromarray(np.rot90(upright))
    root = folder(**{"a/1.png": png(upright), "b/1.png": png(upright)})
    lying.save(root / "a" / "2", kind, exif=exif, quality=100)
    images = from_folder(root).images
    assert images.shape == (3, 16, 8)
    assert np.abs(images.astype(int) - upright).max() < 3


def test_hidden_files_are_skipped(folder):
    root = folder(
        **two(), **{"a/.DS_Store": b"x", "b/Thumbs.db": b"x", ".git/x": b"", "Desktop.ini": b"x"}
    )
    assert len(from_folder(root)) == 2


def test_a_size_resizes_every_picture(folder):
    root = folder(**two(), **{"b/2.png": png(np.full((40, 9), 250))})
    for split in (from_folder(root, size=(5, 4)), from_folder(str(root), (np.int64(5), 4))):
        assert split.images.shape == (3, 5, 4)
        assert split.images[:, 2, 2].tolist() == [10, 250, 250]
    ramp = np.arange(64, dtype=np.uint8).reshape(8, 8)
    (root / "a/1.png").write_bytes(png(ramp))
    halves = from_folder(root, size=(4, 4)).images[0]
    blocks = ramp.reshape(4, 2, 4, 2).mean(axis=(1, 3))
    assert np.abs(halves[1:-1, 1:-1] - blocks[1:-1, 1:-1]).max() <= 1


@pytest.mark.parametrize(
    "size", [28, (28,), (28, 0), (28.0, 28), "ab", (1, 2, 3), (True, 2), (1, 10**9)]
)
def test_a_size_that_is_not_one_is_refused(folder, size):
    with pytest.raises(SettingError, match="is not a height and a width"):
        from_folder(folder(**two()), size=size)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "own is not a folder"),
        ({"a/1.png": DARK}, "own has one class only, a"),
        ({".hidden": b""}, "own has no sub-folder"),
        (two(**{"c/.DS_Store": b""}), r"own/c has no picture in it"),
        (two(**{"readme.txt": b"hi"}), r"readme\.txt is next to the folders of classes"),
        (
            two(**{"a/readme.txt": b"hi"}),
            r"a/readme\.txt: not a readable PNG or JPEG picture; save it again as PNG or JPEG\. "
            "If it was never meant as one, move it elsewhere: the folder of a class holds pictures "
            "only[.]$",
        ),
        (two(**{"a/2.png": b""}), r"a/2\.png: the file is empty"),
        (two(**{"a/2.gif": b"GIF89a"}), r"a/2\.gif: not a readable PNG or JPEG"),
        (two(**{"b/2.png": DARK[:-30]}), r"b/2\.png: not a readable PNG or JPEG"),
        (two(**{"b/2.png": png(np.zeros((3, 4)))}), r"b/2\.png has 3×4 pixels .*a/1\.png has 3×2"),
        (two(**{"b/2.png": png(np.zeros((2, 3)))}), r"b/2\.png has 2×3 pixels .*a/1\.png has 3×2"),
        (two(**{"a/deep/1.png": DARK}), "a/deep is a folder within the class a"),
    ],
)
def test_each_fault_names_the_file_or_folder(folder, files, message):
    with pytest.raises(DataError, match=message):
        from_folder(folder(**files) if files else "own")


def test_links_are_followed_within_the_folder_only(folder, tmp_path):
    root = folder(**two())
    (tmp_path / "outside.png").write_bytes(DARK)
    try:
        (root / "a" / "2.png").symlink_to(root / "b" / "1.png")
    except OSError:
        pytest.skip("this system makes no links here")
    assert from_folder(root).images[:, 0, 0].tolist() == [10, 250, 250]
    (root / "a" / "3.png").symlink_to(tmp_path / "outside.png")
    with pytest.raises(DataError, match=r"a/3\.png is a link that leads out of"):
        from_folder(root)
    (root / "a" / "3.png").unlink()
    (root / "c").symlink_to(tmp_path)
    with pytest.raises(DataError, match="c is a link that leads out of"):
        from_folder(root)


def test_too_many_pixels_are_refused_before_any_is_decoded(folder, monkeypatch):
    root = folder(**two())
    monkeypatch.setattr(picture_stack, "LIMIT", 11)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(DataError, match="2 pictures of 3×2 pixels take more than 11 bytes"):
        from_folder(root)
    monkeypatch.setattr(picture_stack, "LIMIT", 12 * 7)
    with pytest.raises(DataError, match="2 pictures of 6×9 pixels take more than 84 bytes"):
        from_folder(root, size=(6, 9))


def test_a_picture_of_another_size_is_refused_before_it_is_decoded(folder, monkeypatch):
    root = folder(**two(**{"b/2.png": png(np.zeros((60, 60)))}))
    load = ImageFile.ImageFile.load

    def load_small(self):
        return pytest.fail("decoded") if self.width == 60 else load(self)

    monkeypatch.setattr(ImageFile.ImageFile, "load", load_small)
    with pytest.raises(DataError, match=r"b/2\.png has 60×60 pixels"):
        from_folder(root)


@given(st.data())
def test_damaged_pictures_are_refused_by_name(tmp_path_factory, damaged, data):
    root = tmp_path_factory.mktemp("damaged")
    kind = data.draw(st.sampled_from(["PNG", "JPEG"]))
    for name in "ab":
        (root / name).mkdir()
        Image.new("L", (9, 9), 200).save(root / name / "1", kind)
    path = root / "b" / "1"
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    try:
        split = from_folder(root)
    except DataError as error:
        message = str(error)
        assert str(path) in message
    else:
        assert split.images.shape == (2, 9, 9)


def test_train_and_test_folders_are_the_two_parts(folder):
    root = folder(
        **{"train/a/1.png": DARK, "train/b/1.png": LIGHT, "train/c/1.png": DARK},
        **{"test/c/1.png": LIGHT, "test/a/1.png": DARK},
    )
    dataset = load(root)
    assert dataset.name == "own"
    assert dataset.train.classes == dataset.test.classes == ("a", "b", "c")
    assert dataset.train.labels.tolist() == [0, 1, 2]
    assert dataset.test.labels.tolist() == [0, 2]
    assert dataset.test.images[:, 0, 0].tolist() == [10, 250]


@pytest.mark.parametrize(("train", "test"), [("Train", "Test"), ("TRAIN", "test")])
def test_the_parts_may_be_written_in_capitals(folder, train, test):
    parts = {f"{train}/a/1.png": DARK, f"{train}/b/1.png": LIGHT, f"{test}/b/1.png": DARK}
    dataset = load(folder(**parts))
    assert dataset.train.images[:, 0, 0].tolist() == [10, 250]
    assert (dataset.test.labels.tolist(), dataset.test.classes) == ([1], ("a", "b"))


def test_two_folders_of_training_rows_are_one_too_many(folder):
    root = folder(**{"Train/a/1.png": DARK, "Train/b/1.png": LIGHT})
    try:
        (root / "train").mkdir()
    except FileExistsError:
        pytest.skip("this system does not tell capitals from small letters")
    with pytest.raises(DataError, match="own/train lies beside the folder Train; a set has one"):
        load(root)


@pytest.mark.parametrize("name", ["valid", "Val", "validation"])
def test_rows_to_validate_on_are_reported_where_to_go(folder, name):
    parts = {f"{part}/{c}/1.png": DARK for part in ("train", name, "test") for c in "ab"}
    with pytest.raises(
        DataError,
        match=f"own/{name}: rows to validate on are cut from train by themselves; move the "
        f"pictures of {name} into the classes of train, or the folder elsewhere",
    ):
        load(folder(**parts))


@pytest.mark.parametrize(
    ("names", "classes"),
    [(("train", "plane"), ("plane", "train")), (("train/a", "train/b"), ("a", "b"))],
)
def test_a_folder_train_is_a_class_or_the_training_rows(folder, names, classes):
    dataset = load(folder(**{f"{name}/1.png": DARK for name in names}))
    assert (dataset.train.classes, dataset.test) == (classes, None)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"test/c/1.png": DARK}, "own/test/c: the class c is not in train, which has a, b"),
        ({"test/1.png": DARK}, r"own/test/1\.png is next to the folders of classes"),
        ({"test/.hidden": b""}, "own/test has no class in it"),
        ({"test": b"hi"}, "own/test is not a folder"),
        ({"extra/a/1.png": DARK}, "own/extra lies beside the folder train"),
        ({"test/a/1.png": png(np.zeros((2, 2)))}, "training image is 3×2 uint8, a test image 2×2"),
    ],
)
def test_parts_that_do_not_fit_are_named(folder, more, message):
    parts = {"train/a/1.png": DARK, "train/b/1.png": LIGHT}
    with pytest.raises(DataError, match=message):
        load(folder(**parts, **more))


def test_a_folder_that_cannot_be_listed_is_named(folder, monkeypatch):
    root = folder(**two())

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(image_folder.Path, "iterdir", refuse)
    with pytest.raises(DataError, match="own cannot be read: Permission denied"):
        from_folder(root)
