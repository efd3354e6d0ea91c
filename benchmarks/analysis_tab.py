"""The Analysis tab's two promises: open within 1.0 s, a cell's mistakes within 200 ms.

    HANDWRITING_DATA=… python benchmarks/analysis_tab.py [--openings 7] [--cells 60]

Headless Chromium on this machine, with a report and the whole test set behind it. The clock is the
browser's own. It starts with the click (on the tab, or on a cell of the confusion matrix) and stops
in the first task after the frame in which the matrix or the grid's images have been painted. Each
opening is in a new browser context, whose page was up before.
"""

from __future__ import annotations

import argparse
import platform
import socket
import sys
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from handwriting.app.page import LAUNCH, build_page
from handwriting.evaluation.report import Report
from handwriting.reading import Guess

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
OPENING, CLICK = 1000, 200
"""What is promised, milliseconds: for opening the tab, and at the median for a click on a cell."""

SEED = 0

WATCH = """() => {
    window.clicked = null;
    window.measured = new Promise((resolve) => (window.tell = resolve));
    addEventListener("click", (event) => { window.clicked = event.timeStamp; }, true);
    const settle = async () => {
        const tiles = document.querySelector("section.mistakes .tiles");
        const sheet = tiles?.style.getPropertyValue("--sheet").match(/^url\\((.*)\\)$/)?.[1];
        if (!sheet || tiles.childElementCount === 0 || window.clicked === null) return;
        if (sheet === window.settled) return;
        window.settled = sheet;
        const image = new Image();
        image.src = sheet.replace(/^"|"$/g, "");
        await image.decode();
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => window.tell(performance.now() - window.clicked);
            port2.postMessage("");
        });
    };
    new MutationObserver(settle).observe(document.body, {
        childList: true, subtree: true, attributes: true, attributeFilter: ["style"],
    });
}"""
"""Promises how long it takes from the next click until other images than before are painted. The
page is not asked meanwhile: polling would cost it frames."""


class Mute:
    """The Write tab is not what is measured."""

    def guess(self, *_, **__) -> list[Guess]:
        return []


def wait_for_paint(page: Page) -> float:
    """Milliseconds from the last click to the images that it brought."""
    return page.evaluate(
        """() => window.measured.finally(() => {
            window.measured = new Promise((resolve) => (window.tell = resolve));
        })"""
    )


def open_tab(browser: Browser, url: str) -> tuple[Page, float]:
    """A page with the tab open, and how long that took, milliseconds."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(url, wait_until="networkidle")
    page.evaluate(WATCH)
    page.get_by_role("tab", name="Analysis").click()
    took = wait_for_paint(page)
    page.wait_for_selector("section.matrix canvas")
    return page, took


def place_of(page: Page, classes: tuple[str, ...], true: str, predicted: str) -> tuple:
    """The middle of a cell in the window, pixels."""
    box = page.locator("section.matrix canvas").bounding_box()
    gutter = 26 if box["width"] / len(classes) > 24 else 18
    size = (box["width"] - gutter) // len(classes)
    x, y = (gutter + (classes.index(c) + 0.5) * size for c in (predicted, true))
    return box["x"] + x, box["y"] + y


def click_cells(page: Page, report: Report, cells: int) -> list[float]:
    """Click cells with mistakes by chance; milliseconds to the grid of each.

    Raises:
        RuntimeError: The grid shows something else than the cell's mistakes.
    """
    classes = report.confusion_matrix.classes
    chosen = np.random.default_rng(SEED).permutation(len(report.confusions))[:cells]
    page.locator("section.matrix canvas").scroll_into_view_if_needed()
    latencies = []
    for index in chosen:
        pair = report.confusions[index]
        page.mouse.move(*place_of(page, classes, pair.true, pair.predicted))
        page.wait_for_timeout(150)
        page.mouse.down()
        page.mouse.up()
        latencies.append(wait_for_paint(page))
        captions = page.locator("section.mistakes .reading").all_text_contents()
        count = page.locator("section.mistakes .count").text_content()
        expected = f"{pair.true} → {pair.predicted}"
        if set(captions) != {expected} or not count.startswith(f"{pair.count:,} of"):
            raise RuntimeError(f"{expected}: the grid shows {count}, {set(captions)}")
    return latencies


def tell(name: str, latencies: list[float], limit: int) -> bool:
    """Print the median and the 95th percentile, and say whether the median is within a limit."""
    median, late = np.percentile(latencies, (50, 95))
    held = bool(median <= limit)
    print(
        f"{name:32} median {median:6.0f} ms   95th percentile {late:6.0f} ms   "
        f"({len(latencies)} times)   {'holds' if held else 'MISSES'} {limit} ms",
        flush=True,
    )
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--report", type=Path, default=Path("reports/ink"))
    parser.add_argument("--openings", type=int, default=7)
    parser.add_argument("--cells", type=int, default=60)
    options = parser.parse_args()
    report = Report.load(options.report)

    with open("/proc/cpuinfo") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    with open("/proc/loadavg") as file:
        load = file.read().split()[0]
    print(f"{len(names)} × {names[0]}, load {load}, Python {platform.python_version()}")
    print(f"{report.name}: {report.dataset['samples']:,} samples, {len(report.confusions)} cells")

    app = build_page(Mute(), options.report.parent)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, server_port=port, **LAUNCH)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page, first = open_tab(browser, url)
        print(f"first opening since the server's start  {first:6.0f} ms")
        openings = []
        for _ in range(options.openings):
            page.context.close()
            time.sleep(0.5)
            page, took = open_tab(browser, url)
            openings.append(took)
        held = tell("tab clicked → usable", openings, OPENING)
        if page.locator(".picker select").input_value() != report.name:
            page.locator(".picker select").select_option(report.name)
            page.wait_for_timeout(2000)
        held &= tell("cell clicked → grid painted", click_cells(page, report, options.cells), CLICK)
        browser.close()
    app.close(verbose=False)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
