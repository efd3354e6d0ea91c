// Whole line: boxes over the ink, what else each character may be, and the text.

/** Less than this is no certainty: the box says so. */
const SURE = 0.6;

/**
 * The boxes on the sheet, the alternatives that each opens, and the text field below.
 *
 * What the visitor chooses or types outlives the next answer, as long as the strokes that it was
 * about still make up those characters. `onchange` is called when either has changed.
 */
class LineReading {
  constructor(element, onchange) {
    this.field = element.querySelector("textarea");
    this.layer = element.querySelector(".boxes");
    this.popup = element.querySelector(".alternatives");
    this.onchange = onchange;
    this.field.addEventListener("input", () => {
      this.edit = { keys: this.characters.map(({ key }) => key), text: this.field.value };
      this.onchange();
    });
    this.layer.addEventListener("click", (event) => {
      this.open(this.characters[indexOf(event.target)]);
    });
    this.layer.addEventListener("keydown", moveFocus);
    // The boxes are one stop of the Tab key: the one that had the focus last.
    this.layer.addEventListener("focusin", (event) => {
      for (const box of this.layer.children) box.tabIndex = box === event.target ? 0 : -1;
    });
    this.popup.addEventListener("click", (event) => {
      const index = indexOf(event.target);
      if (index >= 0) this.#choose(index);
    });
    // A click that chooses must not take the focus first; any other one closes.
    this.popup.addEventListener("pointerdown", (event) => event.preventDefault());
    this.popup.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.popup.contains(relatedTarget)) this.close();
    });
    this.popup.addEventListener("keydown", (event) => {
      moveFocus(event);
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#close(true);
    });
    this.choices = {}; // from a character's key to what the visitor chose for it
    this.forget();
  }

  get state() {
    return { choices: this.choices, edit: this.edit };
  }

  set state({ choices, edit }) {
    Object.assign(this, { choices, edit });
  }

  /** Forget what was read and typed. What was chosen is there again if the ink is. */
  forget() {
    this.characters = [];
    this.edit = null; // what the visitor made of the first characters, and their keys
    this.#paint();
  }

  /**
   * Show an answer.
   *
   * Args:
   *   characters: As the server read them.
   *   strokes: The ink that it was asked about.
   *   sheet: Its `width` and `height`, units.
   *   reach: How far the ink reaches beyond the path of the pen, units.
   */
  show(characters, strokes, sheet, reach) {
    this.characters = characters.map((character) => ({
      ...character,
      key: character.strokes.map((index) => strokes[index][0].join()).join(" "),
    }));
    this.sheet = sheet;
    this.reach = reach;
    this.#paint();
  }

  /** The character whose ink is around a point, undefined for none. */
  find([x, y]) {
    return this.characters.find(
      ({ box: [left, top, right, bottom] }) =>
        x >= left - this.reach && x <= right + this.reach && y >= top && y <= bottom,
    );
  }

  /** Offer what else a character may be. */
  open(character) {
    this.opened = character;
    this.#paintAlternatives();
    this.popup.firstElementChild.focus({ preventScroll: true });
  }

  close() {
    this.#close(false);
  }

  #close(refocus) {
    const index = this.characters.findIndex(({ key }) => key === this.opened?.key);
    this.opened = null;
    this.popup.hidden = true;
    if (refocus) this.layer.children[index]?.focus({ preventScroll: true });
  }

  #choose(index) {
    const before = this.#words();
    const at = this.characters.findIndex(({ key }) => key === this.opened.key);
    this.choices[this.opened.key] = this.opened.guesses[index].character;
    const edited = this.edit?.keys.length ?? 0;
    if (at < edited) {
      const after = this.#words().slice(0, edited);
      this.edit.text = carryOver(this.edit.text, before.slice(0, edited), after, at);
    }
    this.#close(true);
    this.#paint();
    this.onchange();
  }

  #chosen({ key, guesses }) {
    return this.choices[key] ?? guesses[0].character;
  }

  #paint() {
    if (this.opened && !this.characters.some(({ key }) => key === this.opened.key)) this.close();
    const { children } = this.layer;
    while (children.length > this.characters.length) this.layer.lastElementChild.remove();
    while (children.length < this.characters.length) this.layer.append(emptyBox());
    this.characters.forEach((character, index) => this.#paintBox(children[index], character));
    if (!this.layer.querySelector("[tabindex='0']")) children[0]?.setAttribute("tabindex", 0);
    this.field.value = this.#text();
    this.field.scrollTop = this.field.scrollHeight;
  }

  #paintBox(box, character) {
    const [left, top, right, bottom] = character.box;
    const { reach, sheet } = this;
    box.style.left = `${((left - reach) / sheet.width) * 100}%`;
    box.style.top = `${((top - reach) / sheet.height) * 100}%`;
    box.style.width = `${((right - left + 2 * reach) / sheet.width) * 100}%`;
    box.style.height = `${((bottom - top + 2 * reach) / sheet.height) * 100}%`;
    const chosen = this.#chosen(character);
    const guess = character.guesses.find((guess) => guess.character === chosen);
    box.firstElementChild.textContent = chosen;
    box.ariaLabel = `${guess?.name ?? chosen}: choose another`;
    const settled = character.key in this.choices;
    box.classList.toggle("unsure", !settled && character.guesses[0].probability < SURE);
  }

  #paintAlternatives() {
    const { guesses, box } = this.opened;
    const chosen = this.#chosen(this.opened);
    this.popup.replaceChildren(
      ...guesses.map(({ character, name, probability }) => {
        const button = document.createElement("button");
        button.type = "button";
        button.innerHTML = "<b></b><small></small>";
        button.children[0].textContent = character;
        button.children[1].textContent = percent(probability);
        button.ariaLabel = `${name}, ${percent(probability)}`;
        button.setAttribute("aria-pressed", character === chosen);
        return button;
      }),
    );
    this.popup.hidden = false;
    const room = this.layer.clientWidth - this.popup.offsetWidth;
    const middle = ((box[0] + box[2]) / 2 / this.sheet.width) * this.layer.clientWidth;
    const left = Math.min(Math.max(middle - this.popup.offsetWidth / 2, 8), room - 8);
    this.popup.style.left = `${left}px`;
  }

  /** What each character was read as, with the space before it. */
  #words() {
    return this.characters.map((character) => (character.space ? " " : "") + this.#chosen(character));
  }

  #text() {
    const words = this.#words();
    const edited = this.edit?.keys ?? [];
    if (edited.some((key, index) => this.characters[index]?.key !== key)) this.edit = null;
    if (this.edit === null) return words.join("");
    return this.edit.text + words.slice(edited.length).join("");
  }
}

/**
 * Make a choice in a text that the visitor has edited.
 *
 * The word is replaced where the text, counted from its start or from its end, still is what was
 * read; where the visitor has typed something else, that stays.
 *
 * Args:
 *   text: As edited.
 *   before, after: What was read as words, before and after the choice.
 *   index: The word that was chosen.
 */
function carryOver(text, before, after, index) {
  const start = before.slice(0, index).join("");
  if (text.startsWith(start + before[index])) {
    return start + after[index] + text.slice(start.length + before[index].length);
  }
  const end = before.slice(index + 1).join("");
  if (text.endsWith(before[index] + end)) {
    return text.slice(0, text.length - before[index].length - end.length) + after[index] + end;
  }
  return text;
}

function emptyBox() {
  const box = document.createElement("button");
  box.type = "button";
  box.tabIndex = -1;
  box.append(document.createElement("span"));
  return box;
}

/** Which child of its group an element is in, -1 for none. */
function indexOf(target) {
  const button = target.closest("button");
  return button ? [...button.parentElement.children].indexOf(button) : -1;
}

/** Left and right move between the buttons of a group. */
function moveFocus(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const group = event.currentTarget.children;
  const next = group[indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
}
