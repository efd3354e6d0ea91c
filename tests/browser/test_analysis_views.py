"""The costliest pairs, the table of characters, opened folds, saliency and the pad."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
from analysis_page import IMAGES, LABELS, MISREAD, MISTAKES, captions, cell, predict, samples

from handwriting.alphabet import BYMERGE, CHARACTERS
from handwriting.app.analysis_saliency import Explanations
from handwriting.errors import InputError
from handwriting.evaluation import figures
from handwriting.evaluation.report import write_report

expect = pytest.importorskip("playwright.sync_api").expect

OPENED = BYMERGE.open("C").classes


def rows(page) -> list[str]:
    """The characters of the table, from top to bottom."""
    return page.locator(".classes tbody tr th").all_text_contents()


def test_the_earlier_systems_figure_stands_beside_the_headline(show):
    page = show()
    expect(page.locator(".earlier")).to_have_text(
        re.compile("^The network that hand-words rebuilds: 87.18 % .*697,932")
    )
    page.locator(".picker select").select_option("digits")
    expect(page.locator(".earlier")).to_have_text(
        re.compile("^The network that mnist-digits rebuilds: 84.06 %")
    )


def test_a_pair_tells_its_cost_and_shows_both_directions(show):
    page = show()
    pairs = page.locator(".pairs tbody tr")
    # Every misread character has one rival, and none is misread the other way round.
    expect(pairs).to_have_count(len(MISREAD))
    texts = pairs.first.locator("td").all_text_contents()
    assert texts[2:] == ["0.60 %", f"{100 * (1 - (MISTAKES - 3) / 496):.2f} %"]
    page.get_by_role("button", name="0 and O taken for each other", exact=True).click()
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    assert captions(page) == ["O → 0"] * 3
    expect(page.locator(".matrix .readout")).to_have_text("0 O taken for each other: 3 of 16")
    expect(page.locator(".pairs tr.selected")).to_have_count(1)
    page.wait_for_url("**/?report=all&true=0O&read=0O")
    page.reload()
    expect(page.locator(".pairs tr.selected th")).to_have_text("0 O")


def test_more_than_ten_pairs_are_shown_on_demand(show, tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "draw_figures", lambda *_: [])
    misread = MISREAD | {"A": "4", "B": "8"}
    dataset = {"name": "byclass", "part": "test"}
    write_report(
        tmp_path / "own" / "net", predict(CHARACTERS, LABELS, misread), {"name": "net"}, dataset
    )
    page = show(folder=tmp_path / "own")
    visible = page.locator(".pairs tbody tr:visible")
    expect(visible).to_have_count(10)
    page.get_by_role("button", name="2 more").click()
    expect(visible).to_have_count(12)
    page.get_by_role("button", name="Fewer").click()
    expect(visible).to_have_count(10)


def test_the_table_is_sorted_by_its_heads(show):
    page = show()
    table = page.locator(".classes table")
    expect(table.locator("tbody tr")).to_have_count(62)
    assert rows(page) == list(CHARACTERS)
    expect(table.locator("th[aria-sort]")).to_have_text("Character")
    table.get_by_role("button", name="Accuracy").click()
    expect(table.locator("th[aria-sort=descending]")).to_have_text("Accuracy = recall")
    assert sorted(rows(page)[-len(MISREAD) :]) == sorted(MISREAD)
    page.keyboard.press("Enter")
    expect(table.locator("th[aria-sort=ascending]")).to_have_text("Accuracy = recall")
    assert sorted(rows(page)[: len(MISREAD)]) == sorted(MISREAD)
    expect(table.locator("tbody tr").first).to_contain_text("62.5 %")
    table.get_by_role("button", name="Most taken for").click()
    assert rows(page)[0] in "Oo", "taken for 0, the first character"
    assert rows(page)[-1] not in MISREAD, "what was never misread stands last"


def test_a_row_of_the_table_selects_its_character(show):
    page = show()
    row = page.locator(".classes tbody tr", has=page.locator("th", has_text=re.compile("^g$")))
    row.locator("td").first.click()
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    expect(page.locator(".dots [aria-pressed=true]")).to_have_text("g")
    expect(row.locator("th button")).to_have_attribute("aria-pressed", "true")
    row.get_by_role("button", name="g read as 9").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-side=predicted]")).to_have_value("9")
    page.wait_for_url("**/?report=all&true=g&read=9")


def test_a_folded_class_is_opened_again_and_a_link_keeps_it(show):
    page = show()
    apart = page.get_by_label("Take apart")
    expect(apart).to_be_hidden()
    page.get_by_role("button", name="ByMerge").click()
    expect(apart.locator("option")).to_have_count(1 + 15)
    apart.select_option(label="C c")
    canvas, readout = page.locator("section.matrix canvas"), page.locator(".matrix .readout")
    page.wait_for_url("**/?report=all&classes=ByMerge&apart=C")
    canvas.click(position=cell(page, "C", "c", OPENED))
    expect(readout).to_have_text("C read as c: 3 of 8, 37.5 %")
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    canvas.hover(position=cell(page, "O", "0", OPENED))
    expect(readout).to_have_text("O read as 0: 6 of 16, 37.5 %")  # still folded

    # The address is written once the view has been calm for a moment.
    page.wait_for_url("**/?report=all&classes=ByMerge&apart=C&true=C&read=c")
    page.reload()
    expect(page.get_by_role("button", name="Fold C c again")).to_be_visible()
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    page.get_by_role("button", name="Fold C c again").click()
    canvas.hover(position=cell(page, "C", "C", BYMERGE.classes))
    expect(readout).to_have_text("C read right: 16 of 16, 100.0 %")


def test_classes_are_opened_by_double_click_and_by_key(show):
    page = show()
    page.get_by_role("button", name="Kinds").click()
    canvas, readout = page.locator("section.matrix canvas"), page.locator(".matrix .readout")
    canvas.dblclick(position=cell(page, "0", "0", "0Aa"))
    expect(page.get_by_role("button", name="Fold 0–9 again")).to_be_visible()
    page.wait_for_url("**/?report=all&classes=Kinds&apart=0&*")
    canvas.hover(position=cell(page, "5", "5", "0123456789Aa"))
    expect(readout).to_have_text("5 read right: 8 of 8, 100.0 %")
    canvas.focus()
    page.keyboard.press("o")
    expect(page.get_by_role("button", name="Fold 0–9 again")).to_have_count(0)
    expect(readout).to_have_text("0–9 read right: 80 of 80, 100.0 %")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("o")
    expect(page.get_by_role("button", name="Fold A–Z again")).to_be_visible()


def test_a_cell_a_sample_and_their_link(show):
    """Click a cell, see its samples, open one, copy the link, open it on a new page."""
    page = show(permissions=["clipboard-read", "clipboard-write"])
    page.locator("section.matrix canvas").click(position=cell(page, "g", "9"))
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    assert captions(page) == ["g → 9"] * 3
    page.locator(".tiles button").nth(2).click()
    expect(page.locator("dialog h3")).to_have_text("g read as 9")
    opened = page.locator("dialog .which").text_content()
    page.wait_for_url("**/?report=all&true=g&read=9&sample=*")
    link = page.url

    other = page.context.new_page()
    other.goto(link)
    expect(other.locator("dialog .which")).to_have_text(opened)
    other.keyboard.press("Escape")
    expect(other.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    assert samples(other) == samples(page)
    expect(other.locator(".matrix .readout")).to_have_text("g read as 9: 3 of 8, 37.5 %")


def open_sample(page) -> int:
    """Open a misread `g`; its index in the test set."""
    page.locator("section.matrix canvas").click(position=cell(page, "g", "9"))
    expect(page.locator(".tiles button")).to_have_count(3)
    sample = samples(page)[0]
    page.locator(".tiles button").first.click()
    expect(page.locator("dialog .nearest i")).to_have_count(10)
    return sample


def test_no_map_is_offered_where_the_model_is_not_at_hand(show):
    page = show()
    open_sample(page)
    expect(page.locator("dialog .guesses")).to_be_visible()
    expect(page.locator("dialog .why")).to_be_hidden()


def test_maps_are_drawn_on_demand_for_the_prediction_and_the_truth(show, monkeypatch):
    asked = []

    def explain(self, report, test, sample):
        asked.append(sample)
        if len(asked) == 2:
            raise InputError("the model has left")
        strong = np.full((28, 28), 127, np.int8)
        pixels = [base64.b64encode(sign * strong).decode() for sign in (1, -1)]
        return {
            "maps": [
                {"character": "9", "pixels": pixels[0], "for": 3.0, "against": 0.0},
                {"character": "g", "pixels": pixels[1], "for": 1.0, "against": 3.0},
            ]
        }

    monkeypatch.setattr(Explanations, "explain", explain)
    monkeypatch.setattr(Explanations, "knows", lambda self, report: True)
    page = show(color_scheme="light")
    sample = open_sample(page)
    assert asked == []
    page.locator("dialog summary").click()
    maps = page.locator("dialog .maps figure")
    expect(maps).to_have_text(
        [
            "For 9, what it was read as: 100 % of what counts spoke for it.",
            "For g, the truth: 25 % of what counts spoke for it.",
        ]
    )
    assert asked == [sample]
    colours = maps.locator("canvas").evaluate_all(
        """maps => maps.map(map => Array.from(
            map.getContext('2d').getImageData(14, 14, 1, 1).data.slice(0, 3)))"""
    )
    assert colours == [[0x30, 0x53, 0xC8], [0xC2, 0x56, 0x0C]], "blue for it, orange against it"
    page.keyboard.press("Escape")
    page.locator(".tiles button").nth(1).click()
    expect(page.locator("dialog [role=status]")).to_have_text("the model has left")
    expect(maps).to_have_count(0)


def test_a_sample_is_compared_on_the_pad_and_removed_there(show):
    page = show()
    sample = open_sample(page)
    page.get_by_role("button", name="Compare on the pad").click()
    compared = page.locator("#writing-pad .compared")
    expect(compared).to_be_visible()
    expect(page.get_by_role("tab", name="Write")).to_have_attribute("aria-selected", "true")
    expect(compared.locator("figcaption")).to_have_text("Somebody's g,read as 9")
    ink = compared.locator("canvas").evaluate(
        """canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, 28, 28).data)
                          .filter((_, index) => index % 4 === 3)"""
    )
    np.testing.assert_array_equal(np.reshape(ink, (28, 28)), IMAGES[sample])
    page.reload()
    expect(compared).to_be_visible()
    page.get_by_role("button", name="Remove the sample to compare with").click()
    expect(compared).to_be_hidden()
    page.reload()
    page.get_by_role("button", name="Undo").wait_for()
    expect(compared).to_be_hidden()


def test_on_a_narrow_window_the_tables_scroll_in_themselves(show):
    page = show(width=360)
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    page.get_by_role("button", name="ByMerge").click()
    expect(page.get_by_label("Take apart")).to_be_visible()
    table = page.locator(".classes .scroll")
    assert table.evaluate("part => part.scrollWidth > part.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator(".pairs tbody th").first.click()
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
