"""Predictions made elsewhere: an `.npz`, `.csv` or `.parquet` file → `Predictions`.

Files come from outside, over HTTP too, so nothing in them is trusted: sizes are checked before
anything is read, nothing is unpickled or unpacked to disk, and each fault has its own message.

In an `.npz`, arrays have these names; columns of the other two are `predicted`, `label`,
`sample` and, for the scores, one a class: `A`, `probability_A` or `logit_A`.

probabilities     (n, k) numbers, each row sums to one
logits            (n, k) numbers of any size; softmax makes probabilities of them
predicted         (n,) the answers: characters, or indices of classes
classes           (k,) characters: what the columns, or the indices, stand for. Without it, it is
                  the data set's own order
labels            (n,) the true classes, like `predicted`: only to check the order of the rows
"""

from __future__ import annotations

import csv
import io
import reprlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import softmax

from handwriting.alphabet import CHARACTERS, Alphabet
from handwriting.errors import InputError
from handwriting.evaluation.predictions import Predictions

MAX_BYTES = 600_000_000
"""Default limit of a file, and of what it unpacks to: 116,323 × 62 numbers of a `.csv` with all
their digits take 150 MB."""

MAX_ARRAYS = 16
"""Of an `.npz`."""

MAX_COLUMNS = len(CHARACTERS)
"""Of scores."""

MAX_HEADER = 16_000
"""Bytes of a `.csv` file's first line, and of an array's header."""

BLOCK = 8_000_000
"""Bytes of a `.csv` that are parsed at once; no line is as long."""

ROW_NUMBERS = ("sample", "index", "", "Unnamed: 0", "__index_level_0__")
"""Columns that number the rows; pandas writes the latter three unasked."""

LABELS = ("label", "labels", "true")

STATED = {"probability_": "probabilities", "logit_": "logits"}
"""What a score column's name may begin with, and what that says."""

SUM_TOLERANCE = 1e-3
"""How far the sum of a row of probabilities may lie from one."""


@dataclass(frozen=True)
class Source:
    """What a file of predictions says about a test set.

    Args:
        predictions: Checked, in the test set's classes.
        notes: How the file was understood, a sentence each, for readers of the report.
    """

    predictions: Predictions
    notes: tuple[str, ...]


def read_predictions(
    path: Path, alphabet: Alphabet, labels: np.ndarray, max_bytes: int = MAX_BYTES
) -> Source:
    """Read predictions of a test set that were made elsewhere.

    Args:
        path: The file; its extension says which of `READERS` reads it.
        alphabet: The test set's classes.
        labels: int (n,), the test set's labels in its order.
        max_bytes: The largest file that is read, and the most that it may unpack to.

    Raises:
        InputError: It is missing, too large, damaged, or does not fit the test set.
    """
    name = path.name
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{name}: predictions are read from {', '.join(READERS)} files")
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise InputError(f"{name} is no file: give one of {', '.join(READERS)}")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if size > max_bytes:
        raise InputError(f"{name} has {_megabytes(size)}, more than {_megabytes(max_bytes)}")
    try:
        content = reader(path, len(labels), max_bytes)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    except Exception as error:  # Three parsers have their own ways to say that bytes are damaged.
        kind = path.suffix.lower()
        raise InputError(f"{name} is damaged or no {kind} file ({_first_line(error)})") from None
    try:
        return _understand(content, alphabet, labels)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


@dataclass
class _Content:
    """What a file holds, as it stands there; shapes and types are checked, values are not.

    Args:
        classes: The characters that columns and indices stand for, None where not stated.
        scores: float64 (n, k) or None.
        meaning: `probabilities` or `logits`; None where not stated.
        answers: int or str (n,), or None.
        labels: int or str (n,), or None.
    """

    classes: tuple[str, ...] | None = None
    scores: np.ndarray | None = None
    meaning: str | None = None
    answers: np.ndarray | None = None
    labels: np.ndarray | None = None


# --- .npz ---------------------------------------------------------------------------------------


def _read_npz(path: Path, samples: int, max_bytes: int) -> _Content:
    with zipfile.ZipFile(path) as archive:
        members = _check_members(archive, max_bytes)
        found = [name for name in ("probabilities", "logits") if name in members]
        if len(found) > 1:
            raise InputError("holds probabilities and logits: leave one of them out")
        only = next(iter(members)) if len(members) == 1 else None
        if not found and "predicted" not in members and only != "arr_0":
            raise InputError(
                f"holds {_names(members)}: name the array of scores probabilities or logits, "
                "or that of the answers predicted"
            )

        def read(name: str, kinds: str, shape: tuple) -> np.ndarray | None:
            return _read_array(archive, members[name], kinds, shape) if name in members else None

        content = _Content()
        if "classes" in members:
            content.classes = _check_classes(read("classes", "US", (None,)))
        if found:
            content.scores = read(found[0], "fiu", (samples, None)).astype(np.float64)
            content.meaning = found[0]
        elif only == "arr_0":
            # np.savez with no name: two dimensions are scores, one is answers.
            array = read("arr_0", "fiuUS", (samples, ...))
            if array.ndim == 1:
                content.answers = _check_answers("arr_0", array)
            else:
                content.scores = _check_numbers("arr_0", array)
        if "predicted" in members:
            content.answers = _check_answers("predicted", read("predicted", "iuUS", (samples,)))
        if "labels" in members:
            content.labels = _check_answers("labels", read("labels", "iuUS", (samples,)))
    return content


def _check_members(archive: zipfile.ZipFile, max_bytes: int) -> dict[str, zipfile.ZipInfo]:
    """The arrays by name, after whatever can be said of them without unpacking any."""
    infos = archive.infolist()
    if len(infos) > MAX_ARRAYS:
        raise InputError(f"holds {len(infos):,} arrays, more than {MAX_ARRAYS}")
    for info in infos:
        name = info.orig_filename
        if not name.endswith(".npy") or not name.removesuffix(".npy").isidentifier():
            raise InputError(f"holds {reprlib.repr(name)}, which is no name of an array")
        if info.flag_bits & 1 or info.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise InputError(f"{name} is encrypted or packed otherwise than numpy.savez does")
    # ZipFile reads no more of a member than it declares, so a false size cannot help a bomb.
    total = sum(info.file_size for info in infos)
    if total > max_bytes:
        raise InputError(f"unpacks to {_megabytes(total)}, more than {_megabytes(max_bytes)}")
    members = {info.filename.removesuffix(".npy"): info for info in infos}
    if len(members) < len(infos):
        raise InputError("holds two arrays of the same name")
    return members


def _read_array(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    kinds: str,
    shape: tuple,
) -> np.ndarray:
    """One array, once its header says that it is what is wanted: reading allocates all of it.

    Args:
        kinds: The letters of the dtypes that will do.
        shape: The shape that will do, None for any length; `...` for one more or none.
    """
    name = info.filename.removesuffix(".npy")
    with archive.open(info) as file:
        found, dtype = _read_header(file, name)
    if dtype.hasobject:
        raise InputError(f"{name} holds Python objects, which are not unpickled: save numbers")
    if dtype.kind not in kinds:
        wanted = "text" if set(kinds) == set("US") else "numbers" if "f" in kinds else "integers"
        raise InputError(f"{name} is {dtype}: needs {wanted}")
    n = shape[0]
    if len(found) == 0 or (n is not None and found[0] != n):
        raise InputError(
            f"{name} is {found}, but the test set has {n:,} samples: give all of them, in order"
        )
    if shape[-1] is ...:
        shape = (n, None)[: len(found)]
    if len(found) != len(shape) or any(length > MAX_COLUMNS for length in found[1:]):
        raise InputError(f"{name} is {found}: needs {_show_shape(shape)}")
    needed = dtype.itemsize * int(np.prod(found, dtype=object))
    if needed > info.file_size:
        raise InputError(f"{name} declares {needed:,} bytes, but has {info.file_size:,}")
    with archive.open(info) as file:
        return np.lib.format.read_array(file, allow_pickle=False, max_header_size=MAX_HEADER)


def _read_header(file: io.BufferedIOBase, name: str) -> tuple[tuple[int, ...], np.dtype]:
    version = np.lib.format.read_magic(file)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise InputError(f"{name} is of .npy version {version}: save plain numbers with numpy")
    found, _, dtype = readers[version](file, max_header_size=MAX_HEADER)
    return found, dtype


def _show_shape(shape: tuple) -> str:
    return "(" + ", ".join("k" if length is None else f"{length:,}" for length in shape) + ")"


# --- .csv and .parquet --------------------------------------------------------------------------


def _read_csv(path: Path, samples: int, max_bytes: int) -> _Content:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    with path.open("rb") as file:
        first = file.readline(MAX_HEADER + 1)
    if len(first) > MAX_HEADER:
        raise InputError(f"its first line has more than {MAX_HEADER:,} bytes: it names the columns")
    try:
        header = next(csv.reader([first.decode("utf-8-sig").rstrip("\r\n")]), [])
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text: save it as UTF-8") from None
    columns = _Columns(header)
    types = {name: pa.string() if name in columns.texts else pa.float64() for name in header}
    options = arrow_csv.ConvertOptions(
        column_types=types, null_values=[], strings_can_be_null=False, check_utf8=True
    )
    batches, rows = [], 0
    with arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK),
        convert_options=options,
    ) as stream:
        for batch in stream:
            batches.append(batch)
            rows += len(batch)
            if rows > samples:  # Whatever follows, it does not fit.
                raise InputError(f"has more rows than the test set's {samples:,} samples")
    return columns.collect(pa.Table.from_batches(batches, stream.schema), samples)


def _read_parquet(path: Path, samples: int, max_bytes: int) -> _Content:
    import pyarrow as pa
    from pyarrow import parquet

    limits = {"thrift_string_size_limit": 1_000_000, "thrift_container_size_limit": 1_000_000}
    with path.open("rb") as opened:
        file = parquet.ParquetFile(opened, **limits)
        metadata = file.metadata
        columns = _Columns(file.schema_arrow.names)
        if metadata.num_rows != samples:
            raise InputError(
                f"has {metadata.num_rows:,} rows, but the test set has {samples:,} samples"
            )
        total = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
        if total > max_bytes:
            raise InputError(f"unpacks to {_megabytes(total)}, more than {_megabytes(max_bytes)}")
        texts = []
        for field in file.schema_arrow:
            kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            if pa.types.is_string(kind) or pa.types.is_large_string(kind):
                texts.append(field.name)
            elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
                raise InputError(f"column {field.name!r} is {_first_line(kind)}: needs numbers")
        other = [name for name in texts if name not in columns.texts]
        if other:
            raise InputError(f"column {other[0]!r} is text: needs numbers")
        # Repetition is how a small file grows: a text that is repeated stays one text.
        file = parquet.ParquetFile(opened, read_dictionary=texts, **limits)
        return columns.collect(file.read(use_threads=False), samples)


class _Columns:
    """What each column of a table is, by its name.

    Args:
        names: In their order.

    Raises:
        InputError: A name occurs twice, or says nothing.
    """

    def __init__(self, names: list[str]):
        seen = set()
        for name in names:
            if name in seen:
                raise InputError(f"has two columns {reprlib.repr(name)}: leave one out")
            seen.add(name)
        if len(names) > MAX_COLUMNS + 3:
            raise InputError(f"has {len(names):,} columns: needs {MAX_COLUMNS} classes at most")
        self.row_numbers = [name for name in names if name in ROW_NUMBERS]
        self.labels = [name for name in names if name in LABELS]
        self.has_answers = "predicted" in seen
        self.texts = {"predicted", *LABELS}
        self.scores = [name for name in names if name not in self.texts and name not in ROW_NUMBERS]
        self.meaning, self.classes = self._classes()
        if len(self.labels) > 1:
            raise InputError(f"has columns {' and '.join(self.labels)}: leave one out")
        if not self.scores and not self.has_answers:
            raise InputError(
                "has neither scores (a column a class, named by its character) nor predicted"
            )

    def _classes(self) -> tuple[str | None, tuple[str, ...] | None]:
        """What the scores are, where their columns' names say so, and their classes."""
        if not self.scores:
            return None, None
        if len(self.scores) > 10 and self.scores == [str(i) for i in range(len(self.scores))]:
            return None, None  # Numbered, as tables without names are: no order is stated.
        prefix = next((p for p in STATED if self.scores[0].startswith(p)), "")
        for name in self.scores:
            character = name.removeprefix(prefix)
            if not name.startswith(prefix) or len(character) != 1 or character not in CHARACTERS:
                raise InputError(
                    f"column {reprlib.repr(name)} is no class: columns of scores are named A, "
                    "probability_A or logit_A, all alike; others are predicted, label and sample"
                )
        return STATED.get(prefix), tuple(name.removeprefix(prefix) for name in self.scores)

    def collect(self, table, samples: int) -> _Content:
        """What the table's columns hold.

        Args:
            table: pyarrow.Table with these columns.
            samples: n.
        """
        if len(table) != samples:
            raise InputError(f"has {len(table):,} rows, but the test set has {samples:,} samples")
        for name in table.column_names:
            missing = table[name].null_count
            if missing:
                raise InputError(f"column {reprlib.repr(name)} lacks {missing:,} values")
        for name in self.row_numbers:
            if not np.array_equal(table[name].to_numpy(), np.arange(samples)):
                raise InputError(
                    f"column {reprlib.repr(name)} does not count the rows from 0: sort them in "
                    "the test set's order"
                )
        scores = None
        if self.scores:
            scores = np.empty((samples, len(self.scores)))
            for i, name in enumerate(self.scores):
                scores[:, i] = table[name].to_numpy()
        answers = _column_of_answers(table, "predicted") if self.has_answers else None
        labels = _column_of_answers(table, self.labels[0]) if self.labels else None
        return _Content(self.classes, scores, self.meaning, answers, labels)


def _column_of_answers(table, name: str) -> np.ndarray:
    """int or str (n,): a column of characters or of indices; all whole numbers are indices."""
    import pyarrow as pa

    column = table[name]
    if pa.types.is_dictionary(column.type):
        column = column.combine_chunks()
        texts = [str(text)[:100] for text in column.dictionary.to_pylist()]
        array = np.array(texts or [""])[column.indices.to_numpy(zero_copy_only=False)]
    else:
        array = column.to_numpy()
        if array.dtype.kind == "O":
            array = np.array([str(text)[:100] for text in array.tolist()])
    if array.dtype.kind == "U" and max(map(len, array.tolist()), default=0) > 1:
        # A character is never as long, so these are indices, if anything.
        numbers = [text.isascii() and text.isdigit() and len(text) < 4 for text in array.tolist()]
        if not all(numbers):
            row = numbers.index(False)
            raise InputError(
                f"{name} in row {row} is {reprlib.repr(str(array[row]))}: needs a character or "
                "the index of a class, the same kind in all rows"
            )
        array = array.astype(np.int64)
    return _check_answers(name, array)


# --- what it means ------------------------------------------------------------------------------


def _check_classes(classes: np.ndarray) -> tuple[str, ...]:
    if classes.dtype.kind == "S":
        classes = np.char.decode(classes, "ascii", "replace")
    names = tuple(classes[: MAX_COLUMNS + 1].tolist())
    for name in names:
        if len(name) != 1 or name not in CHARACTERS:
            raise InputError(f"class {reprlib.repr(name)} is no single character of {CHARACTERS}")
    if len(set(names)) < len(names) or len(names) < 2:
        raise InputError(f"names {len(names)} classes, {len(set(names))} different: need 2 or more")
    return names


def _check_numbers(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in "fiu":
        raise InputError(f"{name} is {array.dtype}: needs numbers")
    return array.astype(np.float64)


def _check_answers(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind == "S":
        array = np.char.decode(array, "ascii", "replace")
    if array.dtype.kind == "U":
        return array
    if array.dtype.kind == "f" and name == "arr_0":
        raise InputError("arr_0 is one list of fractions: needs (n, k) scores, or answers")
    if array.dtype.kind == "f":
        raise InputError(f"{name} has fractions: needs characters or indices of classes")
    return array.astype(np.int64)


def _understand(content: _Content, alphabet: Alphabet, labels: np.ndarray) -> Source:
    """Map what a file holds to the test set's classes, and say how."""
    scores, classes = content.scores, content.classes
    if scores is not None:
        k = scores.shape[1]
        if classes is None and k != len(alphabet):
            raise InputError(
                f"has {k} columns, but the data set {len(alphabet)} classes: say which character "
                "each column stands for (classes in an .npz, the columns' names elsewhere)"
            )
        if classes is not None and len(classes) != k:
            raise InputError(f"has {k} columns of scores, but names {len(classes)} classes")
    is_told = classes is not None
    classes = classes or alphabet.classes
    _check_coverage(classes, alphabet)
    if content.labels is not None:
        _check_labels(content.labels, classes, alphabet, labels)
    notes = [
        "The file has no labels to check: its rows are taken to be in the test set's order."
        if content.labels is None
        else "The labels in the file are those of the test set, so its rows are in order."
    ]
    answers = content.answers
    if answers is not None:
        answers = _to_indices("predicted", answers, classes)
    if scores is None:
        if content.answers.dtype.kind != "U" and not is_told:
            notes.append("Answers are indices, from 0 in the data set's order of classes.")
        notes.append("Only the predicted labels are known: what needs probabilities is absent.")
        mapped = _map_answers(answers, classes, alphabet)
        return Source(Predictions.from_labels(alphabet.classes, labels, mapped), tuple(notes))

    probabilities, note = _to_probabilities(scores, content.meaning)
    notes.append(note)
    differing = np.flatnonzero(
        answers != probabilities.argmax(axis=1) if answers is not None else []
    )
    if len(differing):
        raise InputError(
            f"predicted is not the first most probable class in {len(differing):,} rows, the "
            f"first is row {differing[0]}: leave it out, or the scores"
        )
    notes.append(
        "The file says which class each column stands for."
        if is_told
        else "The file does not name its classes: columns are in the data set's order."
    )
    mapped, note = _map_probabilities(probabilities, classes, alphabet)
    notes += [note] if note else []
    predictions = Predictions.from_probabilities(alphabet.classes, labels, mapped)
    return Source(predictions, tuple(notes))


def _check_coverage(classes: tuple[str, ...], alphabet: Alphabet) -> None:
    known = set(classes)
    absent = [
        c for c, m in zip(alphabet.classes, alphabet.members, strict=True) if not known & set(m)
    ]
    if absent:
        raise InputError(
            f"its {len(classes)} classes lack {_names(absent)} of the data set's {len(alphabet)}: "
            "choose other data"
        )


def _check_labels(
    given: np.ndarray, classes: tuple[str, ...], alphabet: Alphabet, labels: np.ndarray
) -> None:
    mapped = _class_of(classes, alphabet)[_to_indices("labels", given, classes)]
    differing = np.flatnonzero(mapped != labels)
    if len(differing):
        raise InputError(
            f"its labels differ from the test set's in {len(differing):,} rows, the first is row "
            f"{differing[0]}: rows must be those of the test set, in its order"
        )


def _to_indices(name: str, given: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
    """int64 (n,): characters or indices → indices of `classes`."""
    if given.dtype.kind == "U":
        values, position = np.unique(given, return_inverse=True)
        unknown = [value for value in values.tolist() if value not in classes]
        if unknown:
            row = int(np.flatnonzero(given == unknown[0])[0])
            raise InputError(
                f"{name} in row {row} is {reprlib.repr(unknown[0])}, none of its "
                f"{len(classes)} classes"
            )
        return np.array([classes.index(value) for value in values.tolist()])[position]
    outside = np.flatnonzero((given < 0) | (given >= len(classes)))
    if len(outside):
        raise InputError(
            f"{name} in row {outside[0]} is {given[outside[0]]}: indices count the {len(classes)} "
            "classes from 0; or give characters"
        )
    return given


def _to_probabilities(scores: np.ndarray, meaning: str | None) -> tuple[np.ndarray, str]:
    """Scores as probabilities, and a sentence that says how they were taken."""
    bad = ~np.isfinite(scores).all(axis=1)
    if bad.any():
        row = int(np.argmax(bad))
        value = scores[row][~np.isfinite(scores[row])][0]
        raise InputError(f"{bad.sum():,} rows are not finite, the first is row {row} with {value}")
    sums = scores.sum(axis=1)
    off = np.abs(sums - 1) >= SUM_TOLERANCE
    negative = (scores < 0).any(axis=1)
    stated = meaning is not None
    if meaning is None:
        if not (off | negative).any():
            meaning = "probabilities"
        elif negative.any() and off.mean() > 0.5:  # Logits do not sum to one.
            meaning = "logits"
        else:
            row = int(np.argmax(off))
            why = "most rows sum to one" if negative.any() else "no number is negative"
            raise InputError(
                f"cannot tell whether these are probabilities or logits ({why}, but row {row} "
                f"sums to {sums[row]:.4g}): say so in the name, see the README"
            )
    if meaning == "logits":
        with np.errstate(over="ignore"):  # The least of a row may lie out of reach of the largest.
            probabilities = softmax(scores, axis=1)
        how = "as the file says" if stated else "because some are negative"
        return probabilities, f"Scores are taken as logits, {how}: softmax made probabilities."
    if negative.any():
        raise InputError(
            f"{negative.sum():,} rows of probabilities have negative numbers, the first is row "
            f"{np.argmax(negative)}: call them logits if that is what they are"
        )
    if off.any():
        row = int(np.argmax(off))
        raise InputError(
            f"{off.sum():,} rows of probabilities do not sum to one, the first is row {row} with "
            f"sum {sums[row]:.4g}"
        )
    how = "as the file says" if stated else "because every row sums to one"
    return scores, f"Scores are taken as probabilities, {how}."


def _class_of(classes: tuple[str, ...], alphabet: Alphabet) -> np.ndarray:
    """int64 (k,): the test set's class of each of the file's, -1 for none."""
    return alphabet.class_of[[CHARACTERS.index(character) for character in classes]]


def _map_answers(answers: np.ndarray, classes: tuple[str, ...], alphabet: Alphabet) -> np.ndarray:
    mapped = _class_of(classes, alphabet)[answers]
    outside = np.flatnonzero(mapped < 0)
    if len(outside):
        raise InputError(
            f"{len(outside):,} answers are no class of the data set, the first is "
            f"{classes[answers[outside[0]]]!r} in row {outside[0]}: give probabilities, from which "
            "the data set's best class can be told, or choose other data"
        )
    return mapped


def _map_probabilities(
    probabilities: np.ndarray, classes: tuple[str, ...], alphabet: Alphabet
) -> tuple[np.ndarray, str | None]:
    """Columns in the test set's order, and a sentence where classes were merged or left out."""
    if classes == alphabet.classes:
        return probabilities, None
    every = np.zeros((len(probabilities), len(CHARACTERS)))
    every[:, [CHARACTERS.index(character) for character in classes]] = probabilities
    if len(classes) == len(alphabet):
        return alphabet.project(every), None
    groups = _class_of(classes, alphabet)
    outside = probabilities[:, groups < 0].sum(axis=1)
    note = f"Its {len(classes)} classes are mapped to the data set's {len(alphabet)}: "
    note += "probabilities of merged characters are summed"
    if (groups < 0).any():
        note += (
            f", characters that the data set has not are left out (they had {outside.mean():.2%} "
            "of the probability) and the rest is scaled to one"
        )
    return alphabet.project(every), note + "."


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _names(names) -> str:
    shown = [str(name) for name in list(names)[:6]]
    more = len(list(names)) - len(shown)
    return (", ".join(shown) + (f" and {more} more" if more else "")) or "nothing"


def _first_line(thing: object) -> str:
    return (str(thing).strip().splitlines() or [type(thing).__name__])[0][:200]


READERS: dict[str, Callable[[Path, int, int], _Content]] = {
    ".npz": _read_npz,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
}
"""By a file's extension: path, n and the limit of bytes → content."""
