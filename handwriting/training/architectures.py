"""The networks, in plain Keras: images uint8 (n, 28, 28, 1) in, class probabilities out."""

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
    """The classic Keras MNIST network of the second system: 1,199,882 parameters."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax", dtype="float32"),
        ],
        name="mnist-digits",
    )
