// The most confused pairs: both directions, what they cost, and what merging them would give.

const FEW_PAIRS = 10;

/** A ranked table. `onselect` gets the true and the predicted characters. */
class Pairs {
  constructor(section, onselect) {
    this.section = section;
    this.rows = section.querySelector("tbody");
    this.more = section.querySelector(".more");
    this.rows.addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (row === null) return;
      // Beside the buttons, a row stands for both directions, as its first button does.
      const chosen = event.target.closest("button") ?? row.querySelector("button");
      onselect({ true: chosen.dataset.true, predicted: chosen.dataset.predicted });
    });
    this.more.addEventListener("click", () => {
      this.#open(!this.isOpen);
      if (!this.isOpen) this.section.scrollIntoView({ block: "nearest" });
    });
  }

  /** Show other pairs: `{total, shown}`, the costliest of all. */
  show({ total, shown }, accuracy) {
    this.section.hidden = shown.length === 0;
    this.total = total;
    this.rows.replaceChildren(
      ...shown.map((pair) => {
        const { first, second } = pair;
        const both = this.#button(first + second, first + second, make("b", { textContent: `${first} ${second}` }));
        both.setAttribute("aria-label", `${first} and ${second} taken for each other`);
        return make("tr", {},
          make("th", { scope: "row" }, both),
          make("td", {}, this.#direction(first, second, pair.first_as_second)),
          make("td", {}, this.#direction(second, first, pair.second_as_first)),
          make("td", { textContent: points(pair.cost) }),
          make("td", { textContent: percent(pair.merged_accuracy, 2) }));
      }),
    );
    this.section.querySelector(".now").textContent = `${percent(accuracy, 2)} now`;
    this.#open(false);
  }

  /** Mark the pair that is selected in all views. */
  select({ true: actual, predicted }) {
    for (const button of this.rows.querySelectorAll("button")) {
      const chosen = button.dataset.true === actual && button.dataset.predicted === predicted;
      button.setAttribute("aria-pressed", chosen);
    }
    for (const row of this.rows.children) row.classList.toggle("selected", row.querySelector("[aria-pressed=true]") !== null);
  }

  #open(isOpen) {
    this.isOpen = isOpen;
    const pairs = [...this.rows.children];
    pairs.forEach((row, index) => (row.hidden = index >= FEW_PAIRS && !isOpen));
    this.more.hidden = pairs.length <= FEW_PAIRS;
    this.more.setAttribute("aria-expanded", isOpen);
    const rest = this.total - pairs.length;
    this.more.textContent = isOpen ? "Fewer" : `${pairs.length - FEW_PAIRS} more`;
    this.section.querySelector(".rest").textContent = isOpen && rest > 0 ? `${number.format(rest)} rarer pairs are in the matrix.` : "";
  }

  #direction(actual, predicted, count) {
    if (count === 0) return make("span", { className: "quiet", textContent: "–" });
    return this.#button(actual, predicted, make("b", { textContent: actual }), " → ", make("b", { textContent: predicted }),
      make("span", { textContent: number.format(count) }));
  }

  #button(actual, predicted, ...content) {
    const button = make("button", { type: "button" }, ...content);
    Object.assign(button.dataset, { true: actual, predicted });
    return button;
  }
}

/** A share of all samples as what it takes from the accuracy. */
function points(share) {
  return `${(100 * share).toFixed(2)} %`;
}
