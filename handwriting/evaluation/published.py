"""What the authors of the two systems before this one gave as their accuracy, to compare with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A figure that others gave, on the same test part as a report's.

    Args:
        system: Whose.
        accuracy: Share of samples that it read right.
        source: Where the figure is from and what it must be read with, one sentence.
    """

    system: str
    accuracy: float
    source: str


PUBLISHED = {
    ("byclass", "test"): Published(
        "The network that hand-words rebuilds",
        0.8718,
        "as its authors gave it: trained on all 697,932 official train images, stopped early on "
        "this test split.",
    ),
    ("mnist", "test"): Published(
        "The network that mnist-digits rebuilds",
        0.8406,
        "as its author gave it: ten epochs of Adadelta at TensorFlow 2's default rate of 0.001.",
    ),
}
"""By name and part of the data set."""
