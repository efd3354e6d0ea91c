"""The networks, in plain Keras: class probabilities out.

What goes in are images (n, 28, 28, 1) of 0 to 255, or trajectories (n, 1, points, channels) as
`handwriting.trajectory` makes them: images one pixel high, so that one kind of layer serves both.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from handwriting.trajectory import CHANNELS, POINTS


def hand_words() -> keras.Model:
    """The 62-class network that the first system ran in the browser: 229,630 parameters."""
    model = keras.Sequential(name="hand-words")
    model.add(keras.Input((28, 28, 1)))
    model.add(layers.Rescaling(1 / 255))
    for filters in (16, 32, 64):
        model.add(layers.Conv2D(filters, 5, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
        model.add(layers.BatchNormalization())
        model.add(layers.Dropout(0.4))
    model.add(layers.Flatten())
    model.add(layers.Dense(256, activation="relu"))
    model.add(layers.BatchNormalization())
    model.add(layers.Dropout(0.4))
    # Probabilities stay in float32 where the rest computes in bfloat16.
    model.add(layers.Dense(62, activation="softmax", dtype="float32"))
    return model


def mnist_digits() -> keras.Model:
    """The classic Keras MNIST network of the second system: 2,380,938 parameters."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax", dtype="float32"),
        ],
        name="mnist-digits",
    )


def ink_column(name: str = "ink-column", width: float = 1.0) -> keras.Model:
    """One of the columns of our own network, a head for each kind of ink; 668,748 parameters.

    Scans and pens disagree about how common a character is and about the case of look-alikes;
    with a head each, neither's habits spoil the other's while both teach the trunk its shapes.

    Look-alikes need the full resolution: with half of it from the first layer on, twice as fast,
    half a point fewer characters are right; from the second on, the log loss is higher by 0.002
    (`docs/experiments.md`).

    Args:
        name: Of the network.
        width: How many times as many filters and features in each layer.

    Returns:
        A model with outputs (n, 2, 62): probabilities by the scan head, then by the pen head.
    """
    images = keras.Input((28, 28, 1))
    x = layers.Rescaling(1 / 255)(images)
    for filters in ((16, 32), (64, 64), (128, 128)):
        x = _stage(x, *(round(width * count) for count in filters))
    x = _convolution(x, round(width * 160))
    x = _condense(x, round(width * 128))
    x = layers.Dense(2 * 62, dtype="float32")(x)
    x = layers.Reshape((2, 62), dtype="float32")(x)
    return keras.Model(images, layers.Softmax(dtype="float32")(x), name=name)


def mnist_column(name: str = "mnist-column") -> keras.Model:
    """One of the columns of our own network for ten digits, which need less resolution."""
    images = keras.Input((28, 28, 1))
    x = layers.Rescaling(1 / 255)(images)
    x = _convolution(x, 16)
    x = _convolution(x, 32, strides=2)
    x = _stage(x, 64)
    x = _stage(x, 128, 128)
    x = _convolution(x, 192)
    x = _condense(x)
    x = layers.Dense(10, activation="softmax", dtype="float32")(x)
    return keras.Model(images, x, name=name)


def _stage(x, *filters: int):
    """Convolutions at one resolution, half of which is left after them."""
    for count in filters:
        x = _convolution(x, count)
    return layers.MaxPooling2D()(x)


def _condense(x, features: int = 128):
    """The features that a column's classes are told by."""
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(features, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    return layers.Dropout(0.3)(x)


def ink_path() -> keras.Model:
    """Reads the pen's trajectory, for what the image of a drawing does not show; 83,198 parameters.

    One with four times the weights is no better (`docs/experiments.md`).
    """
    trajectories = keras.Input((1, POINTS, CHANNELS))
    x = _convolution(trajectories, 24, size=(1, 5))
    x = _convolution(x, 48, (1, 2), size=(1, 5))
    x = _convolution(x, 56, size=(1, 5))
    x = _convolution(x, 64, (1, 2), size=(1, 5))
    x = _convolution(x, 64, size=(1, 3))
    x = layers.MaxPooling2D((1, 2))(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(62, activation="softmax", dtype="float32")(x)
    return keras.Model(trajectories, x, name="ink-path")


def stand_side_by_side(columns: Sequence[keras.Model], name: str) -> keras.Model:
    """One network whose answer is the mean of several networks' answers.

    Cireşan, Meier, Schmidhuber 2012, "Multi-column deep neural networks for image
    classification": trained apart, the columns err in different places.

    Args:
        columns: Networks with the same inputs and outputs and names of their own.
        name: Of the whole.
    """
    inputs = keras.Input(columns[0].input_shape[1:])
    answers = layers.Average(dtype="float32")([column(inputs) for column in columns])
    return keras.Model(inputs, answers, name=name)


def _convolution(x, filters: int, strides=1, size=3):
    x = layers.Conv2D(filters, size, strides, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x)
