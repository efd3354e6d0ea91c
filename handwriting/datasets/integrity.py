"""Whether the files of a data set are the published ones, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from handwriting.datasets.idx import DamageError, parse_idx
from handwriting.datasets.splits import SIDE, SPLITS, Part, Split, data_directory, find_split

SHA256 = {
    name: checksum
    for line in Path(__file__).with_name("SHA256SUMS").read_text().splitlines()
    for checksum, name in [line.split()]
}
"""The known SHA-256 of each file, by its path below the data directory.

Those of the gzip'd files of EMNIST and MNIST were published in
https://github.com/notwa/mnists (mnists/hashes.py, 2018). All but the four of ByMerge agree with a
second source: the files themselves (MNIST; ByClass but for its train images) or the Git LFS
pointers in https://github.com/aurelienduarte/emnist. Those of the mapping files and of the
unpublished parts were computed from the files; `emnist-mnist-mapping.txt` has none.
"""


@dataclass(frozen=True)
class DataFile:
    """One file of a data set.

    Args:
        split: The data set.
        part: The part that it belongs to; none for the mapping file.
        kind: What it holds.
    """

    split: Split
    part: Part | None
    kind: Literal["images-idx3", "labels-idx1", "mapping"]

    @property
    def path(self) -> Path:
        """Where it lies, or belongs."""
        if self.part is None or self.kind == "mapping":
            return data_directory() / self.split.mapping
        return self.split.path(self.part, self.kind)

    @property
    def sha256(self) -> str | None:
        """The known checksum."""
        return SHA256.get(self.path.relative_to(data_directory()).as_posix())

    def verify(self, path: Path) -> None:
        """Make sure that a file is this one.

        The checksum decides. Only a file that fails it, or has none, is looked into: for its
        size, shape and labels, or the classes that a mapping file lists.

        Args:
            path: Where the file to verify lies; a download is not in its place yet.

        Raises:
            DamageError: It is another one.
            OSError: It is missing or cannot be read.
        """
        with path.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
        if actual == self.sha256:
            return
        if self.kind == "mapping":
            self._verify_mapping(path)
        else:
            self._verify_samples(path)
        if self.sha256:
            raise DamageError(
                f"is not the expected file (SHA-256 {actual[:12]}…, not {self.sha256[:12]}…)"
            )

    def _verify_samples(self, path: Path) -> None:
        values = parse_idx(path)
        count = self.split.sizes[self.part]
        expected = (count, SIDE, SIDE) if self.kind == "images-idx3" else (count,)
        if values.shape != expected:
            raise DamageError(f"holds {values.shape}, not {expected}")
        if self.kind == "labels-idx1":
            first = self.split.first_label
            last = first + len(self.split.alphabet) - 1
            if values.min() < first or values.max() > last:
                raise DamageError(
                    f"has labels {values.min()} to {values.max()}, not {first} to {last}"
                )

    def _verify_mapping(self, path: Path) -> None:
        """Every line has a label and the ASCII code, or both cases' codes, of its class."""
        alphabet = self.split.alphabet
        try:
            lines = [line.split() for line in path.read_text("ascii").splitlines() if line.strip()]
            listed = {int(label): list(map(int, codes)) for label, *codes in lines}
        except ValueError:
            raise DamageError("is not a list of numbers") from None
        for label, (character, members) in enumerate(
            zip(alphabet.classes, alphabet.members, strict=True), self.split.first_label
        ):
            codes = listed.pop(label, None)
            if codes not in ([ord(character)], list(map(ord, members))):
                raise DamageError(
                    f"lists {codes} as class {label}, not {character} {ord(character)}"
                )
        if listed:
            raise DamageError(f"lists {len(listed)} classes too many")


@dataclass(frozen=True)
class Finding:
    """What `check` found out about one file; `str` of it is a line for the user.

    Args:
        path: The file.
        fault: What is wrong with it, worded to follow its name; none if it is sound.
        missing: Whether the fault is that there is no such file.
        note: What to do about the fault, or why a sound file is believed to be the right one.
    """

    path: Path
    fault: str | None
    missing: bool
    note: str

    def __str__(self) -> str:
        return f"{self.path} {self.fault or 'is sound'}: {self.note}"


def files_of(split: Split, part: Part | None = None) -> list[DataFile]:
    """The files of one part, or of the whole data set with its mapping file."""
    files = [
        DataFile(split, each, kind)
        for each in split.sizes
        if part in (None, each)
        for kind in ("images-idx3", "labels-idx1")
    ]
    if split.mapping and part is None:
        files.append(DataFile(split, None, "mapping"))
    return files


def inspect_file(file: DataFile) -> Finding:
    """Look at one file in its place."""
    path = file.path
    try:
        file.verify(path)
    except FileNotFoundError:
        return Finding(path, "is missing", True, file.split.remedy)
    except DamageError as damage:
        return Finding(path, str(damage), False, file.split.remedy)
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        return Finding(path, reason, False, "check its permissions")
    proof = "SHA-256 as expected" if file.sha256 else "no checksum is known, content as expected"
    return Finding(path, None, False, proof)


def check(names: Iterable[str], part: Part | None = None) -> list[Finding]:
    """Verify files where they lie; nothing is fetched or written.

    Args:
        names: Keys of `SPLITS`; `all` for every data set, where those that are not published
            count only if some file of theirs is there.
        part: Only this part, without the mapping files.

    Returns:
        One finding a file, in the order of `names`.

    Raises:
        InputError: There is no such data set.

    Example:
        >>> for finding in check(["mnist"]):
        ...     print(finding)
    """
    findings = []
    for name in names:
        if name != "all":
            findings += map(inspect_file, files_of(find_split(name), part))
            continue
        for split in SPLITS.values():
            found = list(map(inspect_file, files_of(split, part)))
            if split.published or not all(finding.missing for finding in found):
                findings += found
    return findings
