"""The commands that read a model file: `evaluate`, `predict`, `inspect`."""

import msgspec
import numpy as np
import pytest
from PIL import Image

from clearprop import MLP, load, storage
from clearprop.tasks import Targets

DIGITS = [0, 5, 17, 101]
HUGE_MEASURED = ("evaluate", "huge.safetensors", "--data", "mnist")


@pytest.mark.parametrize("engine", ["numpy", "jax", "auto"])
def test_evaluate_measures_the_test_rows(run, tiny, model_file, engine):
    said = run("evaluate", model_file, "--data", "mnist", "--engine", engine, "--json")
    found = load(model_file).evaluate(tiny.test)
    assert (said.code, said.err) == (0, "")
    assert (said.json["task"], said.json["rows"]) == ("classes", 60)
    assert said.json["metrics"] == said.json["test_metrics"]
    assert said.json["accuracy"] == said.json["test_accuracy"] == found.accuracy
    assert said.json["loss"] == said.json["test_metrics"]["loss"]
    assert said.json["test_metrics"] == pytest.approx(found.as_dict(), rel=1e-5)
    text = run("evaluate", model_file, "--data", "mnist").out
    assert text.endswith(f"test accuracy: {100 * found.accuracy:.2f} %\n")


@pytest.fixture(scope="module")
def digits():
    """Real rows, and a network that knows them."""
    from clearprop import datasets

    rows = datasets.load("digits")
    model = MLP([64, 32, 10], learning_rate=0.01)
    model.fit(rows.train, epochs=20)
    return rows, model


@pytest.fixture
def pictures(digits, folder):
    """A model file and four rows as PNG files: as they are, inverted, in color, transparent."""
    rows, model = digits
    model.save(folder / "digits.safetensors", dataset="digits")
    for number in DIGITS:
        Image.fromarray(rows.test.images[number]).save(folder / f"{number}.png")
    first = rows.test.images[DIGITS[0]]
    Image.fromarray(255 - first).save(folder / "inverted.png")
    Image.fromarray(np.stack([first] * 3, axis=2)).save(folder / "color.png")
    return rows.test.images[DIGITS]


def test_predict_on_a_picture_of_a_row_says_what_the_row_gives(run, digits, pictures, folder):
    rows, model = digits
    names = [f"{number}.png" for number in DIGITS]
    said = run("predict", "digits.safetensors", *names, "--json")
    assert said.code == 0
    expected = model.predict_proba(pictures)
    for answer, name, chances in zip(said.json, names, expected, strict=True):
        assert answer.keys() == {"file", "label", "probabilities"}
        assert answer["file"] == name
        assert answer["label"] == rows.test.classes[chances.argmax()]
        assert list(answer["probabilities"]) == list(rows.test.classes)
        assert list(answer["probabilities"].values()) == pytest.approx(chances.tolist(), abs=1e-6)


@pytest.mark.parametrize("name", ["inverted.png", "color.png"])
def test_predict_sees_through_inversion_and_color(run, pictures, name):
    same, other = run("predict", "digits.safetensors", f"{DIGITS[0]}.png", name, "--json").json
    assert same["probabilities"] == other["probabilities"]


def test_predict_in_words(run, digits, pictures):
    rows, model = digits
    said = run("predict", "digits.safetensors", "0.png", "5.png")
    chances = model.predict_proba(pictures[:2])
    for line, name, row in zip(said.out.splitlines(), ("0.png", "5.png"), chances, strict=True):
        best = rows.test.classes[row.argmax()]
        assert line.startswith(f"{name}: {best} {100 * row.max():.1f} %  (then ")


def test_what_it_saw_can_be_written_out(run, digits, pictures, folder):
    assert run("predict", "digits.safetensors", "5.png", "inverted.png", "--seen", "seen").code == 0
    written = sorted(path.name for path in (folder / "seen").iterdir())
    assert written == ["001-5.png", "002-inverted.png"]
    for name, row in zip(written, (pictures[1], pictures[0]), strict=True):
        with Image.open(folder / "seen" / name) as picture:
            assert (np.asarray(picture) == row).all()


def test_a_large_photo_like_picture_is_placed_as_the_set_was(run, digits, pictures, folder):
    large = np.kron(255 - pictures[1], np.ones((40, 40), np.uint8))
    page = np.full((900, 700), 255, np.uint8)
    page[200:520, 100:420] = large
    Image.fromarray(page).save(folder / "photo.jpg", quality=95)
    said = run("predict", "digits.safetensors", "photo.jpg", "5.png", "--json").json
    assert said[0]["label"] == said[1]["label"]


def test_weights_that_are_far_too_large_are_reported_in_one_line(run, tiny, model_file):
    card, tensors = storage.read(model_file)
    huge = {name: np.full_like(tensor, 3e38) for name, tensor in tensors.items()}
    storage.write("huge.safetensors", card, huge)
    Image.fromarray(np.eye(6, 5, dtype=np.uint8) * 255).save("line.png")
    for words in (("predict", "huge.safetensors", "line.png"), HUGE_MEASURED):
        said = run(*words, "--json")
        assert (said.code, said.out) == (7, "")
        assert "is not finite: its weights are damaged or far too large" in said.err
        assert said.err.count("\n") == 1


def test_what_a_file_calls_things_is_no_command_to_the_terminal(run, tiny, model_file):
    card, tensors = storage.read(model_file)
    words = {"targets": Targets(("cat", "dog\x1b[31m", "emu\nowl")), "dataset": "mnist\x07"}
    strange = msgspec.structs.replace(card, **words)
    storage.write("strange.safetensors", strange, tensors)
    Image.fromarray(np.eye(6, 5, dtype=np.uint8) * 255).save("line.png")
    shown = run("inspect", "strange.safetensors").out
    assert r"learned from: mnist\x07, " in shown
    assert r"classes: cat, dog\x1b[31m, emu\nowl" in shown
    said = run("evaluate", "strange.safetensors", "--data", "mnist")
    assert said.code == 4
    assert said.err.count("\n") == 1
    for text in (shown, run("predict", "strange.safetensors", "line.png").out, said.err):
        assert text
        assert all(line.isprintable() for line in text.splitlines())


def test_inspect_shows_the_network_and_where_it_comes_from(run, model_file):
    said = run("inspect", model_file)
    model = load(model_file)
    assert model.summary() in said.out
    for text in ("learned from: mnist, 30 epochs, adam at 0.001", "classes: cat, dog, emu",
                 "inputs: 6×5", "layers.0.weight: (30, 12) float32"):  # fmt: skip
        assert text in said.out
    made = run("inspect", model_file, "--json").json
    assert made["parameters"] == 30 * 12 + 12 + 12 * 3 + 3
    assert made["targets"]["names"] == ["cat", "dog", "emu"]
    assert made["training"]["batch_size"] == 128


def test_inspect_draws_the_network(run, model_file, folder):
    said = run("inspect", model_file, "--picture", "net.png")
    assert said.out.endswith("picture: net.png\n")
    with Image.open(folder / "net.png") as picture:
        assert picture.format == "PNG"


def test_a_network_of_your_own_pictures_reads_others_as_it_read_those(run, folder):
    rng = np.random.default_rng(0)
    # Light paper on the left or on the right: what a digit's reader would invert and cut out.
    for name, columns in (("left", slice(0, 4)), ("right", slice(4, 8))):
        (folder / "mine" / name).mkdir(parents=True)
        for number in range(30):
            shades = rng.integers(0, 90, (6, 8)).astype(np.uint8)
            shades[:, columns] += 120
            Image.fromarray(shades).save(folder / "mine" / name / f"{number}.png")
            large = Image.fromarray(shades).resize((32, 24))
            large.save(folder / f"{name}-{number}.png")
    words = ("--data", "mine", "--epochs", 20, "--set", "batch_size=8", "--json")
    made = run("train", *words).json
    assert made["test_accuracy"] is None
    assert load(made["model"]).inputs.reading == "picture"
    files = [f"{name}-{number}.png" for name in ("left", "right") for number in range(30)]
    answers = run("predict", made["model"], *files, "--json").json
    assert [answer["label"] for answer in answers] == ["left"] * 30 + ["right"] * 30
    said = run("evaluate", made["model"], "--data", "mine")
    assert "mine: 60 rows" in said.out
    assert "all are measured" in said.err


def test_a_split_tells_the_model_how_pictures_are_read(folder):
    from dataclasses import replace

    from clearprop.data import from_arrays, hold_out

    rows = from_arrays(np.arange(160, dtype=np.uint8).reshape(40, 2, 2), np.arange(40) % 2)
    for reading in ("digit", "garment", "picture"):
        train, _ = hold_out(replace(rows, reading=reading), 5, seed=0)
        model = MLP([4, 2])
        model.fit(train, epochs=1)
        assert load(model.save(folder / "m.safetensors")).inputs.reading == reading


def write_pictures_of_two_sizes(folder):
    """Write a folder of two classes, dark and light, of pictures of two sizes."""
    for name, shade in (("dark", 40), ("light", 200)):
        (folder / name).mkdir(parents=True)
        for number in range(20):
            shape = (6, 8) if number % 2 else (12, 16)
            pixels = np.full(shape, shade + number, np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")


def test_pictures_of_different_sizes_are_resized_on_request(run, folder):
    write_pictures_of_two_sizes(folder / "mine")
    said = run("train", "--data", "mine", "--epochs", 1)
    assert said.code == 4
    assert "--set size=[28,28]" in said.err
    words = ("--set", "size=[6,8]", "--set", "batch_size=8", "--epochs", 60)
    made = run("train", "--data", "mine", *words, "--json").json
    assert load(made["model"]).input_shape == (6, 8)
    found = run("evaluate", made["model"], "--data", "mine", "--json").json
    assert (found["accuracy"], found["rows"]) == (1.0, 40)


def test_huge_pictures_are_not_taken_without_asking(run, folder):
    for name in ("a", "b"):
        (folder / "huge" / name).mkdir(parents=True)
        Image.new("L", (300, 200)).save(folder / "huge" / name / "1.png")
    said = run("train", "--data", "huge")
    assert (said.code, "60,000 numbers a row" in said.err) == (4, True)


def test_a_bad_picture_does_not_hide_the_answers_of_others(run, digits, pictures, folder):
    (folder / "broken.png").write_text("no picture")
    names = [f"{DIGITS[0]}.png", "broken.png", f"{DIGITS[1]}.png"]
    said = run("predict", "digits.safetensors", *names, "--json")
    assert said.code == 6
    assert [answer["file"] for answer in said.json] == [names[0], names[2]]
    assert "broken.png" in said.err
    said = run("predict", "digits.safetensors", *names)
    assert len(said.out.splitlines()) == 2


def test_names_that_do_not_match_are_no_numbers(run, folder):
    """A network of named classes refuses rows of other names."""
    write_pictures_of_two_sizes(folder / "mine")
    made = run("train", "--data", "mine", "--set", "size=[6,8]", "--epochs", 1, "--json").json
    for old, new in (("dark", "black"), ("light", "white")):
        (folder / "mine" / old).rename(folder / "mine" / new)
    said = run("evaluate", made["model"], "--data", "mine")
    assert (said.code, "'black' is not one of the network's: dark, light" in said.err) == (4, True)


def test_a_recipe_of_other_classes_is_refused_before_training(run, folder):
    write_pictures_of_two_sizes(folder / "mine")
    said = run("train", "explicit-numpy", "--data", "mine", "--set", "size=[6,8]")
    assert said.code == 4
    assert "--set 'layers=[48, 128, 2]'" in said.err
    assert not (folder / "runs").exists()
    words = ("--set", "layers=[48, 8, 2]", "--epochs", 1)
    said = run("train", "explicit-numpy", "--data", "mine", "--set", "size=[6,8]", *words)
    assert said.code == 0
    assert "no accuracy: there are no test rows" in said.out.splitlines()[-1]


def test_a_folder_for_a_recipe_gets_the_right_command(run, folder):
    (folder / "photos").mkdir()
    assert "clearprop train --data photos" in run("train", "photos").err


@pytest.mark.parametrize(
    ("reading", "side", "longer"),
    [("digit", 28, 20), ("digit", 20, 14), ("digit", 8, 8), ("garment", 28, 28)],
)
def test_a_picture_fills_the_field_as_those_of_the_set_do(run, folder, reading, side, longer):
    """MNIST's digits fill 20 of 28 pixels, small digits and clothing the whole field."""
    from dataclasses import replace

    from clearprop.data import from_arrays

    images = np.arange(4 * side * side).reshape(4, side, side) % 256
    model = MLP([side * side, 2])
    model.fit(replace(from_arrays(images, [0, 1, 0, 1]), reading=reading), epochs=1)
    model.save(folder / "own.safetensors")
    page = np.full((300, 300), 255, np.uint8)
    page[80:220, 110:180] = 0
    Image.fromarray(page).save(folder / "drawn.png")
    assert run("predict", "own.safetensors", "drawn.png", "--seen", "seen").code == 0
    with Image.open(folder / "seen" / "001-drawn.png") as picture:
        rows, columns = np.asarray(picture).nonzero()
    assert np.ptp(rows) + 1 == longer
    assert np.ptp(columns) + 1 == longer // 2


def test_inspect_draws_layers_that_take_units_one_by_one_and_blocks(run, tmp_path):
    model = MLP([6, "scale", {"name": "residual", "layers": [4, 6]}, 3])
    path = model.save(tmp_path / "own.safetensors")
    said = run("inspect", path, "--picture", tmp_path / "own.png")
    assert said.code == 0
    assert "residual (4 relu; 6 relu)" in said.out
    assert (tmp_path / "own.png").stat().st_size > 10_000
