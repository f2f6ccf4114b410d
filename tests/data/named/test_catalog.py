import hashlib

import pytest

from clearprop.data.named import catalog
from clearprop.errors import SettingError


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("mnist", "mnist"),
        ("MNIST", "mnist"),
        ("fashion-mnist", "fashion-mnist"),
        ("fashion_mnist", "fashion-mnist"),
        ("Fashion", "fashion-mnist"),
        ("digits", "digits"),
    ],
)
def test_names_and_aliases_are_found(name, found):
    assert catalog.find(name).name == found


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("minst", "Did you mean 'mnist'?"),
        ("fashio", "Did you mean 'fashion-mnist'?"),
        ("digit", "Did you mean 'digits'?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_and_all(name, hint):
    with pytest.raises(SettingError) as error:
        catalog.find(name)
    assert hint in str(error.value)
    assert "mnist, fashion-mnist, digits" in str(error.value)


def test_a_name_like_no_other_gets_no_guess():
    with pytest.raises(SettingError, match=r"no data set called 'xyz'\. The known ones are"):
        catalog.find("xyz")


@pytest.mark.parametrize("known", catalog.KNOWN, ids=lambda known: known.name)
def test_records_agree_with_themselves(known):
    assert len(set(known.classes)) == 10
    assert known.license
    assert known.attribution
    if known.files:
        shapes = [file.shape for file in known.files]
        train, test, sides = known.train_rows, known.test_rows, known.image_shape
        assert shapes == [(train, *sides), (train,), (test, *sides), (test,)]


def test_sizes_are_those_of_the_published_files():
    sizes = [file.size for file in catalog.find("mnist").files]
    assert sizes == [47_040_016, 60_008, 7_840_016, 10_008]


def test_no_checksum_was_mistyped():
    # The digest of all published checksums in order: a typing error in one would change it.
    text = "".join(file.sha256 for known in catalog.KNOWN for file in known.files)
    assert len(text) == 8 * 64
    assert hashlib.sha256(text.encode()).hexdigest().startswith("106b2389d72cf816")


def test_garments_are_read_as_garments():
    readings = {known.name: known.reading for known in catalog.KNOWN}
    assert readings == {"mnist": "digit", "fashion-mnist": "garment", "digits": "digit"}
