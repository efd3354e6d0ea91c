// The samples whose label is suspect, and what accuracy would be without them.

/** Which suspects there are, as an address calls them. */
const SUSPECTS = { mislabelled: "Probably mislabelled", unsure: "Answer not sure", alike: "Look-alikes", all: "All" };

/** What a suspect is told to be where it is shown. */
const SUSPICIONS = {
  mislabelled: (actual, predicted) => [
    "Probably mislabelled: the model reads ", make("b", { textContent: predicted }),
    ", which does not look like the label ", make("b", { textContent: actual }), ".",
  ],
  unsure: (actual, predicted) => [
    "The label is suspect, but the model is not sure enough of ", make("b", { textContent: predicted }), " to blame it.",
  ],
  alike: (actual, predicted) => [
    "The label is suspect, but ", make("b", { textContent: actual }), " and ", make("b", { textContent: predicted }),
    " look alike: the shape does not tell which is right.",
  ],
};

/** Ranked suspects of the selection. `onselect` gets what to change of it, `onopen` the index of a
    sample. */
class LabelIssues {
  constructor(section, server, onselect, onopen) {
    this.section = section;
    this.kinds = this.#part(".kinds");
    this.kinds.replaceChildren(
      ...Object.entries(SUSPECTS).map(([kind, textContent]) => {
        const button = make("button", { type: "button" }, textContent, " ", make("span"));
        button.addEventListener("click", () => onselect({ suspects: kind === this.first ? "" : kind }));
        button.dataset.kind = kind;
        return button;
      }),
    );
    this.grid = new Grid({
      list: this.#part(".suspects"),
      pager: this.#part(".turner"),
      state: this.#part(".without-images"),
      server,
      words: {
        none: "No label is suspect like this.",
        fetching: "The test images are not on this machine and are being fetched.",
        missing: "The test images cannot be had",
      },
      onopen,
      onanswer: (answer) => this.#count(answer),
    });
    this.#part(".unfilter").addEventListener("click", () => onselect({ true: "", predicted: "", least: "", most: "" }));
    // Nobody waits for what is far below: the views above are asked for first.
    new IntersectionObserver((entries) => {
      this.seen = entries.at(-1).isIntersecting;
      this.#ask();
    }, { rootMargin: "300px" }).observe(section);
  }

  /** Show another report's. */
  show(report) {
    this.report = report;
    const { labels, sure } = report;
    this.#part(".absent").hidden = labels !== null;
    this.#part(".absent").textContent = sure
      ? "This report was made before labels were examined: evaluating the model again adds it."
      : "Only the predicted labels are known: evaluating predictions with probabilities adds an examination of the labels.";
    this.#part(".present").hidden = labels === null;
    if (labels !== null) this.#describe(report, labels);
  }

  #describe({ samples, mistakes, accuracy }, labels) {
    const { mislabelled, unsure, alike } = labels.totals;
    this.totals = { ...labels.totals, all: mislabelled + unsure + alike };
    this.first = Object.keys(SUSPECTS).find((kind) => this.totals[kind] > 0) ?? "all";
    for (const button of this.kinds.children) {
      const total = this.totals[button.dataset.kind];
      button.querySelector("span").textContent = number.format(total);
      button.disabled = total === 0;
    }
    this.#part(".story").replaceChildren(
      `Confident learning (cleanlab) finds the label of ${number.format(this.totals.all)} of the ${number.format(mistakes)} misread samples suspect. That is an upper bound: a model that is wrong makes a good label suspect too.`,
    );
    const facts = [
      [mislabelled, "are probably mislabelled: the model is at least 90 % sure of a character that does not look like the label."],
      [unsure, "have a label unlike the answer, but the model is not sure enough of that, or wrong too often when it is as sure."],
      [alike, "are look-alikes: for the two cases of a letter, and characters that this model confuses often, the shape does not tell who is right."],
    ];
    this.#part(".facts").replaceChildren(
      ...facts.filter(([count]) => count > 0).map(([count, words]) => make("li", {}, make("strong", { textContent: number.format(count) }), ` ${words}`)),
    );
    const lookalikes = alike > 0 ? labels.lookalikes : [];
    this.#part(".pairs-alike").hidden = lookalikes.length === 0;
    this.#part(".pairs-alike span").textContent = lookalikes.join(" · ");
    const steps = [
      ["All samples", 0, accuracy],
      ["Without the probably mislabelled", mislabelled, labels.accuracy_without_mislabelled],
      ["Without any suspect, at the very most", this.totals.all, labels.accuracy_without_suspects],
    ];
    this.#part(".without").replaceChildren(
      ...steps.filter(([, left], index) => index === 0 || left > 0).map(([title, left, share]) =>
        make("div", {}, make("dt", { textContent: title }),
          make("dd", {}, percent(share, 2), " ",
            make("span", { textContent: `of ${number.format(samples - left)}` + (left > 0 ? `, +${(100 * (share - accuracy)).toFixed(2)}` : "") })))),
    );
  }

  /** Show the suspects of a selection. */
  select(selection) {
    this.selection = selection;
    for (const button of this.kinds.children) button.setAttribute("aria-pressed", button.dataset.kind === this.kind);
    this.stale = true;
    this.#ask();
  }

  get kind() {
    return this.selection.suspects || this.first;
  }

  #ask() {
    if (!this.stale || !this.seen || this.report.labels === null) return;
    this.stale = false;
    this.grid.ask({ ...questionOf(this.report, this.selection), suspects: this.kind, sort: "label" }, ORDERS.label);
  }

  #count({ total }) {
    const { true: actual, predicted, least, most } = this.selection;
    const filtered = [actual, predicted, least, most].some((wanted) => wanted !== "");
    this.#part(".found").textContent = filtered
      ? `${number.format(total)} of ${number.format(this.totals[this.kind])} match the selection`
      : "";
    this.#part(".unfilter").hidden = !filtered;
  }

  #part(selector) {
    return this.section.querySelector(selector);
  }
}
