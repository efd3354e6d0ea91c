"""The data sets: upright images, labels that mean characters, and faults named with a remedy."""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from handwriting.alphabet import CHARACTERS
from handwriting.datasets.idx import write_idx
from handwriting.datasets.splits import (
    SPLITS,
    data_directory,
    find_split,
    load_images,
    load_labels,
)
from handwriting.errors import InputError

REAL_DATA = os.environ.get("HANDWRITING_DATA")

EMNIST = ["byclass", "bymerge", "balanced", "letters", "digits", "emnist-mnist"]

SEVEN = np.zeros((28, 28), np.uint8)
SEVEN[4, 8:20] = 255  # the bar at the top
SEVEN[4:24, 19] = 255  # the stem on the right


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path))
    return tmp_path


def save(directory, stem, images, labels):
    write_idx(directory / f"{stem}-images-idx3-ubyte.gz", np.asarray(images))
    write_idx(directory / f"{stem}-labels-idx1-ubyte.gz", np.asarray(labels))


def characters(name, part="test"):
    classes = find_split(name).alphabet.classes
    return [classes[label] for label in load_labels(name, part)]


def test_data_directory_is_the_named_one_or_the_users_cache(directory, monkeypatch):
    assert data_directory() == directory
    monkeypatch.delenv("HANDWRITING_DATA")
    assert data_directory().name == "handwriting"


@pytest.mark.parametrize("name", EMNIST)
def test_emnist_files_hold_images_transposed(directory, name):
    stem = f"emnist/emnist-{name.removeprefix('emnist-')}-test"
    save(directory, stem, [SEVEN.T], [7])
    images, _ = load_images(name, "test")
    np.testing.assert_array_equal(images, [SEVEN])
    assert images.flags.c_contiguous


def test_mnist_files_hold_images_upright_and_call_the_test_part_t10k(directory):
    save(directory, "mnist/train", [SEVEN], [7])
    save(directory, "mnist/t10k", [SEVEN, SEVEN], [7, 7])
    np.testing.assert_array_equal(load_images("mnist", "train")[0], [SEVEN])
    np.testing.assert_array_equal(load_images("mnist", "test")[0], [SEVEN, SEVEN])


def test_byclass_counts_digits_then_upper_then_lower_case(directory):
    save(directory, "emnist/emnist-byclass-test", np.zeros((6, 28, 28)), [0, 9, 10, 35, 36, 61])
    assert characters("byclass") == ["0", "9", "A", "Z", "a", "z"]


@pytest.mark.parametrize("name", ["bymerge", "balanced"])
def test_merged_sets_keep_only_eleven_lower_case_letters(directory, name):
    labels = [9, 10, 35, *range(36, 47)]
    save(directory, f"emnist/emnist-{name}-test", np.zeros((len(labels), 28, 28)), labels)
    assert characters(name) == list("9AZabdefghnqrt")


@pytest.mark.parametrize(("name", "part"), [("letters", "test"), ("letters-part", "train")])
def test_letters_are_counted_from_one(directory, name, part):
    save(directory, f"emnist/emnist-{name}-{part}", np.zeros((2, 28, 28)), [1, 26])
    assert load_labels(name, part).tolist() == [0, 25]
    assert characters(name, part) == ["A", "Z"]


@pytest.mark.parametrize(
    ("name", "stem", "label"),
    [
        ("byclass", "emnist/emnist-byclass-test", 62),
        ("balanced", "emnist/emnist-balanced-test", 47),
        ("letters", "emnist/emnist-letters-test", 0),
        ("letters", "emnist/emnist-letters-test", 27),
        ("digits", "emnist/emnist-digits-test", 10),
        ("mnist", "mnist/t10k", 10),
    ],
)
def test_labels_outside_the_classes_are_refused(directory, name, stem, label):
    save(directory, stem, np.zeros((2, 28, 28)), [1, label])
    with pytest.raises(InputError) as error:
        load_labels(name, "test")
    path = directory / f"{stem}-labels-idx1-ubyte.gz"
    classes = len(find_split(name).alphabet)
    assert str(error.value) == (
        f"{path} has 1 labels outside the {classes} classes of {name}: "
        f"fetch it with `python -m handwriting data {name}`"
    )


@pytest.mark.parametrize(
    ("images", "labels", "file", "fault"),
    [
        ((3, 28, 28), (2,), "images-idx3", "holds (3, 28, 28), not the (2, 28, 28) of its labels"),
        ((2, 32, 32), (2,), "images-idx3", "holds (2, 32, 32), not the (2, 28, 28) of its labels"),
        ((2,), (2,), "images-idx3", "holds (2,), not the (2, 28, 28) of its labels"),
        ((2, 28, 28), (2, 28, 28), "labels-idx1", "holds (2, 28, 28), not a list of labels"),
        ((0, 28, 28), (0,), "labels-idx1", "holds (0,), not a list of labels"),
    ],
    ids=["more images than labels", "wrong side", "labels as images", "images as labels", "empty"],
)
def test_files_that_do_not_fit_are_named_with_the_remedy(directory, images, labels, file, fault):
    save(directory, "emnist/emnist-digits-test", np.zeros(images), np.zeros(labels))
    with pytest.raises(InputError) as error:
        load_images("digits", "test")
    assert str(error.value) == (
        f"{directory}/emnist/emnist-digits-test-{file}-ubyte.gz {fault}: "
        "fetch it with `python -m handwriting data digits`"
    )


@pytest.mark.parametrize("kind", ["images-idx3", "labels-idx1"])
def test_a_missing_or_truncated_file_is_named_with_the_remedy(directory, kind):
    save(directory, "mnist/train", [SEVEN], [7])
    path = directory / f"mnist/train-{kind}-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(InputError) as error:
        load_images("mnist", "train")
    assert str(error.value).startswith(f"{path} is truncated or corrupt")
    assert str(error.value).endswith("fetch it with `python -m handwriting data mnist`")

    path.unlink()
    with pytest.raises(InputError) as error:
        load_images("mnist", "train")
    assert str(error.value) == (
        f"{path} is missing: fetch it with `python -m handwriting data mnist`"
    )


def test_nobody_is_told_to_fetch_what_is_not_published():
    with pytest.raises(InputError, match="letters-part is not published, so put your own copy"):
        load_labels("letters-part", "train")


def test_unknown_names_and_parts_are_answered_with_the_choice():
    with pytest.raises(InputError, match="no data set is called 'mnits': choose one of byclass, "):
        find_split("mnits")
    with pytest.raises(InputError, match="byclass-part has no test part: choose train"):
        load_labels("byclass-part", "test")


# The real data, where it is at hand.


@pytest.fixture
def real(monkeypatch):
    """Skips the test unless the real data directory has all these files."""
    if not REAL_DATA:
        pytest.skip("HANDWRITING_DATA is not set")
    directory = Path(REAL_DATA).absolute()
    monkeypatch.setenv("HANDWRITING_DATA", str(directory))

    def require(*paths):
        for path in paths:
            if not (directory / path).exists():
                pytest.skip(f"there is no {directory / path}")
        return directory

    return require


def read_mapping(path):
    """The official list of classes: every label with the characters that it stands for."""
    rows = [list(map(int, line.split())) for line in path.read_text().split("\n") if line]
    return {label: "".join(map(chr, codes)) for label, *codes in rows}


@pytest.mark.parametrize("name", EMNIST)
def test_official_mapping_agrees_with_our_alphabet(name, real):
    split = SPLITS[name]
    directory = real(split.mapping)
    ours = split.alphabet.members if name == "letters" else split.alphabet.classes
    assert read_mapping(directory / split.mapping) == dict(enumerate(ours, split.first_label))


def test_characters_are_counted_as_the_official_mapping_has_them(real):
    labels = "emnist/emnist-byclass-test-labels-idx1-ubyte.gz"
    directory = real(labels, SPLITS["byclass"].mapping)
    raw = np.frombuffer(gzip.decompress((directory / labels).read_bytes())[8:], np.uint8)
    mapping = read_mapping(directory / SPLITS["byclass"].mapping)
    official = {mapping[label]: count for label, count in enumerate(np.bincount(raw))}
    ours = np.bincount(load_labels("byclass", "test"))
    assert dict(zip(CHARACTERS, ours, strict=True)) == official


@pytest.mark.parametrize(
    ("name", "part"), [(name, part) for name, split in SPLITS.items() for part in split.sizes]
)
def test_official_files_load_in_full(name, part, real):
    split = SPLITS[name]
    real(split.path(part, "images-idx3"), split.path(part, "labels-idx1"))
    images, labels = load_images(name, part)
    assert images.shape == (split.sizes[part], 28, 28)
    assert set(labels.tolist()) == set(range(len(split.alphabet)))


def test_official_digits_of_both_sets_stand_the_same_way(real):
    """The mean digit of MNIST looks like that of EMNIST, and less so when transposed."""
    real(*SPLITS["mnist"].paths("test"), *SPLITS["byclass"].paths("test"))
    (mnist, mnist_labels), (emnist, emnist_labels) = (
        load_images(name, "test") for name in ("mnist", "byclass")
    )
    for digit in (1, 2, 3, 4, 5, 6, 7, 9):  # transposed, 0 and 8 look much the same
        mean = mnist[mnist_labels == digit].mean(axis=0)
        other = emnist[emnist_labels == digit].mean(axis=0)
        upright, transposed = (
            np.corrcoef(mean.ravel(), image.ravel())[0, 1] for image in (other, other.T)
        )
        assert upright > transposed + 0.1, f"digit {digit}"
