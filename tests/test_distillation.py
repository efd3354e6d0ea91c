"""Targets between labels and other networks' answers, and training by them."""

import hashlib
import json

import keras
import numpy as np
import pytest

from handwriting.errors import InputError
from handwriting.training.augmentation import Partly, RandomThickness
from handwriting.training.distillation import ask, load_teachers, soft_crossentropy, soften
from handwriting.training.losses import candidate_crossentropy
from handwriting.training.recipes import find_recipe
from handwriting.training.samples import Samples
from handwriting.training.trainer import train

EXACT, UNKNOWN = [0.0, 1, 0], [0.0, 1, 1]
ANSWER = [0.2, 0.6, 0.2]


@pytest.fixture
def teachers(tiny_recipe, tmp_path):
    files = [tmp_path / f"teacher-{number}.keras" for number in (1, 2)]
    for file in files:
        tiny_recipe.build().save(file)
    return files


def test_a_target_is_partly_the_label_and_partly_the_answer():
    targets = soften(np.array([EXACT]), np.array([ANSWER]), trust=0.5)
    np.testing.assert_allclose(targets, [[0.1, 0.8, 0.1]], rtol=1e-6)


def test_an_unknown_case_is_divided_as_the_answers_have_it():
    targets = soften(np.array([UNKNOWN]), np.array([ANSWER]), trust=0)
    np.testing.assert_allclose(targets, [[0, 0.75, 0.25]], rtol=1e-6)


def test_only_the_head_with_candidates_is_taught():
    candidates = np.array([[[0.0, 0, 0], EXACT]])
    targets = soften(candidates, np.array([[ANSWER, ANSWER]]), trust=1)
    np.testing.assert_allclose(targets, [[[0, 0, 0], ANSWER]], rtol=1e-6)


def test_of_exact_labels_it_is_the_usual_loss():
    candidates, probabilities = np.array([EXACT]), np.array([ANSWER])
    np.testing.assert_allclose(
        soft_crossentropy(candidates, probabilities),
        candidate_crossentropy(candidates, probabilities),
    )


def test_the_targets_themselves_are_the_best_answer():
    targets = soften(np.array([EXACT]), np.array([ANSWER])).astype(float)
    best = soft_crossentropy(targets, targets)
    assert best < soft_crossentropy(targets, np.array([EXACT]))
    assert best < soft_crossentropy(targets, np.array([ANSWER]))


def test_teachers_answer_together_and_about_several_views(teachers, tiny_recipe):
    networks = load_teachers(teachers, tiny_recipe.build())
    inputs = np.random.default_rng(0).integers(0, 3, (1500, 28, 28, 1), np.uint8)
    samples = Samples(inputs, np.eye(10, dtype=np.float32)[np.arange(1500) % 10])
    together = np.mean([network.predict(inputs, verbose=0) for network in networks], axis=0)
    np.testing.assert_allclose(ask(networks, samples, None), together, atol=1e-5)
    seen = ask(networks, samples, Partly(RandomThickness(0.9)), views=3)
    np.testing.assert_allclose(seen.sum(axis=1), 1, atol=1e-5)
    assert np.abs(seen - together).max() > 1e-3


def test_a_student_learns_from_its_teachers_and_names_them(
    teachers, tiny_recipe, small_data, tmp_path
):
    def learned(**settings) -> tuple[keras.Model, dict]:
        out = tmp_path / ("taught" if settings else "alone")
        path = train(tiny_recipe, out, epochs=1, limit=40, **settings)
        account = json.loads(path.with_suffix(".json").read_text())
        return keras.saving.load_model(path, compile=False), account

    (taught, account), (alone, untaught) = learned(teachers=teachers), learned()
    assert account["teachers"] == [
        {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in teachers
    ]
    assert "teachers" not in untaught
    assert (taught.get_weights()[0] != alone.get_weights()[0]).any()


def test_a_teacher_of_something_else_is_refused(teachers):
    student = find_recipe("hand-words").build()
    with pytest.raises(InputError, match=r"cannot teach hand-words: .* into \(None, 10\), not"):
        load_teachers(teachers[:1], student)


def test_what_is_no_model_cannot_teach(tiny_recipe, tmp_path):
    file = tmp_path / "none.keras"
    file.write_text("no model")
    with pytest.raises(InputError, match=r"none\.keras cannot be loaded as a teacher"):
        load_teachers([file], tiny_recipe.build())
