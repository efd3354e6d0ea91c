"""A real browser on the real page, with a reader whose answers a test can foresee."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from analysis_page import LABELS, MISREAD, PER_CLASS, Mute, predict, provide_images
from gradio.context import Context
from PIL import Image
from serving import serve

from handwriting.alphabet import CHARACTERS, CHOICES
from handwriting.app.analysis import ReportDesk
from handwriting.app.page import LAUNCH, build_page
from handwriting.datasets import download
from handwriting.errors import InputError
from handwriting.evaluation import figures
from handwriting.evaluation.report import write_report
from handwriting.line import Line
from handwriting.reading import Character, Guess, Reading

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Give each browser test a second chance: a busy machine may keep a browser waiting."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class StrokeCounter:
    """Reads one stroke as `c`, two as `t`, three as `F`, four as a circle, more as `8`."""

    READINGS = ({"c": 0.6, "C": 0.3, "6": 0.1}, {"t": 1}, {"F": 1}, {"O": 0.5, "0": 0.4, "o": 0.1})
    OTHERWISE = {"8": 1}  # noqa: RUF012

    def __init__(self):
        self.questions: list[tuple[int, str]] = []
        self.most_at_once = 0
        self.line: Line | None = None
        self.refusal: Exception | None = None
        self.open = threading.Event()
        self.open.set()
        self._at_once = 0
        self._lock = threading.Lock()

    def read(self, drawing, alphabet="all", line=None):
        """One character a stroke, and a space where they are far apart."""
        characters = []
        for index, stroke in enumerate(drawing):
            guesses = tuple(self.guess([stroke], alphabet, line=line))
            box = (*stroke.min(axis=0).tolist(), *stroke.max(axis=0).tolist())
            far = bool(characters) and box[0] - characters[-1].box[2] > 60
            characters.append(Character(box, (index,), guesses, far))
        return Reading(tuple(characters), line)

    def guess(self, drawing, alphabet="all", top=5, line=None):
        with self._lock:
            self.questions.append((sum(map(len, drawing)), alphabet))
            self.line = line
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self.open.wait(timeout=30)
        with self._lock:
            self._at_once -= 1
        if self.refusal:
            raise self.refusal
        reading = dict(enumerate(self.READINGS, start=1)).get(len(drawing), self.OTHERWISE)
        probabilities = np.full((1, len(CHARACTERS)), 1e-6)
        for character, probability in reading.items():
            probabilities[0, CHARACTERS.index(character)] = probability
        choice = CHOICES[alphabet]
        (shares,) = choice.project(probabilities)
        ranked = np.argsort(-shares)[:top]
        return [Guess(choice.classes[i], float(shares[i])) for i in ranked]


class Site:
    """The app on a port of its own."""

    def __init__(self, port: int | None = None):
        # A new process numbers its components anew; a page that is open relies on it.
        Context.id = 0
        self.reader = StrokeCounter()
        self.page = build_page(self.reader, Path("reports"))
        _, self.url, _ = self.page.launch(
            prevent_thread_lock=True, quiet=True, server_port=port, **LAUNCH
        )

    def stop(self) -> None:
        self.page.close(verbose=False)

    def start_again(self) -> None:
        """Come back on the same port, as a Space does that was restarted."""
        self.__init__(self.page.server_port)


class WriteTab:
    """The Write tab as somebody who writes on it meets it; points are in pad units."""

    def __init__(self, page, url: str):
        self.page = page
        self.height = 400
        self.requests: list[str] = []
        self.failures: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.failures.append(str(error)))
        page.goto(url)
        self.pad = page.locator("#writing-pad .ink")
        self.glyph = page.locator("#writing-pad .glyph")
        self.name = page.locator("#writing-pad .name")
        self.trouble = page.locator("#writing-pad .trouble.shown")
        self.button("Undo").wait_for()
        # Chromium drops what the mouse does before the first frame is painted.
        page.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def button(self, name: str):
        return self.page.get_by_role("button", name=name, exact=True)

    def at(self, point) -> tuple[float, float]:
        """Where a point of the pad is in the window."""
        box = self.pad.bounding_box()
        scale = box["height"] / self.height
        return box["x"] + point[0] * scale, box["y"] + point[1] * scale

    def press(self, *points) -> None:
        """Move the mouse through the points with the button down, and keep it down."""
        self.page.mouse.move(*self.at(points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.at(point), steps=8)

    def write(self, *points) -> None:
        """One stroke of the mouse."""
        self.press(*points)
        self.page.mouse.up()

    def strokes(self) -> list[list[list[float]]]:
        """The ink on the pad, as the page keeps it for a reload."""
        kept = self.page.evaluate("JSON.parse(sessionStorage.getItem('handwriting.ink'))")
        return kept["strokes"][kept["mode"]]

    def choose(self, mode: str) -> None:
        """Choose what to write: `Single`, `One after another`, `Line`."""
        self.page.locator(".modes label", has_text=mode).click()
        self.height = 320 if mode == "Line" else 400

    def painted(self) -> dict[str, float]:
        """The canvas's `side` in pixels, the ink's `coverage` of it and its mean `brightness`."""
        return self.pad.evaluate(
            """async canvas => {
                await new Promise(requestAnimationFrame);
                const side = canvas.width;
                const { data } = canvas.getContext("2d").getImageData(0, 0, side, side);
                let [count, sum] = [0, 0];
                for (let i = 0; i < data.length; i += 4) {
                    if (data[i + 3] > 127) {
                        count += 1;
                        sum += data[i + 1];
                    }
                }
                return { side, coverage: count / side ** 2, brightness: sum / count };
            }"""
        )

    def coverage(self) -> float:
        """Which part of the pad the ink covers."""
        return self.painted()["coverage"]

    def asked(self) -> int:
        """How many requests the pad has sent."""
        return sum("component_server" in url for url in self.requests)


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    sync_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}: apt-get install chromium")
    sync_api.expect.set_options(timeout=20_000)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_site(chromium) -> Iterator[Site]:
    site = Site()
    yield site
    site.stop()


@pytest.fixture
def site(shared_site) -> Iterator[Site]:
    """The app, with a reader that has been asked nothing yet."""
    shared_site.reader.__init__()
    yield shared_site
    shared_site.reader.open.set()


@pytest.fixture
def own_site(chromium) -> Iterator[Site]:
    """An app that the test may stop."""
    site = Site()
    yield site
    site.stop()


@pytest.fixture
def open_tab(chromium, site) -> Iterator:
    """Opens the Write tab in a new window; options are those of Playwright's contexts."""
    contexts = []

    def open_tab(url=site.url, width=1280, height=800, **options) -> WriteTab:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(20_000)
        contexts.append((context, tab := WriteTab(context.new_page(), url)))
        return tab

    yield open_tab
    for context, tab in contexts:
        context.close()
        assert tab.failures == []


@pytest.fixture
def tab(open_tab) -> WriteTab:
    """The Write tab in a window of 1280 × 800."""
    return open_tab()


@pytest.fixture(scope="session")
def reports(tmp_path_factory) -> Path:
    """The first report is of all 62 characters, another of fewer digits, and one is broken.

    The figures of reports have tests of their own; here a stand-in saves the time to draw them.
    """
    folder = tmp_path_factory.mktemp("reports")
    (folder / "broken").mkdir()
    (folder / "broken" / "report.json").write_text('{"schema_version": 99}')
    digits = predict("0123456789", LABELS[: 10 * PER_CLASS], {"5": "8"})
    everything = predict(CHARACTERS, LABELS, MISREAD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "draw_figures", lambda *_: [])
        write_report(folder / "digits", digits, {"name": "ten"}, {"name": "mnist", "part": "test"})
        write_report(
            folder / "all",
            everything,
            {"name": "<i>net</i>", "parameters": 229_630},
            {"name": "byclass", "part": "test"},
            notes=["Outputs are corrected."],
        )
    for theme in ("light", "dark"):
        Image.new("L", (400, 300)).save(folder / "all" / "figures" / f"mistakes-{theme}.png")
    return folder


@pytest.fixture(scope="session")
def illustrated(reports, tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """A data directory with the reports' images, and the app that has both."""
    data = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDWRITING_DATA", str(data))
        provide_images()
        # Reads ahead, at a time when the data directory may be another one.
        patch.setattr(ReportDesk, "prepare", lambda desk: None)
        page = build_page(Mute(), reports)
    with serve(page, **LAUNCH) as url:
        yield data, url


@pytest.fixture
def show(chromium, reports, illustrated, tmp_path, monkeypatch):
    """Opens the tab; `images=False` is a machine without the test images or a network."""
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path / "data"))
    failures = []

    def unreachable(*_, **__):
        raise InputError("the network cannot be reached")

    monkeypatch.setattr(download, "fetch", unreachable)
    with ExitStack() as opened:

        def show(images=True, folder=reports, width=1280, query="", **options):
            data, url = illustrated
            if images:
                monkeypatch.setenv("HANDWRITING_DATA", str(data))
            if folder != reports or not images:
                url = opened.enter_context(serve(build_page(Mute(), folder), **LAUNCH))
            context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
            opened.callback(context.close)
            context.set_default_timeout(20_000)
            page = context.new_page()
            page.on("pageerror", lambda error: failures.append(str(error)))
            page.goto(url + query)
            page.get_by_role("tab", name="Analysis").click()
            return page

        yield show
    assert failures == []
