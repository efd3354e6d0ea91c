"""IDX files: what is written comes back, and what is damaged is named with its remedy."""

import gzip

import numpy as np
import pytest

from handwriting.datasets.idx import read_idx, write_idx
from handwriting.errors import InputError


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)


def test_reads_what_was_written(tmp_path, images):
    path = tmp_path / "emnist" / "images.gz"
    write_idx(path, images)
    np.testing.assert_array_equal(read_idx(path), images)


def test_reads_the_published_format(tmp_path):
    """Magic number 0x00000801 and a big-endian count, as LeCun's page describes label files."""
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(b"\x00\x00\x08\x01" + b"\x00\x00\x00\x03" + b"\x05\x00\x04"))
    assert read_idx(path).tolist() == [5, 0, 4]


def test_writes_the_same_bytes_every_time(tmp_path, images):
    write_idx(tmp_path / "a.gz", images)
    write_idx(tmp_path / "b.gz", images)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_cannot_be_changed_by_accident(tmp_path, images):
    write_idx(tmp_path / "images.gz", images)
    with pytest.raises(ValueError, match="read-only"):
        read_idx(tmp_path / "images.gz")[0] = 0


def damage(path, content):
    """What `path` looks like after each kind of mishap."""
    packed = path.read_bytes()
    return {
        "truncated": packed[:-20],
        "flipped bits": packed[:100] + bytes(byte ^ 255 for byte in packed[100:110]) + packed[110:],
        "web page": b"<html>404</html>",
        "gzip'd web page": gzip.compress(b"<html>404</html>"),
        "empty": b"",
        "empty inside": gzip.compress(b""),
        "cut header": gzip.compress(content[:10]),
        "too short": gzip.compress(content[:-1]),
        "too long": gzip.compress(content + b"\0"),
        "of floats": gzip.compress(content[:2] + b"\x0d" + content[3:]),
    }


@pytest.mark.parametrize(
    ("mishap", "fault"),
    [
        ("truncated", "is truncated or corrupt"),
        ("flipped bits", "is truncated or corrupt"),
        ("web page", "is truncated or corrupt"),
        ("gzip'd web page", "is not an IDX file"),
        ("empty", "is not an IDX file"),
        ("empty inside", "is not an IDX file"),
        ("cut header", "ends inside its header"),
        ("too short", "holds 3,919 bytes, not the 3,920 "),
        ("too long", "holds 3,921 bytes, not the 3,920 "),
        ("of floats", "is not an IDX file of unsigned bytes"),
    ],
)
def test_names_the_damaged_file_and_the_remedy(tmp_path, images, mishap, fault):
    path = tmp_path / "images.gz"
    write_idx(path, images)
    path.write_bytes(damage(path, gzip.decompress(path.read_bytes()))[mishap])

    with pytest.raises(InputError) as error:
        read_idx(path, "fetch it with `python -m handwriting data byclass`")

    message = str(error.value)
    assert message.startswith(f"{path} {fault}")
    assert message.endswith(": fetch it with `python -m handwriting data byclass`")
    assert "\n" not in message


def test_names_the_missing_file_and_the_remedy(tmp_path):
    with pytest.raises(InputError, match=r"gone\.gz is missing: fetch it with `python -m handwr"):
        read_idx(tmp_path / "gone.gz")


def test_names_what_is_no_file(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read \(Is a directory\)"):
        read_idx(tmp_path)
