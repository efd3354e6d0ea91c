"""The Write tab in a real browser."""

import base64

import gradio as gr
import pytest
from serving import serve

from handwriting.app.pad import BASELINE, EXAMPLES, X_HEIGHT_LINE, pad
from handwriting.errors import InputError
from handwriting.line import Line

expect = pytest.importorskip("playwright.sync_api").expect

C = [(260, 200), (180, 190), (150, 240), (190, 290), (260, 270)]
STEM = [(200, 80), (200, 290)]
BAR = [(150, 180), (260, 180)]
AFAR = [(40, 360), (120, 360)]


def touch(tab, *points):
    """One stroke of a finger."""
    session = tab.page.context.new_cdp_session(tab.page)

    def send(kind, *touches):
        positions = [dict(zip("xy", tab.at(point), strict=True)) for point in touches]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": positions})

    send("touchStart", points[0])
    for point in points[1:]:
        send("touchMove", point)
    send("touchEnd")


def pen(tab, *points):
    """One stroke of a pen."""
    session = tab.page.context.new_cdp_session(tab.page)
    kinds = ["mousePressed", *["mouseMoved"] * (len(points) - 1), "mouseReleased"]
    for kind, point in zip(kinds, [*points, points[-1]], strict=True):
        x, y = tab.at(point)
        session.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "pointerType": "pen", "button": "left"}
            | {"buttons": 0 if kind == "mouseReleased" else 1, "clickCount": 1},
        )


def test_a_stroke_of_the_mouse_is_read(tab):
    expect(tab.name).to_have_text("Nothing written yet")
    tab.write(*C)
    expect(tab.name).to_have_text("small c")
    expect(tab.glyph).to_have_text("c")
    expect(tab.page.locator(".share")).to_have_text("60 %")
    characters = tab.page.locator(".ranking .character")
    assert characters.all_text_contents()[:3] == ["c", "C", "6"]
    expect(tab.page.locator(".invitation")).to_have_css("opacity", "0")


@pytest.mark.parametrize("draw", [touch, pen])
def test_a_finger_and_a_pen_write_too(open_tab, draw):
    tab = open_tab(has_touch=True)
    draw(tab, *C)
    expect(tab.name).to_have_text("small c")
    draw(tab, *STEM)
    expect(tab.name).to_have_text("small t")
    assert [len(stroke) for stroke in tab.strokes()] == [len(C), len(STEM)]


def test_a_second_finger_does_not_write(open_tab):
    tab = open_tab(has_touch=True)
    session = tab.page.context.new_cdp_session(tab.page)
    one, other = ({"x": x, "y": y} for x, y in (tab.at(STEM[0]), tab.at(AFAR[0])))
    for kind, touches in (("touchStart", [one]), ("touchStart", [one, other]), ("touchEnd", [])):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    assert len(tab.strokes()) == 1


def test_a_click_writes_a_dot(tab):
    tab.write((200, 200))
    expect(tab.name).to_have_text("small c")
    assert len(tab.strokes()[0]) == 1
    assert tab.coverage() == pytest.approx(3.14 * 15**2 / 400**2, rel=0.1)


def test_ink_ends_at_the_edge_of_the_pad(tab):
    tab.write((100, 100), (100, 300), (460, 300), (460, -40))
    ink = [point for stroke in tab.strokes() for point in stroke]
    assert min(map(min, ink)) == 0
    assert max(map(max, ink)) == 400


def test_the_reading_follows_the_moving_pen(tab):
    tab.press(*C)
    expect(tab.name).to_have_text("small c")


def test_the_image_that_the_model_sees_is_shown(tab):
    seen = tab.page.locator(".seen canvas")
    brightest = """canvas => Math.max(...canvas.getContext("2d")
        .getImageData(0, 0, 28, 28).data.filter((_, index) => index % 4 < 3))"""
    assert seen.evaluate(brightest) == 0
    tab.write(*C)
    expect(tab.name).to_have_text("small c")
    assert seen.evaluate(brightest) == 255
    tab.button("Clear").click()
    assert seen.evaluate(brightest) == 0


def test_one_request_is_in_flight_and_the_newest_ink_wins(tab, site):
    site.reader.open.clear()
    tab.write(*STEM)
    tab.write(*BAR)
    tab.write(*AFAR)
    tab.page.wait_for_timeout(500)
    assert tab.asked() == 1
    site.reader.open.set()
    expect(tab.name).to_have_text("capital F")
    assert site.reader.most_at_once == 1
    assert tab.asked() == len(site.reader.questions) == 2
    assert site.reader.questions[-1][0] == sum(map(len, tab.strokes()))


def test_the_number_of_requests_stays_low_and_each_is_small(tab):
    sizes = []
    tab.page.on(
        "requestfinished",
        lambda request: (
            "component_server" in request.url and sizes.append(request.sizes()["requestBodySize"])
        ),
    )
    tab.write(*C, *reversed(C))
    expect(tab.name).to_have_text("small c")
    tab.page.wait_for_timeout(200)
    assert len(sizes) == tab.asked()
    assert max(sizes) < 3000


def test_a_late_answer_is_dropped(tab, site):
    site.reader.open.clear()
    tab.write(*C)
    tab.page.keyboard.press("Escape")
    with tab.page.expect_response("**/component_server/"):
        site.reader.open.set()
    tab.page.wait_for_timeout(100)
    expect(tab.name).to_have_text("Nothing written yet")


def test_idle_costs_nothing(tab):
    tab.write(*C)
    expect(tab.name).to_have_text("small c")
    tab.page.wait_for_timeout(1000)
    before = len(tab.requests)
    tab.page.mouse.move(*tab.at((10, 10)), steps=20)
    tab.page.wait_for_timeout(2000)
    assert len(tab.requests) == before


def test_undo_redo_and_clear_by_keys(tab):
    tab.write(*STEM)
    tab.write(*BAR)
    expect(tab.name).to_have_text("small t")
    both = tab.coverage()
    tab.page.keyboard.press("Control+z")
    expect(tab.name).to_have_text("small c")
    assert 0 < tab.coverage() < both
    tab.page.keyboard.press("Control+Shift+Z")
    expect(tab.name).to_have_text("small t")
    assert tab.coverage() == both
    tab.page.keyboard.press("Escape")
    expect(tab.name).to_have_text("Nothing written yet")
    assert tab.coverage() == 0
    tab.page.keyboard.press("Control+z")
    expect(tab.name).to_have_text("small t")


def test_undo_redo_and_clear_by_buttons(tab):
    undo, redo, clear = map(tab.button, ("Undo", "Redo", "Clear"))
    for button in (undo, redo, clear):
        expect(button).to_be_disabled()
    tab.write(*STEM)
    undo.click()
    expect(tab.name).to_have_text("Nothing written yet")
    expect(undo).to_be_disabled()
    redo.click()
    expect(tab.name).to_have_text("small c")
    clear.click()
    expect(tab.name).to_have_text("Nothing written yet")
    expect(clear).to_be_disabled()


@pytest.mark.parametrize("way", ["button", "key"])
def test_the_eraser_takes_whole_strokes(tab, way):
    tab.write(*STEM)
    tab.write(*AFAR)
    if way == "button":
        tab.button("Stroke eraser").click()
    else:
        tab.pad.focus()
        tab.page.keyboard.press("e")
    expect(tab.button("Stroke eraser")).to_have_attribute("aria-pressed", "true")
    tab.write((170, 200), (230, 200))
    expect(tab.name).to_have_text("small c")
    (left,) = tab.strokes()
    assert all(y > 350 for _, y in left)
    tab.button("Undo").click()
    expect(tab.name).to_have_text("small t")


def test_the_eraser_changes_nothing_where_there_is_no_ink(tab):
    tab.write(*STEM)
    expect(tab.name).to_have_text("small c")
    tab.button("Stroke eraser").click()
    tab.page.wait_for_timeout(300)
    asked = tab.asked()
    tab.write(*AFAR)
    tab.page.wait_for_timeout(300)
    assert tab.asked() == asked
    tab.button("Undo").click()
    expect(tab.name).to_have_text("Nothing written yet")


def test_the_brush_changes_the_look_and_never_what_is_read(tab):
    slider = tab.page.get_by_role("slider", name="Brush width")
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("5", "100")
    expect(slider).to_have_value("30")
    tab.write(*C)
    expect(tab.name).to_have_text("small c")
    tab.page.wait_for_timeout(300)
    before, asked, strokes = tab.coverage(), tab.asked(), tab.strokes()
    slider.fill("90")
    assert tab.coverage() > 1.5 * before
    slider.fill("5")
    assert tab.coverage() < before / 3
    tab.page.wait_for_timeout(300)
    assert tab.asked() == asked
    assert tab.strokes() == strokes


def test_resizing_keeps_the_ink(tab):
    tab.write(*C)
    strokes, wide, pixels = tab.strokes(), tab.coverage(), tab.painted()["side"]
    tab.page.set_viewport_size({"width": 360, "height": 740})
    tab.page.wait_for_function(f"document.querySelector('.ink').width < {pixels}")
    assert tab.strokes() == strokes
    assert tab.coverage() == pytest.approx(wide, rel=0.05)


def test_ink_is_sharp_on_a_dense_screen(open_tab):
    tab = open_tab(device_scale_factor=2)
    tab.write(*C)
    assert tab.painted()["side"] == 2 * tab.pad.evaluate("canvas => canvas.clientWidth")


def test_ink_follows_the_theme(open_tab):
    tab = open_tab(color_scheme="light")
    tab.write(*C)
    assert tab.painted()["brightness"] < 80
    tab.page.evaluate("document.body.classList.add('dark')")
    assert tab.painted()["brightness"] > 200
    dark = open_tab(color_scheme="dark")
    dark.write(*C)
    assert dark.painted()["brightness"] > 200


def test_the_alphabet_renormalises(tab, site):
    tab.write(*C)
    expect(tab.name).to_have_text("small c")
    tab.page.get_by_role("radio", name="Digits: 0 to 9").check(force=True)
    expect(tab.name).to_have_text("digit 6")
    expect(tab.page.locator(".share")).to_have_text("> 99 %")
    tab.page.get_by_role("radio", name="Any case: digits and letters, whatever their case").check(
        force=True
    )
    expect(tab.name).to_have_text("letter C")
    expect(tab.page.locator(".share")).to_have_text("90 %")
    assert [alphabet for _, alphabet in site.reader.questions][-2:] == [
        "digits",
        "case-insensitive",
    ]


def test_look_alikes_that_share_the_lead_are_named(tab):
    for stroke in (STEM, BAR, AFAR, C):
        tab.write(*stroke)
    expect(tab.page.locator(".note")).to_have_text("0, O and o look the same without context")
    tab.button("Clear").click()
    expect(tab.page.locator(".note")).to_have_text("")


def test_the_ruling_is_sent_with_the_ink(tab, site):
    tab.write(*C)
    expect(tab.name).to_have_text("small c")
    assert site.reader.line == Line(BASELINE, BASELINE - X_HEIGHT_LINE)
    base = tab.page.locator(".ruling .base").bounding_box()
    assert base["y"] == pytest.approx(tab.at((0, BASELINE))[1], abs=1)


def test_the_reading_is_spoken_once_the_pen_rests(tab):
    spoken = tab.page.locator("[aria-live=polite].spoken")
    tab.press(*C)
    expect(tab.name).to_have_text("small c")
    expect(spoken).to_have_text("")
    tab.page.mouse.up()
    expect(spoken).to_have_text("small c, 60 %. C and c look the same without context")


def test_show_me_draws_and_makes_room_for_the_visitor(tab):
    tab.write(*C)
    tab.button("Show me").click()
    first = len(EXAMPLES[0]["strokes"])
    tab.page.wait_for_function(
        "JSON.parse(sessionStorage.getItem('handwriting.ink')).strokes.single.flat().length > 50"
    )
    assert len(tab.strokes()) == first
    expect(tab.button("Stop")).to_be_visible()
    tab.write(*STEM)
    expect(tab.button("Show me")).to_be_visible()
    assert len(tab.strokes()) == 1
    assert len(tab.strokes()[0]) < 50


def test_show_me_can_be_stopped_and_undone(tab):
    tab.write(*STEM)
    tab.write(*BAR)
    tab.button("Show me").click()
    tab.button("Stop").click()
    expect(tab.button("Show me")).to_be_visible()
    tab.button("Undo").click()
    expect(tab.name).to_have_text("small t")


def test_show_me_shows_every_example(open_tab, site):
    tab = open_tab(reduced_motion="reduce")
    tab.button("Show me").click()
    expect(tab.button("Stop")).to_be_visible()
    expect(tab.button("Show me")).to_be_visible(timeout=20_000)
    read = {points for points, _ in site.reader.questions}
    assert len(read) >= len(EXAMPLES)
    assert len(tab.strokes()) == len(EXAMPLES[-1]["strokes"])


def test_ink_survives_the_other_tab_and_a_reload(tab):
    tab.write(*C)
    strokes = tab.strokes()
    tab.page.get_by_role("tab", name="Analysis").click()
    expect(tab.pad).to_be_hidden()
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("tab", name="Write").click()
    expect(tab.name).to_have_text("small c")
    assert tab.coverage() > 0
    tab.page.reload()
    expect(tab.name).to_have_text("small c")
    assert tab.strokes() == strokes
    assert tab.coverage() > 0


def test_a_refusal_is_shown_and_loses_no_ink(tab, site):
    site.reader.refusal = InputError("a drawing has at most 500 strokes")
    tab.write(*C)
    expect(tab.trouble).to_contain_text("a drawing has at most 500 strokes")
    assert len(tab.strokes()) == 1
    site.reader.refusal = None
    tab.write(*STEM)
    expect(tab.name).to_have_text("small t")
    expect(tab.trouble).to_have_count(0)


def test_a_slow_answer_is_announced(tab, site):
    site.reader.open.clear()
    tab.write(*C)
    expect(tab.trouble).to_contain_text("Waiting for the server")
    site.reader.open.set()
    expect(tab.name).to_have_text("small c")
    expect(tab.trouble).to_have_count(0)


def test_a_lost_server_is_said_and_ink_is_read_when_it_is_back(open_tab, own_site):
    tab = open_tab(own_site.url)
    tab.write(*STEM)
    expect(tab.name).to_have_text("small c")
    own_site.stop()
    tab.write(*BAR)
    expect(tab.trouble).to_contain_text("The server does not answer. Your ink is safe")
    assert len(tab.strokes()) == 2
    asked = tab.asked()
    tab.page.wait_for_timeout(1000)
    assert tab.asked() == asked
    own_site.start_again()
    tab.button("Try again").click()
    expect(tab.name).to_have_text("small t")
    expect(tab.trouble).to_have_count(0)


def test_every_control_has_a_name_and_is_reached_by_keyboard(tab):
    tab.write(*STEM)
    tab.write(*BAR)
    tab.page.keyboard.press("Control+z")
    expect(tab.button("Redo")).to_be_enabled()
    tab.page.get_by_role("radio", name="Single").focus()
    reached = []
    for _ in range(8):
        tab.page.keyboard.press("Tab")
        reached.append(
            tab.page.evaluate("(e => e.ariaLabel || e.textContent.trim())(document.activeElement)")
        )
    assert reached == [
        tab.pad.get_attribute("aria-label"),
        "Undo",
        "Redo",
        "Stroke eraser",
        "Clear",
        "Show me",
        "Brush width",
        "All 62: digits, capitals and small letters",
    ]
    assert tab.pad.get_attribute("aria-label").startswith("Writing pad")
    nameless = """[...document.querySelectorAll("#writing-pad :is(button, input, canvas)")]
        .filter(e => !e.ariaLabel && !e.textContent.trim()).length"""
    assert tab.page.evaluate(nameless) == 0


def test_a_narrow_window_holds_everything(open_tab):
    tab = open_tab(width=360, height=740)
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 360
    for control in tab.page.locator("#writing-pad :is(button, label, canvas)").all():
        if not control.is_visible():
            continue
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_jumps_while_drawing(open_tab, width):
    tab = open_tab(width=width)
    places = """[...document.querySelectorAll("#writing-pad .desk > *, #writing-pad .ranking > *")]
        .map(e => { const {x, y, width, height} = e.getBoundingClientRect();
                    return [x, y, width, height].join() })"""
    before = tab.page.evaluate(places)
    for stroke in (STEM, BAR, AFAR, C):
        tab.write(*stroke)
    expect(tab.page.locator(".note")).not_to_have_text("")
    assert tab.page.evaluate(places) == before


def test_the_page_needs_nothing_from_elsewhere(tab, site):
    tab.write(*C)
    expect(tab.name).to_have_text("small c")
    assert [url for url in tab.requests if not url.startswith((site.url, "data:", "blob:"))] == []


def test_the_value_of_the_pad_is_its_ink(open_tab):
    best = {"character": "c", "name": "small c", "probability": 1.0}
    reading = {"guesses": [best], "image": base64.b64encode(bytes(784)).decode(), "note": ""}
    three = {"width": 400, "height": 400, "strokes": [C, STEM, BAR]}
    with gr.Blocks() as page:
        sheet = pad(lambda question: reading, lambda question: {"characters": []})
        count = gr.Textbox(label="Strokes")
        sheet.change(lambda drawing: str(len(drawing["strokes"])), sheet, count)
        gr.Button("Draw three").click(lambda: three, None, sheet)
    with serve(page) as url:
        tab = open_tab(url)
        strokes = tab.page.get_by_label("Strokes")
        tab.write(*STEM)
        expect(strokes).to_have_value("1")
        tab.button("Draw three").click()
        expect(strokes).to_have_value("3")
        assert tab.strokes() == [[list(point) for point in stroke] for stroke in (C, STEM, BAR)]
        tab.button("Undo").click()
        expect(strokes).to_have_value("1")
