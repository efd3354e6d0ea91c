// The misread samples that match the selection, a page at a time.

const ROWS = 5;
const PATIENCE = { loading: 400, fetching: 2000 }; // milliseconds until images are asked for again

const ORDERS = { "": "surest first", disagreement: "least probable label first", random: "at random" };

/** The grid, its filters and its pager. `onselect` gets what to change of the selection, `onopen`
    the index of a sample. */
class Mistakes {
  constructor(section, server, onselect, onopen) {
    this.section = section;
    this.server = server;
    this.onselect = onselect;
    this.selection = { true: "", predicted: "" };
    this.start = 0;
    this.asked = 0;
    for (const select of this.#selects()) {
      select.addEventListener("change", () => {
        this.onselect({ ...this.selection, [select.dataset.side]: select.value });
      });
    }
    for (const field of this.#fields()) {
      field.addEventListener("change", () => {
        if (field.checkValidity()) this.onselect({ [field.name]: field.value });
      });
    }
    this.#part(".clear").addEventListener("click", () => this.onselect({ true: "", predicted: "", least: "", most: "" }));
    this.#part(".tiles").addEventListener("click", (event) => {
      const sample = event.target.closest("button")?.dataset.sample;
      if (sample !== undefined) onopen(Number(sample));
    });
    this.#part(".retry").addEventListener("click", () => this.#ask({ retry: true }));
    this.#part(".pager").addEventListener("click", (event) => {
      const step = Number(event.target.closest("button")?.dataset.step ?? 0);
      if (step === 0) return;
      this.start = Math.max(this.start + step * this.count, 0);
      this.#ask();
    });
    new MutationObserver(() => this.#picture()).observe(document.body, { attributeFilter: ["class"] });
  }

  /** Show another report's. */
  show(report) {
    this.report = report;
    const names = report.classes.map((score) => score.character);
    for (const select of this.#selects()) {
      select.replaceChildren(
        make("option", { value: "", textContent: "any" }),
        ...groups(names).map(({ start, span }) =>
          make("optgroup", { label: GROUP_NAMES[groupOf(names[start])] },
            ...names.slice(start, start + span).map((name) => make("option", { value: name, textContent: name })))),
      );
    }
  }

  /** Show the mistakes of a selection: characters, any where empty. */
  select(selection) {
    this.selection = selection;
    this.start = 0;
    for (const select of this.#selects()) {
      const wanted = selection[select.dataset.side];
      select.querySelector(".merged")?.remove();
      if (wanted.length > 1) {
        select.append(make("option", { value: wanted, textContent: this.#nameOf(wanted), className: "merged" }));
      }
      select.value = wanted;
    }
    for (const field of this.#fields()) field.value = selection[field.name];
    const { sort, ...filters } = selection;
    this.#part(".clear").hidden = Object.values(filters).every((wanted) => wanted === "");
    this.#ask();
  }

  /** What the matrix calls these characters where it says more than they, `0–9`, or a list. */
  #nameOf(characters) {
    for (const { classes, members } of this.report.matrices) {
      const name = classes[members.indexOf(characters)] ?? "";
      if (name.length > 1) return name;
    }
    return [...characters].join(" ");
  }

  /** As many tiles as fill the rows. */
  get count() {
    const columns = getComputedStyle(this.#part(".tiles")).gridTemplateColumns.split(" ").length;
    return Math.max(columns, 3) * ROWS;
  }

  async #ask(more = {}) {
    const turn = ++this.asked;
    clearTimeout(this.waiting);
    const { name } = this.report;
    const { true: actual, predicted, least, most, sort } = this.selection;
    const range = { least: Number(least || 0), most: Number(most || 100) };
    const answer = await this.server
      .find_mistakes({ report: name, true: actual, predicted, ...range, sort, start: this.start, count: this.count, ...more })
      .catch(() => ({ error: "The server cannot be reached." }));
    if (turn !== this.asked) return;
    if (answer.error) {
      this.#state(answer.error, true);
      return;
    }
    this.sure = answer.sure;
    for (const name of ["least", "most", "sort"]) this.#part(`[name=${name}]`).closest("label").hidden = !this.sure;
    this.#tiles(answer);
    this.#page(answer.total, answer.tiles.length);
    this.#explain(answer.images);
  }

  #tiles({ tiles, sheet, images }) {
    const list = this.#part(".tiles");
    list.classList.toggle("imageless", images.state === "fetching" || images.state === "missing");
    list.style.setProperty("--sheet", sheet === null ? "none" : `url(${sheet})`);
    list.style.setProperty("--tiles", tiles.length);
    if (tiles.length === 0) {
      list.replaceChildren(make("li", { className: "none", textContent: "No sample was misread like this." }));
      return;
    }
    list.replaceChildren(
      ...tiles.map((tile, index) => {
        const sure = this.sure && percent(tile.confidence, tile.confidence > 0.995 ? 1 : 0);
        const caption = make("span", { className: "reading" }, make("b", { textContent: tile.true }), " → ", make("b", { textContent: tile.predicted }));
        const item = make("li", { title: `Sample ${number.format(tile.sample)} of the test set` },
          make("button", { type: "button" },
            make("i", { role: "img", ariaLabel: `a handwritten ${tile.true}` }), caption,
            make("span", { className: "sure", textContent: !this.sure ? "" : tile.confidence > 0.9995 ? "> 99.9 %" : sure })));
        item.firstChild.dataset.sample = tile.sample;
        item.style.setProperty("--index", index);
        return item;
      }),
    );
  }

  #page(total, shown) {
    const all = this.report.mistakes;
    this.#part(".count").textContent =
      total === all ? `${number.format(all)}` : `${number.format(total)} of ${number.format(all)}`;
    const [before, after] = this.#part(".pager").querySelectorAll("button");
    before.disabled = this.start === 0;
    after.disabled = this.start + shown >= total;
    this.#part(".pager").hidden = total === 0;
    this.#part(".pager span").textContent =
      `${number.format(this.start + 1)} – ${number.format(this.start + shown)} of ${number.format(total)}, ${this.sure ? ORDERS[this.selection.sort] : "in the test set's order; no confidence was given"}`;
  }

  /** Say why there are no images, if there are none. */
  #explain({ state, problem }) {
    const words = {
      fetching: "The test images are not on this machine and are being fetched. Until they are here, the report's own picture is shown.",
      missing: `The test images cannot be had, so the report's own picture is shown: ${problem}.`,
    };
    this.imageless = state in words;
    this.#state(words[state] ?? "", state === "missing");
    this.#picture();
    if (state in PATIENCE) this.waiting = setTimeout(() => this.#again(PATIENCE[state]), PATIENCE[state]);
  }

  /** Ask once more, but not for a tab that nobody sees. */
  #again(patience) {
    if (!this.section.isConnected) return;
    if (this.section.offsetParent === null || document.hidden) {
      this.waiting = setTimeout(() => this.#again(patience), patience);
    } else {
      this.#ask();
    }
  }

  #state(words, canRetry) {
    const state = this.#part(".state");
    state.hidden = words === "";
    state.querySelector("span").textContent = words;
    state.querySelector("button").hidden = !canRetry;
  }

  async #picture() {
    const image = this.#part(".picture");
    if (!this.imageless) {
      image.hidden = true;
      return;
    }
    const theme = document.body.classList.contains("dark") ? "dark" : "light";
    const wanted = `${this.report.name}/${theme}`;
    if (image.dataset.shows !== wanted) {
      image.dataset.shows = wanted;
      const { picture } = await this.server.get_picture({ report: this.report.name, theme }).catch(() => ({}));
      if (image.dataset.shows !== wanted) return;
      image.src = picture ?? "";
    }
    image.hidden = !this.imageless || !image.getAttribute("src");
  }

  #selects() {
    return this.section.querySelectorAll(".filters [data-side]");
  }

  #fields() {
    return this.section.querySelectorAll(".filters [name]");
  }

  #part(selector) {
    return this.section.querySelector(selector);
  }
}
