"""What a hand does differently each time: layers that change images while a network trains."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops


class RandomAffine(keras.layers.Layer):
    """Rotate, shear, scale and shift each image by its own random amounts.

    Active in training only. Amounts are uniform between minus and plus the maximum.

    Args:
        rotation: Degrees.
        shear: Sideways shift per row, as of slanted writing.
        scale: Relative change of width and of height, each by itself.
        shift: Pixels, along each axis.
        seed: Of the random amounts.
    """

    def __init__(self, rotation=10.0, shear=0.15, scale=0.12, shift=1.5, seed=0):
        super().__init__(dtype="float32")
        self.maxima = np.array(
            [np.deg2rad(rotation), shear, scale, scale, shift, shift], np.float32
        )
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images, training=False):
        """float (n, h, w, 1) in and out; pixels from outside are black."""
        if not training:
            return images
        images = ops.cast(images, "float32")
        height, width = images.shape[1:3]
        draws = keras.random.uniform((ops.shape(images)[0], 6), -1, 1, seed=self.seed_generator)
        angle, shear, wide, high, right, down = ops.unstack(draws * self.maxima, axis=1)
        cos, sin = ops.cos(angle), ops.sin(angle)
        a, b = cos * (1 + wide), (shear * cos - sin) * (1 + high)
        c, d = sin * (1 + wide), (shear * sin + cos) * (1 + high)
        # The transform maps output to input pixels and is to leave the centre in its place.
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        x = middle_x - a * middle_x - b * middle_y + right
        y = middle_y - c * middle_x - d * middle_y + down
        zero = ops.zeros_like(a)
        transforms = ops.stack([a, b, x, c, d, y, zero, zero], axis=1)
        return ops.image.affine_transform(
            images, transforms, interpolation="bilinear", fill_mode="constant", fill_value=0.0
        )

    def compute_output_shape(self, input_shape):
        return input_shape
