// What counts as one class in the matrix: every character, a fold, or a fold partly opened again.

/** Buttons of the folds, and what opens their classes. `onshow` gets the matrix to show. */
class Folds {
  constructor(section, server, onshow) {
    this.views = section.querySelector(".views");
    this.row = section.querySelector(".apart");
    this.choice = section.querySelector(".apart select");
    this.opened = section.querySelector(".apart span");
    this.server = server;
    this.onshow = onshow;
    this.asked = 0;
    this.choice.addEventListener("change", () => {
      this.toggle([this.choice.value]);
      this.choice.focus();
    });
    this.opened.addEventListener("click", (event) => {
      const members = event.target.closest("button")?.dataset.members;
      if (members === undefined) return;
      this.toggle([members]);
      (this.opened.querySelector("button") ?? this.choice).focus();
    });
  }

  /** Offer a report's matrices and show the one that an address tells. */
  show(report, address) {
    this.report = report;
    this.views.replaceChildren(
      ...report.matrices.map(({ name, classes }, index) => {
        const button = make("button", { type: "button", textContent: name, title: `${classes.length} classes` });
        button.addEventListener("click", () => this.#look(index));
        return button;
      }),
    );
    this.views.hidden = report.matrices.length < 2;
    this.#look(Math.max(report.matrices.findIndex(({ name }) => name === address.classes), 0), address.apart);
  }

  /** What an address carries of it. */
  get texts() {
    return { classes: this.view === 0 ? "" : this.#folded.name, apart: this.apart };
  }

  /** Take classes apart that are folded and fold those that are not; each by its characters. */
  toggle(classes) {
    const whole = new Set(classes.map((members) => this.#folded.members.find((folded) => folded.includes(members[0]))));
    const changed = [...whole].filter((members) => members?.length > 1).map(([first]) => first);
    if (changed.length === 0) return;
    const kept = [...this.apart].filter((first) => !changed.includes(first));
    // Classes of a cell that differ become alike: all apart unless all are already.
    const opened = changed.filter((first) => !this.apart.includes(first));
    this.#look(this.view, [...kept, ...(opened.length > 0 ? changed : [])].join(""));
  }

  get #folded() {
    return this.report.matrices[this.view];
  }

  async #look(view, apart = "") {
    const turn = ++this.asked;
    this.view = view;
    const openable = this.#folded.members.filter((members) => members.length > 1 && view > 0);
    this.apart = openable.map(([first]) => first).filter((first) => apart.includes(first)).join("");
    [...this.views.children].forEach((button, index) => button.setAttribute("aria-pressed", index === view));
    this.#offer(openable);
    if (this.apart === "") return this.onshow(this.#folded);
    const { name } = this.report;
    const answer = await this.server.open_classes({ report: name, fold: this.#folded.name, apart: this.apart }).catch(() => ({}));
    if (turn !== this.asked) return;
    if (!answer.matrix) return this.#look(view);
    this.onshow(answer.matrix);
  }

  #offer(openable) {
    const { classes, members } = this.#folded;
    const nameOf = (characters) => {
      const name = classes[members.indexOf(characters)];
      return name.length > 1 ? name : [...characters].join(" ");
    };
    this.row.hidden = openable.length === 0;
    const folded = openable.filter(([first]) => !this.apart.includes(first));
    this.choice.replaceChildren(
      make("option", { value: "", textContent: "a class", hidden: true }),
      ...folded.map((characters) => make("option", { value: characters, textContent: nameOf(characters) })),
    );
    this.choice.disabled = folded.length === 0;
    this.opened.replaceChildren(
      ...openable.filter((characters) => !folded.includes(characters)).map((characters) => {
        const button = make("button", { type: "button", title: "Fold again" }, make("b", { textContent: nameOf(characters) }), " ×");
        button.setAttribute("aria-label", `Fold ${nameOf(characters)} again`);
        button.dataset.members = characters;
        return button;
      }),
    );
  }
}
