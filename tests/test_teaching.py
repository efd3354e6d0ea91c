"""A network that learns from the answers of others."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from handwriting.errors import InputError
from handwriting.training.teaching import TRUST, Taught, taught_accuracy, taught_crossentropy
from handwriting.training.trainer import train

ANSWER = np.array([[[0.2, 0.5, 0.3]]])


def ask(told: list[float], candidates: list[float]) -> tuple[float, float]:
    """Loss and accuracy where the network says `ANSWER`, and its teachers that."""
    answers = np.concatenate([ANSWER, np.array([[told]])], axis=1)
    given = np.array([candidates]), answers
    return float(taught_crossentropy(*given)[0]), float(taught_accuracy(*given)[0])


def test_what_teachers_and_labels_agree_about_is_crossentropy():
    loss, accuracy = ask([0, 1.0, 0], [0, 1.0, 0])
    assert loss == pytest.approx(-np.log(0.5))
    assert accuracy == 1


def test_teachers_count_as_much_as_they_are_trusted():
    loss, accuracy = ask([0.1, 0.3, 0.6], [0, 0, 1.0])
    target = TRUST * np.array([0.1, 0.3, 0.6]) + (1 - TRUST) * np.array([0, 0, 1.0])
    assert loss == pytest.approx(-target @ np.log(ANSWER[0, 0]))
    assert accuracy == 0


def test_between_candidates_the_teachers_decide():
    told, candidates = np.array([0.2, 0.2, 0.6]), np.array([0, 1.0, 1.0])
    target = TRUST * told + (1 - TRUST) * np.array([0, 0.25, 0.75])
    assert ask(told, candidates)[0] == pytest.approx(-target @ np.log(ANSWER[0, 0]))


def test_only_the_head_with_candidates_learns():
    answers = np.random.default_rng(0).dirichlet(np.ones(3), (4, 2, 2))
    candidates = np.zeros((4, 2, 3))
    candidates[:, 1, 0] = 1
    alone = taught_crossentropy(candidates[:, 1], answers[:, :, 1])
    np.testing.assert_allclose(taught_crossentropy(candidates, answers), alone, rtol=1e-6)


def make_network(dropout: float = 0.5) -> keras.Sequential:
    return keras.Sequential(
        [keras.Input((4,)), keras.layers.Dropout(dropout), keras.layers.Dense(3, "softmax")]
    )


def test_teachers_are_asked_as_readers_and_do_not_change():
    network, teachers = make_network(), [make_network(), make_network()]
    samples = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    taught = Taught(network, teachers)
    told = np.mean([teacher.predict(samples, verbose=0) for teacher in teachers], axis=0)
    np.testing.assert_allclose(np.asarray(taught(samples, training=True))[:, 1], told, atol=1e-6)

    learner = keras.Sequential([keras.Input((4,)), taught])
    assert learner.output_shape == (None, 2, 3)
    learner.compile("sgd", loss=taught_crossentropy)
    before = [weight.copy() for model in (network, *teachers) for weight in model.get_weights()]
    learner.fit(samples, np.eye(3)[np.arange(64) % 3], verbose=0)
    after = [weight for model in (network, *teachers) for weight in model.get_weights()]
    assert [(a != b).any() for a, b in zip(before, after, strict=True)] == [True] * 2 + [False] * 4


def test_without_labels_to_tell_it_a_pupil_learns_what_its_teacher_says():
    keras.utils.set_random_seed(0)
    teacher, network = make_network(), make_network(dropout=0)
    samples = np.random.default_rng(0).normal(size=(512, 4)).astype(np.float32)
    learner = keras.Sequential([keras.Input((4,)), Taught(network, [teacher])])
    learner.compile(keras.optimizers.Adam(0.05), loss=taught_crossentropy)

    def difference() -> float:
        answers = learner.predict(samples, verbose=0)
        return float(np.abs(answers[:, 0] - answers[:, 1]).mean())

    before = difference()
    learner.fit(samples, np.ones((512, 3)), epochs=20, verbose=0)
    assert difference() < before / 10


@pytest.fixture
def recipe(quick_recipe):
    """A pupil of two teachers."""
    teacher = replace(quick_recipe, name="teacher")
    return replace(teacher, name="pupil", parts=(teacher, teacher))


def test_a_pupils_account_tells_of_its_teachers(recipe, small_data, tmp_path):
    files = [
        train(recipe.parts[0], tmp_path / str(seed), epochs=1, limit=40, seed=seed)
        for seed in (3, 4)
    ]
    path = train(recipe, tmp_path / "pupil", files, epochs=2, limit=40)
    account = json.loads(path.with_suffix(".json").read_text())
    assert [teacher["seed"] for teacher in account["teachers"]] == [3, 4]
    assert "history" not in account["teachers"][0]
    assert account["history"][0].keys() >= {"loss", "taught_accuracy", "val_loss"}
    loaded = keras.saving.load_model(path, compile=False)
    assert loaded.count_params() == recipe.build().count_params()


def test_a_pupil_asks_for_its_teachers_and_loses_nothing(recipe, tmp_path):
    begun = tmp_path / "checkpoint"
    begun.mkdir()
    with pytest.raises(InputError, match="pupil is made from teacher, teacher: train these"):
        train(recipe, tmp_path)
    assert begun.exists()
