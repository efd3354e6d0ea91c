"""What makes each model: network, data, optimiser, epochs; or the parts that it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import keras

from handwriting import alphabet
from handwriting.alphabet import Alphabet
from handwriting.errors import InputError
from handwriting.recognizer import Head
from handwriting.training import architectures
from handwriting.training.augmentation import (
    Partly,
    another_hand,
    brisk_hand,
    gentle_hand,
    lively_hand,
)
from handwriting.training.samples import Kind


@dataclass(frozen=True)
class Recipe:
    """How one model is trained.

    Args:
        name: As the command line calls it, and the file of its weights.
        summary: One line for people.
        alphabet: The classes that the network tells apart.
        heads: For each head of the network, the data sets whose train parts it learns from.
        build: Makes the untrained network.
        optimizer: Makes the optimiser, given the number of steps of the whole training.
        epochs: Passes over the train samples.
        batch_size: Samples per step.
        kind: What the network reads.
        augment: Makes the layer that changes the samples while the network trains.
        sharp_end: Fraction of the epochs, at the end, in which the samples are left as they are.
        validation: Fraction of the train images held out to validate on.
        seed: Of the held-out part, the initial weights and the order of the samples.
        precision: Keras dtype policy to train with; the saved model is always float32.
        parts: Of networks trained before, whose answers are learned beside the labels.
    """

    name: str
    summary: str
    alphabet: Alphabet
    heads: dict[Head, tuple[str, ...]]
    build: Callable[[], keras.Model]
    optimizer: Callable[[int], keras.optimizers.Optimizer]
    epochs: int
    batch_size: int
    kind: Kind = "image"
    augment: Callable[[], Partly] | None = None
    sharp_end: float = 0.125
    validation: float = 0.05
    seed: int = 0
    precision: str = "float32"
    parts: tuple[Recipe, ...] = ()


@dataclass(frozen=True)
class Assembly:
    """A model that is put together from networks trained apart.

    Args:
        name: As the command line calls it, and the file of its weights.
        summary: One line for people.
        columns: Of the networks that stand side by side, with the same inputs and outputs.
        path: Of a network that follows the pen where there is one.
    """

    name: str
    summary: str
    columns: tuple[Recipe, ...]
    path: Recipe | None = None

    @property
    def parts(self) -> tuple[Recipe, ...]:
        """The recipe of each part, in the order in which their files are given."""
        return self.columns + ((self.path,) if self.path else ())


def _adam_cosine(steps: int) -> keras.optimizers.Optimizer:
    # A rate that falls to zero takes the place of the first system's early stopping, which
    # looked at the test set.
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps))


def _adamw_one_cycle(
    steps: int, peak: float = 2e-3, weight_decay: float = 0.05
) -> keras.optimizers.Optimizer:
    warm_up = max(1, steps // 20)
    rate = keras.optimizers.schedules.CosineDecay(
        1e-5, max(1, steps - warm_up), warmup_target=peak, warmup_steps=warm_up
    )
    return keras.optimizers.AdamW(rate, weight_decay=weight_decay)


def _adadelta_default(steps: int) -> keras.optimizers.Optimizer:
    # TensorFlow 2's default rate, where Zeiler's paper and Keras 1 had 1.0: the whole reason
    # for the low figure that this recipe reproduces.
    return keras.optimizers.Adadelta(0.001)


def _adadelta_mended(steps: int) -> keras.optimizers.Optimizer:
    return keras.optimizers.Adadelta(1.0)


MNIST_DIGITS = Recipe(
    name="mnist-digits",
    summary="the second system's digit network, with the optimiser that held it at 84 %",
    alphabet=alphabet.DIGITS,
    heads={"scan": ("mnist",)},
    build=architectures.mnist_digits,
    optimizer=_adadelta_default,
    epochs=10,
    batch_size=128,
)

INK_COLUMN = Recipe(
    name="ink-column",
    summary="the column of ink that learns from labels",
    alphabet=alphabet.BYCLASS,
    heads={"scan": ("byclass-part", "letters-part"), "pen": ("unipen",)},
    build=architectures.ink_column,
    optimizer=_adamw_one_cycle,
    epochs=40,
    batch_size=256,
    augment=lively_hand,
    precision="mixed_bfloat16",
)

INK_BRISK = replace(
    INK_COLUMN,
    name="ink-brisk",
    summary="a teacher of ink: changes in between, and weights held back more",
    optimizer=partial(_adamw_one_cycle, weight_decay=0.15),
    epochs=30,
    augment=brisk_hand,
)

INK_WIDE = replace(
    INK_COLUMN,
    name="ink-wide",
    summary="a teacher of ink: twice the weights",
    build=partial(architectures.ink_column, width=1.5),
    epochs=30,
)

INK_WIDE_HELD = replace(
    INK_WIDE,
    name="ink-wide-held",
    summary="a teacher of ink: twice the weights, held back more",
    optimizer=partial(_adamw_one_cycle, weight_decay=0.1),
)

INK_GENTLE = replace(
    INK_COLUMN,
    name="ink-gentle",
    summary="a teacher of ink: the same network, half as long and with gentler changes",
    epochs=20,
    augment=gentle_hand,
)

INK_PUPIL = replace(
    INK_COLUMN,
    name="ink-pupil",
    summary="the column of ink that learns from six teachers' answers as well",
    epochs=50,
    # As different from each other as can be: what they agree about is not one recipe's habit.
    parts=(INK_COLUMN, INK_BRISK, INK_WIDE, INK_WIDE_HELD, INK_GENTLE, INK_GENTLE),
)

INK_PATH = Recipe(
    name="ink-path",
    summary="the part of ink that follows the pen",
    alphabet=alphabet.BYCLASS,
    heads={"pen": ("unipen",)},
    build=architectures.ink_path,
    optimizer=partial(_adamw_one_cycle, peak=3e-3),
    epochs=14,
    batch_size=256,
    kind="trajectory",
    augment=another_hand,
    precision="mixed_bfloat16",
)

MNIST_COLUMN = Recipe(
    name="mnist-column",
    summary="one of the two columns of mnist",
    alphabet=alphabet.DIGITS,
    heads={"scan": ("mnist",)},
    build=architectures.mnist_column,
    optimizer=_adamw_one_cycle,
    epochs=60,
    batch_size=128,
    augment=lively_hand,
    # Ten digits are soon known by heart once they stay sharp.
    sharp_end=0.03,
    precision="mixed_bfloat16",
)

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="hand-words",
            summary="the first system's 62-class network, on the ByClass and Letters part sets",
            alphabet=alphabet.BYCLASS,
            heads={"scan": ("byclass-part", "letters-part")},
            build=architectures.hand_words,
            optimizer=_adam_cosine,
            epochs=40,
            batch_size=512,
            precision="mixed_bfloat16",
        ),
        INK_COLUMN,
        INK_BRISK,
        INK_WIDE,
        INK_WIDE_HELD,
        INK_GENTLE,
        INK_PUPIL,
        INK_PATH,
        Assembly(
            name="ink",
            summary="our own model for scans and pens: two columns, and one that follows the pen",
            columns=(INK_COLUMN, INK_PUPIL),
            path=INK_PATH,
        ),
        MNIST_COLUMN,
        Assembly(
            name="mnist",
            summary="our own digit model, on classic MNIST alone: two columns",
            columns=(MNIST_COLUMN, MNIST_COLUMN),
        ),
        MNIST_DIGITS,
        replace(
            MNIST_DIGITS,
            name="mnist-digits-mended",
            summary="the same digit network with the optimiser's rate mended, nothing else changed",
            optimizer=_adadelta_mended,
        ),
    )
}


def find_recipe(name: str) -> Recipe | Assembly:
    """The recipe of that name.

    Raises:
        InputError: There is none.
    """
    if name not in RECIPES:
        raise InputError(f"no recipe is called {name!r}: choose one of {', '.join(RECIPES)}")
    return RECIPES[name]
