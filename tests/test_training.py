"""Recipes and trainer, on a few noise images: minutes of training belong elsewhere."""

import csv
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest
from trained_run import check_run

from handwriting import alphabet
from handwriting.alphabet import CHARACTERS
from handwriting.datasets.strokes import load_unipen
from handwriting.errors import InputError
from handwriting.training import architectures
from handwriting.training.augmentation import Partly, RandomHand, RandomThickness, RandomWarp
from handwriting.training.losses import candidate_accuracy, candidate_crossentropy
from handwriting.training.recipes import RECIPES, Recipe, find_recipe
from handwriting.training.samples import load_samples
from handwriting.training.trainer import train
from handwriting.trajectory import CHANNELS, POINTS, follow

C, c, seven = (CHARACTERS.index(character) for character in "Cc7")


def test_hand_words_is_the_first_systems_network_layer_for_layer():
    model = architectures.hand_words()
    block = ["Conv2D", "MaxPooling2D", "BatchNormalization", "Dropout"]
    top = ["Flatten", "Dense", "BatchNormalization", "Dropout", "Dense"]
    assert [type(layer).__name__ for layer in model.layers] == ["Rescaling", *block * 3, *top]
    assert model.count_params() == 229_630
    assert sum(np.prod(weight.shape) for weight in model.trainable_weights) == 228_894


def test_mnist_digits_is_the_classic_network():
    assert architectures.mnist_digits().count_params() == 2_380_938


def test_ink_is_small_and_answers_for_both_kinds_of_ink():
    column, path = architectures.ink_column(), architectures.ink_path()
    assert column.output_shape == (None, 2, 62)
    assert path.output_shape == (None, 62)
    assert 2 * column.count_params() + path.count_params() == 1_420_694


def test_a_wider_network_has_more_in_every_layer():
    column, wide = architectures.ink_column(), architectures.ink_column(width=1.5)
    assert wide.output_shape == column.output_shape
    sizes = [[w.shape[-1] for w in net.trainable_weights[:-2]] for net in (column, wide)]
    np.testing.assert_array_equal(sizes[1], 1.5 * np.array(sizes[0]))


def test_one_candidate_is_categorical_crossentropy():
    loss = candidate_crossentropy(np.array([[0.0, 1, 0]]), np.array([[0.2, 0.5, 0.3]]))
    np.testing.assert_allclose(loss, [-np.log(0.5)], rtol=1e-6)


def test_an_unknown_case_counts_the_summed_probability():
    candidates, probabilities = np.array([[0.0, 1, 1]]), np.array([[0.2, 0.5, 0.3]])
    np.testing.assert_allclose(
        candidate_crossentropy(candidates, probabilities), [-np.log(0.8)], rtol=1e-6
    )
    np.testing.assert_allclose(candidate_accuracy(candidates, probabilities), [1])


def test_only_the_head_with_candidates_counts():
    candidates = np.zeros((1, 2, 2))
    candidates[0, 1, 0] = 1
    probabilities = np.array([[[0.9, 0.1], [0.4, 0.6]]])
    np.testing.assert_allclose(
        candidate_crossentropy(candidates, probabilities), [-np.log(0.4)], rtol=1e-6
    )
    np.testing.assert_allclose(candidate_accuracy(candidates, probabilities), [0])


def test_letters_of_unknown_case_have_both_cases_as_candidates(small_data):
    training, validation = load_samples("letters-part", alphabet.BYCLASS, 0.2, seed=0)
    assert len(training) + len(validation) == 5 * 26
    assert not training.exact.any()
    assert {C, c} in [set(np.flatnonzero(row)) for row in training.candidates]


def test_the_held_out_part_depends_on_the_seed_alone(small_data):
    def held(seed):
        return load_samples("byclass-part", alphabet.BYCLASS, 0.2, seed)[1].inputs

    np.testing.assert_array_equal(held(1), held(1))
    assert (held(1) != held(2)).any()


def test_strokes_are_held_out_by_contributor(small_data):
    training, validation = load_samples("unipen", alphabet.BYCLASS, 0.2, seed=0)
    assert (len(training), len(validation)) == (4 * 62, 62)
    assert training.inputs.shape[1:] == (28, 28, 1)


def test_some_trajectories_are_learned_in_another_order_as_well(small_data):
    training, validation = load_samples("unipen", alphabet.BYCLASS, 0.2, 0, kind="trajectory")
    assert 4 * 62 * 1.35 < len(training) < 4 * 62 * 1.65
    assert len(validation) == 62
    assert training.inputs.shape[1:] == (1, POINTS, CHANNELS)
    original, again = training[: 4 * 62], training[4 * 62 :]
    redrawn = {written.tobytes() for written in again.inputs}
    assert not redrawn & {written.tobytes() for written in original.inputs}


def test_some_trajectories_are_learned_in_whole_pixels(small_data):
    training, _ = load_samples("unipen", alphabet.BYCLASS, 0.2, 0, kind="trajectory")
    fine = {follow(drawing).tobytes() for drawing in load_unipen("train").drawings}
    coarse = [written for written in training[: 4 * 62].inputs if written.tobytes() not in fine]
    assert 4 * 62 * 0.2 < len(coarse) < 4 * 62 * 0.4
    places = np.array(coarse)[:, 0, :, :2]
    assert np.isfinite(places).all()
    assert np.abs(places).max() == pytest.approx(1)


def test_a_model_of_digits_cannot_learn_letters(small_data):
    with pytest.raises(InputError, match="cannot learn A"):
        load_samples("byclass-part", alphabet.DIGITS, 0.2, seed=0)


def test_augmentation_moves_the_ink_only_while_training():
    image = np.zeros((4, 28, 28, 1), np.float32)
    image[:, 8:20, 12:16] = 255
    layer = RandomWarp(seed=1)
    np.testing.assert_array_equal(layer(image), image)
    moved = np.asarray(layer(image, training=True))
    assert (moved != image).any(axis=(1, 2, 3)).all()
    assert (moved[0] != moved[1]).any()
    assert moved.sum() == pytest.approx(image.sum(), rel=0.25)


def test_augmentation_of_nothing_is_nothing():
    layer = RandomWarp(rotation=0, shear=0, scale=0, shift=0, bend=0)
    image = np.random.default_rng(0).uniform(0, 255, (2, 28, 28, 1)).astype(np.float32)
    np.testing.assert_allclose(layer(image, training=True), image, atol=1e-3)


def test_augmentation_keeps_the_centre_in_its_place():
    image = np.zeros((16, 29, 29, 1), np.float32)
    image[:, 14, 14] = 255
    moved = np.asarray(RandomWarp(shift=0, bend=0)(image, training=True))
    assert (moved[:, 14, 14, 0] > 200).all()


def test_bending_moves_parts_of_an_image_by_different_amounts():
    image = np.zeros((8, 28, 28, 1), np.float32)
    image[:, 4:24, 6] = image[:, 4:24, 20] = 255
    bent = np.asarray(RandomWarp(rotation=0, shear=0, scale=0, shift=0)(image, training=True))
    ink = bent[..., 0].sum(axis=1)
    middles = [
        (ink[:, side] * np.arange(14)).sum(1) / ink[:, side].sum(1)
        for side in (slice(14), slice(14, 28))
    ]
    assert np.ptp(middles[0] - middles[1]) > 0.2


def test_thickness_changes_the_ink_not_its_place():
    image = np.zeros((32, 28, 28, 1), np.float32)
    image[:, 8:20, 12:16] = 255
    layer = RandomThickness(seed=1)
    np.testing.assert_array_equal(layer(image), image)
    changed = np.asarray(layer(image, training=True))
    amounts = changed.sum(axis=(1, 2, 3)) / image[0].sum()
    assert amounts.min() < 0.9
    assert amounts.max() > 1.1
    np.testing.assert_allclose(changed, changed[:, :, ::-1], atol=1e-3)
    assert changed.max() <= 255


def test_some_images_stay_as_they_are():
    image = np.random.default_rng(0).uniform(0, 255, (400, 28, 28, 1)).astype(np.float32)
    layer = Partly(RandomWarp(), share=0.75)
    np.testing.assert_array_equal(layer(image), image)
    changed = (np.asarray(layer(image, training=True)) != image).any(axis=(1, 2, 3))
    assert 0.65 < changed.mean() < 0.85
    layer.share.assign(0)
    np.testing.assert_array_equal(layer(image, training=True), image)


def test_a_trajectory_changes_only_while_training_and_only_where_there_is_a_point():
    drawing = [np.array([[0.0, 0], [40, 0]]), np.array([[20.0, 0], [20, 80]])]
    trajectory = np.repeat(follow(drawing)[None, None], 50, axis=0)
    layer = RandomHand(seed=1)
    np.testing.assert_array_equal(layer(trajectory), trajectory)
    changed = np.asarray(layer(trajectory, training=True))
    assert (changed[0] != changed[1]).any()
    assert np.abs(changed - trajectory)[..., :2].mean() < 0.4
    # Lifts stay where they are; what was zero stays so.
    np.testing.assert_array_equal(changed[..., 6:], trajectory[..., 6:])
    assert not changed[:, 0, trajectory[0, 0, :, 7] == 0].any()


def test_a_trajectorys_direction_turns_with_its_places():
    bar = np.repeat(follow([np.array([[0.0, 0], [40, 0]])])[None, None], 50, axis=0)
    changed = np.asarray(RandomHand(bend=0, seed=1)(bar, training=True))[:, 0]
    ways = np.diff(changed[:, :20, :2], axis=1)
    slopes = np.arctan2(ways[..., 1], ways[..., 0])
    directions = changed[:, :19, 2:4]
    np.testing.assert_allclose(
        np.arctan2(directions[..., 1], directions[..., 0]), slopes, atol=1e-3
    )
    assert np.ptp(slopes) > 0.3


def test_an_unknown_recipe_is_refused_with_the_names_of_the_known():
    known = "hand-words, ink-column, ink-brisk, ink-wide, ink-wide-held, ink-gentle, ink-pupil, "
    known += "ink-path, ink, mnist-column, mnist, mnist-digits, mnist-digits-mended"
    with pytest.raises(InputError, match=known):
        find_recipe("hand-word")


ALONE = [recipe for recipe in RECIPES.values() if isinstance(recipe, Recipe) and not recipe.parts]
"""Recipes that need no other networks, see `test_teaching.py` for those that do."""

IN_INK = [part.build for part in find_recipe("ink").parts]
"""Networks that are trained in `test_assembly.py`."""

TRAINED = [recipe.name for recipe in ALONE if recipe.build not in IN_INK]


@pytest.mark.parametrize("recipe", [each for each in ALONE if each.augment], ids=lambda r: r.name)
def test_every_recipes_changes_keep_the_shape(recipe):
    samples = np.random.default_rng(0).uniform(0, 1, (8, *recipe.build().input_shape[1:]))
    changed = np.asarray(recipe.augment()(samples.astype(np.float32), training=True))
    assert changed.shape == samples.shape
    assert (changed != samples.astype(np.float32)).any()
    assert np.isfinite(changed).all()


@pytest.mark.parametrize("name", TRAINED)
def test_every_recipe_trains_and_its_model_loads(name, small_data, tmp_path):
    recipe = find_recipe(name)
    path = train(recipe, tmp_path / "run", epochs=1, limit=40)
    check_run(recipe, path)


def test_the_last_epochs_learn_from_sharp_images(quick_recipe, small_data, tmp_path, monkeypatch):
    shares = []

    class Watched(Partly):
        def call(self, images, training=False):
            shares.append(self.share)
            return super().call(images, training)

    class Watch(keras.callbacks.CSVLogger):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, (logs or {}) | {"share": float(shares[0])})

    monkeypatch.setattr(keras.callbacks, "CSVLogger", Watch)

    recipe = replace(quick_recipe, augment=lambda: Watched(RandomWarp()), sharp_end=0.25)
    path = train(recipe, tmp_path / "run", epochs=4, limit=40)
    history = json.loads(path.with_suffix(".json").read_text())["history"]
    assert [epoch["share"] for epoch in history] == [pytest.approx(0.8)] * 3 + [0]


def test_a_killed_run_goes_on_after_the_last_whole_epoch(small_data, tmp_path):
    command = [sys.executable, "-m", "handwriting", "train", "mnist-digits"]
    command += ["--out", str(tmp_path / "run"), "--epochs", "4"]
    killed = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    for line in killed.stdout:
        if "Epoch 3" in line:
            break
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    resumed = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=True)

    assert "Epoch 1/4" not in resumed.stdout
    with (tmp_path / "run" / "history.csv").open(newline="") as file:
        assert [int(row["epoch"]) for row in csv.DictReader(file)] == [0, 1, 2, 3]


def test_resuming_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match="nothing to resume"):
        train(find_recipe("mnist-digits"), tmp_path, resume=True)
