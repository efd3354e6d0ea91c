// Ink as vectors, and the sheet it is written on.

/** The strokes on the sheet, and the way back. A stroke is an array of [x, y] in pad units. */
class Ink {
  constructor() {
    this.strokes = [];
    this.past = [];
    this.future = [];
  }

  /** Replace the strokes; `undo` brings the old ones back. */
  set(strokes) {
    this.past.push(this.strokes);
    this.forgotten = this.future;
    this.future = [];
    this.strokes = strokes;
  }

  /** Replace the strokes within the step that the last `set` began. */
  amend(strokes) {
    this.strokes = strokes;
  }

  /** Take a new sheet: there is no way back to the old one. */
  renew() {
    this.strokes = [];
    this.past = [];
    this.future = [];
  }

  /** Unmake the last `set`, as if it had never been. */
  retract() {
    this.strokes = this.past.pop();
    this.future = this.forgotten;
  }

  undo() {
    return this.#step(this.past, this.future);
  }

  redo() {
    return this.#step(this.future, this.past);
  }

  #step(from, to) {
    if (from.length === 0) return false;
    to.push(this.strokes);
    this.strokes = from.pop();
    return true;
  }
}

/** How far beyond the line itself the eraser reaches, units. */
const ERASER_REACH = 10;

/** A stroke that reaches no further than this from its beginning is a tap, units. */
const TAP_REACH = 6;

/** Points closer than this to the one before say nothing about the shape, units. */
const NEAREST_POINTS = 1.5;

/**
 * A canvas that is written on with a mouse, a finger or a pen.
 *
 * Args:
 *   ink: What is on it; may be exchanged for other ink.
 *   width: How many units the canvas is wide; a unit is as high as it is wide.
 *   brush: Width of the brush, units.
 *   onstart: Called before a stroke or an erasure begins; told where.
 *   ontap: Asked whether a tap was meant for something other than a dot of ink.
 *   onink: Called whenever the ink has changed; told whether the pen is up.
 */
class Pad {
  constructor(canvas, { ink, width, brush, onstart, ontap, onink }) {
    this.canvas = canvas;
    this.ink = ink;
    this.width = width;
    this.brush = brush;
    this.erasing = false;
    this.onstart = onstart;
    this.ontap = ontap;
    this.onink = onink;
    this.pointer = null;
    this.pointerType = matchMedia("(pointer: coarse)").matches ? "touch" : "mouse";
    this.hovered = null;
    this.context = canvas.getContext("2d");
    this.paths = new WeakMap();
    this.frame = 0;
    this.#listen();
    this.#watchSize();
  }

  /** Whether a stroke or an erasure is going on. */
  get busy() {
    return this.pointer !== null;
  }

  /** Paint before the screen's next frame. */
  paint() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.#draw();
    });
  }

  #listen() {
    const on = (type, handler) => this.canvas.addEventListener(type, handler);
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#up(event));
    // A cancelled pointer (a call comes in, the palm is rejected) keeps what was written.
    on("pointercancel", (event) => this.#up(event));
    on("pointerleave", () => this.#hover(null));
    on("contextmenu", (event) => event.preventDefault());
    // Without this, an iPad opens its magnifier under a finger that rests.
    this.canvas.addEventListener("touchstart", (event) => event.preventDefault(), {
      passive: false,
    });
  }

  #watchSize() {
    const observer = new ResizeObserver(() => this.#resize());
    try {
      // Fires on a change of the screen's pixel ratio, too.
      observer.observe(this.canvas, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(this.canvas);
    }
  }

  #resize() {
    const { canvas } = this;
    const width = Math.round(canvas.clientWidth * devicePixelRatio);
    const height = Math.round(canvas.clientHeight * devicePixelRatio);
    if (width === 0 || (width === canvas.width && height === canvas.height)) return;
    Object.assign(canvas, { width, height });
    // Setting the size has emptied the canvas: fill it in the same frame.
    this.#draw();
  }

  #point(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.width / box.width;
    // A stroke that leaves the pad goes on along its edge: what is read is what is seen.
    const within = (value, end) => Math.round(Math.min(Math.max(value * scale, 0), end) * 10) / 10;
    return [within(event.clientX - box.left, this.width), within(event.clientY - box.top, box.height * scale)];
  }

  #down(event) {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    // The first pointer writes; a pen that comes after the palm takes over.
    if (this.busy && event.pointerType !== "pen") return;
    if (this.busy) this.#finish();
    this.canvas.setPointerCapture(event.pointerId);
    this.pointerType = event.pointerType;
    this.onstart(this.#point(event));
    this.pointer = event.pointerId;
    const turnedOver = event.pointerType === "pen" && (event.buttons & 32) !== 0;
    this.strokeErases = this.erasing || turnedOver;
    this.erased = false;
    if (this.strokeErases) {
      this.#erase(this.#point(event));
    } else {
      this.ink.set([...this.ink.strokes, [this.#point(event)]]);
      this.#changed(false);
    }
  }

  #move(event) {
    if (event.pointerId !== this.pointer) {
      if (this.erasing && !this.busy) this.#hover(this.#hit(this.#point(event)));
      return;
    }
    const coalesced = event.getCoalescedEvents?.() ?? [];
    const points = (coalesced.length > 0 ? coalesced : [event]).map((part) => this.#point(part));
    if (this.strokeErases) {
      for (const point of points) this.#erase(point);
      return;
    }
    const stroke = this.ink.strokes.at(-1);
    const before = stroke.length;
    for (const [x, y] of points) {
      const [lastX, lastY] = stroke.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= NEAREST_POINTS) stroke.push([x, y]);
    }
    if (stroke.length > before) this.#changed(false);
  }

  #up(event) {
    if (event.pointerId === this.pointer) this.#finish();
  }

  #finish() {
    this.pointer = null;
    if (this.strokeErases && !this.erased) return;
    if (!this.strokeErases && isTap(this.ink.strokes.at(-1)) && this.ontap()) this.ink.retract();
    this.#changed(true);
  }

  #changed(resting) {
    this.paint();
    this.onink(resting);
  }

  #hover(stroke) {
    if (stroke === this.hovered) return;
    this.hovered = stroke;
    this.paint();
  }

  #hit([x, y]) {
    const reach = this.brush / 2 + ERASER_REACH;
    return (
      this.ink.strokes.findLast((stroke) =>
        stroke.some((end, index) => {
          const start = stroke[Math.max(index - 1, 0)];
          return distanceToSegment(x, y, start, end) <= reach;
        }),
      ) ?? null
    );
  }

  #erase(point) {
    const hit = this.#hit(point);
    if (hit === null) return;
    const rest = this.ink.strokes.filter((stroke) => stroke !== hit);
    if (this.erased) this.ink.amend(rest);
    else this.ink.set(rest);
    this.erased = true;
    this.hovered = null;
    this.#changed(false);
  }

  #draw() {
    const { context, canvas } = this;
    const scale = canvas.width / this.width;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.strokeStyle = getComputedStyle(canvas).color;
    context.lineWidth = this.brush;
    context.lineCap = context.lineJoin = "round";
    const growing = this.busy && !this.strokeErases ? this.ink.strokes.at(-1) : null;
    for (const stroke of this.ink.strokes) {
      context.globalAlpha = stroke === this.hovered ? 0.3 : 1;
      context.stroke(stroke === growing ? curve(stroke) : this.#path(stroke));
    }
    context.globalAlpha = 1;
  }

  #path(stroke) {
    const known = this.paths.get(stroke);
    if (known?.length === stroke.length) return known.path;
    const path = curve(stroke);
    this.paths.set(stroke, { path, length: stroke.length });
    return path;
  }
}

/** A smooth path: quadratic curves between the middles of the points' connections. */
function curve(stroke) {
  const path = new Path2D();
  path.moveTo(...stroke[0]);
  for (let index = 1; index < stroke.length - 1; index++) {
    const [x, y] = stroke[index];
    const [nextX, nextY] = stroke[index + 1];
    path.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  // A hair beyond the end: the round ends of a lone point make a dot, but only of a line.
  const [endX, endY] = stroke.at(-1);
  path.lineTo(endX + 0.01, endY);
  return path;
}

function isTap([[startX, startY], ...rest]) {
  return rest.every(([x, y]) => Math.hypot(x - startX, y - startY) <= TAP_REACH);
}

function distanceToSegment(x, y, [startX, startY], [endX, endY]) {
  const [dx, dy] = [endX - startX, endY - startY];
  const along = ((x - startX) * dx + (y - startY) * dy) / (dx * dx + dy * dy || 1);
  const part = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - startX - part * dx, y - startY - part * dy);
}
