// Show me: the project's own drawings, written before the visitor's eyes.

/** How fast the examples are written, pad units per second. */
const WRITING_SPEED = 620;

/** Pauses of the pen between two strokes and between two examples, milliseconds. */
const LIFT = 160;
const HOLD = 1300;

/**
 * Draws the examples stroke by stroke, as a hand would.
 *
 * Args:
 *   examples: What to draw, each a list of strokes.
 *   draw: Puts strokes on the pad; told whether the pen is up.
 *   read: A promise that resolves when what is drawn has been read.
 *   hold: How long each is left on the pad, milliseconds.
 *   onplaying: Told of the start and the end.
 */
class Show {
  constructor({ examples, draw, read, hold, onplaying }) {
    Object.assign(this, { examples, draw, read, hold, onplaying });
    this.playing = false;
    this.left = false; // what is on the pad is an example
  }

  async play() {
    const run = (this.run = Symbol("run"));
    this.#setPlaying(true);
    for (const [index, example] of this.examples().entries()) {
      if (index > 0) await sleep(this.hold());
      if (this.run !== run) return;
      this.left = true;
      await this.#write(example.strokes.map(smooth), run);
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
