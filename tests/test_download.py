"""Fetching and checking the data sets, against a real HTTP server on this machine.

The server holds an archive like NIST's and copies of MNIST, all of random images, and it can
misbehave: refuse, drop connections, stall, or know no ranges.
"""

import gzip
import hashlib
import io
import os
import re
import signal
import socket
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import requests

from handwriting.datasets import download, integrity, remote
from handwriting.datasets.download import fetch
from handwriting.datasets.idx import write_idx
from handwriting.datasets.integrity import check
from handwriting.datasets.splits import SPLITS, data_directory, load_images
from handwriting.errors import InputError

REAL_DATA = os.environ.get("HANDWRITING_DATA")

SIZES = {"train": 300, "test": 100}
BIG = 150_000
"""Bytes; only the images of a train part are bigger."""

PUBLIC = [split for split in SPLITS.values() if split.published]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        content = server.files.get(self.path)
        status = server.status or (200 if content is not None else 404)
        if "python" in self.headers["User-Agent"].lower():
            status = 403
        if status != 200:
            server.log.append((self.path, status, None))
            self.send_error(status)
            return

        span = re.match(r"bytes=(\d+)-(\d*)$", self.headers.get("Range", ""))
        first = 0
        if span and server.ranges:
            first = int(span[1])
            last = min(int(span[2] or len(content)), len(content) - 1, first + server.most - 1)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
            body = content[first : last + 1]
        else:
            self.send_response(200)
            body = content
        server.log.append((self.path, 206 if body is not content else 200, first))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if len(body) <= BIG or not server.mishaps:
            self.send(body)
        else:
            mishap = server.mishaps[0] if server.mishaps[1:] == [...] else server.mishaps.pop(0)
            mishap(self, body)

    def send(self, body):
        self.wfile.write(body)
        self.server.sent += len(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    """Serves `files`; the next requests of much data meet with `mishaps`, `...` being forever."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.files = {}
        self.ranges = True
        self.most = 2**30  # bytes in one answer to a request for a range
        self.status = None
        self.mishaps = []
        self.log = []
        self.sent = 0
        self.over = threading.Event()

    def handle_error(self, *_):
        """A client that hung up is none of the server's business."""


def drop_after(size):
    def drop(handler, body):
        handler.send(body[:size])
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    return drop


def stall(handler, body):
    handler.send(body[:1000])
    handler.server.over.wait()
    handler.close_connection = True


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Every public file by its path below the data directory, as small ones of our own."""
    directory = tmp_path_factory.mktemp("published")
    random = np.random.default_rng(0)
    files = {}
    for split in PUBLIC:
        for part, size in SIZES.items():
            stem = split.part_names.get(part, part)
            first, classes = split.first_label, len(split.alphabet)
            for kind, array in {
                "images-idx3": random.integers(0, 256, (size, 28, 28)),
                "labels-idx1": np.resize(np.arange(first, first + classes), size),
            }.items():
                path = split.files.format(part=stem, kind=kind)
                write_idx(directory / path, array)
                files[path] = (directory / path).read_bytes()
        if split.mapping:
            both = split.alphabet.members if split.name == "letters" else split.alphabet.classes
            codes = [" ".join(str(ord(character)) for character in each) for each in both]
            lines = [f"{label} {each}\r\n" for label, each in enumerate(codes, split.first_label)]
            files[split.mapping] = "".join(lines).encode()
    return files


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, content in files.items():
            if path.startswith("emnist/"):
                archive.writestr(f"gzip/{Path(path).name}", content)
    return buffer.getvalue()


@pytest.fixture
def directory(tmp_path, monkeypatch, server, published):
    """An empty data directory; the small files are served, and take the official ones' place."""

    def serve(files):
        archive = zipped(files)
        server.files = {"/gzip.zip": archive}
        for path, content in files.items():
            if path.startswith("mnist/"):
                server.files[f"/one/{Path(path).name}"] = content
                server.files[f"/two/{Path(path).name}"] = content
        digest = hashlib.sha256(archive).hexdigest()
        monkeypatch.setattr(download, "EMNIST_ARCHIVE_SHA256", digest)

    server.serve = serve
    serve(published)
    monkeypatch.setattr(download, "EMNIST_ARCHIVE", f"{server.url}/gzip.zip")
    monkeypatch.setattr(download, "MNIST_MIRRORS", (f"{server.url}/one/", f"{server.url}/two/"))
    monkeypatch.setattr(remote, "PAUSES", (0, 0, 0))
    sums = {path: hashlib.sha256(content).hexdigest() for path, content in published.items()}
    del sums["emnist/emnist-mnist-mapping.txt"]
    monkeypatch.setattr(integrity, "SHA256", sums)
    for split in PUBLIC:
        monkeypatch.setitem(SPLITS, split.name, replace(split, sizes=SIZES))
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def contents(directory):
    """All that lies in a directory, hidden files included."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def only(published, prefix):
    return {path: content for path, content in published.items() if path.startswith(prefix)}


def refusal(*args, **options):
    """The one line with which a fetch ends."""
    with pytest.raises(InputError) as error:
        fetch(*args, progress=False, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


IMAGES = "emnist/emnist-byclass-train-images-idx3-ubyte.gz"


# Fetching.


def test_everything_arrives_byte_for_byte(directory, published):
    paths = fetch(["all"], progress=False)
    assert contents(directory) == published
    assert {path.relative_to(directory).as_posix() for path in paths} == set(published)
    assert not any(finding.fault for finding in check(["all"]))


def test_of_one_split_only_its_members_travel(directory, published, server):
    fetch(["balanced"], progress=False)
    wanted = only(published, "emnist/emnist-balanced")
    assert contents(directory) == wanted
    overhead = 64 * 1024 + len(wanted) * 500  # the list of members, and what stands before each
    assert server.sent < sum(map(len, wanted.values())) + overhead
    assert server.sent < len(server.files["/gzip.zip"]) / 3


def test_of_one_part_only_its_images_and_labels_travel(directory, published, server):
    fetch(["byclass"], part="test", progress=False)
    assert contents(directory) == only(published, "emnist/emnist-byclass-test")
    images, labels = load_images("byclass", "test")
    assert (images.shape, labels.shape) == ((100, 28, 28), (100,))


def test_mnist_comes_from_its_own_source(directory, published, server):
    fetch(["mnist"], progress=False)
    assert contents(directory) == only(published, "mnist/")
    assert {path.split("/")[1] for path, *_ in server.log} == {"one"}


def test_a_second_mirror_helps_out(directory, published, server):
    lines = []
    del server.files["/one/t10k-labels-idx1-ubyte.gz"]
    fetch(["mnist"], progress=False, report=lines.append)
    assert contents(directory) == only(published, "mnist/")
    assert f"{server.url}/one/t10k-labels-idx1-ubyte.gz is no longer there (404" in lines[1]


def test_what_is_there_is_neither_fetched_nor_touched(directory, server):
    fetch(["byclass", "mnist"], progress=False)
    requests_so_far = len(server.log)
    before = {path: path.stat().st_mtime_ns for path in directory.rglob("*")}
    assert fetch(["byclass", "mnist"], progress=False) == []
    assert len(server.log) == requests_so_far
    assert {path: path.stat().st_mtime_ns for path in directory.rglob("*")} == before


def test_only_what_is_missing_or_damaged_is_fetched(directory, published):
    fetch(["letters"], progress=False)
    labels = directory / "emnist/emnist-letters-test-labels-idx1-ubyte.gz"
    mapping = directory / "emnist/emnist-letters-mapping.txt"
    labels.write_bytes(labels.read_bytes()[:-9])
    mapping.unlink()
    lines = []
    assert fetch(["letters"], progress=False, report=lines.append) == [labels, mapping]
    assert contents(directory) == only(published, "emnist/emnist-letters")
    assert lines[0].startswith(f"{labels} is truncated or corrupt")
    assert lines[0].endswith(": fetching it again")


def test_says_where_no_checksum_is_published(directory):
    lines = []
    fetch(["emnist-mnist"], progress=False, report=lines.append)
    assert lines[1:] == [
        f"{directory}/emnist/emnist-mnist-mapping.txt has no published checksum: "
        "its CRC-32 and content were verified"
    ]


def test_draws_a_bar_on_a_terminal(directory, monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", terminal)
    fetch(["byclass"], part="test")
    last = terminal.getvalue().split("\r")[-1]
    assert "emnist-byclass-test-labels-idx1-ubyte.gz: 100%" in last


def test_draws_nothing_in_the_background(directory, monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", terminal)
    fetch(["byclass"], part="test", progress=False)
    assert terminal.getvalue() == ""


def test_unpublished_and_unknown_names_are_refused(directory, server):
    assert refusal(["byclass-part"]) == (
        "byclass-part cannot be fetched: byclass-part is not published, so put your own copy "
        "there or use byclass"
    )
    assert "no data set is called 'emnist'" in refusal(["emnist"])
    assert server.log == []


# A connection that breaks.


def test_a_dropped_connection_is_taken_up_where_it_broke_off(directory, published, server):
    server.mishaps = [drop_after(50_000), drop_after(20_000)]
    fetch(["byclass"], part="train", progress=False)
    assert contents(directory) == only(published, "emnist/emnist-byclass-train")
    _size, _members, start, resumed, resumed_again, _labels = [first for *_, first in server.log]
    assert 30_000 < resumed - start <= 50_000
    assert 0 < resumed_again - resumed <= 20_000


def test_tries_are_counted_anew_whenever_data_has_arrived(directory, published, server):
    server.mishaps = [drop_after(20_000)] * (len(remote.PAUSES) + 1)
    fetch(["byclass"], part="train", progress=False)
    assert contents(directory) == only(published, "emnist/emnist-byclass-train")


def test_a_server_may_send_less_than_was_asked_for(directory, published, server):
    server.most = 70_000
    fetch(["byclass"], progress=False)
    assert contents(directory) == only(published, "emnist/emnist-byclass")


def test_a_refused_moment_passes(directory, published, server, monkeypatch):
    server.status = 503
    attempts = []

    def pause(seconds):
        attempts.append(seconds)
        if len(attempts) == 2:
            server.status = None

    monkeypatch.setattr(remote, "PAUSES", (1, 4, 10))
    monkeypatch.setattr(time, "sleep", pause)
    fetch(["mnist"], part="test", progress=False)
    assert attempts == [1, 4]
    assert contents(directory) == only(published, "mnist/t10k")


@pytest.mark.parametrize("names", [["byclass"], ["mnist"]])
@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_always_drops_ends_in_one_line(directory, server, names, ranges):
    server.ranges = ranges
    server.mishaps = [drop_after(0), ...]
    message = refusal(names, part="train")
    assert message.startswith(server.url)
    assert "keeps breaking off: check the network connection and try again" in message
    assert contents(directory) == {}


def test_what_arrived_before_a_break_is_kept(directory, published, server):
    fetch(["byclass"], part="test", progress=False)
    server.mishaps = [drop_after(0), ...]
    refusal(["byclass"])
    assert contents(directory) == only(published, "emnist/emnist-byclass-test")
    server.mishaps = []
    fetch(["byclass"], progress=False)
    assert contents(directory) == only(published, "emnist/emnist-byclass")


def test_a_server_that_stalls_is_given_up(directory, server, monkeypatch):
    monkeypatch.setattr(remote, "TIMEOUT", (5, 0.2))
    server.mishaps = [stall, ...]
    message = refusal(["mnist"], part="train")
    assert f"{server.url}/two/train-images-idx3-ubyte.gz does not answer any more" in message
    assert contents(directory) == {}


@pytest.fixture
def interruptible():
    """A worker of pytest-xdist ignores interruptions, which this one must not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


# Python drops what a signal raises while it happens to run a finaliser.
@pytest.mark.flaky(reruns=1)
def test_an_interruption_leaves_nothing_behind(directory, server, interruptible):
    main = threading.main_thread().ident

    def interrupt(handler, body):
        handler.send(body[:100_000])
        signal.pthread_kill(main, signal.SIGINT)
        stall(handler, body)

    server.mishaps = [interrupt]
    with pytest.raises(KeyboardInterrupt):
        fetch(["byclass"], part="train", progress=False)
    assert contents(directory) == {}


def test_leftovers_of_killed_processes_are_swept_up(directory):
    stale, live = (directory / f"emnist/.{name}.part" for name in ("stale", "live"))
    stale.parent.mkdir(parents=True)
    for path in (stale, live):
        path.write_bytes(b"half a file")
    os.utime(stale, (time.time() - 7200,) * 2)
    fetch(["digits"], part="test", progress=False)
    assert not stale.exists()
    assert live.exists()


def test_fetching_twice_at_once_does_no_harm(directory, published):
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(fetch, ["byclass", "mnist"], progress=False) for _ in range(4)]
        for run in runs:
            run.result()
    wanted = only(published, "emnist/emnist-byclass") | only(published, "mnist/")
    assert contents(directory) == wanted


# A server without ranges.


def test_without_ranges_the_whole_archive_travels(directory, published, server):
    server.ranges = False
    lines = []
    fetch(["digits"], progress=False, report=lines.append)
    assert contents(directory) == only(published, "emnist/emnist-digits")
    assert "the server sends no parts of a file, so the whole archive has to travel" in lines


def test_without_ranges_a_dropped_connection_starts_over(directory, published, server):
    server.ranges = False
    size = len(server.files["/gzip.zip"])
    server.mishaps = [drop_after(0), drop_after(size // 2), drop_after(size - 1)]
    fetch(["digits"], progress=False)
    assert contents(directory) == only(published, "emnist/emnist-digits")


def test_without_ranges_another_archive_is_refused(directory, server, monkeypatch):
    server.ranges = False
    monkeypatch.setattr(download, "EMNIST_ARCHIVE_SHA256", "0" * 64)
    message = refusal(["digits"])
    assert message.startswith(f"{server.url}/gzip.zip sent another file (SHA-256 ")
    assert contents(directory) == {}


# A source that has or sends something else.


@pytest.mark.parametrize("path", [IMAGES, "mnist/train-images-idx3-ubyte.gz"])
def test_a_sound_file_with_a_wrong_checksum_is_refused(directory, published, server, path):
    other = np.zeros((300, 28, 28))
    write_idx(directory.parent / "other.gz", other)
    server.serve(published | {path: (directory.parent / "other.gz").read_bytes()})
    message = refusal(["byclass", "mnist"], part="train")
    assert message.startswith(f"{Path(path).name} as sent by {server.url}")
    assert "is not the expected file (SHA-256 " in message
    assert path not in contents(directory)
    assert not any(name.endswith(".part") for name in contents(directory))


@pytest.mark.parametrize("pinned", [True, False], ids=["checksum", "no checksum"])
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (gzip.compress(b"\0" * 99)[:-5], "is truncated or corrupt"),
        (b"<html>moved</html>", "is truncated or corrupt"),
        (gzip.compress(b"\0\0\x08\x01\0\0\0\x05abcde"), "holds (5,), not (300, 28, 28)"),
    ],
    ids=["broken gzip", "web page", "another set"],
)
def test_a_damaged_member_is_refused(directory, published, server, content, fault, pinned):
    server.serve(published | {IMAGES: content})
    if not pinned:
        del integrity.SHA256[IMAGES]
    message = refusal(["byclass"], part="train")
    assert message.startswith(f"{Path(IMAGES).name} as sent by {server.url}/gzip.zip {fault}")
    assert contents(directory) == {}


def test_labels_outside_the_classes_are_refused_without_a_checksum(directory, published, server):
    path = "emnist/emnist-letters-test-labels-idx1-ubyte.gz"
    del integrity.SHA256[path]
    write_idx(directory.parent / "other.gz", np.zeros(100))
    server.serve(published | {path: (directory.parent / "other.gz").read_bytes()})
    assert "has labels 0 to 0, not 1 to 26: try again later" in refusal(["letters"], part="test")


@pytest.mark.parametrize("position", [0, 5000], ids=["first byte", "amid the pixels"])
def test_bits_that_flipped_on_the_way_are_noticed(directory, server, position):
    archive = bytearray(server.files["/gzip.zip"])
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        info = members.getinfo(f"gzip/{Path(IMAGES).name}")
    data = info.header_offset + zipfile.sizeFileHeader + len(info.filename)
    archive[data + position] ^= 255
    server.files["/gzip.zip"] = bytes(archive)
    message = refusal(["byclass"], part="train")
    assert message.startswith(f"{server.url}/gzip.zip is not a sound zip archive (")
    assert contents(directory) == {}


@pytest.mark.parametrize("cut", [1000, 1_500_000])
def test_a_truncated_archive_is_refused(directory, server, cut):
    server.files["/gzip.zip"] = server.files["/gzip.zip"][:-cut]
    message = refusal(["byclass"])
    assert message.startswith(f"{server.url}/gzip.zip is not a sound zip archive (")
    assert contents(directory) == {}


def test_an_archive_without_the_file_is_refused(directory, published, server):
    server.serve({path: content for path, content in published.items() if path != IMAGES})
    assert refusal(["byclass"]) == (
        f"{server.url}/gzip.zip has no {Path(IMAGES).name}: try again later"
    )


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (404, "is no longer there (404 Not Found): update this program, or get the files by hand"),
        (403, "was refused (403 Forbidden): try later or from elsewhere, or get the files by hand"),
        (503, "is out of order (503 Service Unavailable): try again later"),
    ],
)
def test_an_error_of_the_server_ends_in_one_line(directory, server, status, answer):
    server.status = status
    assert refusal(["byclass"]) == f"{server.url}/gzip.zip {answer}"
    assert contents(directory) == {}


def test_pythons_own_names_would_be_refused(directory, monkeypatch):
    monkeypatch.setattr(remote, "USER_AGENT", requests.utils.default_user_agent())
    assert "was refused (403 Forbidden)" in refusal(["byclass"])


def test_an_unknown_host_is_named_at_once(directory, monkeypatch):
    monkeypatch.setattr(download, "EMNIST_ARCHIVE", "http://nist.invalid/gzip.zip")
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("waited in vain"))
    assert refusal(["byclass"]) == (
        "http://nist.invalid/gzip.zip cannot be reached (unknown host): "
        "check the network connection and try again"
    )


def test_a_server_that_is_off_ends_in_one_line(directory, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/gzip.zip"
    monkeypatch.setattr(download, "EMNIST_ARCHIVE", url)
    assert refusal(["byclass"]).startswith(f"{url} cannot be reached")


# A disk that cannot take it.


@pytest.mark.parametrize("names", [["byclass"], ["mnist"]])
def test_a_full_disk_is_noticed_before(directory, monkeypatch, names):
    usage = download.shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda path: usage)
    message = refusal(names)
    assert message.startswith(f"{directory} has 0 MB free, but ")
    assert message.endswith(" are needed: make room, or set HANDWRITING_DATA to another directory")
    assert contents(directory) == {}


def test_a_directory_that_cannot_be_written_is_named(directory):
    directory.write_text("this is a file")
    assert refusal(["mnist"]).startswith(f"{directory} cannot be written to (Not a directory)")


# Checking.


def faults(directory, *names):
    return {
        finding.path.relative_to(directory).as_posix(): str(finding)
        for finding in check(names)
        if finding.fault
    }


def test_check_fetches_nothing_and_names_what_is_missing(directory, server):
    findings = check(["mnist"])
    assert [finding.missing for finding in findings] == [True] * 4
    assert str(findings[0]) == (
        f"{directory}/mnist/train-images-idx3-ubyte.gz is missing: "
        "fetch it with `python -m handwriting data mnist`"
    )
    assert server.log == []
    assert not directory.exists()


def test_check_of_all_is_silent_about_unpublished_sets_that_are_not_there(directory):
    fetch(["all"], progress=False)
    assert len(check(["all"])) == 6 * 5 + 4
    write_idx(directory / "emnist/emnist-letters-part-train-labels-idx1-ubyte.gz", np.ones(3))
    assert list(faults(directory, "all")) == [
        "emnist/emnist-letters-part-train-images-idx3-ubyte.gz",
        "emnist/emnist-letters-part-train-labels-idx1-ubyte.gz",
    ]


def test_check_says_why_a_sound_file_is_believed(directory):
    fetch(["emnist-mnist"], progress=False)
    *pinned, mapping = map(str, check(["emnist-mnist"]))
    assert all(line.endswith(" is sound: SHA-256 as expected") for line in pinned)
    assert mapping.endswith(" is sound: no checksum is known, content as expected")


@pytest.mark.parametrize("pinned", [True, False], ids=["checksum", "no checksum"])
@pytest.mark.parametrize(
    ("array", "kind", "fault"),
    [
        (np.zeros((99, 28, 28)), "images-idx3", "holds (99, 28, 28), not (100, 28, 28)"),
        (np.zeros((100, 32, 32)), "images-idx3", "holds (100, 32, 32), not (100, 28, 28)"),
        (np.zeros(99), "labels-idx1", "holds (99,), not (100,)"),
        (np.full(100, 62), "labels-idx1", "has labels 62 to 62, not 0 to 61"),
    ],
)
def test_check_names_files_of_wrong_content(directory, array, kind, fault, pinned):
    fetch(["byclass"], progress=False)
    path = f"emnist/emnist-byclass-test-{kind}-ubyte.gz"
    if not pinned:
        del integrity.SHA256[path]
    write_idx(directory / path, array)
    assert faults(directory, "byclass") == {
        path: f"{directory / path} {fault}: fetch it with `python -m handwriting data byclass`"
    }


def test_check_notices_labels_that_only_the_checksum_tells_apart(directory):
    fetch(["byclass"], progress=False)
    path = "emnist/emnist-byclass-test-labels-idx1-ubyte.gz"
    write_idx(directory / path, np.zeros(100))
    assert "is not the expected file (SHA-256 " in faults(directory, "byclass")[path]


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("byclass", b"10 65\r\n", b"10 97\r\n", "lists [97] as class 10, not A 65"),
        ("letters", b"26 90 122\r\n", b"", "lists None as class 26, not Z 90"),
        ("digits", b"9 57\r\n", b"9 57\r\n10 58\r\n", "lists 1 classes too many"),
        ("digits", b"9 57\r\n", b"nine\r\n", "is not a list of numbers"),
    ],
)
def test_check_reads_mapping_files(directory, name, old, new, fault):
    fetch([name], progress=False)
    path = SPLITS[name].mapping
    (directory / path).write_bytes((directory / path).read_bytes().replace(old, new))
    assert faults(directory, name) == {
        path: f"{directory / path} {fault}: fetch it with `python -m handwriting data {name}`"
    }


def test_real_data_passes_the_check(monkeypatch):
    if not REAL_DATA:
        pytest.skip("HANDWRITING_DATA is not set")
    monkeypatch.setenv("HANDWRITING_DATA", REAL_DATA)
    there = [finding for finding in check(["all"]) if not finding.missing]
    if not there:
        pytest.skip(f"there is no data in {REAL_DATA}")
    assert [str(finding) for finding in there if finding.fault] == []


def test_every_idx_file_has_a_checksum():
    listed = {path for path in integrity.SHA256 if path.endswith(".gz")}
    files = {
        file.path.relative_to(data_directory()).as_posix()
        for split in SPLITS.values()
        for file in integrity.files_of(split)
        if file.kind != "mapping"
    }
    assert listed == files
    assert all(re.fullmatch("[0-9a-f]{64}", checksum) for checksum in integrity.SHA256.values())
