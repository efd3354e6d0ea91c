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


def read_idx(path: Path) -> np.ndarray:
    """Read one gzip'd IDX file of unsigned bytes.

    Args:
        path: A file as NIST publishes it, e.g. `emnist-byclass-test-labels-idx1-ubyte.gz`.

    Returns:
        uint8, in the shape that the header states; read-only.

    Raises:
        InputError: The file is missing, truncated, corrupt or not IDX.
    """
    remedy = "fetch it again with `python -m handwriting data`"
    try:
        with gzip.open(path) as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{path} is missing: fetch it with `python -m handwriting data`") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path} is truncated or corrupt ({error}): {remedy}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}): {remedy}") from None

    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE:
        raise InputError(f"{path} is not an IDX file of unsigned bytes: {remedy}")
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise InputError(f"{path} ends inside its header: {remedy}")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    values = np.frombuffer(content, np.uint8, offset=start)
    expected = int(np.prod(shape, dtype=object))
    if values.size != expected:
        raise InputError(
            f"{path} holds {values.size:,} bytes, not the {expected:,} of {shape}: {remedy}"
        )
    return values.reshape(shape)


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write a uint8 array as a gzip'd IDX file, as small test sets need it."""
    header = bytes([0, 0, UNSIGNED_BYTE, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(header + array.astype(np.uint8).tobytes())
