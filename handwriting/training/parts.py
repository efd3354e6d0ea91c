"""Networks trained before, which another one learns from or is put together from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import keras

from handwriting.errors import InputError
from handwriting.recognizer import load_keras
from handwriting.training.recipes import Assembly, Recipe


def load_parts(
    recipe: Recipe | Assembly, files: Sequence[Path]
) -> tuple[list[keras.Model], list[dict[str, object]]]:
    """The networks that a recipe asks for, and their accounts.

    Args:
        recipe: Whose parts are meant.
        files: A `.keras` file for each of `recipe.parts`, with its `.json` beside it.

    Raises:
        InputError: One is missing, damaged or another network.
    """
    if len(files) != len(recipe.parts):
        wanted = ", ".join(part.name for part in recipe.parts)
        raise InputError(
            f"{recipe.name} is made from {wanted}: train these, each with a --seed of its own, "
            "and give --parts FILE for each, in this order"
            if recipe.parts
            else f"{recipe.name} is made from nothing else: leave --parts out"
        )
    networks, accounts = [], []
    for part, file in zip(recipe.parts, files, strict=True):
        networks.append(_load_part(part, file))
        try:
            accounts.append(json.loads(file.with_suffix(".json").read_text()))
        except (OSError, ValueError):
            raise InputError(
                f"{file.with_suffix('.json')} is missing or damaged: the trainer wrote it "
                f"beside {file.name}"
            ) from None
    return networks, accounts


def _load_part(recipe: Recipe, file: Path) -> keras.Model:
    """The network in that file, if it is one of that recipe."""
    network = recipe.build()
    weights = load_keras(file).get_weights()
    try:
        network.set_weights(weights)
    except ValueError as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{file} is no network of {recipe.name}: {reason}") from None
    return network
