"""Trust and label issues in a real browser: what refusing gains, and which labels are suspect."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
from analysis_page import LABELS, MISREAD, MISTAKES, captions, predict

from handwriting.alphabet import CHARACTERS
from handwriting.datasets.idx import write_idx
from handwriting.datasets.splits import SPLITS
from handwriting.evaluation import figures
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import write_report
from handwriting.evaluation.trust import measure_trust

expect = pytest.importorskip("playwright.sync_api").expect

MISLABELLED = {7: "W", 70: "q", 333: "4"}
"""What these samples show; their labels are 7, 8 and N."""

CAPITALS = {12: "c", 12 + 62: "c"}
"""Their labels are C."""


@pytest.fixture(scope="module")
def suspicious(tmp_path_factory):
    """A folder with a report of a sure model whose test set has a few wrong labels."""
    labels = np.arange(62 * 60) % 62
    shown = labels.copy()
    for sample, character in (MISLABELLED | CAPITALS).items():
        shown[sample] = CHARACTERS.index(character)
    sure = np.random.default_rng(3).uniform(0.86, 0.96, len(labels))
    sure[list(MISLABELLED | CAPITALS)] = 0.99, 0.98, 0.97, 0.96, 0.96
    probabilities = np.repeat((1 - sure)[:, None] / 61, 62, axis=1)
    probabilities[np.arange(len(labels)), shown] = sure
    given = Predictions.from_probabilities(tuple(CHARACTERS), labels, probabilities)
    folder = tmp_path_factory.mktemp("suspicious")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "draw_figures", lambda *_: [])
        write_report(folder / "net", given, {"name": "net"}, {"name": "byclass", "part": "test"})
    return folder


@pytest.fixture
def show_suspicious(show, suspicious):
    def show_suspicious(**options):
        images_path, labels_path = SPLITS["byclass"].paths("test")
        write_idx(images_path, np.full((62 * 60, 28, 28), 99, np.uint8))
        write_idx(labels_path, np.arange(62 * 60) % 62)
        page = show(images=False, folder=suspicious, **options)
        expect(page.locator(".count")).to_have_text("5")
        return page

    return show_suspicious


def refusals(least: int) -> str:
    trust = measure_trust(predict(CHARACTERS, LABELS, MISREAD))
    answered, right = trust.answered[least], trust.right[least]
    share, accuracy = (
        f"{100 * part:.1f} %".replace(".0 %", " %") for part in (answered / 496, right / answered)
    )
    return f"Refuse below {least / 100:.2f} → answers {share} of samples at {accuracy} accuracy"


def test_the_slider_tells_what_refusing_gains_and_filters_the_mistakes(show):
    page = show()
    told = page.locator(".trust output")
    expect(told).to_have_text(re.compile(r"^Refuse nothing → answers 100\s% of samples at 94"))
    page.get_by_role("slider").fill("75")
    expect(told).to_have_text(refusals(75))
    left = page.locator(".trust .left")
    count = int(re.search(r"\d+", left.text_content()).group())
    assert 0 < count < MISTAKES
    expect(page.locator(".count")).to_have_text(f"{count} of {MISTAKES}")
    expect(page.get_by_label("Confidence from")).to_have_value("75")
    left.click()
    expect(page.locator("section.mistakes h2")).to_be_in_viewport()
    page.wait_for_url("**/?report=all&least=75")
    page.reload()
    expect(told).to_have_text(refusals(75))


def test_the_filter_of_confidence_moves_the_slider(show):
    page = show()
    page.get_by_label("Confidence from").fill("80")
    page.get_by_label("Confidence from").press("Enter")
    expect(page.locator(".trust output")).to_have_text(refusals(80))
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("slider")).to_have_value("0")


def test_a_goal_of_accuracy_sets_the_threshold_that_reaches_it(show):
    page = show()
    page.get_by_role("button", name="95 %", exact=True).click()
    told = page.locator(".trust output")
    expect(told).to_have_text(re.compile("^Refuse below"))
    assert float(re.search(r"at ([\d.]+).% accuracy", told.text_content()).group(1)) >= 95
    trust = measure_trust(predict(CHARACTERS, LABELS, MISREAD))
    at = int(page.get_by_role("slider").input_value())
    assert trust.right[at - 1] / trust.answered[at - 1] < 0.95, "a lower one does not reach it"


def test_the_drawings_show_every_bin_and_are_told_in_words(show):
    page = show()
    trust = measure_trust(predict(CHARACTERS, LABELS, MISREAD))
    filled = sum(b.samples > 0 for b in trust.bins)
    # What is below the first screen is laid out, and drawn, when it is scrolled to.
    page.locator(".trust .plots").scroll_into_view_if_needed()
    expect(page.locator(".reliability .dot")).to_have_count(filled)
    wrong = np.subtract(trust.answered, trust.right)[0:100:5]
    drawn = page.locator(".histograms .bar.wrong")
    expect(drawn).to_have_count(int((np.diff(wrong) < 0).sum()))
    for name in ("Reliability diagram", "Risk and coverage", "Histograms of confidence"):
        expect(page.get_by_role("img", name=name)).to_be_visible()
    expect(page.get_by_role("img", name="Risk and coverage")).to_have_attribute(
        "aria-label", re.compile(f"area under the risk {trust.area_under_risk_coverage:.4f}")
    )


def test_older_reports_say_how_to_get_trust_and_label_issues(show, reports, tmp_path):
    shutil.copytree(reports / "digits", tmp_path / "reports" / "digits")
    path = tmp_path / "reports" / "digits" / "report.json"
    content = json.loads(path.read_text())
    del content["trust"], content["label_issues"]
    path.write_text(json.dumps(content))
    page = show(folder=tmp_path / "reports")
    for section in ("trust", "labels"):
        expect(page.locator(f"section.{section} .absent")).to_contain_text("again adds")
        expect(page.locator(f"section.{section} .present")).to_be_hidden()
    expect(page.locator("[name=sort] option[value=label]")).to_be_hidden()


def test_suspects_are_counted_ranked_and_filtered(show_suspicious):
    page = show_suspicious()
    labels = page.locator("section.labels")
    labels.scroll_into_view_if_needed()
    expect(labels.locator(".suspects .reading")).to_have_text(["7 → W", "8 → q", "N → 4"])
    expect(labels.locator(".without dd").last).to_have_text(re.compile(r"^100\.00 % of 3,715"))
    expect(labels.get_by_role("button", name="Answer not sure 0")).to_be_disabled()
    labels.get_by_role("button", name="Look-alikes 2").click()
    expect(labels.locator(".suspects .reading")).to_have_text(["C → c"] * 2)
    page.wait_for_url("**/?report=net&suspects=alike")
    page.reload()
    labels.scroll_into_view_if_needed()
    expect(labels.locator(".suspects .reading")).to_have_text(["C → c"] * 2)
    labels.get_by_role("button", name="All 5").click()
    expect(labels.locator(".suspects li")).to_have_count(5)


def test_suspects_are_those_of_the_selection(show_suspicious):
    page = show_suspicious()
    page.locator("[data-side=true]").select_option("8")
    labels = page.locator("section.labels")
    labels.scroll_into_view_if_needed()
    expect(labels.locator(".suspects .reading")).to_have_text(["8 → q"])
    expect(labels.locator(".found")).to_have_text("1 of 3 match the selection")
    labels.get_by_role("button", name="Leave the selection").click()
    expect(labels.locator(".suspects li")).to_have_count(3)
    expect(page.locator(".count")).to_have_text("5")


def test_a_suspect_opens_and_says_why(show_suspicious):
    page = show_suspicious()
    labels = page.locator("section.labels")
    labels.scroll_into_view_if_needed()
    labels.locator(".suspects button").first.click()
    why = page.get_by_role("dialog").locator(".suspicion")
    expect(why).to_have_text(re.compile("^Probably mislabelled: the model reads W, .* label 7"))
    page.keyboard.press("Escape")
    labels.get_by_role("button", name="Look-alikes").click()
    expect(labels.locator(".suspects .reading")).to_have_text(["C → c"] * 2)
    labels.locator(".suspects button").first.click()
    expect(why).to_have_text(re.compile("C and c look alike"))


def test_the_grid_is_sorted_by_label_issue(show_suspicious):
    page = show_suspicious()
    page.get_by_label("Sorted by").select_option("label")
    expect(page.locator(".pager span")).to_have_text("1 – 5 of 5, most suspect label first")
    assert captions(page) == ["7 → W", "8 → q", "N → 4", "C → c", "C → c"]
