"""Files on a web server as streams that outlive dropped connections."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import requests
import urllib3
from remotezip import PartialBuffer

from handwriting.errors import InputError

USER_AGENT = "Mozilla/5.0 (compatible; handwriting)"
"""NIST's server answers 403 to the names that Python's HTTP libraries give themselves."""

TIMEOUT = (10, 30)
"""Seconds to wait for a connection, and for each next piece of data."""

PAUSES = (1, 4, 10)
"""Seconds to wait before each new try, counted anew whenever data has arrived."""

PASSING_STATUSES = {429, 500, 502, 503, 504}

PIECE = 2**14
"""Most bytes to ask a connection for at once; so many are lost when it drops."""


class RemoteError(InputError):
    """The source cannot be reached, or sends something else."""


class NoRangesError(Exception):
    """The server sends whole files only."""


def open_session() -> requests.Session:
    """A session whose requests are answered with the bytes as they are stored."""
    session = requests.Session()
    session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
    return session


class RemoteStream:
    """The body of a URL, or a range of it, taken up again where the connection dropped.

    Args:
        session: Says who is asking.
        url: Where it is.
        span: First and last byte; none for the whole, which any server sends.

    Raises:
        RemoteError: It cannot be had.
        NoRangesError: A range was asked for, and the server sends whole files only.
    """

    def __init__(self, session: requests.Session, url: str, span: tuple[int, int] | None = None):
        self.url = url
        self.length = span and span[1] - span[0] + 1
        self.total: int | None = None
        self.closed = False
        self._session = session
        self._span = span
        self._position = 0
        self._failures = 0
        self._response: requests.Response | None = None
        self._persist(self._connect)

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end only."""
        if self.length is not None:
            size = min(size, self.length - self._position)
        data = self._persist(lambda: self._receive(size)) if size else b""
        self._position += len(data)
        return data

    def tell(self) -> int:
        """Number of bytes read so far."""
        return self._position

    def close(self) -> None:
        """Let go of the connection."""
        self.closed = True
        self._disconnect()

    def _receive(self, size: int) -> bytes:
        if self._response is None:
            self._connect()
        data = self._response.raw.read(min(PIECE, size))
        if not data and self.length is not None:
            raise ConnectionError("it ended early")
        self._failures = 0
        return data

    def _connect(self) -> None:
        first, last = self._span or (0, None)
        first += self._position
        headers = {}
        if self._span or first:
            headers["Range"] = f"bytes={first}-{'' if last is None else last}"
        response = self._session.get(self.url, headers=headers, stream=True, timeout=TIMEOUT)
        self._response = response
        response.raise_for_status()
        if response.status_code == requests.codes.partial_content:
            span = re.match(rf"bytes {first}-\d+/(\d+)$", response.headers.get("Content-Range", ""))
            if not span:
                raise ConnectionError("it sent another range than was asked for")
            self.total = int(span[1])
        elif self._span:
            raise NoRangesError
        else:
            if "Content-Length" in response.headers:
                self.length = int(response.headers["Content-Length"])
            self._skip(self._position)

    def _skip(self, size: int) -> None:
        """Read again what a server that cannot start midway has sent before."""
        while size:
            data = self._response.raw.read(min(PIECE, size))
            if not data:
                raise ConnectionError("it ended early")
            size -= len(data)

    def _disconnect(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None

    def _persist(self, action: Callable):
        """The result of an action that is tried anew after passing failures."""
        while True:
            try:
                return action()
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                self._disconnect()
                if self._failures == len(PAUSES) or not self._may_pass(error):
                    raise RemoteError(f"{self.url} {_explain(error)}") from error
                time.sleep(PAUSES[self._failures])
                self._failures += 1
            except BaseException:
                self._disconnect()
                raise

    def _may_pass(self, error: Exception) -> bool:
        """Whether a failure is worth another try."""
        if isinstance(error, requests.HTTPError):
            return error.response.status_code in PASSING_STATUSES
        if isinstance(error, requests.exceptions.SSLError):
            return False
        # Without a network nobody should wait to hear of it; if it fails midway, it may come back.
        return self._position > 0 or not _is_unknown_host(error)


class RangeFetcher:
    """How `RemoteZip` gets at the parts of an archive: through streams that persist."""

    def __init__(self, url: str, session: requests.Session, **_):
        self._url = url
        self._session = session

    def fetch(self, data_range: tuple[int, int | None], stream: bool = False) -> PartialBuffer:
        """The bytes of a range; it counts from the end if it starts below zero."""
        first, last = data_range
        if first < 0:
            probe = RemoteStream(self._session, self._url, (0, 0))
            probe.close()
            first, last = max(0, probe.total + first), probe.total - 1
        source = RemoteStream(self._session, self._url, (first, last))
        return PartialBuffer(source, first, source.length, stream)


def _is_unknown_host(error: Exception) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, urllib3.exceptions.NameResolutionError)


def _explain(error: Exception) -> str:
    """What went wrong and what to do about it, worded to follow the URL."""
    if isinstance(error, requests.HTTPError):
        status = error.response.status_code
        answer = f"{status} {error.response.reason}".strip()
        if status in PASSING_STATUSES:
            return f"is out of order ({answer}): try again later"
        if status in (requests.codes.not_found, requests.codes.gone):
            return f"is no longer there ({answer}): update this program, or get the files by hand"
        return f"was refused ({answer}): try later or from elsewhere, or get the files by hand"
    if _is_unknown_host(error):
        return "cannot be reached (unknown host): check the network connection and try again"
    if isinstance(error, requests.exceptions.SSLError):
        return "has no valid certificate: check this computer's clock and network"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "does not answer any more: check the network connection and try again"
    return "cannot be reached or keeps breaking off: check the network connection and try again"
