// What the ink says, asked from the server by one request at a time.

/** The shortest time between two requests while the pen moves, milliseconds. */
const LIVE_INTERVAL = 50;

/** After this long without an answer the visitor is told that it takes time, milliseconds. */
const SLOW = 1500;

/** After this long the question is given up, milliseconds: a model loads within. */
const PATIENCE = 45000;

/**
 * Keeps the answer up to date with the ink.
 *
 * At most one request is in flight. The newest ink wins: what changes meanwhile is asked next,
 * and what was asked before the last `forget` or has been given up is dropped by its number.
 *
 * Args:
 *   ask: From a question to a promise of an answer; undefined where the server was not reached.
 *   question: The question as of now, or null where there is nothing to ask.
 *   onanswer, onslow, onlost: Told of an answer, of waiting, of a request that came to nothing.
 */
class Reader {
  constructor({ ask, question, onanswer, onslow, onlost }) {
    Object.assign(this, { ask, question, onanswer, onslow, onlost });
    this.newest = 0; // number of the newest question
    this.settled = 0; // no answer up to this number matters any more
    this.flying = 0; // number of the question in flight, 0 for none
    this.lastStart = -Infinity;
    this.timer = 0;
    this.waiting = []; // who wants to know when all is answered
  }

  /** Resolves when nothing is left to answer. */
  get rest() {
    if (!this.flying && this.newest === this.settled) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Ask about the ink as it is; at once, unless the pen moves on or an answer is due. */
  update(resting) {
    this.newest += 1;
    this.resting = resting;
    this.#pump();
  }

  /** Let no answer to anything asked so far be shown. */
  forget() {
    this.newest += 1;
    this.settled = this.newest;
    this.#pump();
  }

  #pump() {
    clearTimeout(this.timer);
    if (this.flying) return;
    if (this.newest === this.settled) {
      for (const resolve of this.waiting.splice(0)) resolve();
      return;
    }
    const wait = this.lastStart + LIVE_INTERVAL - performance.now();
    if (wait > 0 && !this.resting) {
      this.timer = setTimeout(() => this.#pump(), wait);
      return;
    }
    const question = this.question();
    if (question === null) this.forget();
    else this.#send(question, this.newest);
  }

  async #send(question, number) {
    this.flying = number;
    this.lastStart = performance.now();
    const slow = setTimeout(() => number > this.settled && this.onslow(), SLOW);
    const patience = setTimeout(() => this.#close(number, undefined), PATIENCE);
    const answer = await this.ask(question).catch(() => undefined);
    clearTimeout(slow);
    clearTimeout(patience);
    this.#close(number, answer);
  }

  #close(number, answer) {
    if (number !== this.flying) return; // given up
    this.flying = 0;
    if (number > this.settled) {
      this.settled = number;
      if (answer === undefined) {
        // What came after waits for the next stroke or the visitor's word: no polling.
        this.settled = this.newest;
        this.onlost();
      } else {
        this.onanswer(answer, number === this.newest);
      }
    }
    this.#pump();
  }
}
