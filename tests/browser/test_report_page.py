"""A report's page, opened from disk by a browser that has no network."""

import numpy as np
import pytest
from analysis_page import IMAGES, LABELS, MISREAD, predict

from handwriting.alphabet import CHARACTERS
from handwriting.evaluation import figures
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import write_report


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Pages of a report of 62 characters and of one with two, known by labels alone."""
    folder = tmp_path_factory.mktemp("pages")
    two = Predictions.from_labels(("0", "1"), np.array([0, 0, 1]), np.array([0, 1, 1]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "draw_figures", lambda *_: [])
        for name, predictions, images in (
            ("all", predict(CHARACTERS, LABELS, MISREAD), IMAGES),
            ("two", two, None),
        ):
            dataset = {"name": "byclass", "part": "test"}
            write_report(folder / name, predictions, {"name": "net"}, dataset, images)
    return folder


@pytest.fixture
def open_page(chromium, files):
    contexts, failures = [], []

    def open_page(name, width=1280, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, offline=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto((files / name / "index.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert failures == []


def centre(page, row, column):
    """Where a cell is on the canvas: all are within the frame that ends it at the right."""
    side = page.locator(".board canvas").bounding_box()["width"]
    size = (side - 18 - 2) / len(CHARACTERS)
    at = [18 + (CHARACTERS.index(character) + 0.5) * size for character in (column, row)]
    return dict(zip("xy", at, strict=True))


def ink(page):
    """float (m,): the mean brightness of each tile that is shown, as it is painted."""
    return page.locator(".tiles canvas").evaluate_all(
        """tiles => tiles.map((tile) => {
            const { data } = tile.getContext("2d").getImageData(0, 0, 28, 28);
            return data.reduce((sum, value, i) => sum + (i % 4 ? 0 : value), 0) / 784;
        })"""
    )


def test_a_cell_tells_its_count_and_shows_its_samples(open_page):
    page = open_page("all")
    canvas = page.locator(".board canvas")
    canvas.hover(position=centre(page, "q", "9"))
    assert page.locator(".readout").inner_text() == "q read as 9: 3 of 8, 37.5 %"
    canvas.click(position=centre(page, "q", "9"))
    assert page.locator(".shown").inner_text() == "All 3 samples of q read as 9."
    names = page.locator(".tiles canvas").evaluate_all("list => list.map((c) => c.ariaLabel)")
    last = 8 * CHARACTERS.index("q") + 7
    samples = [last, last - 1, last - 2]
    assert [name.split(":")[0] for name in names] == [f"Sample {i}" for i in samples]
    assert ink(page) == pytest.approx([IMAGES[i].mean() for i in samples])


def test_keys_explore_it_on_a_phone(open_page):
    page = open_page("all", width=360, color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator(".readout").inner_text().startswith("C read as c"), "the first of most"
    page.locator(".board canvas").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.locator(".readout").inner_text() == "D read as e: 0 of 8, 0.0 %"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert page.locator(".shown").inner_text() == "No samples of C read as e."
    assert page.locator(".tiles li").count() == 0
    page.keyboard.press("ArrowLeft")
    assert page.locator(".readout").inner_text() == "C read as d: 0 of 8, 0.0 %"
    page.keyboard.press("Escape")
    assert page.locator(".readout").inner_text() == "C read as e: 0 of 8, 0.0 %"


def test_a_finger_finds_the_mistakes_beside_it(open_page):
    page = open_page("all", width=360, has_touch=True)
    place = centre(page, "q", "9")
    page.locator(".board canvas").tap(position={"x": place["x"] - 6, "y": place["y"] + 6})
    assert page.locator(".shown").inner_text() == "All 3 samples of q read as 9."


def test_without_images_it_says_so(open_page):
    page = open_page("two")
    assert page.locator(".readout").inner_text() == "0 read as 1: 1 of 2, 50.0 %"
    assert "made without the images" in page.locator(".shown").inner_text()
    assert page.locator(".tiles li").count() == 0
