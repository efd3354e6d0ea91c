"""The networks, in plain Keras: images (n, 28, 28, 1) of 0 to 255 in, class probabilities out."""

from __future__ import annotations

import keras
from keras import layers


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


def ink() -> keras.Model:
    """Our own network: one trunk, a head for each kind of ink; 1,164,492 parameters.

    Scans and pens disagree about how common a character is and about the case of look-alikes;
    with a head each, neither's habits spoil the other's while both teach the trunk its shapes.

    Returns:
        A model with outputs (n, 2, 62): probabilities by the scan head, then by the pen head.
    """
    images, x = _trunk()
    x = layers.Dense(2 * 62, dtype="float32")(x)
    x = layers.Reshape((2, 62), dtype="float32")(x)
    return keras.Model(images, layers.Softmax(dtype="float32")(x), name="ink")


def mnist() -> keras.Model:
    """Our own network for ten digits, with the trunk of `ink`: 1,135,194 parameters."""
    images, x = _trunk()
    x = layers.Dense(10, activation="softmax", dtype="float32")(x)
    return keras.Model(images, x, name="mnist")


def _trunk():
    """Images (28, 28, 1), and the 256 features that it makes of them.

    Look-alikes need the full resolution of the first layer: with half of it from the start, twice
    as fast, half a point fewer characters are right (`docs/experiments.md`).
    """
    images = keras.Input((28, 28, 1))
    x = layers.Rescaling(1 / 255)(images)
    x = _convolution(x, 16)
    x = _convolution(x, 32, strides=2)
    x = _convolution(x, 64)
    x = layers.MaxPooling2D()(x)
    x = _convolution(x, 128)
    x = _convolution(x, 128)
    x = layers.MaxPooling2D()(x)
    x = _convolution(x, 256)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(256, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    return images, layers.Dropout(0.3)(x)


def _convolution(x, filters: int, strides: int = 1):
    x = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x)
