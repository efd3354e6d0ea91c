"""Fetch the public data sets from their official sources: whole, verified, or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import requests
from remotezip import RemoteZip, RemoteZipError
from tqdm import tqdm

from handwriting.datasets.idx import DamageError
from handwriting.datasets.integrity import DataFile, check, files_of, inspect_file
from handwriting.datasets.remote import (
    NoRangesError,
    RangeFetcher,
    RemoteError,
    RemoteStream,
    open_session,
)
from handwriting.datasets.splits import SPLITS, Part, data_directory, find_split
from handwriting.errors import InputError

__all__ = ["check", "fetch"]

EMNIST_ARCHIVE = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"
"""NIST's zip of all gzip'd EMNIST files, 561,753,746 bytes."""

EMNIST_ARCHIVE_SHA256 = "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"
"""As TensorFlow Datasets has it (tensorflow_datasets/url_checksums/emnist.txt)."""

MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
"""Copies of the four original files, which http://yann.lecun.com/exdb/mnist no longer serves."""

STALE = 3600
"""Seconds without a write after which a temporary file's process must have been killed."""

CHUNK = 2**16

Report = Callable[[str], None]


def fetch(
    names: Iterable[str],
    part: Part | None = None,
    *,
    progress: bool = True,
    report: Report = lambda line: None,
) -> list[Path]:
    """Fetch what is missing or damaged of the named data sets into the data directory.

    Of EMNIST's one big archive only the members that are needed travel. Every file is written
    beside its place, verified, and then renamed, so that neither an interruption nor a second
    process fetching the same leaves anything half-written.

    Args:
        names: Keys of `SPLITS`; `all` for every published one.
        part: Only this part's images and labels.
        progress: Whether to draw a bar on standard error, if that is a terminal.
        report: Called with one line for whatever the user should know on the way.

    Returns:
        The files that were fetched; none if all were there.

    Raises:
        InputError: A name is unknown or not published, the source cannot be reached or sends
            something else, or the data directory cannot take the files.

    Example:
        >>> fetch(["byclass"], part="test", report=print)
    """
    wanted = []
    for file in _published_files(names, part):
        finding = inspect_file(file)
        if finding.fault:
            wanted.append(file)
            if not finding.missing:
                report(f"{finding.path} {finding.fault}: fetching it again")
    if not wanted:
        return []

    emnist = [file for file in wanted if file.split.mapping]
    mnist = [file for file in wanted if not file.split.mapping]
    with _disk_errors(), open_session() as session:
        for directory in {file.path.parent for file in wanted}:
            directory.mkdir(parents=True, exist_ok=True)
            _sweep(directory)
        if emnist:
            _fetch_emnist(session, emnist, progress, report)
        if mnist:
            _fetch_mnist(session, mnist, progress, report)
    for file in wanted:
        if not file.sha256:
            report(f"{file.path} has no published checksum: its CRC-32 and content were verified")
    return [file.path for file in wanted]


def _published_files(names: Iterable[str], part: Part | None) -> list[DataFile]:
    splits = []
    for name in names:
        if name == "all":
            splits += [split for split in SPLITS.values() if split.published]
            continue
        split = find_split(name)
        if not split.published:
            raise InputError(f"{name} cannot be fetched: {split.remedy}")
        splits.append(split)
    return list({file.path: file for split in splits for file in files_of(split, part)}.values())


def _fetch_emnist(
    session: requests.Session, files: list[DataFile], progress: bool, report: Report
) -> None:
    report(f"fetching {len(files)} files of {EMNIST_ARCHIVE} to {data_directory()}")
    try:
        with (
            _zip_errors(),
            RemoteZip(EMNIST_ARCHIVE, session=session, fetcher=RangeFetcher) as archive,
        ):
            _extract(archive, files, progress)
    except NoRangesError:
        report("the server sends no parts of a file, so the whole archive has to travel")
        _fetch_emnist_whole(session, files, progress)


def _fetch_emnist_whole(session: requests.Session, files: list[DataFile], progress: bool) -> None:
    with _temporary(files[0].path.with_name("gzip.zip")) as path:
        source = RemoteStream(session, EMNIST_ARCHIVE)
        _write(source, path, source.length, "gzip.zip", progress)
        with path.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
        if actual != EMNIST_ARCHIVE_SHA256:
            raise RemoteError(
                f"{EMNIST_ARCHIVE} sent another file (SHA-256 {actual[:12]}…, not "
                f"{EMNIST_ARCHIVE_SHA256[:12]}…): try again later"
            )
        with _zip_errors(), zipfile.ZipFile(path) as archive:
            _extract(archive, files, progress)


def _extract(archive: zipfile.ZipFile, files: list[DataFile], progress: bool) -> None:
    members = {Path(info.filename).name: info for info in archive.infolist()}
    for file in files:
        if file.path.name not in members:
            raise RemoteError(f"{EMNIST_ARCHIVE} has no {file.path.name}: try again later")
    _require_space(sum(members[file.path.name].file_size for file in files))
    for file in files:
        info = members[file.path.name]
        with archive.open(info) as source:
            _install(source, file, info.file_size, EMNIST_ARCHIVE, progress)


def _fetch_mnist(
    session: requests.Session, files: list[DataFile], progress: bool, report: Report
) -> None:
    report(f"fetching {len(files)} files of MNIST to {data_directory()}")
    for file in files:
        for mirror in MNIST_MIRRORS:
            url = mirror + file.path.name
            try:
                source = RemoteStream(session, url)
                _install(source, file, source.length, url, progress)
                break
            except RemoteError as error:
                if mirror == MNIST_MIRRORS[-1]:
                    raise
                report(f"{error}; trying the next mirror")


def _install(source: BinaryIO, file: DataFile, size: int | None, url: str, progress: bool) -> None:
    """Write a file beside its place, verify it, and put it there."""
    name = file.path.name
    with _temporary(file.path) as path:
        _write(source, path, size, name, progress)
        try:
            file.verify(path)
        except DamageError as damage:
            raise RemoteError(f"{name} as sent by {url} {damage}: try again later") from None
        path.replace(file.path)


def _write(source: BinaryIO, path: Path, size: int | None, name: str, progress: bool) -> None:
    _require_space(size or 0)
    with path.open("xb") as file:
        bar = {"desc": name, "unit": "B", "unit_scale": True, "disable": None if progress else True}
        with tqdm.wrapattr(file, "write", total=size, **bar) as sink:
            shutil.copyfileobj(source, sink, CHUNK)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """A name beside a file's place, free for this process alone; gone afterwards."""
    path = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _sweep(directory: Path) -> None:
    """Remove what killed processes left behind."""
    for path in directory.glob(".*.part"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > STALE:
                path.unlink()


def _require_space(size: int) -> None:
    free = shutil.disk_usage(data_directory()).free
    if free < size:
        raise InputError(
            f"{data_directory()} has {free / 1e6:,.0f} MB free, but {size / 1e6:,.0f} MB are "
            "needed: make room, or set HANDWRITING_DATA to another directory"
        )


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{data_directory()} cannot be written to ({error.strerror or error}): make room, "
            "mend its permissions, or set HANDWRITING_DATA to another directory"
        ) from None


@contextmanager
def _zip_errors() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RemoteZipError) as error:
        raise RemoteError(
            f"{EMNIST_ARCHIVE} is not a sound zip archive ({error}): try again later"
        ) from None
