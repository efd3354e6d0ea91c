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
    this.why = new Explanation(dialog.querySelector(".why"), server);
    this.#part(".send").addEventListener("click", () => this.#send());
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
    if (!answer.error) this.why.show({ report, sample }, answer);
    if (!this.dialog.open) this.dialog.showModal();
    clearTimeout(this.waiting);
    if (answer.images in PATIENCE) this.waiting = setTimeout(() => this.show(report, sample), PATIENCE[answer.images]);
    this.onshow(sample);
  }

  #fill({ sample, true: actual, predicted, guesses, true_probability: given, nearest, sheet, suspicion }) {
    this.#part(".suspicion").hidden = suspicion === "";
    this.#part(".suspicion").replaceChildren(...(SUSPICIONS[suspicion]?.(actual, predicted) ?? []));
    this.dialog.style.setProperty("--sheet", sheet === null ? "none" : `url(${sheet})`);
    this.dialog.style.setProperty("--tiles", nearest.reduce((sum, { count }) => sum + count, 1));
    this.#part("h3").replaceChildren(make("b", { textContent: actual }), " read as ", make("b", { textContent: predicted }));
    this.#part(".which").textContent = `Sample ${number.format(sample)} of the test set`;
    this.#part(".large").hidden = this.#part(".send").hidden = sheet === null;
    this.shown = { character: actual, predicted, sheet };
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

  /** Put it beside the visitor's own hand, on the other tab. */
  async #send() {
    const { sheet, character, predicted } = this.shown;
    const image = btoa(String.fromCharCode(...(await pixelsOf(sheet))));
    document.dispatchEvent(new CustomEvent("handwriting:compare", { detail: { image, character, predicted } }));
    this.dialog.close();
    [...document.querySelectorAll("[role=tab]")].find((tab) => tab.textContent.trim() === "Write")?.click();
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

const MAP_SIDE = 28;

/** The first image of a sheet: 784 bytes, 0 without ink. */
async function pixelsOf(sheet) {
  const image = new Image();
  image.src = sheet;
  await image.decode();
  const context = make("canvas", { width: MAP_SIDE, height: MAP_SIDE }).getContext("2d");
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, MAP_SIDE, MAP_SIDE).data.filter((_, index) => index % 4 === 0);
}

/** Which pixels spoke for each reading; computed only where it is opened, as it needs the model. */
class Explanation {
  constructor(details, server) {
    this.details = details;
    this.server = server;
    this.asked = 0;
    details.addEventListener("toggle", () => this.#ask());
    new MutationObserver(() => this.#paint()).observe(document.body, { attributeFilter: ["class"] });
  }

  /** Be about another sample: `question` names it, `answer` says what it looks like. */
  show(question, { sheet, predicted, explained }) {
    this.details.hidden = sheet === null || !explained;
    const { report, sample } = this.question ?? {};
    if (report === question.report && sample === question.sample && this.sheet === sheet) return;
    Object.assign(this, { question, sheet, predicted, maps: null });
    this.asked++;
    this.#paint();
    this.#ask();
  }

  async #ask() {
    if (!this.details.open || this.maps !== null || this.details.hidden) return;
    const turn = ++this.asked;
    this.#say("Asking the model …");
    const [answer, pixels] = await Promise.all([
      this.server.explain_sample(this.question).catch(() => ({ error: "The server cannot be reached." })),
      pixelsOf(this.sheet),
    ]);
    if (turn !== this.asked) return;
    this.#say(answer.error ?? answer.note ?? "");
    Object.assign(this, { maps: answer.maps ?? null, pixels });
    this.#paint();
  }

  #say(words) {
    const status = this.#part("[role=status]");
    status.textContent = words;
    status.hidden = words === "";
  }

  #paint() {
    const found = this.maps !== null;
    for (const words of this.details.querySelectorAll(".legend, .quiet")) words.hidden = !found;
    this.#part(".maps").replaceChildren(...(found ? this.maps.map((map) => this.#figure(map)) : []));
  }

  #figure({ character, pixels, for: pro, against }) {
    const canvas = make("canvas", { width: MAP_SIDE, height: MAP_SIDE });
    const style = getComputedStyle(this.details);
    const [paper, ink, forIt, againstIt] = ["--blank", "--faint", "--accent", "--kind-0"].map((name) => style.getPropertyValue(name).trim());
    const context = canvas.getContext("2d");
    const signed = Int8Array.from(atob(pixels), (byte) => byte.charCodeAt(0));
    signed.forEach((value, index) => {
      const place = [index % MAP_SIDE, Math.floor(index / MAP_SIDE), 1, 1];
      const layers = [[paper, 1], [ink, this.pixels[index] / 255], [value > 0 ? forIt : againstIt, Math.sqrt(Math.abs(value) / 127)]];
      for (const [colour, strength] of layers) {
        Object.assign(context, { fillStyle: colour, globalAlpha: strength });
        context.fillRect(...place);
      }
    });
    const share = pro + against > 0 ? pro / (pro + against) : 0;
    const role = character === this.predicted ? "what it was read as" : "the truth";
    const words = `${percent(share, 0)} of what counts spoke for it`;
    canvas.role = "img";
    canvas.ariaLabel = `The ink that spoke for ${character}, ${role}: ${words}`;
    return make("figure", {}, canvas, make("figcaption", {}, "For ", make("b", { textContent: character }), `, ${role}: ${words}.`));
  }

  #part(selector) {
    return this.details.querySelector(selector);
  }
}
