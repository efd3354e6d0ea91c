"""Models put together from networks trained apart, on a few noise samples."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from trained_run import check_run

from handwriting import Recognizer
from handwriting.alphabet import CHARACTERS
from handwriting.cli import main
from handwriting.datasets.strokes import HELD_OUT, load_unipen
from handwriting.errors import InputError
from handwriting.evaluation import figures
from handwriting.evaluator import evaluate
from handwriting.training.architectures import mnist_column, stand_side_by_side
from handwriting.training.assembly import assemble
from handwriting.training.recipes import find_recipe
from handwriting.training.trainer import train
from handwriting.training.weights import save_weights, shorten

STROKE = [np.array([[0.0, 0], [40, 10], [20, 80]])]


@pytest.fixture(scope="module")
def parts(lasting_small_data, tmp_path_factory) -> list[Path]:
    """The files of ink's parts, each hardly trained, with another seed and by labels alone."""
    return [
        train(
            replace(part, parts=()), tmp_path_factory.mktemp("part"), epochs=1, limit=40, seed=seed
        )
        for seed, part in enumerate(find_recipe("ink").parts)
    ]


@pytest.fixture(scope="module")
def ink(parts, tmp_path_factory) -> Path:
    return assemble(find_recipe("ink"), parts, tmp_path_factory.mktemp("ink"), limit=40)


def test_every_part_is_trained_and_loads(parts):
    for recipe, path in zip(find_recipe("ink").parts, parts, strict=True):
        check_run(recipe, path)


def test_the_answer_is_the_mean_of_the_columns(ink, parts):
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
    whole, *columns = (Recognizer.load(file).predict(images, None) for file in (ink, *parts[:2]))
    np.testing.assert_allclose(whole, np.mean(columns, axis=0), atol=1e-6)


def test_a_model_may_have_columns_alone(small_data, tmp_path):
    column = tmp_path / "mnist-column.keras"
    save_weights(mnist_column(), column)
    column.with_suffix(".json").write_text('{"epochs": 1, "batch_size": 2, "precision": "float32"}')
    path = assemble(find_recipe("mnist"), [column, column], tmp_path / "mnist", limit=40)
    assert [file.name for file in sorted(path.parent.iterdir())] == ["mnist.json", "mnist.keras"]
    assert not Recognizer.load(path).follows_pen


def test_drawings_are_read_by_image_and_path(ink):
    recognizer = Recognizer.load(ink)
    assert recognizer.follows_pen
    by_image, by_path = recognizer.answer_apart([STROKE])
    # Those that are fitted to a few drawings of noise may be next to nothing.
    recognizer.account["path"] |= {"weights": [0.7, 0.4], "small": 1.2}
    expected = by_image**0.7 * by_path**0.4
    expected[:, 36:] *= 1.2
    pooled = recognizer.predict_drawings([STROKE])
    np.testing.assert_allclose(pooled, expected / expected.sum(), rtol=1e-4)
    turned = [STROKE[0][::-1]]
    assert np.abs(recognizer.predict_drawings([turned]) - pooled).max() > 1e-6


def test_the_account_tells_of_every_part(ink):
    account = json.loads(ink.with_suffix(".json").read_text())
    assert [column["seed"] for column in account["columns"]] == [0, 1]
    assert account["path"]["seed"] == 2
    assert len(account["path"]["weights"]) == 2
    assert account["path"]["small"] > 0
    sizes = [part["parameters"] for part in (*account["columns"], account["path"])]
    assert Recognizer.load(ink).description["parameters"] == sum(sizes)


def test_other_priors_are_taken_of_drawings(ink):
    prior = np.ones(62)
    prior[CHARACTERS.index("A")] = 1e6
    assert Recognizer.load(ink).predict_drawings([STROKE], prior).argmax() == 10


def test_a_report_on_drawings_is_of_image_and_path(ink, monkeypatch, tmp_path):
    monkeypatch.setattr(figures, "draw_figures", lambda *_: [])
    monkeypatch.setitem(HELD_OUT, "test", ("tos",))
    report = evaluate(str(ink), "unipen", tmp_path / "report", robustness=True)
    expected = Recognizer.load(ink).predict_drawings(load_unipen("test").drawings)
    np.testing.assert_allclose(report.predictions.probabilities, expected, atol=1e-3)
    assert "Each drawing was read by its image and by the path of the pen." in report.notes
    assert "Robustness is that of the images alone." in report.notes


def test_a_model_without_its_path_is_refused_in_one_line(ink, tmp_path):
    alone = Path(shutil.copy(ink, tmp_path))
    shutil.copy(ink.with_suffix(".json"), tmp_path)
    with pytest.raises(InputError, match=r"ink-path.keras is missing, which ink.keras needs"):
        Recognizer.load(alone)


def test_parts_are_asked_for_and_checked(small_data, tmp_path):
    with pytest.raises(InputError, match="made from mnist-column, mnist-column: train"):
        assemble(find_recipe("mnist"), [], tmp_path)
    other = tmp_path / "other.keras"
    find_recipe("hand-words").build().save(other)
    with pytest.raises(InputError, match="is no network of mnist-column"):
        assemble(find_recipe("mnist"), [other, other], tmp_path)
    mnist_column().save(other)
    with pytest.raises(InputError, match=r"other.json is missing or damaged"):
        assemble(find_recipe("mnist"), [other, other], tmp_path)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ink", "--epochs", "3"], "ink is put together, not trained"),
        (["hand-words", "--parts", "a.keras"], "hand-words is made from nothing else"),
    ],
)
def test_what_does_not_fit_a_recipe_is_refused(arguments, told, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["train", *arguments])
    assert told in capsys.readouterr().err


def test_shortened_weights_are_nearly_the_same_and_take_less_room(tmp_path):
    model = stand_side_by_side([mnist_column("a"), mnist_column("b")], "both")
    images = np.random.default_rng(0).uniform(0, 255, (4, 28, 28, 1)).astype(np.float32)
    before, whole = model.predict(images, verbose=0), tmp_path / "whole.keras"
    model.save(whole)
    shorten(model)
    save_weights(model, tmp_path / "short.keras")
    loaded = keras.saving.load_model(tmp_path / "short.keras", compile=False)
    np.testing.assert_allclose(loaded.predict(images, verbose=0), before, atol=2e-3)
    assert (tmp_path / "short.keras").stat().st_size < 0.7 * whole.stat().st_size
    assert sorted(file.name for file in tmp_path.iterdir()) == ["short.keras", "whole.keras"]
