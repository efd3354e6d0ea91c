// The Write tab: the pad, its tools, and what was read.

/** The reading is spoken once the pen has rested this long, milliseconds. */
const PAUSE_BEFORE_SPEAKING = 700;

/** Where the ink survives a reload of the page, which Gradio does when a connection returns. */
const STORE = "handwriting.ink";

function write(element, props, server, watch) {
  const find = (selector) => element.querySelector(selector);
  const { side, examples } = props;

  const pad = new Pad(find(".ink"), {
    side,
    brush: props.brush.width,
    onstart: () => {
      if (show.left) clear();
    },
    onink: (resting) => inkChanged(resting),
  });
  const { ink } = pad;
  const page = new Answer(element);
  const show = new Show(examples, {
    draw: (strokes, resting) => {
      ink.amend(strokes);
      pad.paint();
      inkChanged(resting);
    },
    read: () => reader.rest,
    onplaying: (playing) => {
      find("[data-do=show]").textContent = playing ? "Stop" : "Show me";
      if (!playing) settle();
    },
  });
  const reader = new Reader({
    ask: (question) => server.ask(question),
    question: () =>
      ink.strokes.length > 0 ? { drawing: drawing(), alphabet: alphabet() } : null,
    onanswer: (answer, isNewest) => {
      if (answer.error) trouble(answer.error);
      else {
        trouble("");
        page.show(answer, isNewest && !pad.busy);
      }
    },
    onslow: () => trouble("Waiting for the server. The first answer takes a few seconds."),
    onlost: () => trouble("The server does not answer. Your ink is safe, even if you reload.", true),
  });

  function drawing() {
    return { width: side, height: side, strokes: ink.strokes };
  }

  function alphabet() {
    return find(".alphabet input:checked").value;
  }

  function inkChanged(resting) {
    const empty = ink.strokes.length === 0;
    element.classList.toggle("has-ink", !empty);
    if (empty) {
      reader.forget();
      page.clear();
      trouble("");
    } else {
      reader.update(resting);
    }
    if (resting) settle();
  }

  /** What may wait until the pen rests. */
  function settle() {
    find("[data-do=undo]").disabled = ink.past.length === 0;
    find("[data-do=redo]").disabled = ink.future.length === 0;
    find("[data-do=clear]").disabled = ink.strokes.length === 0;
    keep(ink.strokes);
    // Gradio renders the whole template anew for a new value: not before the answer is painted.
    clearTimeout(settle.timer);
    settle.timer = setTimeout(() => {
      if (!pad.busy) props.value = structuredClone(drawing());
    }, 300);
  }

  /** Show other ink than before, all at once. */
  function jump() {
    reader.forget();
    pad.paint();
    inkChanged(true);
  }

  function clear() {
    show.leave();
    if (ink.strokes.length === 0) return;
    ink.set([]);
    jump();
  }

  function trouble(message, lost = false) {
    const line = find(".trouble");
    line.classList.toggle("shown", message !== "");
    line.classList.toggle("lost", lost);
    const text = line.firstElementChild;
    // The same words set anew would be spoken anew.
    if (text.textContent !== message) text.textContent = message;
  }

  function setErasing(erasing) {
    pad.erasing = erasing;
    element.classList.toggle("erasing", erasing);
    find("[data-do=erase]").setAttribute("aria-pressed", erasing);
  }

  const actions = {
    undo: () => {
      show.leave();
      if (ink.undo()) jump();
    },
    redo: () => {
      show.leave();
      if (ink.redo()) jump();
    },
    clear,
    erase: () => setErasing(!pad.erasing),
    retry: () => reader.update(true),
    show: () => {
      if (show.playing) {
        show.stop();
        return;
      }
      setErasing(false);
      ink.set([]);
      jump();
      show.play();
    },
  };

  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && element.contains(button)) actions[button.dataset.do]();
  });

  find(".brush input").addEventListener("input", (event) => {
    pad.brush = Number(event.target.value);
    event.target.setAttribute("aria-valuetext", `${pad.brush} of ${side}`);
    pad.paint();
  });

  find(".alphabet").addEventListener("change", () => {
    reader.forget();
    reader.update(true);
  });

  const leaving = new AbortController();
  document.addEventListener(
    "keydown",
    (event) => {
      if (!element.isConnected) leaving.abort();
      else onKey(event);
    },
    { signal: leaving.signal },
  );

  function onKey(event) {
    const hidden = element.offsetParent === null;
    const typing = event.target.closest?.(
      "textarea, [contenteditable], input:not([type=range], [type=radio])",
    );
    if (hidden || typing || pad.busy || event.altKey) return;
    const action = keyAction(event);
    if (!action) return;
    event.preventDefault();
    actions[action]();
  }

  function keyAction(event) {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") return event.shiftKey ? "redo" : "undo";
      return key === "y" ? "redo" : null;
    }
    if (key === "escape") return "clear";
    return key === "e" && event.target === pad.canvas ? "erase" : null;
  }

  // The ink's colour follows the theme.
  const themes = new MutationObserver(() => pad.paint());
  for (const themed of [document.documentElement, document.body]) {
    themes.observe(themed, { attributeFilter: ["class"] });
  }

  addEventListener(
    "online",
    () => {
      if (find(".trouble").classList.contains("lost")) actions.retry();
    },
    { signal: leaving.signal },
  );

  watch("value", () => {
    ink.set(props.value?.strokes ?? []);
    jump();
  });

  page.clear();
  ink.amend(kept());
  if (ink.strokes.length > 0) jump();
  else settle();
}

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
    this.#paintImage(image);
    this.#speak(resting ? `${best.name}, ${percent(best.probability)}. ${note}` : null);
  }

  clear() {
    this.best.classList.add("waiting");
    this.glyph.textContent = "?";
    this.name.textContent = "Nothing written yet";
    this.share.textContent = this.note.textContent = "";
    for (const row of this.rows) this.#paintRow(row, undefined);
    this.seen.fillRect(0, 0, 28, 28);
    this.#speak(null);
  }

  #paintRow(row, guess) {
    const [character, bar, share] = row.children;
    character.textContent = guess?.character ?? "";
    character.title = guess?.name ?? "";
    bar.firstElementChild.style.transform = `scaleX(${guess?.probability ?? 0})`;
    share.textContent = guess ? percent(guess.probability) : "";
  }

  #paintImage(base64) {
    const bytes = atob(base64);
    const pixels = new ImageData(28, 28);
    for (let index = 0; index < 784; index++) {
      pixels.data.fill(bytes.charCodeAt(index), 4 * index, 4 * index + 3);
      pixels.data[4 * index + 3] = 255;
    }
    this.seen.putImageData(pixels, 0, 0);
  }

  #speak(text) {
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

/** How fast the examples are written, pad units per second. */
const WRITING_SPEED = 620;

/** Pauses of the pen between two strokes and between two examples, milliseconds. */
const LIFT = 160;
const HOLD = 1300;

/**
 * Draws the examples stroke by stroke, as a hand would.
 *
 * Args:
 *   draw: Puts strokes on the pad; told whether the pen is up.
 *   read: A promise that resolves when what is drawn has been read.
 *   onplaying: Told of the start and the end.
 */
class Show {
  constructor(examples, { draw, read, onplaying }) {
    this.examples = examples.map(({ strokes }) => strokes.map(smooth));
    Object.assign(this, { draw, read, onplaying });
    this.playing = false;
    this.left = false; // what is on the pad is an example
  }

  async play() {
    const run = (this.run = Symbol("run"));
    this.#setPlaying(true);
    for (const [index, example] of this.examples.entries()) {
      if (index > 0) await sleep(HOLD);
      if (this.run !== run) return;
      this.left = true;
      await this.#write(example, run);
      await this.read();
      if (this.run !== run) return;
    }
    this.#setPlaying(false);
  }

  /** Stop and leave what is drawn on the pad. */
  stop() {
    this.run = null;
    if (this.playing) this.#setPlaying(false);
  }

  /** Stop, because the pad is given to the visitor's own ink. */
  leave() {
    this.stop();
    this.left = false;
  }

  async #write(strokes, run) {
    const written = [];
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (const stroke of strokes) {
      if (written.length > 0) await sleep(LIFT);
      const grown = [stroke[0]];
      written.push(grown);
      let pen = 1;
      let length = 0;
      let last = performance.now();
      while (pen < stroke.length) {
        const now = await nextFrame();
        if (this.run !== run) return;
        length += still ? Infinity : ((now - last) / 1000) * WRITING_SPEED;
        last = now;
        while (pen < stroke.length && length > 0) {
          const [[x, y], [nextX, nextY]] = [stroke[pen - 1], stroke[pen]];
          length -= Math.hypot(nextX - x, nextY - y);
          grown.push(stroke[pen]);
          pen += 1;
        }
        this.draw([...written], false);
      }
    }
    if (this.run === run) this.draw([...written], true);
  }

  #setPlaying(playing) {
    this.playing = playing;
    this.onplaying(playing);
  }
}

/** A curve through a few points (Catmull–Rom); a point given twice is a corner. */
function smooth(points) {
  const steps = 8;
  const curve = [points[0]];
  for (let index = 0; index < points.length - 1; index++) {
    const at = (offset) => points[Math.min(Math.max(index + offset, 0), points.length - 1)];
    const [a, b, c, d] = [at(-1), at(0), at(1), at(2)];
    for (let step = 1; step <= steps; step++) {
      const t = step / steps;
      curve.push(
        [0, 1].map((axis) => {
          const value =
            2 * b[axis] +
            (c[axis] - a[axis]) * t +
            (2 * a[axis] - 5 * b[axis] + 4 * c[axis] - d[axis]) * t * t +
            (3 * b[axis] - a[axis] - 3 * c[axis] + d[axis]) * t * t * t;
          return Math.round(value * 5) / 10;
        }),
      );
    }
  }
  return curve;
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

// A page inside another site's frame may be denied any storage: then a reload loses the ink.
function keep(strokes) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(strokes));
  } catch {
    return;
  }
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE)) ?? [];
  } catch {
    return [];
  }
}
