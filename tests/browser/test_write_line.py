"""Whole line: boxes over the ink, alternatives, and a text."""

import pytest

expect = pytest.importorskip("playwright.sync_api").expect


def letter(left):
    """A c on the line, 60 units wide."""
    return [(left + x, 216 - y) for x, y in [(60, 75), (15, 80), (0, 40), (20, 0), (60, 8)]]


@pytest.fixture
def text(tab):
    """The text field, with the wide pad above it."""
    tab.choose("Line")
    return tab.page.get_by_role("textbox", name="Text of the line")


@pytest.fixture
def boxes(tab):
    return tab.page.locator(".boxes button")


@pytest.fixture
def alternatives(tab):
    return tab.page.locator(".alternatives")


def test_a_line_is_read_with_its_spaces(tab, text, boxes):
    tab.write(*letter(40))
    expect(text).to_have_value("c")
    tab.write(*letter(120))
    tab.write(*letter(300))
    expect(text).to_have_value("cc c")
    expect(boxes).to_have_count(3)
    first = boxes.first.bounding_box()
    x, y = tab.at((70, 176))
    assert first["x"] + first["width"] / 2 == pytest.approx(x, abs=3)
    assert first["y"] + first["height"] / 2 == pytest.approx(y, abs=3)


def test_the_line_is_read_while_the_pen_moves_one_request_at_a_time(tab, site, text):
    tab.press(*letter(40))
    expect(text).to_have_value("c")
    tab.page.mouse.up()
    tab.page.wait_for_timeout(500)  # The finished stroke is asked about, and answered.
    site.reader.open.clear()
    before = tab.asked()
    for left in (120, 200, 280):
        tab.write(*letter(left))
    tab.page.wait_for_timeout(300)
    assert tab.asked() == before + 1
    site.reader.open.set()
    expect(text).to_have_value("cccc")
    assert site.reader.most_at_once == 1


def test_a_click_on_a_box_offers_the_alternatives(tab, text, boxes, alternatives):
    for left in (40, 120):
        tab.write(*letter(left))
    expect(text).to_have_value("cc")
    tab.write((70, 180))
    expect(alternatives).to_be_visible()
    assert len(tab.strokes()) == 2
    shown = alternatives.locator("b").all_text_contents()
    assert shown[:3] == ["c", "C", "6"]
    alternatives.get_by_role("button", name="capital C").click()
    expect(alternatives).to_be_hidden()
    expect(text).to_have_value("Cc")
    expect(boxes.first).to_have_text("C")
    tab.write(*letter(200))
    expect(text).to_have_value("Ccc")


def test_writing_goes_through_the_boxes(tab, text, boxes, alternatives):
    tab.write(*letter(40))
    expect(boxes).to_have_count(1)
    tab.write((45, 180), (95, 180))
    expect(boxes).to_have_count(2)
    tab.write((70, 100))
    expect(boxes).to_have_count(3)
    assert len(tab.strokes()) == 3
    expect(alternatives).to_be_hidden()


def test_boxes_and_alternatives_work_by_keyboard(tab, text, boxes, alternatives):
    for left in (40, 120):
        tab.write(*letter(left))
    expect(text).to_have_value("cc")
    keyboard = tab.page.keyboard
    tab.pad.focus()
    for key in ("Tab", "ArrowRight", "Enter"):
        keyboard.press(key)
    expect(alternatives.get_by_role("button", name="small c")).to_be_focused()
    keyboard.press("Escape")
    expect(alternatives).to_be_hidden()
    expect(boxes.nth(1)).to_be_focused()
    assert len(tab.strokes()) == 2
    for key in ("Enter", "ArrowRight", "Enter"):
        keyboard.press(key)
    expect(text).to_have_value("cC")
    expect(boxes.nth(1)).to_be_focused()


def test_what_was_typed_stays_while_the_line_grows(tab, text, boxes):
    tab.write(*letter(40))
    expect(text).to_have_value("c")
    text.fill("Dear C")
    tab.write(*letter(120))
    expect(text).to_have_value("Dear Cc")
    tab.button("Undo").click()
    expect(boxes).to_have_count(1)
    expect(text).to_have_value("Dear C")
    tab.page.reload()
    expect(boxes).to_have_count(1)
    expect(text).to_have_value("Dear C")
    tab.button("Clear").click()
    expect(text).to_have_value("")
    expect(boxes).to_have_count(0)


def test_a_choice_leaves_what_was_typed(tab, text, boxes, alternatives):
    for left in (40, 120):
        tab.write(*letter(left))
    expect(text).to_have_value("cc")

    text.fill("Dear cc")
    tab.write((150, 180))
    alternatives.get_by_role("button", name="capital C").click()
    expect(text).to_have_value("Dear cC")
    text.fill("mine")
    tab.write((70, 180))
    alternatives.get_by_role("button", name="capital C").click()
    expect(text).to_have_value("mine")
    expect(boxes.first).to_have_text("C")


def test_a_choice_is_back_with_its_ink(tab, text, alternatives):
    tab.write(*letter(40))
    tab.write((70, 180))
    alternatives.get_by_role("button", name="capital C").click()
    expect(text).to_have_value("C")
    tab.button("Clear").click()
    expect(text).to_have_value("")
    tab.button("Undo").click()
    expect(text).to_have_value("C")


def test_the_text_of_the_line_is_copied(open_tab):
    tab = open_tab(permissions=["clipboard-read", "clipboard-write"])
    tab.choose("Line")
    tab.write(*letter(40))
    expect(tab.page.get_by_role("textbox", name="Text of the line")).to_have_value("c")
    tab.button("Copy the text of the line").click()
    assert tab.page.evaluate("navigator.clipboard.readText()") == "c"


def test_show_me_writes_a_word(open_tab):
    tab = open_tab(reduced_motion="reduce")
    tab.choose("Line")
    tab.button("Show me").click()
    expect(tab.button("Stop")).to_be_visible()
    expect(tab.button("Show me")).to_be_visible()
    expect(tab.page.locator(".boxes button")).to_have_count(len(tab.strokes()))
    assert len(tab.strokes()) > 3


def test_the_sheet_keeps_its_ink_in_a_narrow_window(tab, text):
    tab.write(*letter(900))
    expect(text).to_have_value("c")
    wide = tab.pad.bounding_box()
    tab.page.set_viewport_size({"width": 360, "height": 740})
    tab.page.wait_for_function("document.querySelector('.ink').clientWidth < 360")
    narrow = tab.pad.bounding_box()
    assert narrow["width"] / narrow["height"] == pytest.approx(wide["width"] / wide["height"], 0.02)
    assert tab.coverage() > 0
    tab.button("Clear").click()
    assert tab.pad.bounding_box()["height"] > 1.5 * narrow["height"]


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_jumps_while_a_line_grows(open_tab, width):
    tab = open_tab(width=width)
    tab.choose("Line")
    places = """[...document.querySelectorAll("#writing-pad .desk *:not(.boxes *)")]
        .map(e => { const {x, y, width, height} = e.getBoundingClientRect();
                    return [e.className.baseVal ?? e.className, x, y, width, height].join() })"""
    before = tab.page.evaluate(places)
    for left in (40, 120, 200):
        tab.write(*letter(left))
    expect(tab.page.get_by_role("textbox", name="Text of the line")).to_have_value("ccc")
    tab.page.wait_for_timeout(400)
    assert tab.page.evaluate(places) == before
    assert tab.page.evaluate("document.documentElement.scrollWidth") == width
