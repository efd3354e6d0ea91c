"""One after another: characters that become a text."""

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

C = [(260, 200), (180, 190), (150, 240), (190, 290), (260, 270)]
STEM = [(200, 80), (200, 290)]
BAR = [(150, 180), (260, 180)]


@pytest.fixture
def field(tab):
    """The text field, with the pad ready for one character after another."""
    tab.choose("One after another")
    return tab.page.get_by_label("Text", exact=True)


@pytest.fixture
def images(tab):
    return tab.page.locator(".letters li")


def test_each_character_is_appended_after_a_pause(tab, field, images):
    tab.write(*C)
    expect(field).to_have_value("c")
    assert tab.strokes() == []
    assert tab.coverage() == 0
    expect(tab.button("Undo")).to_be_disabled()
    tab.write(*STEM)
    tab.write(*BAR)
    expect(field).to_have_value("ct")
    names = images.locator("canvas").evaluate_all("all => all.map(each => each.ariaLabel)")
    assert names == ["small c", "small t"]
    brightest = """canvas => Math.max(...canvas.getContext("2d")
        .getImageData(0, 0, 28, 28).data.filter((_, index) => index % 4 < 3))"""
    assert images.locator("canvas").first.evaluate(brightest) == 255


def test_nothing_is_appended_while_the_pen_is_down(tab, field):
    tab.write(*STEM)
    tab.press(*BAR)
    tab.page.wait_for_timeout(1500)
    expect(field).to_have_value("")
    tab.page.mouse.up()
    expect(field).to_have_value("t")


def test_a_late_answer_is_waited_for(tab, site, field):
    site.reader.open.clear()
    tab.write(*C)
    tab.page.wait_for_timeout(1200)
    expect(field).to_have_value("")
    assert len(tab.strokes()) == 1
    site.reader.open.set()
    expect(field).to_have_value("c")


def test_backspace_on_the_pad_removes_the_last(tab, field, images):
    tab.write(*C)
    expect(field).to_have_value("c")
    tab.page.keyboard.press("Space")
    tab.write(*STEM)
    expect(field).to_have_value("c c")
    for text, count in (("c ", 1), ("c", 1), ("", 0)):
        tab.page.keyboard.press("Backspace")
        expect(field).to_have_value(text)
        expect(images).to_have_count(count)
    expect(tab.button("Remove the last")).to_be_disabled()


def test_backspace_takes_unfinished_ink_first(tab, field):
    tab.write(*C)
    expect(field).to_have_value("c")
    tab.write(*STEM)
    tab.page.keyboard.press("Backspace")
    assert tab.strokes() == []
    tab.page.wait_for_timeout(1200)
    expect(field).to_have_value("c")


def test_the_text_can_be_edited_and_written_on(tab, field, images):
    tab.write(*C)
    expect(field).to_have_value("c")
    field.fill("Ac")
    field.press("Backspace")
    expect(field).to_have_value("A")
    tab.write(*STEM)
    tab.write(*BAR)
    expect(field).to_have_value("At")
    field.fill("")
    expect(images).to_have_count(0)


def test_the_text_is_copied(open_tab):
    tab = open_tab(permissions=["clipboard-read", "clipboard-write"])
    tab.choose("One after another")
    tab.write(*C)
    expect(tab.page.get_by_label("Text", exact=True)).to_have_value("c")
    tab.button("Copy the text").click()
    assert tab.page.evaluate("navigator.clipboard.readText()") == "c"


@pytest.mark.parametrize(("touch", "milliseconds"), [(False, "800"), (True, "400")])
def test_the_pause_is_shorter_for_a_finger(open_tab, touch, milliseconds):
    tab = open_tab(has_touch=touch, is_mobile=touch)
    tab.choose("One after another")
    expect(tab.page.get_by_role("slider", name="Pause")).to_have_value(milliseconds)


def test_the_pause_can_be_adjusted(tab, field):
    pause = tab.page.get_by_role("slider", name="Pause")
    pause.fill("2000")
    tab.write(*C)
    tab.page.wait_for_timeout(1200)
    expect(field).to_have_value("")
    expect(field).to_have_value("c")
    expect(pause).to_have_value("2000")


def test_modes_are_chosen_by_keyboard_and_keep_their_ink(tab):
    tab.write(*C)
    tab.page.get_by_role("radio", name="Single").focus()
    tab.page.keyboard.press("ArrowRight")
    expect(tab.page.get_by_label("Text", exact=True)).to_be_visible()
    assert tab.strokes() == []
    tab.page.keyboard.press("ArrowLeft")
    expect(tab.name).to_have_text("small c")
    assert len(tab.strokes()) == 1


def test_text_and_mode_survive_a_reload(tab, field, images):
    tab.write(*C)
    expect(field).to_have_value("c")
    tab.page.reload()
    expect(field).to_have_value("c")
    expect(images).to_have_count(1)


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_jumps_while_a_text_grows(open_tab, width):
    tab = open_tab(width=width)
    tab.choose("One after another")
    places = """[...document.querySelectorAll("#writing-pad .desk *:not(.ranking *, li, li *)")]
        .map(e => { const {x, y, width, height} = e.getBoundingClientRect();
                    return [e.className.baseVal ?? e.className, x, y, width, height].join() })"""
    before = tab.page.evaluate(places)
    field = tab.page.get_by_label("Text", exact=True)
    for text in ("c", "cc"):
        tab.write(*C)
        expect(field).to_have_value(text)
    assert tab.page.evaluate(places) == before
    assert tab.page.evaluate("document.documentElement.scrollWidth") == width
