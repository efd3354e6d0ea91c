"""Predictions made elsewhere: what is understood, and what is refused with which words."""

import io
import struct
import zipfile

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from handwriting.alphabet import BYCLASS, BYMERGE, CHARACTERS, DIGITS
from handwriting.errors import InputError
from handwriting.evaluation.sources import read_predictions

SAMPLES = 200
LABELS = np.arange(SAMPLES) % 10


@pytest.fixture(scope="module")
def probabilities():
    drawn = np.random.default_rng(0).dirichlet(np.full(10, 0.3), SAMPLES)
    drawn[np.arange(SAMPLES), LABELS] += 0.5
    return drawn / 1.5


def write(path, columns):
    """Writes named columns as an `.npz`, `.csv` or `.parquet` file, as the name says."""
    if path.suffix == ".npz":
        np.savez_compressed(path, **columns)
    else:
        table = pa.table({name: pa.array(values) for name, values in columns.items()})
        writer = arrow_csv.write_csv if path.suffix == ".csv" else parquet.write_table
        writer(table, path)
    return path


def by_class(scores, classes=DIGITS.classes, prefix=""):
    return {f"{prefix}{c}": column for c, column in zip(classes, scores.T, strict=True)}


def read(path, alphabet=DIGITS, labels=LABELS, **options):
    return read_predictions(path, alphabet, labels, **options)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("prefix", ["", "probability_"])
def test_a_table_has_a_column_a_class_in_any_order(tmp_path, probabilities, suffix, prefix):
    order = np.random.default_rng(1).permutation(10)
    columns = by_class(probabilities[:, order], np.array(DIGITS.classes)[order], prefix)
    source = read(write(tmp_path / f"net{suffix}", columns))
    np.testing.assert_array_equal(source.predictions.predicted, probabilities.argmax(axis=1))
    np.testing.assert_allclose(
        source.predictions.probabilities, probabilities, rtol=0.02, atol=1e-6
    )
    assert source.predictions.classes == DIGITS.classes
    assert any("which class each column stands for" in note for note in source.notes)


def test_arrays_have_names(tmp_path, probabilities):
    source = read(write(tmp_path / "net.npz", {"probabilities": probabilities, "labels": LABELS}))
    np.testing.assert_array_equal(source.predictions.predicted, probabilities.argmax(axis=1))
    assert any("as the file says" in note for note in source.notes)
    assert any("labels in the file are those of the test set" in note for note in source.notes)


def test_logits_become_probabilities(tmp_path, probabilities):
    logits = np.log(probabilities + 1e-9) + np.arange(SAMPLES)[:, None]
    for columns in ({"logits": logits}, {"arr_0": logits - 500}):
        source = read(write(tmp_path / "net.npz", columns))
        np.testing.assert_allclose(
            source.predictions.probabilities, probabilities, rtol=0.02, atol=1e-6
        )
        assert any("taken as logits" in note for note in source.notes)


def test_numbers_that_sum_to_one_are_probabilities_and_the_report_says_so(tmp_path, probabilities):
    np.savez(tmp_path / "net.npz", probabilities)
    source = read(tmp_path / "net.npz")
    assert any("because every row sums to one" in note for note in source.notes)
    assert any("does not name its classes" in note for note in source.notes)


def test_numbers_that_could_be_either_are_refused(tmp_path, probabilities):
    np.savez(tmp_path / "net.npz", probabilities * 3)
    with pytest.raises(InputError, match="cannot tell whether these are probabilities or logits"):
        read(tmp_path / "net.npz")


def test_pandas_row_numbers_are_no_scores(tmp_path, probabilities):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(probabilities)
    table.to_csv(tmp_path / "net.csv")
    source = read(tmp_path / "net.csv")
    np.testing.assert_array_equal(source.predictions.predicted, probabilities.argmax(axis=1))
    table.sample(frac=1, random_state=0).to_csv(tmp_path / "net.csv")
    with pytest.raises(InputError, match="does not count the rows from 0"):
        read(tmp_path / "net.csv")


@pytest.mark.parametrize("name", ["net.npz", "net.csv", "net.parquet"])
@pytest.mark.parametrize("as_characters", [True, False])
def test_answers_alone_will_do(tmp_path, name, as_characters):
    labels = np.arange(620) % 62
    answers = (labels + (np.arange(620) % 7 == 0)) % 62
    given = np.array(list(CHARACTERS))[answers] if as_characters else answers
    source = read(write(tmp_path / name, {"predicted": given}), BYCLASS, labels)
    np.testing.assert_array_equal(source.predictions.predicted, answers)
    assert not source.predictions.has_probabilities
    assert any("what needs probabilities is absent" in note for note in source.notes)
    with pytest.raises(InputError, match="only the predicted labels are known"):
        source.predictions.confidence  # noqa: B018


def test_62_classes_are_mapped_to_those_of_the_data_set(tmp_path):
    every = np.random.default_rng(0).dirichlet(np.full(62, 0.1), 470)
    labels = np.arange(470) % 47
    path = write(
        tmp_path / "net.npz", {"probabilities": every, "classes": np.array(list(CHARACTERS))}
    )
    source = read(path, BYMERGE, labels)
    np.testing.assert_array_equal(
        source.predictions.predicted, BYMERGE.project(every).argmax(axis=1)
    )
    assert any("62 classes are mapped to the data set's 47" in note for note in source.notes)


def test_characters_that_the_data_has_not_are_left_out_and_the_report_says_how_much(tmp_path):
    every = np.full((SAMPLES, 62), 0.5 / 52)
    every[:, :10] = 0.05
    every[np.arange(SAMPLES), LABELS] += 1e-3
    every /= every.sum(axis=1, keepdims=True)
    source = read(write(tmp_path / "net.csv", by_class(every, CHARACTERS)))
    np.testing.assert_array_equal(source.predictions.predicted, LABELS)
    assert any("they had 49.95% of the probability" in note for note in source.notes)


def test_answers_fold_with_the_alphabet(tmp_path):
    labels = np.arange(470) % 47
    answers = np.array(list("cC0a" * 118))[:470]
    classes = np.array(list(CHARACTERS))
    source = read(
        write(tmp_path / "net.npz", {"predicted": answers, "classes": classes}), BYMERGE, labels
    )
    told = [BYMERGE.classes[i] for i in source.predictions.predicted[:4]]
    assert told == ["C", "C", "0", "a"]


def test_half_precision_is_enough(tmp_path, probabilities):
    source = read(write(tmp_path / "net.npz", {"probabilities": probabilities.astype(np.float16)}))
    assert source.predictions.has_probabilities


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def member(name, content):
    """An archive with one member of any name and content."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def array_header(shape, descr="<f8"):
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def uniform(*shape):
    return np.full(shape, 1 / shape[-1])


def changed(array, index, value):
    array = array.copy()
    array[index] = value
    return array


U = uniform(SAMPLES, 10)
FAULTY_ARRAYS = [
    ("an empty file", b"", "damaged or no .npz file"),
    ("a text", b"hello", "damaged or no .npz file"),
    ("cut off", npz(probabilities=U)[:-200], "damaged or no .npz file"),
    ("flipped", npz(probabilities=U)[:3000] + b"x" + npz(probabilities=U)[3001:], "CRC"),
    ("objects", npz(probabilities=np.array([None] * SAMPLES)), "Python objects"),
    ("structured", npz(probabilities=np.zeros(SAMPLES, "f8,f8")), "needs numbers"),
    ("complex", npz(probabilities=U.astype(complex)), "is complex128: needs numbers"),
    ("flags", npz(probabilities=U > 0), "is bool: needs numbers"),
    ("NaN", npz(probabilities=changed(U, (7, 3), np.nan)), "first is row 7 with nan"),
    ("infinite", npz(logits=changed(U, (7, 3), -np.inf)), "first is row 7 with -inf"),
    ("too few", npz(probabilities=U[:-1]), r"\(199, 10\), but the test set has 200 samples"),
    ("too many", npz(predicted=np.zeros(201, int)), r"\(201,\), but the test set has 200"),
    ("transposed", npz(probabilities=U.T), "but the test set has 200 samples"),
    ("scalar", npz(probabilities=np.float64(1)), r"\(\), but the test set has"),
    ("one dimension", npz(probabilities=U[:, 0]), r"needs \(200, k\)"),
    ("three dimensions", npz(probabilities=U[..., None]), r"needs \(200, k\)"),
    ("many columns", npz(probabilities=np.zeros((SAMPLES, 63))), r"needs \(200, k\)"),
    ("nine columns", npz(probabilities=uniform(SAMPLES, 9)), "has 9 columns, but the data set 10"),
    ("not to one", npz(probabilities=U * 0.9), "200 rows of probabilities do not sum to one"),
    ("negative", npz(probabilities=changed(U, (3, 0), -0.1)), "call them logits"),
    ("two kinds", npz(probabilities=U, logits=U), "holds probabilities and logits"),
    ("other names", npz(foo=U, bar=U), "holds foo, bar: name the array of scores"),
    ("other classes", npz(probabilities=U, classes=np.array(list("abcdefghij"))), "lack 0, 1"),
    ("few classes", npz(probabilities=U, classes=np.array(list("012345678"))), "names 9 classes"),
    ("twice a class", npz(probabilities=U, classes=np.array(list("0123456788"))), "9 different"),
    ("words", npz(probabilities=U, classes=np.array(["zero"] * 10)), "no single character"),
    ("codes", npz(probabilities=U, classes=np.arange(48, 58)), "classes is int64: needs text"),
    ("other order", npz(probabilities=U, labels=LABELS[::-1].copy()), "its labels differ"),
    ("other answers", npz(probabilities=U, predicted=LABELS), "not the first most probable"),
    ("index 10", npz(predicted=changed(LABELS, 5, 10)), "predicted in row 5 is 10"),
    ("fractions", npz(predicted=LABELS / 10), "predicted is float64: needs integers"),
    ("path", member("../../probabilities.npy", b""), "no name of an array"),
    ("absolute path", member("/tmp/probabilities.npy", b""), "no name of an array"),
    ("windows path", member("..\\probabilities.npy", b""), "no name of an array"),
    ("no array", member("probabilities.pkl", b"\x80\x04."), "no name of an array"),
    ("a pickle", member("probabilities.npy", b"\x80\x04."), "damaged or no .npz file"),
    ("a bomb", member("probabilities.npy", bytes(30_000_000)), "unpacks to 30.0 MB, more than"),
    (
        "a header that declares more",
        member("probabilities.npy", array_header((SAMPLES, 10)) + bytes(10)),
        "declares 16,000 bytes, but has",
    ),
    (
        "a header that declares everything",
        member("probabilities.npy", array_header((10**15, 10))),
        "but the test set has 200 samples",
    ),
    (
        "endless text",
        member("classes.npy", array_header((10,), "<U99999999")),
        "name the array of scores",
    ),
    ("disguise", member("probabilities.npy", array_header((SAMPLES, 10), "|O")), "objects"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [pytest.param(*fault[1:], id=fault[0]) for fault in FAULTY_ARRAYS],
)
def test_faulty_arrays_say_what_is_wrong(tmp_path, content, message):
    (tmp_path / "net.npz").write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path / "net.npz", max_bytes=20_000_000)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["net.npz"]


def test_too_many_arrays_and_two_of_one_name(tmp_path):
    np.savez(tmp_path / "net.npz", **{f"a{i}": 1 for i in range(17)})
    with pytest.raises(InputError, match="holds 17 arrays"):
        read(tmp_path / "net.npz")
    with zipfile.ZipFile(tmp_path / "net.npz", "w") as archive:
        archive.writestr("predicted.npy", b"")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("predicted.npy", b"")
    with pytest.raises(InputError, match="two arrays of the same name"):
        read(tmp_path / "net.npz")


HEADER = ",".join(DIGITS.classes)
ROW = ",".join(["0.1"] * 10)
ROWS = "\n".join([ROW] * SAMPLES)
FAULTY_TABLES = [
    ("empty", b"", "has neither scores"),
    ("bytes", bytes(range(256)) * 10, "is no class"),
    ("header alone", f"{HEADER}\n".encode(), "has 0 rows, but the test set has 200"),
    ("too few", f"{HEADER}\n{ROW}\n".encode(), "has 1 rows, but"),
    ("too many", f"{HEADER}\n{ROWS}\n{ROW}".encode(), "more rows than"),
    ("a short row", f"{HEADER}\n{ROWS}\n0.1,0.2".encode(), "Expected 10 columns, got 2"),
    ("a word", f"{HEADER}\n{ROWS[:-3]}oh".encode(), "invalid value 'oh'"),
    ("a gap", f"{HEADER}\n{ROWS[:-3]}".encode(), "invalid value ''"),
    ("NaN", f"{HEADER}\n{ROWS[:-3]}nan".encode(), "first is row 199 with nan"),
    ("off", f"{HEADER}\n{ROWS[:-3]}0.3".encode(), "cannot tell whether"),
    ("twice", f"{HEADER[:-1]}8\n{ROWS}".encode(), "two columns '8'"),
    ("a name", f"{HEADER[:-1]}nine\n{ROWS}".encode(), "column 'nine' is no class"),
    ("mixed names", f"{HEADER[:-1]}logit_9\n{ROWS}".encode(), "column 'logit_9' is no class"),
    ("a long line", b"x" * 100_000, "first line has more than"),
    ("many columns", ",".join(f"c{i}" for i in range(200)).encode(), "200 columns"),
    ("wide text", HEADER.encode("utf-16") + b"\n", "not UTF-8"),
    ("no class", b"predicted\n" + b"1\n" * 199 + b"A", "row 199 is 'A', none of its 10"),
    ("words", b"predicted\n" + b"1\n" * 199 + b"one", "row 199 is 'one'"),
    ("other labels", b"predicted,label\n" + b"1,1\n" * 200, "labels differ .* first is row 0"),
    ("only labels", b"label\n" + b"1\n" * 200, "has neither scores"),
]


@pytest.mark.parametrize(
    ("content", "message"),
    [pytest.param(*fault[1:], id=fault[0]) for fault in FAULTY_TABLES],
)
def test_faulty_csv_says_what_is_wrong(tmp_path, content, message):
    (tmp_path / "net.csv").write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path / "net.csv")
    assert "\n" not in str(caught.value)


def parquet_of(columns, **options):
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def nested(values):
    return pa.array([[value] for value in values])


FAULTY_PARQUET = [
    ("empty", b"", "damaged or no .parquet"),
    ("a text", b"PAR1" * 100, "damaged or no .parquet"),
    ("cut off", parquet_of(by_class(U))[:-50], "damaged or no .parquet"),
    ("too few", parquet_of(by_class(U[:-1])), "has 199 rows, but the test set has 200"),
    ("text", parquet_of(by_class(U) | {"3": ["x"] * SAMPLES}), "column '3' is text"),
    ("lists", parquet_of(by_class(U) | {"3": nested(U[:, 3])}), "column '3' is list"),
    ("gaps", parquet_of(by_class(U) | {"3": [None, *U[1:, 3]]}), "column '3' lacks 1 values"),
    ("fractions", parquet_of({"predicted": U[:, 0]}), "predicted has fractions"),
    ("NaN", parquet_of(by_class(changed(U, (7, 3), np.nan))), "first is row 7 with nan"),
    ("one long text", parquet_of({"predicted": ["x" * 10**6] * SAMPLES}), "predicted in row 0"),
]


@pytest.mark.parametrize(
    ("content", "message"),
    [pytest.param(*fault[1:], id=fault[0]) for fault in FAULTY_PARQUET],
)
def test_faulty_parquet_says_what_is_wrong(tmp_path, content, message):
    (tmp_path / "net.parquet").write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path / "net.parquet")
    assert "\n" not in str(caught.value)


def test_what_is_too_large_is_not_opened(tmp_path, probabilities):
    path = write(tmp_path / "net.npz", {"probabilities": probabilities})
    with pytest.raises(InputError, match=r"has 0\.0 MB, more than"):
        read(path, max_bytes=100)


@pytest.mark.parametrize("name", ["net.pkl", "net", "net.h5"])
def test_other_files_are_not_predictions(tmp_path, name):
    with pytest.raises(InputError, match=r"read from \.npz, \.csv, \.parquet files"):
        read(tmp_path / name)


def test_a_missing_file_and_a_folder_say_so(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read(tmp_path / "net.npz")
    (tmp_path / "net.csv").mkdir()
    with pytest.raises(InputError, match="is no file"):
        read(tmp_path / "net.csv")


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".parquet"])
def test_random_damage_gives_an_error_or_an_answer_but_no_crash(tmp_path, probabilities, suffix):
    """What damage does is the parsers' affair; that it ends in `InputError` is ours."""
    random = np.random.default_rng(0)
    columns = {"probabilities": probabilities} if suffix == ".npz" else by_class(probabilities)
    whole = write(tmp_path / f"whole{suffix}", columns).read_bytes()
    refused = 0
    for _ in range(60):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole), 8):
            damaged[place] = random.integers(256)
        path = tmp_path / f"net{suffix}"
        path.write_bytes(
            damaged[: random.integers(len(whole))] if random.random() < 0.3 else damaged
        )
        try:
            read(path)
        except InputError as error:
            refused += "\n" not in str(error)
    assert refused > 30
