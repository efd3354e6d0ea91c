// Was it right? What the visitor says about a reading, if anything.

/**
 * The form beside the guesses.
 *
 * Args:
 *   tell: Sends a remark and promises an answer.
 *   onerror: Told what is wrong with a remark, in a sentence.
 */
class FeedbackForm {
  constructor(form, { tell, onerror }) {
    this.form = form;
    this.label = form.querySelector("input");
    this.line = form.querySelector("p");
    Object.assign(this, { tell, onerror });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.label.value.trim() !== "") this.#send(this.label.value);
    });
    this.offer(null);
  }

  /** Ask about a reading, `{drawing, guess}`; null where there is none to ask about. */
  offer(reading) {
    // Only ink that changes makes a new question.
    if (reading !== null && this.told === JSON.stringify(reading.drawing)) return;
    this.reading = reading;
    this.#enable(reading !== null);
    this.line.textContent = "Was it right?";
    if (reading === null) this.label.value = "";
  }

  confirm() {
    this.#send(this.reading.guess);
  }

  async #send(label) {
    const { reading } = this;
    this.#enable(false);
    this.told = JSON.stringify(reading.drawing);
    const answer = await this.tell({ ...reading, label }).catch(() => ({}));
    if (reading !== this.reading) return;
    if (answer?.thanks) {
      this.line.textContent = answer.thanks;
      return;
    }
    this.onerror(answer?.error ?? "The server does not answer: what you said is not kept.");
    this.told = null;
    this.#enable(true);
  }

  #enable(enabled) {
    for (const control of this.form.elements) control.disabled = !enabled;
  }
}
