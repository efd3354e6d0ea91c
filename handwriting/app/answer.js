// What one character was read as.

/** The reading is spoken once the pen has rested this long, milliseconds. */
const PAUSE_BEFORE_SPEAKING = 700;

/** What was read, painted beside the pad. */
class Answer {
  constructor(element) {
    this.best = element.querySelector(".best");
    this.glyph = element.querySelector(".glyph");
    this.name = element.querySelector(".name");
    this.share = element.querySelector(".share");
    this.note = element.querySelector(".note");
    this.spoken = element.querySelector(".spoken");
    this.seen = element.querySelector(".seen canvas").getContext("2d");
    this.rows = [...element.querySelector(".ranking").children];
  }

  show({ guesses, image, note }, resting) {
    const [best] = guesses;
    this.best.classList.remove("waiting");
    this.glyph.textContent = best.character;
    this.name.textContent = best.name;
    this.share.textContent = percent(best.probability);
    this.note.textContent = note;
    this.rows.forEach((row, index) => this.#paintRow(row, guesses[index]));
    paintImage(this.seen, image);
    this.speak(resting ? `${best.name}, ${percent(best.probability)}. ${note}` : null);
  }

  clear() {
    this.best.classList.add("waiting");
    this.glyph.textContent = "?";
    this.name.textContent = "Nothing written yet";
    this.share.textContent = this.note.textContent = "";
    for (const row of this.rows) this.#paintRow(row, undefined);
    this.seen.fillRect(0, 0, 28, 28);
    this.speak(null);
  }

  #paintRow(row, guess) {
    const [character, bar, share] = row.children;
    character.textContent = guess?.character ?? "";
    character.title = guess?.name ?? "";
    bar.firstElementChild.style.transform = `scaleX(${guess?.probability ?? 0})`;
    share.textContent = guess ? percent(guess.probability) : "";
  }

  /** Say it, once the pen has rested; null says nothing, and not what was to be said. */
  speak(text) {
    clearTimeout(this.timer);
    if (text === null) this.spoken.textContent = "";
    else {
      this.timer = setTimeout(() => {
        this.spoken.textContent = text;
      }, PAUSE_BEFORE_SPEAKING);
    }
  }
}

function percent(probability) {
  const value = probability * 100;
  if (value > 0 && value < 1) return "< 1 %";
  if (value > 99 && value < 100) return "> 99 %";
  return `${Math.round(value)} %`;
}

/** Paint the 784 bytes of an image, base64, on a canvas of 28×28. */
function paintImage(context, base64) {
  const bytes = atob(base64);
  const pixels = new ImageData(28, 28);
  for (let index = 0; index < 784; index++) {
    pixels.data.fill(bytes.charCodeAt(index), 4 * index, 4 * index + 3);
    pixels.data[4 * index + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}
