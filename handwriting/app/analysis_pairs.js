// The most frequent confusions, a button each.

/** A ranked list. `onselect` gets the true and the predicted character. */
class Pairs {
  constructor(section, onselect) {
    this.section = section;
    this.list = section.querySelector("div");
    this.list.addEventListener("click", (event) => {
      const pair = event.target.closest("button")?.dataset;
      if (pair) onselect({ true: pair.true, predicted: pair.predicted });
    });
  }

  /** Show other pairs: `{true, predicted, count}` each. */
  show(pairs) {
    this.section.hidden = pairs.length === 0;
    this.list.replaceChildren(
      ...pairs.map((pair) => {
        const button = make("button", { type: "button" },
          make("b", { textContent: pair.true }), " → ", make("b", { textContent: pair.predicted }),
          make("span", { textContent: number.format(pair.count) }));
        Object.assign(button.dataset, { true: pair.true, predicted: pair.predicted });
        return button;
      }),
    );
  }

  /** Mark the pair that is selected in all views. */
  select({ true: actual, predicted }) {
    for (const button of this.list.children) {
      const chosen = button.dataset.true === actual && button.dataset.predicted === predicted;
      button.setAttribute("aria-pressed", chosen);
    }
  }
}
