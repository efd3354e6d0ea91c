// The tab: one report, one selection, and the views that share it.

/** All misread samples: characters are any where empty. */
const NOTHING = { true: "", predicted: "", least: "", most: "", sort: "", suspects: "" };

/** What an address selects, less what the report does not know. */
function selectionOf(address, report) {
  const known = new Set(report.classes.map(({ character }) => character));
  const characters = (text = "") => [...text].filter((character) => known.has(character)).join("");
  const share = (text = "") => (/^(\d\d?|100)$/.test(text) ? text : "");
  return {
    true: characters(address.true),
    predicted: characters(address.read),
    least: share(address.least),
    most: share(address.most),
    sort: ["disagreement", "label", "random"].find((order) => order === address.sort) ?? "",
    suspects: Object.keys(SUSPECTS).find((kind) => kind === address.suspects) ?? "",
  };
}

class Analysis {
  constructor(root, server) {
    this.root = root;
    this.server = server;
    this.selection = NOTHING;
    this.link = new Link(root);
    const onselect = (selection) => this.#select(selection);
    this.matrix = new Matrix(this.#part("section.matrix"), {
      onselect,
      onlook: () => this.#carry(),
      onfold: (classes) => this.folds.toggle(classes),
    });
    this.folds = new Folds(this.#part("section.matrix"), server, (matrix) => {
      this.matrix.show(matrix);
      this.#carry();
    });
    this.charts = new ClassCharts(this.#part("section.classes"), (character) => {
      this.#select({ true: character, predicted: "" });
    });
    this.table = new ClassTable(this.#part("section.classes"), onselect);
    this.pairs = new Pairs(this.#part("section.pairs"), onselect);
    const onopen = (sample) => this.sample.show(this.report.name, sample);
    this.mistakes = new Mistakes(this.#part("section.mistakes"), server, onselect, onopen);
    this.trust = new TrustView(this.#part("section.trust"), onselect, () => this.#part("section.mistakes").scrollIntoView({ behavior: "smooth" }));
    this.labels = new LabelIssues(this.#part("section.labels"), server, onselect, onopen);
    this.sample = new Sample(this.#part("dialog"), server, (sample) => {
      this.looked = sample;
      this.#carry();
    });
    this.#part(".picker select").addEventListener("change", (event) => this.#open(event.target.value));
    const address = readAddress();
    this.#open(address.report, address);
  }

  /** Show a report, without a name the first of the list, as an address tells it. */
  async #open(name, address = {}, complaint = "") {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const question = name === undefined ? {} : { report: name };
    const answer = await this.server.open_report(question).catch(() => ({ error: "The server cannot be reached: reload the page." }));
    if (turn !== this.turn) return;
    // A link may outlive its report; the first one is a better place to go on than none.
    if (answer.error && address.report) return this.#open(undefined, {}, answer.error);
    this.#say(complaint || answer.error || (answer.report ? "" : `There is no report in ${answer.folder} yet. Make one with: python -m handwriting evaluate MODEL --out reports/NAME`));
    if (answer.reports) this.#list(answer);
    if (!answer.report) return;
    this.#part(".report").hidden = false;
    this.#show(answer.report, address);
  }

  #list({ reports, problems, report }) {
    this.#part(".picker select").replaceChildren(
      ...reports.map(({ name, title }) => make("option", { value: name, textContent: title, selected: name === report?.name })),
    );
    const details = this.#part(".problems");
    details.hidden = problems.length === 0;
    details.querySelector("summary").textContent =
      problems.length === 1 ? "One report cannot be shown" : `${problems.length} reports cannot be shown`;
    details.querySelector("ul").replaceChildren(...problems.map((problem) => make("li", { textContent: problem })));
    if (problems.length > 0 && reports.length === 0) this.#say([this.#part(".trouble").textContent, ...problems].join("\n"));
  }

  #show(report, address) {
    this.report = report;
    this.selection = selectionOf(address, report);
    this.mistakes.show(report);
    // First, so that the answer is on its way while the rest is painted.
    this.mistakes.select(this.selection);
    const facts = report.facts.map(([title, text]) => `${title.toLowerCase()} ${text}`);
    const words = [report.about, ...facts, `evaluated ${report.created}`];
    this.#part(".about").replaceChildren(...words.flatMap((text) => [" ", make("span", { textContent: text })]));
    this.#part(".headlines").replaceChildren(
      ...report.headlines.map(({ title, value, interval, meaning }) =>
        make("div", { title: meaning },
          make("dt", { textContent: title }),
          make("dd", { className: "value", textContent: value }),
          make("dd", { className: "interval", textContent: interval }))),
    );
    this.#part(".notes").replaceChildren(...report.notes.map((note) => make("li", { textContent: note })));
    this.#part(".notes").hidden = report.notes.length === 0;
    this.#part(".earlier").hidden = report.earlier === null;
    const { system, accuracy, source } = report.earlier ?? {};
    this.#part(".earlier").replaceChildren(`${system}: `, make("strong", { textContent: accuracy }), ` on the same samples, ${source}`);
    this.charts.show(report.classes, report.accuracy);
    this.table.show(report.classes);
    this.pairs.show(report.pairs, report.accuracy);
    this.trust.show(report);
    this.labels.show(report);
    this.matrix.lookAs(address);
    this.folds.show(report, address);
    this.#mark();
    if (/^\d+$/.test(address.sample)) this.sample.show(report.name, Number(address.sample));
  }

  #select(change) {
    this.selection = { ...this.selection, ...change };
    this.mistakes.select(this.selection);
    this.#mark();
  }

  /** Mark the selection in all views but the grid, and in the address. */
  #mark() {
    const { selection } = this;
    this.matrix.select(selection);
    this.charts.select(selection.true);
    this.table.select(selection);
    this.pairs.select(selection);
    this.trust.select(selection);
    this.labels.select(selection);
    this.#carry();
  }

  #carry() {
    this.link.carry({
      report: this.report.name,
      ...this.folds.texts,
      true: this.selection.true,
      read: this.selection.predicted,
      least: this.selection.least,
      most: this.selection.most,
      sort: this.selection.sort,
      suspects: this.selection.suspects,
      sample: this.looked == null ? "" : String(this.looked),
      ...Object.fromEntries(Object.entries(this.matrix.look).map(([name, look]) => [name, look === LOOKS[name] ? "" : look])),
    });
  }

  #say(words) {
    const trouble = this.#part(".trouble");
    trouble.hidden = words === "";
    trouble.textContent = words;
  }

  #part(selector) {
    return this.root.querySelector(selector);
  }
}
