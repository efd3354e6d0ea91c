// The accuracy of each character with its interval: a dot and whiskers, a button each.

const GROUP_NAMES = ["Digits", "Capitals", "Small letters"];

/** Three charts side by side, one below the other where it is narrow. */
class ClassCharts {
  constructor(section, onselect) {
    this.charts = section.querySelector(".charts");
    this.readout = section.querySelector(".readout");
    this.onselect = onselect;
    this.selected = "";
    for (const kind of ["pointerover", "focusin"]) {
      this.charts.addEventListener(kind, (event) => this.#tell(event.target.closest("button")));
    }
    for (const kind of ["pointerleave", "focusout"]) {
      this.charts.addEventListener(kind, () => this.#tell(null));
    }
    this.charts.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.onselect(button.dataset.character);
    });
  }

  /** Show scores, and the accuracy over all samples as a line. */
  show(scores, overall) {
    this.scores = new Map(scores.map((score) => [score.character, score]));
    this.overall = overall;
    const characters = scores.map((score) => score.character);
    this.charts.replaceChildren(
      ...groups(characters).map(({ start, span }) => this.#chart(scores.slice(start, start + span))),
    );
    this.charts.style.setProperty("--overall", overall);
    this.#tell(null);
  }

  /** Mark the characters that are selected in all views. */
  select(characters) {
    this.selected = characters;
    for (const button of this.charts.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", characters.includes(button.dataset.character));
    }
    this.#tell(null);
  }

  #chart(scores) {
    const kind = groupOf(scores[0].character);
    const dots = scores.map((score) => {
      const button = make("button", { type: "button", ariaPressed: "false" },
        make("span", { className: "room" }, make("i"), make("em")),
        make("span", { className: "character", textContent: score.character }));
      button.dataset.character = score.character;
      button.setAttribute("aria-label", this.#words(score));
      if (score.accuracy === null) {
        button.classList.add("unknown");
      } else {
        const [low, high] = score.accuracy_ci95;
        for (const [name, share] of Object.entries({ low, high, share: score.accuracy })) {
          button.style.setProperty("--" + name, share);
        }
      }
      return button;
    });
    const chart = make("div", { className: "chart" },
      make("div", { className: "scale", ariaHidden: "true" }, ...["100 %", "50 %", "0 %"].map((text) => make("span", { textContent: text }))),
      make("div", { className: "dots" }, ...dots));
    chart.style.setProperty("--span", scores.length);
    chart.dataset.kind = kind;
    chart.setAttribute("role", "group");
    chart.setAttribute("aria-label", GROUP_NAMES[kind]);
    return chart;
  }

  #tell(button) {
    const character = button?.dataset.character ?? (this.selected.length === 1 ? this.selected : null);
    const score = this.scores?.get(character);
    this.readout.textContent = score ? this.#words(score) : `All samples: ${percent(this.overall)} (dashed). A dot is a character, the line its 95 % interval.`;
  }

  #words(score) {
    if (score.accuracy === null) return `${score.character}: no samples`;
    const [low, high] = score.accuracy_ci95.map((share) => (100 * share).toFixed(1));
    const rival = score.most_confused_with === null ? "" : `, most taken for ${score.most_confused_with}`;
    return `${score.character}: ${percent(score.accuracy)} (${low} – ${high}) of ${number.format(score.support)} samples${rival}`;
  }
}

/** 0 for a digit, 1 for a capital, 2 for a small letter. */
function groupOf(character) {
  return /\d/.test(character) ? 0 : /[A-Z]/.test(character) ? 1 : 2;
}
