// One sample: large, with what the model took it for and what it looks like.

/** A dialog over the page. `onshow` gets the sample's index, null when it is closed. */
class Sample {
  constructor(dialog, server, onshow) {
    this.dialog = dialog;
    this.server = server;
    this.onshow = onshow;
    this.asked = 0;
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // the backdrop
    });
    dialog.addEventListener("close", () => {
      clearTimeout(this.waiting);
      this.asked++; // what is still on its way must not open it again
      this.onshow(null);
    });
  }

  /** Look a sample of a report up and show it. */
  async show(report, sample) {
    const turn = ++this.asked;
    const answer = await this.server
      .show_sample({ report, sample })
      .catch(() => ({ error: "The server cannot be reached." }));
    if (turn !== this.asked) return;
    this.#part(".trouble").hidden = !answer.error;
    this.#part(".trouble").textContent = answer.error ?? "";
    this.#part(".body").hidden = "error" in answer;
    if (!answer.error) this.#fill(answer);
    if (!this.dialog.open) this.dialog.showModal();
    clearTimeout(this.waiting);
    if (answer.images in PATIENCE) this.waiting = setTimeout(() => this.show(report, sample), PATIENCE[answer.images]);
    this.onshow(sample);
  }

  #fill({ sample, true: actual, predicted, guesses, true_probability: given, nearest, sheet }) {
    this.dialog.style.setProperty("--sheet", sheet === null ? "none" : `url(${sheet})`);
    this.dialog.style.setProperty("--tiles", nearest.reduce((sum, { count }) => sum + count, 1));
    this.#part("h3").replaceChildren(make("b", { textContent: actual }), " read as ", make("b", { textContent: predicted }));
    this.#part(".which").textContent = `Sample ${number.format(sample)} of the test set`;
    this.#part(".large").hidden = sheet === null;
    const bars = guesses.map(({ character, probability }) => this.#bar(character, probability, actual));
    if (given !== null && !guesses.some(({ character }) => character === actual)) bars.push(this.#bar(actual, given, actual));
    this.#part(".guesses").replaceChildren(...bars);
    let index = 1;
    this.#part(".nearest").replaceChildren(
      ...nearest.flatMap(({ character, count }) => [
        make("h4", {}, count ? "The most similar that were rightly read as " : "None was rightly read as ", make("b", { textContent: character })),
        make("div", { role: "img", ariaLabel: `${count} samples of ${character}` },
          ...Array.from({ length: count }, () => {
            const image = make("i");
            image.style.setProperty("--index", index++);
            return image;
          })),
      ]),
    );
  }

  #bar(character, probability, actual) {
    const bar = make("li", {}, make("b", { textContent: character }), make("i"),
      make("span", { textContent: probability > 0.9995 ? "> 99.9 %" : probability < 0.0005 ? "< 0.1 %" : percent(probability) }));
    bar.style.setProperty("--share", probability);
    if (character === actual) bar.classList.add("actual");
    return bar;
  }

  #part(selector) {
    return this.dialog.querySelector(selector);
  }
}
