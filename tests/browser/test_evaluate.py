"""The Evaluate tab: predictions uploaded, what came of them, and faults told."""

from __future__ import annotations

import re

import numpy as np
import pytest
from analysis_page import LABELS
from playwright.sync_api import expect

from handwriting.alphabet import CHARACTERS


@pytest.fixture
def evaluate(show):
    """The open tab, dark on a light system."""
    page = show(query="?__theme=dark", color_scheme="light")
    page.get_by_role("tab", name="Evaluate").click()
    return page


def upload(page, folder):
    """Choose the predictions of a classifier that is always right."""
    path = folder / "perfect.npz"
    np.savez(path, predicted=np.array(list(CHARACTERS))[LABELS])
    page.locator("input[type=file]").first.set_input_files(path)
    # While it is uploaded its name is shown elsewhere, for as long as that takes.
    expect(page.get_by_role("row", name=path.name)).to_be_visible()


def is_dark(page, title: str) -> bool:
    """Whether the page in that frame is shown in its dark colours."""
    body = page.locator(f"#pages iframe[title={title}]").content_frame.locator("body")
    background = body.evaluate("body => getComputedStyle(body).backgroundColor")
    return sum(map(int, re.findall(r"\d+", background)[:3])) < 3 * 128


def test_after_a_fault_it_can_be_tried_again(evaluate, tmp_path):
    start = evaluate.get_by_role("button", name="Evaluate", exact=True)
    start.click()
    expect(evaluate.get_by_text("choose a file of predictions first")).to_be_visible()
    expect(start).to_be_enabled()
    expect(evaluate.get_by_role("button", name="Cancel")).to_be_disabled()

    upload(evaluate, tmp_path)
    start.click()
    expect(evaluate.locator("#told")).to_contain_text("perfect on byclass", timeout=60_000)
    expect(evaluate.locator("#told")).to_contain_text("100.00 %")
    expect(evaluate.locator("#pages iframe")).to_have_count(2)
    expect(start).to_be_enabled()
    # The app's theme, not the system's.
    assert is_dark(evaluate, "report")
    assert is_dark(evaluate, "comparison")
    # What was made is taken away by nobody, until something else is tried.
    made = evaluate.locator("#made")
    expect(made.get_by_role("cell", name="report.html")).to_be_visible()
    expect(made.get_by_role("button", name="Remove this file")).to_have_count(0)
    start.click()
    expect(made).to_be_hidden()


def test_it_is_compared_with_the_report_of_most_samples(evaluate):
    expect(evaluate.get_by_role("combobox", name="Compare with")).to_have_value(
        "<i>net</i> on byclass"
    )
