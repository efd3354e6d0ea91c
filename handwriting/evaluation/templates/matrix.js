// The confusion matrix of a report's page: drawn on a canvas, explored with mouse, finger or keys.
(() => {
const LEAST_SHARE = 0.001; // where the colours begin
const READABLE = 8; // pixels that a cell needs for a label of its own
const ROOMY = 34; // pixels that a cell needs for its count
const FINGER = 10; // pixels around a touch within which the largest count is meant
const SIDE = 28; // pixels of a sample

const { classes: text, counts, heat, sheet, columns, samples, surest } =
  JSON.parse(document.getElementById("matrix-data").textContent);
const classes = [...text];
const k = classes.length;
const support = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
const kinds = groups();

const section = document.querySelector(".matrix");
const canvas = section.querySelector("canvas");
const readout = section.querySelector(".readout");
const shown = section.querySelector(".shown");
const tiles = section.querySelector(".tiles");
const bar = section.querySelector(".legend i");
const dark = matchMedia("(prefers-color-scheme: dark)");
const number = new Intl.NumberFormat("en");

let cursor = null; // the cell that is pointed at
let chosen = mostFrequentMistake(); // the cell whose samples are shown
let [size, gutter] = [0, 0];
let isFinger = false; // what pointed last; not every browser says so of a click

const picture = new Image();
picture.onload = showSamples;
if (sheet !== null) picture.src = sheet;
section.hidden = false;
canvas.addEventListener("pointerdown", (event) => { isFinger = event.pointerType === "touch"; });
canvas.addEventListener("pointermove", (event) => point(cellAt(event)));
canvas.addEventListener("pointerleave", () => point(null));
canvas.addEventListener("blur", () => point(null));
canvas.addEventListener("click", (event) => choose(cellAt(event)));
canvas.addEventListener("keydown", move);
dark.addEventListener("change", draw);
new ResizeObserver(draw).observe(canvas.parentElement);
tell();
showSamples();

function percent(share) {
  if (share >= 0.9995 && share < 1) return "> 99.9 %";
  return (100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 1) + " %";
}

/** Runs of digits, upper and lower case: `{start, span}` each. */
function groups() {
  const kind = (character) => (/\d/.test(character) ? 0 : /[A-Z]/.test(character) ? 1 : 2);
  const starts = [...classes.keys()].filter((i) => i === 0 || kind(classes[i]) !== kind(classes[i - 1]));
  return starts.map((start, i) => ({ start, span: (starts[i + 1] ?? k) - start }));
}

function mostFrequentMistake() {
  let best = { row: 0, column: 0 };
  for (let row = 0; row < k; row++) {
    for (let column = 0; column < k; column++) {
      if (mistakes({ row, column }) > mistakes(best)) best = { row, column };
    }
  }
  return best;
}

function mistakes({ row, column }) {
  return row === column ? 0 : (counts[row]?.[column] ?? 0);
}

function draw() {
  const side = canvas.parentElement.clientWidth;
  const sharpness = devicePixelRatio;
  gutter = side / k > 24 ? 26 : 18;
  // Whole device pixels, so that no seam shows between cells.
  size = Math.floor(((side - gutter) * sharpness) / k) / sharpness;
  const width = gutter + k * size + 2;
  canvas.style.width = canvas.style.height = width + "px";
  canvas.width = canvas.height = Math.round(width * sharpness);
  const style = getComputedStyle(canvas);
  const colour = (name) => style.getPropertyValue("--" + name);
  const palette = heat[dark.matches ? "dark" : "light"];
  bar.style.background = `linear-gradient(to right, ${palette})`;
  const context = canvas.getContext("2d");
  context.scale(sharpness, sharpness);
  context.translate(gutter, gutter);
  context.textAlign = "center";
  context.textBaseline = "middle";
  drawCells(context, palette, style.fontFamily);
  drawEdges(context, colour("muted"));
  drawLabels(context, colour);
  frame(context, chosen, colour("accent"), 2.5);
  if (cursor !== null) frame(context, cursor, colour("text"), 1.5);
}

function drawCells(context, palette, family) {
  context.font = "12px " + family;
  counts.forEach((row, i) => row.forEach((count, j) => {
    if (count === 0) return;
    const depth = Math.max(0, 1 - Math.log(count / support[i]) / Math.log(LEAST_SHARE));
    context.fillStyle = palette[Math.round(depth * (palette.length - 1))];
    context.fillRect(j * size, i * size, size, size);
    if (size < ROOMY) return;
    context.fillStyle = depth > 0.5 === dark.matches ? "#111" : "#fff";
    context.fillText(number.format(count), (j + 0.5) * size, (i + 0.5) * size);
  }));
}

function drawEdges(context, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 0.75;
  context.beginPath();
  for (const { start } of [...kinds, { start: k }]) {
    const place = start * size;
    context.moveTo(place, 0);
    context.lineTo(place, k * size);
    context.moveTo(0, place);
    context.lineTo(k * size, place);
  }
  context.stroke();
}

function drawLabels(context, colour) {
  for (const side of ["row", "column"]) {
    const marked = (cursor ?? chosen)[side];
    const label = (text, start, span, strong) => {
      context.fillStyle = colour(strong ? "accent" : "muted");
      const pixels = Math.min(Math.max(size * 1.1, 9), 15);
      context.font = `${strong ? 700 : 400} ${pixels}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace`;
      const place = (start + span / 2) * size;
      context.save();
      context.translate(...(side === "row" ? [-gutter / 2, place] : [place, -gutter / 2]));
      if (side === "row" && span > 1) context.rotate(-Math.PI / 2);
      context.fillText(text, 0, 0);
      context.restore();
    };
    if (size >= READABLE) {
      classes.forEach((text, i) => label(text, i, 1, i === marked));
      continue;
    }
    for (const { start, span } of kinds) {
      if (marked >= start && marked < start + span) continue;
      label(classes[start] + "–" + classes[start + span - 1], start, span, false);
    }
    label(classes[marked], marked, 1, true);
  }
}

function frame(context, { row, column }, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.strokeRect(column * size - 1, row * size - 1, size + 2, size + 2);
}

/** The cell below a pointer, or null. */
function cellAt(event) {
  const box = canvas.getBoundingClientRect();
  const at = (place) => Math.floor((place - gutter) / size);
  const cell = { row: at(event.clientY - box.top), column: at(event.clientX - box.left) };
  if (Math.min(cell.row, cell.column) < 0 || Math.max(cell.row, cell.column) >= k) return null;
  return isFinger ? nearest(cell) : cell;
}

/** The largest count of mistakes within reach of a cell: a finger is wider than it. */
function nearest(cell) {
  const reach = Math.floor(FINGER / size);
  let best = cell;
  for (let row = cell.row - reach; row <= cell.row + reach; row++) {
    for (let column = cell.column - reach; column <= cell.column + reach; column++) {
      if (mistakes({ row, column }) > mistakes(best)) best = { row, column };
    }
  }
  return best;
}

function point(cell) {
  if (cell?.row === cursor?.row && cell?.column === cursor?.column) return;
  cursor = cell;
  draw();
  tell();
}

function choose(cell) {
  if (cell === null) return;
  chosen = cell;
  draw();
  tell();
  showSamples();
}

function move(event) {
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const { row, column } = cursor ?? chosen;
  if (event.key in steps) {
    const [down, right] = steps[event.key];
    const within = (place) => Math.min(Math.max(place, 0), k - 1);
    point({ row: within(row + down), column: within(column + right) });
  } else if (event.key === "Enter" || event.key === " ") {
    choose({ row, column });
  } else if (event.key === "Escape") {
    point(null);
  } else {
    return;
  }
  event.preventDefault();
}

/** Say what is pointed at, else what is chosen. */
function tell() {
  const { row, column } = cursor ?? chosen;
  const count = counts[row][column];
  const share = support[row] ? `, ${percent(count / support[row])}` : "";
  readout.replaceChildren(
    name(row), ...(row === column ? [" read right: "] : [" read as ", name(column), ": "]),
    `${number.format(count)} of ${number.format(support[row])}${share}`,
  );
}

/** Show the samples of the chosen cell; the diagonal has none, it stands for all of its row. */
function showSamples() {
  const { row, column } = chosen;
  const isRow = row === column;
  const found = [...samples.keys()].filter((i) => samples[i][0] === row && (isRow || samples[i][1] === column));
  const total = isRow ? support[row] - counts[row][row] : counts[row][column];
  const pair = isRow ? [name(row)] : [name(row), " read as ", name(column)];
  const misread = (isRow ? "misread " : "") + (total === 1 ? "sample of " : "samples of ");
  const order = (surest ? "the surest" : "the first") + (isRow ? " of each pair" : "");
  shown.replaceChildren(
    ...(total === 0 ? ["No ", misread, ...pair, "."]
    : sheet === null ? ["This report was made without the images, so it has no samples to show."]
    : found.length < total ? [`${number.format(found.length)} of ${number.format(total)} `, misread, ...pair, `, ${order}.`]
    : total === 1 ? ["The one ", misread, ...pair, "."]
    : [`All ${number.format(total)} `, misread, ...pair, "."]),
  );
  tiles.replaceChildren(...found.map(tile));
}

function tile(index) {
  const [row, column, sample, confidence] = samples[index];
  const sure = confidence === null ? "" : percent(confidence);
  const title = `Sample ${sample}: ${classes[row]} read as ${classes[column]}${sure && ", confidence " + sure}`;
  const image = make("canvas", { width: SIDE, height: SIDE, role: "img", ariaLabel: title });
  const [x, y] = [index % columns, Math.floor(index / columns)];
  if (picture.complete) image.getContext("2d").drawImage(picture, x * SIDE, y * SIDE, SIDE, SIDE, 0, 0, SIDE, SIDE);
  return make("li", { title },
    make("div", {}, image),
    make("b", { textContent: `${classes[row]} → ${classes[column]}` }),
    make("span", { textContent: sure }),
  );
}

function name(index) {
  return make("b", { textContent: classes[index] });
}

/** A new element with properties and children. */
function make(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
})();
