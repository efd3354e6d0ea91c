"""The case of scanned letters by how much the scan was magnified."""

import json

import numpy as np
import pytest
from scipy import ndimage

from handwriting import Recognizer
from handwriting.alphabet import CHARACTERS
from handwriting.magnification import Magnification, find_cases, measure
from handwriting.priors import EMNIST_COUNTS, UNIFORM
from handwriting.training.magnification import LETTERS, fit_magnification, fit_network
from handwriting.training.samples import Samples

CAPITAL, SMALL = (CHARACTERS.index(letter) for letter in "Xx")


def scan(size: int) -> np.ndarray:
    """uint8 (28, 28): a cross of that many pixels of a scan, blurred and scaled as EMNIST does."""
    paper = np.zeros((128, 128))
    for step in range(size):
        for row in (step, size - 1 - step):
            paper[10 + row : 14 + row, 10 + step : 14 + step] = 1
    ink = ndimage.gaussian_filter(paper, 1)[7 : 17 + size, 7 : 17 + size]
    small = ndimage.zoom(ink, 24 / len(ink), order=3)[:24, :24]
    return np.pad((255 * small.clip(0, 1)).astype(np.uint8), 2)


LARGE, LITTLE = scan(90), scan(20)


@pytest.fixture
def magnification() -> Magnification:
    """Takes soft edges for a small letter's."""
    return Magnification("xz", [[0, 0, -40, 0, 0, 0, 0]] * 2, [23, 23], 0.5)


def spread(**shares: float) -> np.ndarray:
    """float32 (1, 62): these probabilities, the rest on other characters."""
    answer = np.full((1, 62), 1e-6, np.float32)
    for character, share in shares.items():
        answer[0, CHARACTERS.index(character)] = share
    return answer / answer.sum()


def test_what_was_small_has_softer_edges_and_a_thicker_pen():
    large, little = measure(np.stack([LARGE, LITTLE]))
    assert (large[:3] > 1.1 * little[:3]).all()
    assert little[3] > 1.5 * large[3]


def test_measures_are_in_pixels_and_brightness():
    bar = np.zeros((2, 28, 28), np.uint8)
    bar[0, 4:24, 10:14] = 255
    across, down, steepest, thickness, extent, slenderness, curved = measure(bar)[0]
    assert (across, down) == (0.5, 0.5)
    assert steepest == pytest.approx(np.hypot(0.5, 0.5), abs=0.1)
    assert (thickness, extent) == (pytest.approx(80 / 24), 20)
    assert slenderness == pytest.approx(np.log(4 / 20))
    assert curved == pytest.approx(4)
    assert not measure(bar)[1].any()


def test_only_the_split_between_the_cases_changes(magnification):
    answer = spread(X=0.4, x=0.3, A=0.2, m=0.1)
    shared = magnification.weigh(answer, LITTLE[None], UNIFORM)
    assert shared[0, SMALL] > answer[0, SMALL]
    assert shared[0, [SMALL, CAPITAL]].sum() == pytest.approx(answer[0, [SMALL, CAPITAL]].sum())
    others = np.setdiff1d(np.arange(62), np.concatenate(find_cases("xz")))
    np.testing.assert_array_equal(shared[0, others], answer[0, others])
    assert shared.dtype == np.float32


def test_the_odds_are_those_of_bayes(magnification):
    """The prior counts once, however much the network does."""
    answer = spread(X=0.6, x=0.2)
    shared = magnification.weigh(answer, LITTLE[None], EMNIST_COUNTS)[0].astype(float)
    prior = np.log(EMNIST_COUNTS[SMALL] / EMNIST_COUNTS[CAPITAL])
    evidence = magnification.compare_cases(LITTLE[None])[0, 0]
    expected = 0.5 * (np.log(0.2 / 0.6) - prior) + evidence + prior
    assert np.log(shared[SMALL] / shared[CAPITAL]) == pytest.approx(expected, abs=1e-4)


def test_a_case_that_cannot_be_is_left_out(magnification):
    prior = UNIFORM.copy()
    prior[CAPITAL] = 0
    answer = spread(x=0.7, A=0.3)
    answer[0, CAPITAL] = 0
    shared = magnification.weigh(answer, LARGE[None], prior)
    np.testing.assert_array_equal(shared[0, [CAPITAL, SMALL]], answer[0, [CAPITAL, SMALL]])


def label(images: np.ndarray, labels: list[int]) -> Samples:
    return Samples(images[..., None], np.eye(62, dtype=np.float32)[labels])


def test_what_the_measures_say_is_learned_and_the_network_weighed():
    random = np.random.default_rng(0)
    sizes = np.r_[random.integers(60, 90, 30), random.integers(18, 40, 10)]
    images = np.stack([scan(size) for size in sizes])
    samples = label(images, [CAPITAL] * 30 + [SMALL] * 10)
    learned = fit_magnification(samples)
    assert learned.letters == LETTERS
    large, little = learned.compare_cases(np.stack([LARGE, LITTLE]))[:, learned.letters.index("x")]
    assert large < -1 < 1 < little
    guessing = np.repeat(spread(X=random.random(), x=random.random()), 40, axis=0)
    guessing[:, [CAPITAL, SMALL]] = random.dirichlet([1, 1], 40)
    right = np.eye(62)[samples.candidates.argmax(axis=1)] * 0.98 + 0.01
    by_guess, by_truth = (fit_network(learned, each, samples) for each in (guessing, right))
    assert by_guess.network < 0.3 < by_truth.network


def test_without_letters_to_learn_from_nothing_changes():
    digits = label(LARGE[None], [3])
    learned = fit_network(fit_magnification(digits), spread(A=1), digits)
    answer = spread(X=0.6, x=0.4)
    np.testing.assert_allclose(learned.weigh(answer, LARGE[None], UNIFORM), answer, rtol=1e-5)


def test_the_account_keeps_all_of_it(magnification):
    told = json.loads(json.dumps(magnification.to_json()))
    again = Magnification(**told)
    images = np.stack([LARGE, LITTLE])
    np.testing.assert_array_equal(again.compare_cases(images), magnification.compare_cases(images))


def test_the_shipped_model_uses_it_for_scans_alone():
    recognizer = Recognizer.load()
    images = np.stack([LARGE, LITTLE])
    assert recognizer.magnification.letters == LETTERS
    scanned, elsewhere = (recognizer.predict(images, magnified=told) for told in (True, False))
    capital, small = (scanned[:, column] / elsewhere[:, column] for column in (CAPITAL, SMALL))
    assert small[1] > 1 > small[0]
    assert capital[0] > 1 > capital[1]
    drawn = [recognizer.predict(images, UNIFORM, "pen", told) for told in (True, False)]
    np.testing.assert_array_equal(*drawn)
    assert Recognizer.load("hand-words").magnification is None
