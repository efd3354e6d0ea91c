// The Write tab: the pad, its tools, and what was read.

/** A window that is no wider, and not lower, has the narrow sheet for a line; as in pad.css. */
const NARROW = 760;
const LOW = 480;

function write(element, props, server, watch) {
  const find = (selector) => element.querySelector(selector);
  const inks = Object.fromEntries(props.modes.map(({ key }) => [key, new Ink()]));
  let mode = props.modes[0].key;
  let sheet = props.sheets.character;
  let tapped; // the character of a line that the pointer came down on
  let asked; // the ink that the last question was about

  const pad = new Pad(find(".ink"), {
    ink: inks[mode],
    width: sheet.width,
    brush: props.brush.width,
    onstart: (point) => {
      if (show.left) clear();
      line.close();
      tapped = mode === "line" ? line.find(point) : undefined;
      pause.setPointer(pad.pointerType);
      // A finger does not move the focus by itself, and a keyboard on the screen would stay.
      if (pad.pointerType !== "mouse") document.activeElement?.blur();
    },
    ontap: () => {
      if (tapped === undefined) return false;
      reader.forget();
      line.open(tapped);
      return true;
    },
    onink: (resting) => inkChanged(resting),
  });
  const page = new Answer(element);
  const letters = new Letters(find(".letters"), () => settle());
  const line = new LineReading(element, () => settle());
  const feedback = new FeedbackForm(find(".feedback"), {
    tell: (remark) => {
      trouble("");
      return server.tell(remark);
    },
    onerror: (message) => trouble(message),
  });
  const comparison = new Comparison(find(".compared"), () => settle());
  const pause = new Pause(find(".pause"), { ...props.pause.defaults });
  const show = new Show({
    examples: () => (mode === "line" ? [props.word] : props.examples),
    draw: (strokes, resting) => {
      pad.ink.amend(strokes);
      pad.paint();
      inkChanged(resting);
    },
    read: () => reader.rest,
    hold: () => (mode === "sequence" ? Math.max(HOLD, pause.length + LIFT) : HOLD),
    onplaying: (playing) => {
      find("[data-do=show]").textContent = playing ? "Stop" : "Show me";
      if (!playing) settle();
    },
  });
  const reader = new Reader({
    ask: (question) => (mode === "line" ? server.read(question) : server.ask(question)),
    question: () => {
      asked = pad.ink.strokes;
      return asked.length > 0 ? { drawing: drawing(), alphabet: alphabet() } : null;
    },
    onanswer: (answer, isNewest) => {
      trouble(answer.error ?? "");
      if (answer.error) return;
      const resting = isNewest && !pad.busy;
      if (mode === "line") {
        line.show(answer.characters, asked, sheet, pad.brush / 2);
        page.speak(resting ? line.field.value : null);
      } else {
        page.show(answer, resting);
        feedback.offer(isNewest ? { drawing: drawing(), guess: answer.guesses[0].character } : null);
        finish.answer = isNewest ? answer : null;
        finish();
      }
    },
    onslow: () => trouble("Waiting for the server. The first answer takes a few seconds."),
    onlost: () => trouble("The server does not answer. Your ink is safe, even if you reload.", true),
  });

  function drawing() {
    const { width, height, base, xHeight } = sheet;
    const ruling = { baseline: base, x_height: base - xHeight };
    return { width, height, ...ruling, strokes: pad.ink.strokes };
  }

  function alphabet() {
    return find(".alphabet input:checked").value;
  }

  function inkChanged(resting) {
    const empty = pad.ink.strokes.length === 0;
    element.classList.toggle("has-ink", !empty);
    clearTimeout(finish.timer);
    finish.answer = null;
    finish.due = false;
    feedback.offer(null);
    if (empty) {
      reader.forget();
      page.clear();
      if (mode === "line") line.forget();
      trouble("");
    } else {
      reader.update(resting);
      if (mode === "sequence" && resting) {
        finish.timer = setTimeout(() => {
          finish.due = true;
          finish();
        }, pause.length);
      }
    }
    if (resting) settle();
  }

  /** Append the character, once the pen has rested and the answer is there. */
  function finish() {
    if (!finish.due || !finish.answer || pad.busy) return;
    const { guesses, image } = finish.answer;
    const [best] = guesses;
    pad.ink.renew();
    letters.append(best.character, { image, name: best.name });
    jump();
    page.speak(best.name);
  }

  /** What may wait until the pen rests. */
  function settle() {
    const { ink } = pad;
    find("[data-do=undo]").disabled = ink.past.length === 0;
    find("[data-do=redo]").disabled = ink.future.length === 0;
    find("[data-do=clear]").disabled = ink.strokes.length === 0;
    const strokes = Object.entries(inks).map(([key, { strokes }]) => [key, strokes]);
    keep({ mode, strokes: Object.fromEntries(strokes), letters: letters.state, line: line.state, compared: comparison.sample });
    // Gradio renders the whole template anew for a new value: not before the answer is painted.
    clearTimeout(settle.timer);
    settle.timer = setTimeout(() => {
      if (!pad.busy) props.value = structuredClone(drawing());
    }, 300);
  }

  /** Show other ink than before, all at once. */
  function jump() {
    layOut();
    reader.forget();
    pad.paint();
    inkChanged(true);
  }

  function clear() {
    show.leave();
    if (pad.ink.strokes.length === 0) return;
    pad.ink.set([]);
    jump();
  }

  /** A line is as wide as the page, and no narrower than its ink. */
  function layOut() {
    const { character, narrow, wide } = props.sheets;
    const fits = pad.ink.strokes.every(([[x]]) => x <= narrow.width);
    const isNarrow = element.clientWidth <= NARROW && innerHeight >= LOW && fits;
    sheet = mode !== "line" ? character : isNarrow ? narrow : wide;
    const { width, height } = sheet;
    find(".sheet").style.aspectRatio = `${width} / ${height}`;
    find(".ruling").setAttribute("viewBox", `0 0 ${width} ${height}`);
    for (const [name, y] of Object.entries(sheet)) {
      const rule = find(`.ruling .${name}`);
      for (const [key, value] of Object.entries({ x2: width, y1: y, y2: y })) {
        rule?.setAttribute(key, value);
      }
    }
    pad.width = width;
    pad.brush = find(".brush input").value * sheet.brush;
    pad.paint();
  }

  function setMode(next) {
    show.leave();
    line.close();
    for (const { key } of props.modes) element.classList.toggle(key, key === next);
    find(`.modes input[value=${next}]`).checked = true;
    mode = next;
    pad.ink = inks[mode];
    const { invitation } = props.modes.find(({ key }) => key === mode);
    find(".invitation p").textContent = invitation;
    pad.canvas.ariaLabel = `Writing pad. ${invitation} with a mouse, a finger or a pen; Show me draws examples.`;
    page.clear();
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

  async function copy(button, field) {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Browsers have a clipboard for secure pages only, and for frames that they trust.
      field.select();
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    clearTimeout(copy.timer);
    copy.timer = setTimeout(() => (button.textContent = "Copy"), 1500);
  }

  const actions = {
    undo: () => {
      show.leave();
      if (pad.ink.undo()) jump();
    },
    redo: () => {
      show.leave();
      if (pad.ink.redo()) jump();
    },
    clear,
    erase: () => setErasing(!pad.erasing),
    retry: () => reader.update(true),
    remove: () => letters.remove(),
    space: () => letters.space(),
    "copy-line": (button) => copy(button, line.field),
    "copy-letters": (button) => copy(button, letters.field),
    right: () => feedback.confirm(),
    show: () => {
      if (show.playing) {
        show.stop();
        return;
      }
      setErasing(false);
      pad.ink.set([]);
      jump();
      show.play();
    },
  };

  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && element.contains(button)) actions[button.dataset.do](button);
  });

  find(".brush input").addEventListener("input", (event) => {
    event.target.setAttribute("aria-valuetext", `${event.target.value} of ${props.side}`);
    layOut();
  });

  find(".alphabet").addEventListener("change", () => {
    finish.answer = null;
    reader.forget();
    reader.update(true);
  });

  find(".modes").addEventListener("change", (event) => setMode(event.target.value));

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
    if (event.target !== pad.canvas) return null;
    if (key === "e") return "erase";
    if (mode !== "sequence") return null;
    // Ink that is not yet appended is the last of what was written.
    if (key === "backspace") return pad.ink.strokes.length > 0 ? "clear" : "remove";
    return key === " " ? "space" : null;
  }

  new ResizeObserver(layOut).observe(element);

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

  // The Analysis tab sends a sample.
  document.addEventListener("handwriting:compare", ({ detail }) => {
    if (mode === "line") setMode("single");
    comparison.show(detail);
    requestAnimationFrame(() => find(".sheet").scrollIntoView({ block: "nearest" }));
  }, { signal: leaving.signal });

  watch("value", () => {
    pad.ink.set(props.value?.strokes ?? []);
    jump();
  });

  element.classList.toggle("asks-feedback", props.feedback);
  const before = kept();
  pause.setPointer(pad.pointerType);
  for (const [key, strokes] of Object.entries(before.strokes ?? {})) inks[key]?.amend(strokes);
  if (before.line) line.state = before.line;
  comparison.show(before.compared ?? null);
  if (before.letters) letters.state = before.letters;
  setMode(before.mode in inks ? before.mode : mode);
}
