"""Reads handwritten characters live, and shows where and why it errs on EMNIST."""

import os

# TensorFlow otherwise opens every run with lines about its build that no user can act on.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from handwriting.recognizer import Guess, Recognizer

__all__ = ["Guess", "Recognizer"]
