// A sample of the test set beside the visitor's own hand.

/** A small picture in the corner of the sheet, until it is removed. `onchange` is told of both. */
class Comparison {
  constructor(part, onchange) {
    this.part = part;
    this.onchange = onchange;
    this.sample = null;
    part.querySelector("button").addEventListener("click", () => this.show(null));
  }

  /** `{image, character, predicted}`: 784 bytes, base64, the truth and what it was read as; or
      null for none. */
  show(sample) {
    this.sample = sample;
    this.part.hidden = sample === null;
    if (sample !== null) {
      const { image, character, predicted } = sample;
      const [truth, reading] = this.part.querySelectorAll("b");
      truth.textContent = character;
      reading.textContent = predicted;
      const canvas = this.part.querySelector("canvas");
      canvas.ariaLabel = `Somebody's ${character} that was read as ${predicted}`;
      const bytes = atob(image);
      const mask = new ImageData(28, 28); // the page gives the colour
      for (let index = 0; index < 784; index++) mask.data[4 * index + 3] = bytes.charCodeAt(index);
      canvas.getContext("2d").putImageData(mask, 0, 0);
    }
    this.onchange();
  }
}
