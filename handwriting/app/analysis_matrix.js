// The confusion matrix: drawn on a canvas, explored with mouse, finger or keys.

/** seaborn's palette "mako", from the least to the largest share. */
const MAKO = ["#def5e5", "#a0dfb9", "#54c9ad", "#38aaac", "#348ba6", "#366da0", "#414e90", "#3e356b", "#28192f"];
const LEAST_SHARE = 0.001;
const READABLE = 8; // pixels that a cell needs for a label of its own
const MOST_FRAMES = 4; // more selected cells than these are told by their rows and columns
const MOST_NAMED = 6; // more selected classes than these are counted
const FINGER = 10; // pixels around a touch within which the largest count is meant

const number = new Intl.NumberFormat("en");
const percent = (share, digits = 1) => (100 * share).toFixed(digits) + " %";

/** How the matrix is looked at, as at the start; an address carries what differs. */
const LOOKS = { share: "true", colours: "log", diagonal: "shown", order: "alphabet" };

/** A square of counts. `onselect` gets the true and the predicted characters, either empty for a
    whole class, `onlook` is told of another look, and `onfold` gets the characters of the classes
    to take apart or to fold. */
class Matrix {
  constructor(section, { onselect, onlook, onfold }) {
    this.looks = [...section.querySelectorAll(".looks select")];
    this.look = { ...LOOKS };
    this.legend = section.querySelectorAll(".legend span");
    this.canvas = section.querySelector("canvas");
    this.readout = section.querySelector(".readout");
    this.onselect = onselect;
    this.onfold = onfold;
    this.data = null;
    this.cursor = null;
    this.selection = { row: null, column: null };
    for (const select of this.looks) {
      select.addEventListener("change", () => {
        this.look[select.name] = select.value;
        this.#arrange();
        onlook();
      });
    }
    const { canvas } = this;
    canvas.addEventListener("pointermove", (event) => this.#point(this.#cell(event)));
    canvas.addEventListener("pointerleave", () => this.#point(null));
    canvas.addEventListener("click", (event) => this.#choose(this.#cell(event)));
    canvas.addEventListener("dblclick", (event) => this.#fold(this.#cell(event)));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.#point(null));
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement);
    new MutationObserver(() => this.draw()).observe(document.body, { attributeFilter: ["class"] });
  }

  /** Show other counts: `{classes, members, counts, orders}`. */
  show(data) {
    this.given = data;
    this.#arrange();
  }

  /** Look at it as an address tells. */
  lookAs(address) {
    for (const select of this.looks) {
      const known = [...select.options].some(({ value }) => value === address[select.name]);
      this.look[select.name] = known ? address[select.name] : LOOKS[select.name];
    }
  }

  /** Mark what is selected in all views: characters, any where empty. */
  select(selection) {
    this.chosen = selection;
    if (this.data === null) return; // a link's opened classes are still on their way
    const classesOf = (characters) => {
      const found = this.data.members.flatMap((member, index) => ([...member].some((c) => characters.includes(c)) ? [index] : []));
      return found.length === 0 ? null : found;
    };
    this.selection = { row: classesOf(selection.true), column: classesOf(selection.predicted) };
    this.draw();
    this.#tell();
  }

  /** Put the classes in the order that is wanted. */
  #arrange() {
    const { classes, members, counts, orders } = this.given;
    const { row, column } = this.cursor ?? {};
    const pointed = [row, column].map((index) => this.data?.members[index]?.[0]);
    for (const select of this.looks) {
      select.value = this.look[select.name];
      for (const option of select.options) {
        option.hidden = select.name === "order" && option.value !== "alphabet" && !(option.value in orders);
      }
    }
    const order = orders[this.look.order] ?? classes.map((_, index) => index);
    this.alphabetic = !(this.look.order in orders);
    const arranged = (list) => order.map((index) => list[index]);
    this.data = { classes: arranged(classes), members: arranged(members), counts: arranged(counts).map(arranged) };
    this.support = this.data.counts.map((row) => row.reduce((sum, count) => sum + count, 0));
    this.answers = this.data.counts.reduce((sums, row) => sums.map((sum, column) => sum + row[column]));
    // Who has moved by keys goes on from the same characters.
    const [down, across] = pointed.map((character) => this.data.members.findIndex((member) => member.includes(character)));
    this.cursor = down < 0 || across < 0 ? null : { row: down, column: across };
    this.#scale();
    this.select(this.chosen ?? { true: "", predicted: "" });
  }

  /** What a cell's colour stands for: a share, or the count itself. */
  #value(row, column) {
    const count = this.data.counts[row][column];
    if (this.look.share === "none") return count;
    return count / (this.look.share === "true" ? this.support[row] : this.answers[column]);
  }

  /** Which values the colours reach from and to. */
  #scale() {
    const { share, colours } = this.look;
    const values = this.data.counts.flatMap((row, i) => row.map((count, j) => (this.#isShown(i, j) ? this.#value(i, j) : 0)));
    const counted = share === "none";
    this.most = counted || !this.#isDiagonalShown() ? Math.max(...values) || 1 : 1;
    this.least = colours === "linear" ? 0 : counted ? 1 : Math.min(LEAST_SHARE, this.most / 10);
    const words = (value) => (counted ? number.format(value) : percent(value, value < 0.01 && value > 0 ? 1 : 0));
    const of = { true: " of the row", predicted: " of the column", none: " samples" }[share];
    this.legend[0].textContent = words(this.least);
    this.legend[1].textContent = words(this.most) + of;
  }

  #isDiagonalShown() {
    return this.look.diagonal === "shown";
  }

  #isShown(row, column) {
    return this.data.counts[row][column] > 0 && (row !== column || this.#isDiagonalShown());
  }

  draw() {
    const { canvas, data } = this;
    const side = Math.floor(canvas.parentElement.clientWidth);
    if (data === null || side === 0) return;
    const sharpness = devicePixelRatio;
    canvas.style.width = canvas.style.height = side + "px";
    canvas.width = canvas.height = Math.round(side * sharpness);
    const k = data.classes.length;
    this.gutter = side / k > 24 ? 26 : 18;
    // Whole device pixels, so that no seam shows between cells.
    this.size = Math.floor(((side - this.gutter) * sharpness) / k) / sharpness;
    const context = canvas.getContext("2d");
    context.scale(sharpness, sharpness);
    const style = getComputedStyle(canvas);
    this.colours = {
      text: style.getPropertyValue("--text"),
      quiet: style.getPropertyValue("--quiet"),
      line: style.getPropertyValue("--line"),
      accent: style.getPropertyValue("--accent"),
      soft: style.getPropertyValue("--accent-soft"),
      heat: style.getPropertyValue("--scheme").trim() === "dark" ? MAKO.toReversed() : MAKO,
    };
    context.translate(this.gutter, this.gutter);
    this.#drawBands(context, k);
    this.#drawCells(context, k);
    this.#drawGroups(context, k);
    this.#drawLabels(context, k);
    this.#drawFrames(context);
  }

  #drawBands(context, k) {
    const { row, column } = this.selection;
    context.fillStyle = this.colours.soft;
    for (const index of row ?? []) context.fillRect(0, index * this.size, k * this.size, this.size);
    for (const index of column ?? []) context.fillRect(index * this.size, 0, this.size, k * this.size);
  }

  #drawCells(context, k) {
    const counted = this.size >= 34;
    context.font = "12px " + getComputedStyle(this.canvas).fontFamily;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let row = 0; row < k; row++) {
      for (let column = 0; column < k; column++) {
        if (!this.#isShown(row, column)) continue;
        const depth = this.#depth(this.#value(row, column));
        context.fillStyle = mix(this.colours.heat, depth);
        context.fillRect(column * this.size, row * this.size, this.size, this.size);
        if (!counted) continue;
        context.fillStyle = this.colours.heat === MAKO ? (depth > 0.4 ? "#fff" : "#111") : depth > 0.6 ? "#111" : "#fff";
        context.fillText(number.format(this.data.counts[row][column]), (column + 0.5) * this.size, (row + 0.5) * this.size);
      }
    }
  }

  /** From 0 to 1. */
  #depth(value) {
    const { least, most } = this;
    if (least === 0) return value / most;
    return most === least ? 1 : Math.min(Math.max(Math.log(value / least) / Math.log(most / least), 0), 1);
  }

  #drawGroups(context, k) {
    context.strokeStyle = this.colours.quiet;
    context.lineWidth = 0.75;
    context.beginPath();
    const edges = this.alphabetic ? groups(this.data.classes) : [{ start: 0 }];
    for (const { start } of [...edges, { start: k }]) {
      const place = start * this.size;
      context.moveTo(place, 0);
      context.lineTo(place, k * this.size);
      context.moveTo(0, place);
      context.lineTo(k * this.size, place);
    }
    context.stroke();
  }

  #drawLabels(context, k) {
    const { size, gutter, data } = this;
    const family = getComputedStyle(this.canvas).getPropertyValue("--font-mono");
    context.textAlign = "center";
    context.textBaseline = "middle";
    const marked = (index, side) => this.cursor?.[side] === index || this.selection[side]?.includes(index);
    const label = (text, index, side, span = 1) => {
      const strong = marked(index, side) && span === 1;
      context.fillStyle = strong ? this.colours.accent : this.colours.quiet;
      context.font = (strong ? "700 " : "") + Math.min(Math.max(size * 1.1, 9), 15) + "px " + family;
      const place = (index + span / 2) * size;
      if (side === "column") {
        context.fillText(text, place, -gutter / 2);
      } else {
        context.save();
        context.translate(-gutter / 2, place);
        if (span > 1) context.rotate(-Math.PI / 2);
        context.fillText(text, 0, 0);
        context.restore();
      }
    };
    for (const side of ["row", "column"]) {
      if (size >= READABLE) {
        data.classes.forEach((text, index) => label(text, index, side));
        continue;
      }
      const strong = data.classes.findIndex((_, index) => marked(index, side));
      for (const { start, span } of this.alphabetic ? groups(data.classes) : []) {
        if (strong >= start && strong < start + span) continue;
        label(data.classes[start] + "–" + data.classes[start + span - 1], start, side, span);
      }
      if (strong >= 0) label(data.classes[strong], strong, side);
    }
  }

  #drawFrames(context) {
    const { size } = this;
    const frame = (row, column, colour, width) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.strokeRect(column * size - 1, row * size - 1, size + 2, size + 2);
    };
    const { row, column } = this.selection;
    if (row !== null && column !== null && row.length * column.length <= MOST_FRAMES) {
      for (const i of row) {
        for (const j of column) if (i !== j || row.length * column.length === 1) frame(i, j, this.colours.accent, 2.5);
      }
    }
    if (this.cursor?.row != null && this.cursor?.column != null) {
      frame(this.cursor.row, this.cursor.column, this.colours.text, 1.5);
    }
  }

  /** The cell below a pointer; row or column is null on the labels. */
  #cell(event) {
    if (this.data === null) return null;
    const k = this.data.classes.length;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - this.gutter, event.clientY - box.top - this.gutter];
    const at = (place) => (place < 0 ? null : Math.min(Math.floor(place / this.size), k - 1));
    const cell = { row: at(y), column: at(x) };
    if (cell.row === null && cell.column === null) return null;
    if (event.pointerType !== "touch" || cell.row === null || cell.column === null) return cell;
    return this.#nearest(cell, Math.floor(FINGER / this.size));
  }

  /** The largest count within reach of a cell: a finger is wider than it. */
  #nearest(cell, reach) {
    let best = cell;
    const count = ({ row, column }) => (row === column ? 0 : this.data.counts[row]?.[column] ?? 0);
    for (let row = cell.row - reach; row <= cell.row + reach; row++) {
      for (let column = cell.column - reach; column <= cell.column + reach; column++) {
        if (count({ row, column }) > count(best)) best = { row, column };
      }
    }
    return best;
  }

  #point(cell) {
    if (cell?.row === this.cursor?.row && cell?.column === this.cursor?.column) return;
    this.cursor = cell;
    this.draw();
    this.#tell();
  }

  #choose(cell) {
    if (cell === null) return;
    // The diagonal holds no mistakes, so it stands for all of its character's.
    const characters = (index) => (index === null ? "" : this.data.members[index]);
    const column = cell.row === cell.column ? null : cell.column;
    this.onselect({ true: characters(cell.row), predicted: characters(column) });
  }

  /** Take the classes of a cell apart, or fold them again. */
  #fold(cell) {
    if (cell === null) return;
    const places = new Set([cell.row, cell.column].filter((index) => index !== null));
    this.onfold([...places].map((index) => this.data.members[index]));
  }

  #key(event) {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const k = this.data.classes.length;
    const { row, column } = this.cursor ?? { row: this.selection.row?.[0] ?? 0, column: this.selection.column?.[0] ?? 0 };
    if (event.key in steps) {
      const [down, right] = steps[event.key];
      const within = (place) => Math.min(Math.max(place ?? 0, 0), k - 1);
      this.#point({ row: within(row + down), column: within(column + right) });
    } else if (event.key === "Enter" || event.key === " ") {
      this.#choose(this.cursor);
    } else if (event.key.toLowerCase() === "o" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      this.#fold({ row, column });
    } else if (event.key === "Escape") {
      this.onselect({ true: "", predicted: "" });
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Say what is pointed at, else what is selected. */
  #tell() {
    const one = (index) => (index === null ? null : [index]);
    const { row, column } = this.cursor ? { row: one(this.cursor.row), column: one(this.cursor.column) } : this.selection;
    this.readout.replaceChildren(...this.#words(row, column));
  }

  /** `rows` and `columns` are indices of classes, null for all. */
  #words(rows, columns) {
    const { classes, counts } = this.data;
    const names = (indices) => make("b", { textContent: indices.length > MOST_NAMED ? `${indices.length} classes` : indices.map((index) => classes[index]).join(" ") });
    const total = (indices, sums) => indices.reduce((sum, index) => sum + sums[index], 0);
    const every = classes.map((_, index) => index);
    const cells = (wanted) =>
      (rows ?? every).flatMap((i) => (columns ?? every).map((j) => (wanted(i, j) ? counts[i][j] : 0))).reduce((sum, count) => sum + count, 0);
    if (rows === null && columns === null) return ["Point at a cell, click for its mistakes."];
    if (columns === null) {
      return [names(rows), ` read right: ${number.format(cells((i, j) => i === j))} of ${number.format(total(rows, this.support))}`];
    }
    const wrong = cells((i, j) => i !== j);
    if (rows === null) return ["wrongly read as ", names(columns), `: ${number.format(wrong)}`];
    if (rows.length > 1 && rows.join() === columns.join()) {
      return [names(rows), ` taken for each other: ${number.format(wrong)} of ${number.format(total(rows, this.support))}`];
    }
    const isRight = rows.length === 1 && rows.join() === columns.join();
    const count = isRight ? counts[rows[0]][rows[0]] : wrong;
    const ofAnswers = this.look.share === "predicted";
    const all = ofAnswers ? total(columns, this.answers) : total(rows, this.support);
    const share = all ? `, ${percent(count / all)}` : "";
    return [
      names(rows), isRight ? " read right: " : " read as ", ...(isRight ? [] : [names(columns), ": "]),
      `${number.format(count)} of ${number.format(all)}${ofAnswers ? " answers" : ""}${share}`,
    ];
  }
}

/** Runs of digits, upper and lower case: `{start, span}` each. */
function groups(classes) {
  const kind = (character) => (/\d/.test(character) ? 0 : /[A-Z]/.test(character) ? 1 : 2);
  const starts = classes.map((_, index) => index).filter((index) => index === 0 || kind(classes[index]) !== kind(classes[index - 1]));
  return starts.map((start, index) => ({ start, span: (starts[index + 1] ?? classes.length) - start }));
}

/** A colour between those of a palette; `depth` from 0 to 1. */
function mix(palette, depth) {
  const place = depth * (palette.length - 1);
  const index = Math.min(Math.floor(place), palette.length - 2);
  const part = (colour, channel) => parseInt(colour.slice(1 + 2 * channel, 3 + 2 * channel), 16);
  const channels = [0, 1, 2].map((channel) => {
    const [from, to] = [part(palette[index], channel), part(palette[index + 1], channel)];
    return Math.round(from + (to - from) * (place - index));
  });
  return `rgb(${channels.join(" ")})`;
}

/** A new element with properties and children. */
function make(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
