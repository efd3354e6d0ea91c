// How each character fares: a chart of accuracies with their intervals, and a table to sort.

const GROUP_NAMES = ["Digits", "Capitals", "Small letters"];

/** Accuracies as dots and whiskers, a button each: three charts side by side, one below the other
    where it is narrow. */
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

/** What the table's columns show of a score: its text, and what it is sorted by. */
const COLUMNS = [
  { key: "character", by: (score, index) => index, first: "ascending" },
  { key: "support", text: (score) => number.format(score.support), by: (score) => score.support },
  { key: "accuracy", text: (score) => shareText(score.accuracy), by: (score) => score.accuracy },
  { key: "interval", text: intervalText, by: (score) => score.accuracy_ci95?.[0] },
  { key: "precision", text: (score) => shareText(score.precision), by: (score) => score.precision },
  { key: "f1", text: (score) => shareText(score.f1), by: (score) => score.f1 },
  { key: "rival", by: (score, _, places) => places.get(score.most_confused_with), first: "ascending" },
];

/** All figures of each character. `onselect` gets the true and the predicted characters. */
class ClassTable {
  constructor(section, onselect) {
    this.heads = [...section.querySelectorAll("thead th")];
    this.rows = section.querySelector("tbody");
    this.onselect = onselect;
    this.heads.forEach((head, index) => {
      head.querySelector("button").addEventListener("click", () => {
        const first = COLUMNS[index].first ?? "descending";
        const turned = first === "ascending" ? "descending" : "ascending";
        this.#sort(index, head.getAttribute("aria-sort") === first ? turned : first);
      });
    });
    this.rows.addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (row === null) return;
      const { rival = "" } = event.target.closest("button")?.dataset ?? {};
      onselect({ true: row.dataset.character, predicted: rival });
    });
  }

  /** Show scores in the order of the classes. */
  show(scores) {
    this.scores = scores;
    this.lines = scores.map((score) => this.#row(score));
    this.#sort(0, "ascending");
  }

  /** Mark the characters that are selected in all views. */
  select({ true: actual, predicted }) {
    for (const row of this.lines) {
      const { character } = row.dataset;
      row.classList.toggle("selected", actual.includes(character));
      const [own, rival] = row.querySelectorAll("button");
      own.setAttribute("aria-pressed", actual.includes(character));
      rival?.setAttribute("aria-pressed", actual === character && predicted === rival.dataset.rival);
    }
  }

  #row(score) {
    const row = make("tr", {}, ...COLUMNS.map(({ key, text }) => {
      if (key === "character") return make("th", { scope: "row" }, make("button", { type: "button" }, make("b", { textContent: score.character })));
      const cell = make("td");
      if (key === "rival") cell.append(this.#rival(score));
      else cell.textContent = text(score);
      if (key === "accuracy" && score.accuracy !== null) cell.style.setProperty("--share", score.accuracy);
      cell.classList.add(key);
      return cell;
    }));
    row.dataset.character = score.character;
    row.dataset.kind = groupOf(score.character);
    return row;
  }

  #rival({ character, most_confused_with: rival }) {
    if (rival === null) return "–";
    const button = make("button", { type: "button" }, make("b", { textContent: rival }));
    button.setAttribute("aria-label", `${character} read as ${rival}`);
    button.dataset.rival = rival;
    return button;
  }

  /** Order the rows by a column; what has no value stands last, either way. */
  #sort(column, direction) {
    this.heads.forEach((head, index) => {
      if (index === column) head.setAttribute("aria-sort", direction);
      else head.removeAttribute("aria-sort");
    });
    const places = new Map(this.scores.map(({ character }, index) => [character, index]));
    const value = this.scores.map((score, index) => COLUMNS[column].by(score, index, places) ?? null);
    const sign = direction === "ascending" ? 1 : -1;
    const compare = (a, b) => (value[a] === null) - (value[b] === null) || sign * (value[a] - value[b]) || a - b;
    const order = this.scores.map((_, index) => index).sort(compare);
    this.rows.replaceChildren(...order.map((index) => this.lines[index]));
  }
}

function shareText(share) {
  return share === null ? "–" : percent(share);
}

function intervalText({ accuracy_ci95: interval }) {
  return interval === null ? "–" : interval.map((share) => (100 * share).toFixed(1)).join(" – ");
}

/** 0 for a digit, 1 for a capital, 2 for a small letter. */
function groupOf(character) {
  return /\d/.test(character) ? 0 : /[A-Z]/.test(character) ? 1 : 2;
}
