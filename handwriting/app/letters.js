// One after another: what was read is put together to a text, with the images of its characters.

/** How many images of the latest characters are shown. */
const LONGEST_STRIP = 100;

/** The text field, and the strip of 28×28 images. `onchange` is called when either has changed. */
class Letters {
  constructor(element, onchange) {
    this.field = element.querySelector("input");
    this.strip = element.querySelector("ol");
    this.removal = element.querySelector("[data-do=remove]");
    this.onchange = onchange;
    this.items = []; // {image, name} of what was appended, in that order
    this.field.addEventListener("input", () => this.#changed());
  }

  get state() {
    return { text: this.field.value, items: this.items };
  }

  set state({ text, items }) {
    this.field.value = text;
    this.items = items;
    this.strip.replaceChildren(...items.map(thumbnail));
    this.#changed();
  }

  /** Append a character that was read from an image. */
  append(character, item) {
    this.field.value += character;
    this.items = [...this.items, item].slice(-LONGEST_STRIP);
    this.strip.append(thumbnail(item));
    if (this.strip.children.length > LONGEST_STRIP) this.strip.firstElementChild.remove();
    this.#changed();
  }

  space() {
    this.field.value += " ";
    this.#changed();
  }

  /** Remove the last character, and its image unless it was a space. */
  remove() {
    const characters = [...this.field.value];
    const last = characters.pop();
    this.field.value = characters.join("");
    if (last !== " ") {
      this.items = this.items.slice(0, -1);
      this.strip.lastElementChild?.remove();
    }
    this.#changed();
  }

  #changed() {
    // An emptied field has no characters left that images could belong to.
    if (this.field.value === "" && this.items.length > 0) {
      this.items = [];
      this.strip.replaceChildren();
    }
    this.removal.disabled = this.field.value === "";
    this.field.scrollLeft = this.field.scrollWidth;
    this.strip.scrollLeft = this.strip.scrollWidth;
    this.onchange();
  }
}

function thumbnail({ image, name }) {
  const entry = document.createElement("li");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 28;
  canvas.setAttribute("role", "img");
  canvas.ariaLabel = entry.title = name;
  paintImage(canvas.getContext("2d"), image);
  entry.append(canvas);
  return entry;
}

/** How long the pen must rest before a character counts as finished, for each kind of pointer. */
class Pause {
  constructor(element, milliseconds) {
    this.slider = element.querySelector("input");
    this.label = element.querySelector("output");
    this.milliseconds = milliseconds;
    this.slider.addEventListener("input", () => {
      this.milliseconds[this.kind] = Number(this.slider.value);
      this.#show();
    });
  }

  /** From now on it is written with a mouse, a finger or a pen. */
  setPointer(type) {
    this.kind = type === "mouse" ? "mouse" : "touch";
    this.slider.value = this.length;
    this.#show();
  }

  get length() {
    return this.milliseconds[this.kind];
  }

  #show() {
    const text = `${(this.length / 1000).toFixed(1)} s`;
    this.label.textContent = text;
    this.slider.setAttribute("aria-valuetext", text.replace("s", "seconds"));
  }
}
