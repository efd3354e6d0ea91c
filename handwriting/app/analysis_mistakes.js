// The misread samples that match the selection, a page at a time.

const ORDERS = {
  "": "surest first",
  disagreement: "least probable label first",
  label: "most suspect label first",
  random: "at random",
};

/** What to ask of a report for the mistakes of a selection. */
function questionOf(report, { true: actual, predicted, least, most, sort }) {
  return { report: report.name, true: actual, predicted, least: Number(least || 0), most: Number(most || 100), sort };
}

/** The grid, its filters and its pager. `onselect` gets what to change of the selection, `onopen`
    the index of a sample. */
class Mistakes {
  constructor(section, server, onselect, onopen) {
    this.section = section;
    this.server = server;
    this.onselect = onselect;
    this.selection = { true: "", predicted: "" };
    this.grid = new Grid({
      list: this.#part(".tiles"),
      pager: this.#part(".pager"),
      state: this.#part(".state"),
      server,
      words: {
        none: "No sample was misread like this.",
        fetching: "The test images are not on this machine and are being fetched. Until they are here, the report's own picture is shown.",
        missing: "The test images cannot be had, so the report's own picture is shown",
      },
      onopen,
      onanswer: (answer) => this.#count(answer),
    });
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
    new MutationObserver(() => this.#picture()).observe(document.body, { attributeFilter: ["class"] });
  }

  /** Show another report's. */
  show(report) {
    this.report = report;
    this.#part("[value=label]").hidden = report.labels === null;
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
    for (const select of this.#selects()) {
      const wanted = selection[select.dataset.side];
      select.querySelector(".merged")?.remove();
      if (wanted.length > 1) {
        select.append(make("option", { value: wanted, textContent: this.#nameOf(wanted), className: "merged" }));
      }
      select.value = wanted;
    }
    for (const field of this.#fields()) field.value = selection[field.name];
    const { true: actual, predicted, least, most, sort } = selection;
    this.#part(".clear").hidden = [actual, predicted, least, most].every((wanted) => wanted === "");
    this.grid.ask(questionOf(this.report, selection), ORDERS[sort]);
  }

  /** What the matrix calls these characters where it says more than they, `0–9`, or a list. */
  #nameOf(characters) {
    for (const { classes, members } of this.report.matrices) {
      const name = classes[members.indexOf(characters)] ?? "";
      if (name.length > 1) return name;
    }
    return [...characters].join(" ");
  }

  #count({ total, sure }) {
    const all = this.report.mistakes;
    this.#part(".count").textContent =
      total === all ? `${number.format(all)}` : `${number.format(total)} of ${number.format(all)}`;
    for (const name of ["least", "most", "sort"]) this.#part(`[name=${name}]`).closest("label").hidden = !sure;
    this.#picture();
  }

  async #picture() {
    const image = this.#part(".picture");
    if (!this.grid.imageless) {
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
    image.hidden = !this.grid.imageless || !image.getAttribute("src");
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
