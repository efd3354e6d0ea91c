// Samples as tiles, a page at a time: their images come below each other in one sheet.

const ROWS = 5;
const PATIENCE = { loading: 400, fetching: 2000 }; // milliseconds until images are asked for again

/**
 * A list of tiles with its pager and a line that says why there are no images.
 *
 * Args:
 *   list, pager, state: The elements.
 *   server: Finds the samples.
 *   words: What to say where there are no tiles, `none`, and where images are `fetching` or
 *     `missing`, the latter followed by the reason.
 *   onopen: Gets the index of the sample that is clicked.
 *   onanswer: Gets each answer that is shown.
 */
class Grid {
  constructor({ list, pager, state, server, words, onopen, onanswer }) {
    Object.assign(this, { list, pager, state, server, words, onanswer });
    this.start = 0;
    this.asked = 0;
    list.addEventListener("click", (event) => {
      const sample = event.target.closest("button")?.dataset.sample;
      if (sample !== undefined) onopen(Number(sample));
    });
    state.querySelector("button").addEventListener("click", () => this.#ask({ retry: true }));
    pager.addEventListener("click", (event) => {
      const step = Number(event.target.closest("button")?.dataset.step ?? 0);
      if (step === 0) return;
      this.start = Math.max(this.start + step * this.count, 0);
      this.#ask();
    });
  }

  /** Show the first page of what a question finds, in an order that words tell. */
  ask(question, order) {
    this.question = question;
    this.order = order;
    this.start = 0;
    this.#ask();
  }

  /** As many tiles as fill the rows. */
  get count() {
    const columns = getComputedStyle(this.list).gridTemplateColumns.split(" ").length;
    return Math.max(columns, 3) * ROWS;
  }

  async #ask(more = {}) {
    const turn = ++this.asked;
    clearTimeout(this.waiting);
    const answer = await this.server
      .find_mistakes({ ...this.question, start: this.start, count: this.count, ...more })
      .catch(() => ({ error: "The server cannot be reached." }));
    if (turn !== this.asked) return;
    if (answer.error) {
      this.#state(answer.error, true);
      return;
    }
    this.#tiles(answer);
    this.#page(answer);
    this.#explain(answer.images);
    this.onanswer(answer);
  }

  #tiles({ tiles, sheet, images, sure }) {
    const { list } = this;
    list.classList.toggle("imageless", images.state === "fetching" || images.state === "missing");
    list.style.setProperty("--sheet", sheet === null ? "none" : `url(${sheet})`);
    list.style.setProperty("--tiles", tiles.length);
    if (tiles.length === 0) {
      list.replaceChildren(make("li", { className: "none", textContent: this.words.none }));
      return;
    }
    list.replaceChildren(
      ...tiles.map((tile, index) => {
        const caption = make("span", { className: "reading" }, make("b", { textContent: tile.true }), " → ", make("b", { textContent: tile.predicted }));
        const item = make("li", { title: `Sample ${number.format(tile.sample)} of the test set` },
          make("button", { type: "button" },
            make("i", { role: "img", ariaLabel: `a handwritten ${tile.true}` }), caption,
            make("span", { className: "sure", textContent: sure ? this.#sureness(tile.confidence) : "" })));
        item.firstChild.dataset.sample = tile.sample;
        item.style.setProperty("--index", index);
        return item;
      }),
    );
  }

  #sureness(confidence) {
    return confidence > 0.9995 ? "> 99.9 %" : percent(confidence, confidence > 0.995 ? 1 : 0);
  }

  #page({ total, tiles, sure }) {
    const [before, after] = this.pager.querySelectorAll("button");
    before.disabled = this.start === 0;
    after.disabled = this.start + tiles.length >= total;
    this.pager.hidden = total === 0;
    this.pager.querySelector("span").textContent =
      `${number.format(this.start + 1)} – ${number.format(this.start + tiles.length)} of ${number.format(total)}, ${sure ? this.order : "in the test set's order; no confidence was given"}`;
  }

  /** Say why there are no images, if there are none. */
  #explain({ state, problem }) {
    this.imageless = state === "fetching" || state === "missing";
    const words = this.imageless ? this.words[state] + (state === "missing" ? `: ${problem}.` : "") : "";
    this.#state(words, state === "missing");
    if (state in PATIENCE) this.waiting = setTimeout(() => this.#again(PATIENCE[state]), PATIENCE[state]);
  }

  /** Ask once more, but not for a tab that nobody sees. */
  #again(patience) {
    if (!this.list.isConnected) return;
    if (this.list.offsetParent === null || document.hidden) {
      this.waiting = setTimeout(() => this.#again(patience), patience);
    } else {
      this.#ask();
    }
  }

  #state(words, canRetry) {
    this.state.hidden = words === "";
    this.state.querySelector("span").textContent = words;
    this.state.querySelector("button").hidden = !canRetry;
  }
}
