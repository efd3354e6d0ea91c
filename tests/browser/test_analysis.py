"""The Analysis tab in a real browser."""

from __future__ import annotations

import re
import threading

import numpy as np
import pytest
from analysis_page import (
    IMAGES,
    LABELS,
    MISREAD,
    MISTAKES,
    captions,
    cell,
    provide_images,
    samples,
    shown_images,
)

from handwriting.alphabet import BYMERGE, CHARACTERS
from handwriting.datasets import download

expect = pytest.importorskip("playwright.sync_api").expect


def test_the_tab_opens_with_the_first_reports_figures(show):
    page = show()
    expect(page.locator(".picker option:checked")).to_have_text("<i>net</i> on byclass")
    expect(page.locator(".headlines .value")).to_have_count(8)
    share = 1 - MISTAKES / len(LABELS)
    expect(page.locator(".headlines .value").first).to_have_text(f"{100 * share:.2f} %")
    expect(page.locator(".about")).to_contain_text("496 samples of byclass, test part")
    expect(page.locator(".notes")).to_have_text("Outputs are corrected.")
    expect(page.locator("section.classes .dots button")).to_have_count(62)
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    assert "O → 0" in [text[:5] for text in page.locator(".pairs button").all_text_contents()]


def test_tiles_show_the_images_of_their_samples(show):
    page = show()
    images = shown_images(page)
    assert len(images) == page.locator(".tiles li").count() == 25
    np.testing.assert_array_equal(images, IMAGES[samples(page)])
    sure = [float(text.split()[0]) for text in page.locator(".tiles .sure").all_text_contents()]
    assert sure == sorted(sure, reverse=True)


def test_a_click_on_a_cell_shows_its_mistakes_and_marks_it_everywhere(show):
    page = show()
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    canvas = page.locator("section.matrix canvas")
    canvas.hover(position=cell(page, "g", "9"))
    expect(page.locator("section.matrix .readout")).to_have_text("g read as 9: 3 of 8, 37.5 %")
    canvas.click(position=cell(page, "g", "9"))
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    assert captions(page) == ["g → 9"] * 3
    assert (LABELS[samples(page)] == CHARACTERS.index("g")).all()
    expect(page.locator("[data-side=true]")).to_have_value("g")
    expect(page.locator("[data-side=predicted]")).to_have_value("9")
    expect(page.locator(".dots [aria-pressed=true]")).to_have_text("g")
    expect(page.locator(".pairs [aria-pressed=true]")).to_have_text(re.compile("g → 9"))
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    expect(page.locator(".dots [aria-pressed=true]")).to_have_count(0)


def test_a_copied_link_opens_the_same_view_on_a_new_page(show):
    page = show(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="ByMerge").click()
    page.locator("section.matrix canvas").click(position=cell(page, "O", "0", BYMERGE.classes))
    expect(page.locator(".count")).to_have_text(f"6 of {MISTAKES}")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".share button")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url

    other = page.context.new_page()
    other.goto(link)
    expect(other.locator(".count")).to_have_text(f"6 of {MISTAKES}")
    expect(other.get_by_role("button", name="ByMerge")).to_have_attribute("aria-pressed", "true")
    expect(other.locator("section.matrix .readout")).to_have_text("O read as 0: 6 of 16, 37.5 %")
    assert samples(other) == samples(page)


def test_a_link_to_an_older_report_opens_that(show):
    page = show()
    address = page.url.split("?")[0]
    page.goto(f"{address}?report=digits&true=5&read=8")
    expect(page.locator(".count")).to_have_text("3")
    expect(page.locator(".picker select")).to_have_value("digits")
    page.goto(f"{address}?report=gone")
    expect(page.locator("#analysis .trouble").first).to_contain_text("no report 'gone'")
    expect(page.locator(".picker select")).to_have_value("all")


def test_the_address_is_the_tabs_only_while_it_is_seen(show):
    page = show()
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    page.wait_for_url("**/?report=all")
    page.get_by_role("tab", name="Write").click()
    page.wait_for_url(lambda url: "report" not in url)
    page.get_by_role("tab", name="Analysis").click()
    page.wait_for_url("**/?report=all")


def test_filters_choose_by_true_and_by_predicted_character(show):
    page = show()
    page.locator("[data-side=predicted]").select_option("0")
    expect(page.locator(".count")).to_have_text(f"6 of {MISTAKES}")
    assert sorted(set(captions(page))) == ["O → 0", "o → 0"]
    page.locator("[data-side=true]").select_option("o")
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    page.locator("[data-side=predicted]").select_option("z")
    expect(page.locator(".tiles")).to_have_text("No sample was misread like this.")
    expect(page.locator(".count")).to_have_text(f"0 of {MISTAKES}")


def test_merged_cases_are_one_class_in_the_merged_matrix(show):
    page = show()
    page.get_by_role("button", name="ByMerge").click()
    canvas = page.locator("section.matrix canvas")
    canvas.click(position=cell(page, "O", "0", BYMERGE.classes))
    expect(page.locator(".count")).to_have_text(f"6 of {MISTAKES}")
    expect(page.locator("section.matrix .readout")).to_have_text("O read as 0: 6 of 16, 37.5 %")
    expect(page.locator("[data-side=true] option:checked")).to_have_text("O o")
    canvas.hover(position=cell(page, "C", "C", BYMERGE.classes))
    expect(page.locator("section.matrix .readout")).to_have_text(
        re.compile("C read right: 16 of 16"), use_inner_text=True
    )


def colour(page, row: str, column: str, classes=CHARACTERS) -> list[int]:
    """Red, green, blue and opacity at the middle of a cell."""
    return page.locator("section.matrix canvas").evaluate(
        "(canvas, {x, y}) => Array.from(canvas.getContext('2d').getImageData(x, y, 1, 1).data)",
        cell(page, row, column, classes),
    )


def test_the_matrix_counts_by_row_by_column_or_not_at_all(show):
    page = show()
    canvas, readout = page.locator("section.matrix canvas"), page.locator(".matrix .readout")
    legend = page.locator(".legend span").last
    expect(legend).to_have_text("100 % of the row")
    page.get_by_label("Share of").select_option("predicted")
    canvas.hover(position=cell(page, "g", "9"))
    expect(readout).to_have_text("g read as 9: 3 of 14 answers, 21.4 %")
    expect(legend).to_have_text("100 % of the column")
    page.get_by_label("Share of").select_option("none")
    expect(legend).to_have_text("8 samples")


def test_colours_are_logarithmic_or_linear_and_the_diagonal_can_be_hidden(show):
    page = show(color_scheme="light")
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    logarithmic = colour(page, "g", "9")
    page.get_by_label("Colours").select_option("linear")
    assert sum(colour(page, "g", "9")[:3]) > sum(logarithmic[:3]), "3 of 8 are paler in linear"
    assert colour(page, "A", "A")[3] == 255
    page.get_by_label("Diagonal").select_option("hidden")
    assert colour(page, "A", "A")[3] == 0
    expect(page.locator(".legend span").last).to_have_text("38 % of the row")
    assert sum(colour(page, "g", "9")[:3]) < sum(logarithmic[:3]), "the largest that is left"


def test_the_matrix_is_ordered_and_a_link_keeps_its_look(show):
    page = show()
    page.get_by_label("Order").select_option("mistakes")
    page.get_by_label("Diagonal").select_option("hidden")
    canvas, readout = page.locator("section.matrix canvas"), page.locator(".matrix .readout")
    first = cell(page, "0", "1")  # the second cell of the first row
    canvas.hover(position=first)
    expect(readout).to_have_text(re.compile("^0 read as "))
    by_mistakes = readout.text_content()
    page.get_by_label("Order").select_option("similarity")
    canvas.focus()
    for _ in range(61):
        page.keyboard.press("ArrowDown")
    assert readout.text_content() != by_mistakes
    page.wait_for_url("**/?report=all&diagonal=hidden&order=similarity")
    page.reload()
    expect(page.get_by_label("Order")).to_have_value("similarity")
    expect(page.get_by_label("Diagonal")).to_have_value("hidden")


def test_kinds_are_folded_to_three_and_back(show):
    page = show()
    page.get_by_role("button", name="Kinds").click()
    page.locator("section.matrix canvas").click(position=cell(page, "a", "0", ("0", "A", "a")))
    expect(page.locator("[data-side=true] option:checked")).to_have_text("a–z")
    lower = sum(3 for true, read in MISREAD.items() if true.islower() and read.isdigit())
    expect(page.locator(".count")).to_have_text(f"{lower} of {MISTAKES}")
    page.get_by_role("button", name="62 classes").click()
    canvas = page.locator("section.matrix canvas")
    canvas.click(position=cell(page, "g", "9"))
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")


def test_the_matrix_is_used_with_the_keyboard(show):
    page = show()
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    page.locator("section.matrix canvas").focus()
    steps = CHARACTERS.index("O")
    for key in ["ArrowDown"] * steps:
        page.keyboard.press(key)
    expect(page.locator("section.matrix .readout")).to_have_text(re.compile("^O read as 0: 3"))
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    page.keyboard.press("Escape")
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")


def test_a_sample_is_opened_and_a_link_opens_it_again(show):
    page = show()
    page.locator("section.matrix canvas").click(position=cell(page, "g", "9"))
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    expect(page.locator(".tiles button")).to_have_count(3)
    wanted = samples(page)[1]
    page.locator(".tiles button").nth(1).click()
    dialog = page.locator("dialog")
    expect(dialog.locator("h3")).to_have_text("g read as 9")
    expect(dialog.locator(".which")).to_have_text(f"Sample {wanted} of the test set")
    expect(dialog.locator(".guesses li")).to_have_count(6)
    expect(dialog.locator(".guesses .actual b")).to_have_text("g")
    expect(dialog.locator(".nearest i")).to_have_count(10)
    page.wait_for_url(f"**/?report=all&true=g&read=9&sample={wanted}")
    page.reload()
    expect(dialog.locator(".which")).to_have_text(f"Sample {wanted} of the test set")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    page.wait_for_url("**/?report=all&true=g&read=9")


def test_mistakes_are_filtered_by_confidence_and_sorted_by_choice(show):
    page = show()
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    page.get_by_label("Confidence from, percent").fill("80")
    page.keyboard.press("Enter")
    page.get_by_label("Sorted by").select_option("random")
    expect(page.locator(".count")).not_to_have_text(f"{MISTAKES}")
    expect(page.locator(".pager span")).to_have_text(re.compile("at random"))
    sure = [float(text.split()[0]) for text in page.locator(".tiles .sure").all_text_contents()]
    assert min(sure) >= 80
    assert sure != sorted(sure, reverse=True)
    page.wait_for_url("**/?report=all&least=80&sort=random")
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")


def test_a_character_of_the_chart_shows_its_mistakes(show):
    page = show()
    button = page.get_by_role("button", name=re.compile("^C: 62.5 %"))
    button.hover()
    expect(page.locator("section.classes .readout")).to_contain_text("of 8 samples, most taken")
    button.click()
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    assert captions(page) == ["C → c"] * 3


def test_the_next_page_goes_on_where_the_first_ended(show):
    page = show()
    expect(page.locator(".pager span")).to_have_text("1 – 25 of 30, surest first")
    first = samples(page)
    page.get_by_role("button", name="Next page").click()
    expect(page.locator(".pager span")).to_have_text("26 – 30 of 30, surest first")
    assert len(set(first + samples(page))) == 30
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    page.get_by_role("button", name="Previous page").click()
    expect(page.locator(".pager span")).to_have_text("1 – 25 of 30, surest first")
    assert samples(page) == first


def test_another_report_changes_every_view(show):
    page = show()
    page.locator(".picker select").select_option("digits")
    expect(page.locator(".about")).to_contain_text("80 samples of mnist, test part")
    expect(page.locator("section.classes .dots button")).to_have_count(10)
    expect(page.locator(".count")).to_have_text("3")
    expect(page.locator(".views")).to_be_hidden()
    expect(page.locator(".notes")).to_be_hidden()
    assert page.locator(".pairs tbody button").all_text_contents() == ["5 8", "5 → 83"]


def test_a_broken_report_is_named_and_harms_no_other(show):
    page = show()
    page.get_by_text("One report cannot be shown").click()
    expect(page.locator(".problems li")).to_contain_text("has schema 99")


def test_a_folder_without_reports_says_how_to_make_one(show, tmp_path):
    page = show(folder=tmp_path / "none")
    expect(page.locator("#analysis .trouble").first).to_contain_text(
        "python -m handwriting evaluate"
    )
    expect(page.locator("#analysis .report")).to_be_hidden()


def test_without_images_the_reports_picture_is_shown_until_they_come(show, monkeypatch):
    page = show(images=False)
    expect(page.locator(".state")).to_contain_text("the network cannot be reached")
    expect(page.locator(".picture")).to_be_visible()
    assert page.locator(".picture").evaluate("image => image.naturalWidth") == 400
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    assert len(captions(page)) == 25

    arrival = threading.Event()

    def fetch(*_, **__):
        arrival.wait(30)
        provide_images()

    monkeypatch.setattr(download, "fetch", fetch)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".state")).to_contain_text("are being fetched")
    expect(page.locator(".picture")).to_be_visible()
    arrival.set()
    np.testing.assert_array_equal(shown_images(page), IMAGES[samples(page)])
    expect(page.locator(".state")).to_be_hidden()
    expect(page.locator(".picture")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_matrix_follows_the_theme(show, scheme):
    page = show(color_scheme=scheme)
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    place = cell(page, "A", "A")
    colour = page.locator("section.matrix canvas").evaluate(
        "(canvas, {x, y}) => Array.from(canvas.getContext('2d').getImageData(x, y, 1, 1).data)",
        place,
    )
    brightness = np.mean(colour[:3])
    assert brightness < 60 if scheme == "light" else brightness > 200, "the diagonal stands out"


def test_a_narrow_window_needs_no_sideways_scrolling(show):
    page = show(width=360)
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    shown_images(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    overflowing = page.locator("#analysis :visible").evaluate_all(
        """parts => parts.filter(part => part.getBoundingClientRect().right > 361)
                         .filter(part => part.parentElement.closest(".scroll") === null)
                         .map(part => part.className || part.tagName)"""
    )
    assert overflowing == []


def test_a_finger_finds_the_mistakes_beside_it(show):
    """A cell is five pixels wide there; the most frequent mistake within reach is meant."""
    page = show(width=360, has_touch=True)
    expect(page.locator(".count")).to_have_text(f"{MISTAKES}")
    place = cell(page, "g", "9")
    page.locator("section.matrix canvas").tap(position={"x": place["x"] + 5, "y": place["y"] - 5})
    expect(page.locator(".count")).to_have_text(f"3 of {MISTAKES}")
    assert captions(page) == ["g → 9"] * 3
