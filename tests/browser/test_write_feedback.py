"""Was it right? One click, or the right character typed."""

import json
from pathlib import Path

import pytest
from gradio.context import Context
from serving import serve

from handwriting.app.feedback import Feedback
from handwriting.app.page import LAUNCH, build_page

expect = pytest.importorskip("playwright.sync_api").expect

C = [(260, 200), (180, 190), (150, 240), (190, 290), (260, 270)]


@pytest.fixture
def asking_tab(open_tab, site, tmp_path):
    """The Write tab of an app that collects feedback in `tmp_path`."""
    Context.id = 0
    page = build_page(site.reader, Path("reports"), Feedback(tmp_path))
    with serve(page, **LAUNCH) as url:
        yield open_tab(url)


def kept(folder) -> list[tuple[str, str]]:
    lines = [line for file in folder.glob("*.jsonl") for line in file.read_text().splitlines()]
    return [(remark["label"], remark["guess"]) for remark in map(json.loads, lines)]


def test_one_click_says_that_it_was_right(asking_tab, tmp_path):
    tab = asking_tab
    expect(tab.button("Yes")).to_be_disabled()
    tab.write(*C)
    expect(tab.name).to_have_text("small c")
    tab.button("Yes").click()
    line = tab.page.locator(".feedback p")
    expect(line).to_have_text("Thank you.")
    assert kept(tmp_path) == [("c", "c")]
    expect(tab.button("Yes")).to_be_disabled()
    tab.write((300, 100), (320, 140))
    expect(tab.name).to_have_text("small t")
    expect(tab.button("Yes")).to_be_enabled()
    expect(line).to_have_text("Was it right?")


def test_the_right_character_can_be_typed(asking_tab, tmp_path):
    tab = asking_tab
    tab.write(*C)
    expect(tab.name).to_have_text("small c")
    label = tab.page.get_by_role("textbox", name="The right character")
    label.fill("?")
    label.press("Enter")
    expect(tab.trouble).to_contain_text("the label is one letter")
    label.fill("G")
    tab.button("Send").click()
    expect(tab.page.locator(".feedback p")).to_have_text("Thank you.")
    expect(tab.trouble).to_have_count(0)
    assert kept(tmp_path) == [("G", "c")]


def test_nobody_is_asked_where_nothing_is_collected(tab):
    tab.write(*C)
    expect(tab.name).to_have_text("small c")
    expect(tab.page.locator(".feedback")).to_be_hidden()
