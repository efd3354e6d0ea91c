"""From pointer-up to the guesses painted: this project's pad against the stock `gr.Sketchpad`.

    python benchmarks/latency.py [--strokes 100] [--stock-strokes 25]

Both pages run in one process on this machine, with the shipped model, and are written on with
the mouse in headless Chromium, one stroke a drawing. The clock is the browser's own: it starts in
the handler of `pointerup` and stops in the first task after the frame in which the guesses have
changed for the last time, when the answer to the whole ink has been painted. Answers to the
unfinished stroke do not count. The stock page is the shortest app that does the same: a sketchpad
as Gradio makes it, 800 × 800 pixels, whose `change` event recognises the image and fills a
`gr.Label`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from handwriting import Recognizer
from handwriting.app.page import LAUNCH, build_page

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

WATCH = """({ guesses, waiting }) => {
    window.released = window.painted = window.changed = null;
    addEventListener("pointerup", () => {
        window.released = performance.now();
        window.painted = window.changed = null;
    }, true);
    new MutationObserver((changes) => {
        // What tells that an answer is on its way is none.
        const place = ({ target }) => (target.closest ? target : target.parentElement);
        if (window.released === null) return;
        if (changes.every((change) => place(change)?.closest(waiting))) return;
        window.changed = performance.now();
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => { window.painted = performance.now(); };
            port2.postMessage("");
        });
    }).observe(document.querySelector(guesses), {
        childList: true, subtree: true, characterData: true,
    });
}"""
"""Notes when the pointer was released and when a change since then was painted, milliseconds."""

PATIENCE = 30_000
"""After this long without a changed guess the run has failed, milliseconds."""


def build_stock_page(recognizer: Recognizer) -> gr.Blocks:
    """The same app with what Gradio has: a sketchpad and a label."""

    def guess(sketch: dict | None) -> dict[str, float]:
        if sketch is None or not sketch["layers"]:
            return {}
        alpha = Image.fromarray(sketch["layers"][0]).getchannel("A")
        box = alpha.getbbox()
        if box is None:
            return {}
        image = np.asarray(alpha.crop(box).resize((28, 28)))
        (row,) = recognizer.predict(image[None])
        classes = recognizer.alphabet.classes
        return {classes[i]: float(row[i]) for i in np.argsort(-row)[:5]}

    with gr.Blocks(analytics_enabled=False) as page:
        pad = gr.Sketchpad(elem_id="pad")
        label = gr.Label(elem_id="guesses")
        pad.change(guess, pad, label)
    return page


def zigzag(index: int, box: dict[str, float]) -> list[tuple[float, float]]:
    """A stroke in the middle of a box, unlike the one before: 6 points, pixels."""
    random = np.random.default_rng(index)
    side = 0.6 * min(box["width"], box["height"])
    x = box["x"] + box["width"] / 2 + side * np.linspace(-0.5, 0.5, 6)
    y = box["y"] + box["height"] / 2 + side * random.uniform(-0.5, 0.5, 6)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def measure(
    page: Page,
    pad: str,
    guesses: str,
    waiting: str,
    strokes: int,
    quiet: int,
    take_up: Callable[[], None],
) -> list[float]:
    """Write strokes one by one.

    Args:
        page: An open page.
        pad: Selector of what is written on.
        guesses: Selector of what changes with the guesses.
        waiting: Selector of what within only tells that they are on their way.
        strokes: How many.
        quiet: Milliseconds without a change after which the answer is the last.
        take_up: Empties the pad and takes the pen.

    Returns:
        Milliseconds from each pointer-up to the frame with its guesses.
    """
    page.wait_for_selector(pad)
    page.wait_for_selector(guesses)
    page.wait_for_timeout(2000)
    page.evaluate(WATCH, {"guesses": guesses, "waiting": waiting})
    latencies = []
    for index in range(strokes + 1):
        take_up()
        page.wait_for_timeout(quiet)
        places = zigzag(index, page.locator(pad).first.bounding_box())
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=4)
        page.mouse.up()
        page.wait_for_function(
            f"painted !== null && painted >= changed && performance.now() - changed > {quiet}",
            timeout=PATIENCE,
        )
        latencies.append(page.evaluate("painted - released"))
    # The first stroke warms both ends up.
    return latencies[1:]


def tell(name: str, latencies: list[float]) -> float:
    """Print the median and the 95th percentile, and return the median."""
    median, late = np.percentile(latencies, (50, 95))
    print(
        f"{name:14} median {median:7.1f} ms   95th percentile {late:7.1f} ms"
        f"   ({len(latencies)} strokes)",
        flush=True,
    )
    return float(median)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strokes", type=int, default=100, help="on this project's pad")
    parser.add_argument("--stock-strokes", type=int, default=25, help="on gr.Sketchpad")
    options = parser.parse_args()

    recognizer = Recognizer.load()
    ours = build_page(recognizer, Path(__file__).parents[1] / "reports")
    stock = build_stock_page(recognizer)
    quietly = {"prevent_thread_lock": True, "quiet": True}
    _, our_address, _ = ours.launch(**LAUNCH, **quietly)
    _, stock_address, _ = stock.launch(ssr_mode=False, **quietly)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(our_address)
        median = tell(
            "our pad",
            measure(
                page,
                "canvas.ink",
                ".reading .ranking",
                ".never",
                options.strokes,
                400,
                lambda: page.keyboard.press("Escape"),
            ),
        )
        page.close()

        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(stock_address)
        stock_median = tell(
            "gr.Sketchpad",
            measure(
                page,
                "#pad canvas",
                "#guesses",
                "[data-testid=status-tracker]",
                options.stock_strokes,
                1500,
                lambda: [page.get_by_label(name).click() for name in ("Clear canvas", "Brush")],
            ),
        )
        browser.close()
    print(f"ratio          {stock_median / median:7.1f}")
    ours.close()
    stock.close()


if __name__ == "__main__":
    main()
