"""Reads handwritten characters live, and shows where and why it errs on EMNIST."""

from handwriting.recognizer import Guess, Recognizer

__all__ = ["Guess", "Recognizer"]
