"""IDX, the file format of MNIST and EMNIST: a header of big-endian sizes, then bytes.

Format: http://yann.lecun.com/exdb/mnist ("The IDX file format").
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from handwriting.errors import InputError

UNSIGNED_BYTE = 0x08
MAX_BYTES = 2**30
"""No official file unpacks to more (ByClass train: 547 MB); what does is not one of them."""


class DamageError(ValueError):
    """What is wrong with a file's content, worded to follow the file's name."""


def read_idx(path: Path, remedy: str = "fetch it with `python -m handwriting data`") -> np.ndarray:
    """Read one gzip'd IDX file of unsigned bytes.

    Args:
        path: A file as NIST publishes it, e.g. `emnist-byclass-test-labels-idx1-ubyte.gz`.
        remedy: What the user is told to do if the file is missing or damaged.

    Returns:
        uint8, in the shape that the header states; read-only.

    Raises:
        InputError: The file is missing, unreadable, truncated, corrupt or not IDX.
    """
    try:
        return parse_idx(path)
    except FileNotFoundError:
        raise InputError(f"{path} is missing: {remedy}") from None
    except DamageError as damage:
        raise InputError(f"{path} {damage}: {remedy}") from None
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"{path} cannot be read ({reason}): check its permissions") from None


def parse_idx(path: Path) -> np.ndarray:
    """`read_idx` for callers that word the message themselves.

    Raises:
        DamageError: The file is truncated, corrupt or not IDX.
        OSError: It is missing or cannot be read.
    """
    try:
        with gzip.open(path) as file:
            content = file.read(MAX_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamageError(f"is truncated or corrupt ({error})") from None

    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE:
        raise DamageError("is not an IDX file of unsigned bytes")
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise DamageError("ends inside its header")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    values = np.frombuffer(content, np.uint8, offset=start)
    expected = int(np.prod(shape, dtype=object))
    if values.size != expected:
        raise DamageError(
            f"holds {values.size:,} bytes, not the {expected:,} that its header states"
        )
    return values.reshape(shape)


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write a uint8 array as a gzip'd IDX file, as small test sets need it."""
    header = bytes([0, 0, UNSIGNED_BYTE, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = header + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content, compresslevel=1, mtime=0))
