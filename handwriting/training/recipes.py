"""What makes each model: network, data, optimiser, epochs."""

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
from handwriting.training.augmentation import Partly, gentle_hand, lively_hand


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
        augment: Makes the layer that changes the images while the network trains.
        sharp_end: Fraction of the epochs, at the end, in which the images are left as they are.
        validation: Fraction of the train images held out to validate on.
        seed: Of the held-out part, the initial weights and the order of the samples.
        teachers: Recipes of the same network that it learns from as well; it starts as the first.
        precision: Keras dtype policy to train with; the saved model is always float32.
    """

    name: str
    summary: str
    alphabet: Alphabet
    heads: dict[Head, tuple[str, ...]]
    build: Callable[[], keras.Model]
    optimizer: Callable[[int], keras.optimizers.Optimizer]
    epochs: int
    batch_size: int
    augment: Callable[[], Partly] | None = None
    sharp_end: float = 0.125
    validation: float = 0.05
    seed: int = 0
    teachers: tuple[str, ...] = ()
    precision: str = "float32"


def _adam_cosine(steps: int) -> keras.optimizers.Optimizer:
    # A rate that falls to zero takes the place of the first system's early stopping, which
    # looked at the test set.
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps))


def _adamw_one_cycle(steps: int, peak: float = 2e-3) -> keras.optimizers.Optimizer:
    warm_up = max(1, steps // 20)
    rate = keras.optimizers.schedules.CosineDecay(
        1e-5, max(1, steps - warm_up), warmup_target=peak, warmup_steps=warm_up
    )
    return keras.optimizers.AdamW(rate, weight_decay=0.05)


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

INK_LONG = Recipe(
    name="ink-long",
    summary="one of ink's teachers: longer than it gets better",
    alphabet=alphabet.BYCLASS,
    heads={"scan": ("byclass-part", "letters-part"), "pen": ("unipen",)},
    build=architectures.ink,
    optimizer=_adamw_one_cycle,
    epochs=32,
    batch_size=256,
    augment=gentle_hand,
    precision="mixed_bfloat16",
)

INK_BRIEF = replace(
    INK_LONG,
    name="ink-brief",
    summary="one of ink's teachers, and what it starts as",
    epochs=12,
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
        INK_LONG,
        INK_BRIEF,
        replace(
            INK_LONG,
            name="ink",
            summary="our own network for scans and pens, taught by ink-brief and ink-long",
            optimizer=partial(_adamw_one_cycle, peak=5e-4),
            epochs=5,
            teachers=("ink-brief", "ink-long"),
        ),
        Recipe(
            name="mnist",
            summary="our own digit network, on classic MNIST alone",
            alphabet=alphabet.DIGITS,
            heads={"scan": ("mnist",)},
            build=architectures.mnist,
            optimizer=_adamw_one_cycle,
            epochs=30,
            batch_size=128,
            augment=lively_hand,
            precision="mixed_bfloat16",
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


def find_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        InputError: There is none.
    """
    if name not in RECIPES:
        raise InputError(f"no recipe is called {name!r}: choose one of {', '.join(RECIPES)}")
    return RECIPES[name]
