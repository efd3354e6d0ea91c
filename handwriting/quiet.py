"""Importing Keras without the lines about TensorFlow's build that no user can act on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

NOISE = (b"oneDNN custom operations are on", b"before absl::InitializeLog() is called")
"""What TensorFlow prints while it is imported, whatever its log level."""


def import_keras() -> ModuleType:
    """Import Keras and its backend, which takes seconds: only where a model is built or run."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _without_noise():
        import keras
    return keras


@contextmanager
def _without_noise() -> Iterator[None]:
    """Hold back what the process writes to stderr, then write it but for TensorFlow's noise."""
    # Its C++ side writes to the descriptor itself, where `contextlib.redirect_stderr` is no help.
    with tempfile.TemporaryFile() as held:
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            for line in held:
                if not any(noise in line for noise in NOISE):
                    os.write(2, line)
