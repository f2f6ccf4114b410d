"""A user's picture becomes what the makers of MNIST would have made of it."""

import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFile

from clearprop.data.pictures.images import read_digit, read_garment, write_image
from clearprop.data.pictures.ink import extract_ink
from clearprop.data.pictures.placing import (
    bounding_box,
    center_by_box,
    center_by_mass,
    saturate,
    widen_strokes,
)
from clearprop.errors import ImageError, SettingError


def draw_seven(picture, ink, *, size=200, at=(0, 0), pen=14):
    """A seven with a bar, in a square of `size` pixels."""
    points = [(0.2, 0.2), (0.75, 0.2), (0.4, 0.85)], [(0.35, 0.5), (0.7, 0.5)]
    for line in points:
        moved = [(at[0] + x * size, at[1] + y * size) for x, y in line]
        ImageDraw.Draw(picture).line(moved, fill=ink, width=pen, joint="curve")
    return picture


def seven(paper=255, ink=0, mode="L", size=(200, 200), at=(0, 0)):
    return draw_seven(Image.new(mode, size, paper), ink, at=at)


@pytest.fixture
def read(tmp_path):
    """Write a picture and read it as a digit."""

    def write_and_read(picture, name="digit.png", **saving):
        picture.save(tmp_path / name, **saving)
        return read_digit(tmp_path / name)

    return write_and_read


def distance(a, b):
    return np.abs(a.astype(int) - b.astype(int)).mean()


def distance_within_a_pixel(a, b):
    """Of the nine shifts by a pixel the best: the center of mass may cross a pixel's edge."""
    shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return min(distance(np.roll(a, shift, axis=(0, 1)), b) for shift in shifts)


def mass_center(image):
    rows, columns = image.sum(axis=1, dtype=float), image.sum(axis=0, dtype=float)
    return [line @ np.arange(len(line)) / line.sum() for line in (rows, columns)]


def test_result_is_placed_as_mnist_is(read):
    image = read(seven())
    top, bottom, left, right = bounding_box(image)
    assert (image.dtype, image.shape) == (np.uint8, (28, 28))
    assert max(bottom - top, right - left) == 20
    assert all(13.5 <= center < 14.5 for center in mass_center(image))
    assert image.max() == 255
    assert np.median(image) == 0


def test_bar_and_stem_are_where_they_were_drawn(read):
    image = read(seven())
    top, _, left, _ = bounding_box(image)
    bar = image[top : top + 3, left + 1 : left + 14]
    assert bar.max(axis=0).min() > 200  # light on black
    assert image[-6:, -9:].max() == 0  # where a nine or a two would be


@pytest.mark.parametrize(
    "picture",
    [
        seven(0, 255),
        seven(235, 40),
        seven(20, 180),
        seven("white", "navy", "RGB"),
        seven("black", "yellow", "RGB"),
        seven((0, 0, 0, 0), (0, 0, 0, 255), "RGBA"),
        seven((0, 0, 0, 0), (255, 255, 255, 255), "RGBA"),
        seven((255, 255, 255, 255), (200, 0, 0, 255), "RGBA"),
        seven().convert("1"),
        seven("white", "black", "RGB").convert("P"),
        seven((255, 0), (0, 255), "LA"),
        Image.fromarray(np.asarray(seven(200, 10)).astype(np.uint16) * 257),
    ],
    ids=[
        "light",
        "gray",
        "dim",
        "navy",
        "yellow",
        "clear",
        "clear-light",
        "opaque",
        "bilevel",
        "palette",
        "gray-alpha",
        "deep",
    ],
)
def test_paper_ink_and_mode_make_no_difference(read, picture):
    assert distance(read(picture), read(seven())) < 0.5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honored(read, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # what undoes each orientation
    upright = seven(size=(240, 200))
    stored = upright.transpose(turned[orientation]) if orientation > 1 else upright
    assert distance(read(stored, exif=exif), read(upright)) == 0


def test_card_with_clear_corners_keeps_its_own_paper(read):
    card = seven((255, 255, 255, 255), (0, 0, 0, 255), "RGBA")
    ImageDraw.Draw(card).rectangle((0, 0, 30, 30), fill=(0, 0, 0, 0))
    tight = card.crop((10, 10, 158, 172))  # its strokes touch the border as the corner does
    assert distance(read(tight), read(seven())) < 2


@pytest.mark.parametrize("noise", [0, 8, 25])
@pytest.mark.parametrize("pen", [14, 40])
def test_photo_in_uneven_light_with_noise(read, pen, noise):
    page = draw_seven(Image.new("L", (420, 360), 230), 40, at=(90, 60), pen=pen)
    light = 0.4 + 0.6 * np.linspace(0, 1, 420)[None, :] * np.linspace(1, 0.7, 360)[:, None]
    grain = np.random.default_rng(0).normal(0, noise, light.shape)
    photo = Image.fromarray(np.clip(np.asarray(page) * light + grain, 0, 255).astype(np.uint8))
    assert distance_within_a_pixel(read(photo, "photo.jpg", quality=85), read(page)) < 9


@pytest.mark.parametrize("paper", [255, 0])
def test_thick_strokes_that_touch_the_border(read, paper):
    image = read(seven(paper, 255 - paper).crop((35, 33, 158, 172)))
    assert distance(image, read(seven())) < 2


def test_ruled_lines_specks_and_a_dark_edge_are_left_out(read):
    page = Image.new("L", (600, 600), 235)
    pen = ImageDraw.Draw(page)
    for y in range(20, 600, 60):
        pen.line((0, y, 600, y), fill=200, width=2)
    for x in range(50, 600, 90):
        pen.ellipse((x, 560, x + 4, 564), fill=90)
    pen.rectangle((0, 0, 15, 600), fill=20)
    clean = Image.new("L", page.size, 235)
    for picture in (page, clean):
        draw_seven(picture, 30, size=400, at=(100, 80), pen=28)
    assert distance_within_a_pixel(read(page), read(clean)) < 10


def test_detached_strokes_are_kept(read):
    five = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(five).arc((50, 70, 140, 170), 200, 120, fill=0, width=12)
    ImageDraw.Draw(five).line((80, 40, 150, 40), fill=0, width=12)
    image = read(five)
    assert not image.any(axis=1)[4:24].all()  # the gap
    assert image[4:7].max() > 200  # the bar above it


def test_thin_pen_is_widened_and_strong(read):
    image = read(draw_seven(Image.new("L", (900, 900), 255), 0, size=900, pen=4))
    assert image.max() == 255
    assert image.mean() > 0.5 * read(seven()).mean()


def test_tiny_picture_is_enlarged(read):
    image = read(draw_seven(Image.new("L", (12, 12), 255), 0, size=12, pen=1))
    top, bottom, _, _ = bounding_box(image)
    assert bottom - top == 20


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 3)])
def test_smallest_pictures_give_a_picture_or_an_image_error(read, size):
    pixels = np.zeros(size, np.uint8)
    pixels[0, 0] = 255
    with suppress(ImageError):
        assert read(Image.fromarray(pixels)).shape == (28, 28)


@given(st.integers(0, 120), st.integers(0, 120), st.booleans())
def test_shifting_the_drawing_changes_rounding_at_most(tmp_path_factory, x, y, inverted):
    path = tmp_path_factory.mktemp("shifted") / "digit.png"
    seven(size=(320, 320), at=(60, 60)).save(path)
    expected = read_digit(path)
    moved = np.asarray(seven(size=(320, 320), at=(x, y)))
    Image.fromarray(255 - moved if inverted else moved).save(path)
    assert np.abs(read_digit(path).astype(int) - expected).max() <= 1


@given(st.binary(min_size=784, max_size=784).map(lambda b: np.frombuffer(b, np.uint8)))
def test_prepared_picture_comes_back_unchanged_and_its_negative_too(tmp_path_factory, pixels):
    path = tmp_path_factory.mktemp("prepared") / "row.png"
    row = pixels.reshape(28, 28).copy()
    row[[0, -1]] = row[:, [0, -1]] = 0
    for stored in (row, 255 - row):
        np.testing.assert_array_equal(read_digit(write_image(path, stored)), row)
        np.testing.assert_array_equal(read_garment(path), row)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "read_back"), [("mnist", read_digit), ("fashion-mnist", read_garment)]
)
def test_exported_rows_come_back_unchanged(require_dataset, tmp_path, name, read_back):
    for row in require_dataset(name).test.images[:50]:
        np.testing.assert_array_equal(read_back(write_image(tmp_path / "row.png", row)), row)


@pytest.mark.data
def test_enlarged_mnist_digits_come_back_nearly_the_same(require_dataset, read):
    far = []
    for place, row in enumerate(require_dataset("mnist").test.images[:40]):
        page = np.full((400, 500), 255, np.uint8)
        page[3 * place :, 5 * place :][:280, :280] -= row.repeat(10, axis=0).repeat(10, axis=1)
        far.append(distance(read(Image.fromarray(page)), row))
    assert np.median(far) < 2
    assert np.mean(far) < 4


def test_garment_keeps_its_shades_and_fills_the_field(tmp_path):
    shirt = Image.new("L", (200, 300), 255)
    ImageDraw.Draw(shirt).rectangle((60, 40, 139, 239), fill=205)
    ImageDraw.Draw(shirt).rectangle((80, 40, 119, 139), fill=55)
    shirt.save(tmp_path / "shirt.png")
    image = read_garment(tmp_path / "shirt.png")
    assert bounding_box(image) == (0, 28, 8, 19)
    assert (image[20, 13], image[5, 13]) == (50, 200)


def test_other_shapes_and_fits(tmp_path):
    seven().save(tmp_path / "digit.png")
    image = read_digit(tmp_path / "digit.png", shape=(8, 8), fit=8)
    top, bottom, _, _ = bounding_box(image)
    assert (image.shape, bottom - top) == ((8, 8), 8)
    with pytest.raises(SettingError, match="choose 1 to 8"):
        read_digit(tmp_path / "digit.png", shape=(8, 8))


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_center_of_mass_lies_at_index_14_and_no_ink_is_lost(height, width, seed):
    image = np.random.default_rng(seed).integers(1, 256, (height, width), np.uint8)
    field = center_by_mass(image)
    assert all(13.5 <= center < 14.5 for center in mass_center(field))
    top, bottom, left, right = bounding_box(field)
    np.testing.assert_array_equal(field[top:bottom, left:right], image)


@pytest.mark.parametrize("corner", [(0, 0), (0, -1), (-1, 0), (-1, -1)])
def test_lopsided_ink_is_not_pushed_out_of_the_field(corner):
    image = np.ones((20, 20), np.int64)
    image[corner] = 10_000
    assert center_by_mass(image).sum() == image.sum()
    assert bounding_box(center_by_box(image[:, :9])) == (4, 24, 9, 18)


def test_saturate_and_widen_by_hand():
    np.testing.assert_allclose(saturate(np.array([[0.0, 0.1, 0.5, 0.5, 0.6]])), [[0, 0.2, 1, 1, 1]])
    line = np.zeros((5, 9))
    line[2, 2:7] = 1.0  # area 5, outline 12: width 10 / 12
    assert widen_strokes(line, 1.0) is line
    wide = widen_strokes(line, 2.5)
    assert (wide.shape, wide.sum()) == ((7, 11), 21)


def test_noise_without_ink_is_blank():
    noise = np.random.default_rng(0).normal(200, 12, (150, 150))
    assert extract_ink(np.clip(noise, 0, 255).astype(np.uint8)) is None


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_size(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = png_chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + pixels + png_chunk(b"IEND", b"")


def encoded(kind, picture=None):
    buffer = io.BytesIO()
    (picture or seven()).save(buffer, kind)
    return buffer.getvalue()


UNREADABLE = {
    "empty": (b"", "empty"),
    "text": (b"This is not a picture.", "not a readable PNG or JPEG"),
    "cut-png": (encoded("PNG")[:200], "not a readable PNG or JPEG"),
    "cut-jpeg": (encoded("JPEG")[:900], "not a readable PNG or JPEG"),
    "gif": (encoded("GIF"), "not a readable PNG or JPEG"),
    "large": (png_of_size(8_000, 8_000), "more than 50,000,000 pixels"),
    "larger": (png_of_size(10_000, 10_000), "more than 50,000,000 pixels"),
    "largest": (png_of_size(2**31 - 1, 2**31 - 1), "more than 50,000,000 pixels"),
    "white": (encoded("PNG", Image.new("L", (50, 50), 255)), "blank"),
    "clear": (encoded("PNG", Image.new("RGBA", (50, 50))), "blank"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_pictures_name_the_file_and_what_to_do(tmp_path, name):
    path, (content, message) = tmp_path / "picture.png", UNREADABLE[name]
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message) as caught:
        read_digit(path)
    assert str(path) in str(caught.value)
    assert ";" in str(caught.value)


def test_missing_file_folder_and_too_many_bytes(tmp_path, monkeypatch):
    with pytest.raises(ImageError, match="no such picture file"):
        read_digit(tmp_path / "nowhere.png")
    with pytest.raises(ImageError, match="a folder, not a picture"):
        read_garment(tmp_path)
    seven().save(tmp_path / "digit.png")
    monkeypatch.setattr("clearprop.data.pictures.picture_file.MAX_BYTES", 100)
    with pytest.raises(ImageError, match="larger than"):
        read_digit(tmp_path / "digit.png")


def test_nothing_is_decoded_that_claims_too_many_pixels(tmp_path, monkeypatch):
    (tmp_path / "huge.png").write_bytes(png_of_size(10_000, 10_000))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(ImageError, match="more than"):
        read_digit(tmp_path / "huge.png")


def test_damage_that_the_decoder_meets_late_is_an_image_error(tmp_path):
    path = tmp_path / "picture.png"
    end = encoded("PNG").index(b"IEND") - 4
    text = b"key\0\0" + zlib.compress(bytes(2**21))  # Pillow raises ValueError from load()
    path.write_bytes(encoded("PNG")[:end] + png_chunk(b"zTXt", text) + encoded("PNG")[end:])
    with pytest.raises(ImageError, match="not a readable PNG or JPEG picture; save"):
        read_digit(path)


@given(st.data())
def test_mutated_pictures_raise_nothing_but_image_errors(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("mutated") / "picture.png"
    small = draw_seven(Image.new("RGBA", (40, 40), "white"), "black", size=40, pen=3)
    kind = data.draw(st.sampled_from(["PNG", "JPEG"]))
    content = bytearray(encoded(kind, small if kind == "PNG" else small.convert("RGB")))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    with suppress(ImageError):
        assert read_digit(path).shape == (28, 28)


def test_failed_writing_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    path = write_image(tmp_path / "seen.png", np.zeros((28, 28), np.uint8))
    before = path.read_bytes()

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(ImageError, match="No space left"):
        write_image(path, np.full((28, 28), 9, np.uint8))
    assert [entry.name for entry in tmp_path.iterdir()] == ["seen.png"]
    assert path.read_bytes() == before


def test_a_picture_that_the_system_keeps_closed_is_reported(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "closed.png").write_bytes(encoded("PNG"))
    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(
        ImageError, match=r"closed\.png: cannot be read \(Permission denied\); check"
    ):
        read_digit(tmp_path / "closed.png")
