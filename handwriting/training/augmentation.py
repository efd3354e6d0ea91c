"""What a hand does differently each time: layers that change samples while a network trains."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops


class RandomWarp(keras.layers.Layer):
    """Rotate, shear, scale, shift and bend each image by its own random amounts.

    The amounts of the affine part are uniform between minus and plus the maximum; the bending
    moves the points of a coarse grid by normal amounts and all pixels smoothly with them (after
    Simard, Steinkraus, Platt 2003, "Best practices for convolutional neural networks applied to
    visual document analysis"). Active in training only.

    Args:
        rotation: Degrees.
        shear: Sideways shift per row, as of slanted writing.
        scale: Relative change of width and of height, each by itself.
        shift: Pixels, along each axis.
        bend: Standard deviation of a grid point's move along each axis, pixels.
        grid: Points along a side of the grid.
        seed: Of the random amounts.
    """

    def __init__(self, rotation=10.0, shear=0.15, scale=0.12, shift=1.5, bend=1.2, grid=5, seed=0):
        super().__init__(dtype="float32")
        self.maxima = np.array(
            [np.deg2rad(rotation), shear, scale, scale, shift, shift], np.float32
        )
        self.bend = bend
        self.grid = grid
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images, training=False):
        """float (n, side, side, 1) in and out; pixels from outside are black."""
        if not training:
            return images
        images = ops.cast(images, "float32")
        count, side = ops.shape(images)[0], images.shape[1]
        draws = keras.random.uniform((count, 6), -1, 1, seed=self.seed_generator)
        angle, shear, wide, high, right, down = (
            ops.reshape(draw, (-1, 1, 1)) for draw in ops.unstack(draws * self.maxima, axis=1)
        )
        cos, sin = ops.cos(angle), ops.sin(angle)
        # Where each output pixel comes from, as an offset from the centre of the image.
        place = np.arange(side, dtype=np.float32) - (side - 1) / 2
        x, y = place[None, None, :], place[None, :, None]
        from_x = cos * (1 + wide) * x + (shear * cos - sin) * (1 + high) * y + right
        from_y = sin * (1 + wide) * x + (shear * sin + cos) * (1 + high) * y + down
        moves = self.bend * keras.random.normal(
            (count, 2, self.grid, self.grid), seed=self.seed_generator
        )
        spread = _spread(side, self.grid)
        moves = ops.einsum("ig,nagh,jh->anij", spread, moves, spread)
        middle = (side - 1) / 2
        return _sample(images, from_x + moves[0] + middle, from_y + moves[1] + middle)

    def compute_output_shape(self, input_shape):
        return input_shape


class RandomThickness(keras.layers.Layer):
    """Make the pen thicker or thinner: each image goes part of the way to its dilation or erosion.

    Active in training only.

    Args:
        most: Share of the way, uniform between minus (thinner) and plus this.
        seed: Of the random amounts.
    """

    def __init__(self, most=0.6, seed=0):
        super().__init__(dtype="float32")
        self.most = most
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images, training=False):
        """float (n, side, side, 1) in and out."""
        if not training:
            return images
        images = ops.cast(images, "float32")
        shape = ops.shape(images)[0], 1, 1, 1
        amounts = self.most * keras.random.uniform(shape, -1, 1, seed=self.seed_generator)
        thick, thin = _spread_ink(images, ops.maximum), _spread_ink(images, ops.minimum)
        return images + ops.relu(amounts) * (thick - images) + ops.relu(-amounts) * (thin - images)

    def compute_output_shape(self, input_shape):
        return input_shape


class RandomHand(keras.layers.Layer):
    """Rotate, shear, scale and bend each trajectory of a pen by its own random amounts.

    As `RandomWarp` does with images; what is bent is the path along its length. Active in training
    only.

    Args:
        rotation: Degrees.
        shear: Sideways shift per unit of height.
        scale: Relative change of width and of height, each by itself.
        bend: Standard deviation of how far a point of the path's grid moves along each axis, in
            the trajectory's units.
        grid: Points along the path that move by themselves, all others smoothly with them.
        seed: Of the random amounts.
    """

    def __init__(self, rotation=15.0, shear=0.3, scale=0.25, bend=0.09, grid=6, seed=0):
        super().__init__(dtype="float32")
        self.maxima = np.array([np.deg2rad(rotation), shear, scale, scale], np.float32)
        self.bend = bend
        self.grid = grid
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, trajectories, training=False):
        """float (n, 1, points, channels) in and out, see `handwriting.trajectory`."""
        if not training:
            return trajectories
        trajectories = ops.cast(trajectories, "float32")
        count, points = ops.shape(trajectories)[0], trajectories.shape[2]
        draws = keras.random.uniform((count, 4), -1, 1, seed=self.seed_generator)
        angle, shear, wide, high = (
            ops.reshape(draw, (-1, 1, 1)) for draw in ops.unstack(draws * self.maxima, axis=1)
        )
        cos, sin = ops.cos(angle), ops.sin(angle)

        def turn(pair):
            x, y = pair[..., 0], pair[..., 1]
            x, y = (1 + wide) * x + shear * y, (1 + high) * y
            return ops.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)

        moves = self.bend * keras.random.normal((count, 1, self.grid, 2), seed=self.seed_generator)
        moves = ops.einsum("pg,nhga->nhpa", _spread(points, self.grid), moves)
        place, direction, jump = (turn(trajectories[..., i : i + 2]) for i in (0, 2, 4))
        # Where there is no point, all is zero and has to stay so.
        place += moves * trajectories[..., 7:8]
        return ops.concatenate([place, direction, jump, trajectories[..., 6:]], axis=-1)

    def compute_output_shape(self, input_shape):
        return input_shape


class Partly(keras.layers.Layer):
    """Change some of the samples by another layer, and leave the others as they are.

    Each change resamples an image and so blurs it a little. A network that has seen nothing but
    changed images reads sharp ones worse than blurred ones.

    Args:
        layer: Makes the changes, in training only.
        share: Of the samples that are changed; a variable, to be assigned to between epochs.
        seed: Of the choice of samples.
    """

    def __init__(self, layer: keras.layers.Layer, share=0.8, seed=0):
        super().__init__(dtype="float32")
        self.layer = layer
        self.initial_share = share
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        constant = keras.initializers.Constant(self.initial_share)
        self.share = self.add_weight(initializer=constant, trainable=False, name="share")

    def call(self, samples, training=False):
        """float (n, height, width, channels) in and out."""
        if not training:
            return samples
        samples = ops.cast(samples, "float32")
        draws = keras.random.uniform((ops.shape(samples)[0], 1, 1, 1), seed=self.seed_generator)
        return ops.where(draws < self.share, self.layer(samples, training=True), samples)

    def compute_output_shape(self, input_shape):
        return input_shape


def gentle_hand() -> Partly:
    """Changes from which 62 classes are learned in twenty epochs.

    With two thirds of them, networks learn the samples by heart (`docs/experiments.md`).
    """
    warp = RandomWarp(rotation=8, shear=0.11, scale=0.09, shift=1.0, bend=0.8)
    return Partly(keras.Sequential([warp, RandomThickness(0.35)], name="gentle_hand"))


def brisk_hand() -> Partly:
    """Changes in between."""
    warp = RandomWarp(rotation=9, shear=0.13, scale=0.105, shift=1.25, bend=1.0)
    return Partly(keras.Sequential([warp, RandomThickness(0.4)], name="brisk_hand"))


def lively_hand() -> Partly:
    """Changes that keep on teaching for forty epochs and more."""
    return Partly(keras.Sequential([RandomWarp(), RandomThickness(0.4)], name="lively_hand"))


def another_hand() -> Partly:
    """For the trajectories of pens."""
    return Partly(RandomHand(), share=0.9)


def _spread_ink(images, extreme):
    """Each pixel becomes the extreme of its 3 x 3 neighbourhood; outside is black.

    `max_pool` takes fifty times as long for this on a processor.
    """
    padded = ops.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])
    rows = extreme(extreme(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    return extreme(extreme(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:])


def _spread(side: int, grid: int) -> np.ndarray:
    """float32 (side, grid): how much a pixel moves with each grid point; rows sum to one."""
    points = np.linspace(0, side - 1, grid)
    distance = (np.arange(side)[:, None] - points) / (points[1] - points[0])
    weights = np.exp(-2 * distance**2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _sample(images, x, y):
    """The images (n, side, side, 1) at fractional places x, y (n, side, side), bilinear.

    Keras's own `map_coordinates` goes image by image, which takes longer than the network; where
    the backend has a kernel for whole batches, that one is taken.
    """
    side = images.shape[1]
    if keras.backend.backend() == "torch":
        from torch.nn.functional import grid_sample

        places = ops.stack([x, y], axis=-1) * (2 / (side - 1)) - 1
        sampled = grid_sample(ops.moveaxis(images, -1, 1), places, align_corners=True)
        return ops.moveaxis(sampled, 1, -1)
    wide = side + 2
    flat = ops.reshape(ops.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]]), (-1, wide * wide))
    x = ops.reshape(ops.clip(x + 1, 0, side + 0.999), (-1, side * side))
    y = ops.reshape(ops.clip(y + 1, 0, side + 0.999), (-1, side * side))
    left, top = ops.floor(x), ops.floor(y)
    right, bottom = x - left, y - top
    corner = ops.cast(top, "int32") * wide + ops.cast(left, "int32")

    def at(offset):
        return ops.take_along_axis(flat, corner + offset, axis=1)

    upper = at(0) * (1 - right) + at(1) * right
    lower = at(wide) * (1 - right) + at(wide + 1) * right
    return ops.reshape(upper * (1 - bottom) + lower * bottom, (-1, side, side, 1))
