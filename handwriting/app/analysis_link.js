// The address carries what is looked at, so that it can be kept and sent.

/** What the address says: text by name, only for names that it has. */
function readAddress() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

/** The address with other texts by name; an empty one is left out, as is what it needs no more. */
function addressOf(texts) {
  const url = new URL(location.href);
  for (const [name, text] of Object.entries(texts)) {
    url.searchParams.delete(name);
    if (text !== "") url.searchParams.append(name, text);
  }
  return url.href;
}

/** How long nothing has changed before the address is written, milliseconds. */
const CALM = 300;

/** Keeps the address up to date while the tab is seen, and copies it. */
class Link {
  constructor(root) {
    this.root = root;
    this.texts = {};
    this.seen = false;
    root.querySelector(".share button").addEventListener("click", () => this.#copy());
    // The address of another tab is not this one's.
    new IntersectionObserver((entries) => {
      this.seen = entries.at(-1).isIntersecting;
      this.#write();
    }).observe(root);
  }

  /** Carry these from now on: text by name, empty where it is as at the start. */
  carry(texts) {
    this.texts = texts;
    this.#part("input").hidden = true;
    this.#part("button").textContent = "Copy link";
    // Browsers take their time for this, and what is looked for is to be painted first.
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#write(), CALM);
  }

  #write() {
    if (!("report" in this.texts)) return;
    const texts = this.seen ? this.texts : Object.fromEntries(Object.keys(this.texts).map((name) => [name, ""]));
    history.replaceState(history.state, "", addressOf(texts));
  }

  async #copy() {
    this.#write();
    const link = addressOf(this.texts);
    try {
      await navigator.clipboard.writeText(link);
      this.#part("button").textContent = "Copied";
    } catch {
      // Without HTTPS or permission, the visitor copies it.
      Object.assign(this.#part("input"), { hidden: false, value: link }).select();
    }
  }

  #part(selector) {
    return this.root.querySelector(".share " + selector);
  }
}
