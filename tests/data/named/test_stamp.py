import os

import pytest

from clearprop.data.named import stamp

FAR = 2**62  # nanoseconds: a note of that time is younger than any file


@pytest.fixture
def file(tmp_path):
    """Return a file that was verified, long before its note was made."""
    path = tmp_path / "file"
    path.write_bytes(b"right")
    stamp.put(path, path.stat(), "abc")
    os.utime(tmp_path / ".file.verified", ns=(FAR, FAR))
    return path


def held(path, checksum="abc"):
    return stamp.holds(path, path.stat(), checksum)


def test_an_unchanged_file_is_recognized_by_its_checksum_only(file):
    assert held(file)
    file.read_bytes()
    assert held(file)
    assert not held(file, "abd")


def test_every_change_is_seen(file, tmp_path):
    before = file.stat()

    def longer():
        file.write_bytes(b"longer")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    def later():
        file.write_bytes(b"wrong")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 10**9))

    def replaced():
        other = tmp_path / "other"
        other.write_bytes(b"wrong")
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        other.replace(file)

    for change in (longer, later, replaced):
        change()
        assert not held(file)
        stamp.put(file, file.stat(), "abc")
        os.utime(tmp_path / ".file.verified", ns=(FAR, FAR))
        assert held(file)


def test_a_file_as_young_as_its_note_is_not_trusted(file, tmp_path):
    status = file.stat()
    youngest = max(status.st_mtime_ns, status.st_ctime_ns)
    os.utime(tmp_path / ".file.verified", ns=(youngest, youngest))
    assert not held(file)


@pytest.mark.parametrize(
    "spoil", [lambda n: n.unlink(), lambda n: n.write_bytes(n.read_bytes()[:9])]
)
def test_without_a_whole_note_nothing_is_known(file, tmp_path, spoil):
    note = tmp_path / ".file.verified"
    spoil(note)
    if note.exists():
        os.utime(note, ns=(FAR, FAR))
    assert not held(file)


def test_what_is_forgotten_is_not_known(file):
    stamp.remove(file)
    assert not held(file)
    stamp.remove(file)
