// How far confidence can be trusted: is it what it says, and what would refusing gain?

const PLOT_HEIGHT = 250;
const PLOT_MARGIN = { top: 12, right: 18, bottom: 40, left: 46 };
const BARS = 20; // of each histogram
const GOALS = [0.9, 0.95, 0.98, 0.99, 0.995]; // accuracies that are offered for a click
const MOST_GOALS = 3;

/** Three drawings that share a threshold of confidence. `onselect` gets what to change of the
    selection when the threshold is set, `onlook` is told to show the mistakes that are left. */
class TrustView {
  constructor(section, onselect, onlook) {
    this.section = section;
    this.onselect = onselect;
    this.slider = section.querySelector("input");
    this.slider.addEventListener("input", () => this.#draw());
    this.slider.addEventListener("change", () => {
      onselect({ least: this.slider.value === "0" ? "" : this.slider.value });
    });
    this.#part(".goals span").addEventListener("click", (event) => {
      const { least } = event.target.closest("button")?.dataset ?? {};
      if (least !== undefined) onselect({ least });
    });
    this.#part(".left").addEventListener("click", onlook);
    this.width = 0;
    new ResizeObserver(() => {
      const width = this.#part("svg").clientWidth;
      if (width === this.width) return;
      this.width = width;
      if (this.trust) this.#draw();
    }).observe(this.#part(".plots"));
  }

  /** Show another report's. */
  show({ trust, sure }) {
    this.trust = trust;
    this.#part(".absent").hidden = trust !== null;
    this.#part(".absent").textContent = sure
      ? "This report was made before there were these figures: evaluating the model again adds them."
      : "Only the predicted labels are known: evaluating predictions with probabilities adds these figures.";
    this.#part(".present").hidden = trust === null;
    if (trust) this.#offer();
  }

  /** Refuse below what is selected in all views, in percent, nothing where it is empty. */
  select({ least }) {
    this.slider.value = least || "0";
    if (this.trust) this.#draw();
  }

  /** Offer the thresholds from which on the answers are as accurate as somebody may need. */
  #offer() {
    const { answered, right } = this.trust;
    const reached = GOALS.map((goal) => ({
      goal,
      least: answered.slice(0, 100).findIndex((count, percent) => count > 0 && right[percent] / count >= goal),
    })).filter(({ least }) => least > 0);
    this.#part(".goals").hidden = reached.length === 0;
    this.#part(".goals span").replaceChildren(
      ...reached.slice(0, MOST_GOALS).map(({ goal, least }) => {
        const button = make("button", { type: "button", textContent: shareWords(goal) });
        button.title = `Refuse below ${(least / 100).toFixed(2)}`;
        button.dataset.least = least;
        return button;
      }),
    );
  }

  #draw() {
    const at = Number(this.slider.value);
    const threshold = at / 100;
    this.#tell(at);
    if (this.width === 0) return;
    this.#drawReliability(threshold);
    this.#drawHistograms(threshold);
    this.#drawRefusal(at);
  }

  #tell(at) {
    const { answered, right } = this.trust;
    const words = at === 0 ? "Refuse nothing" : `Refuse below ${(at / 100).toFixed(2)}`;
    const gain = answered[at] === 0
      ? "answers no sample"
      : `answers ${shareWords(answered[at] / answered[0])} of samples at ${shareWords(right[at] / answered[at])} accuracy`;
    this.#part("output").textContent = `${words} → ${gain}`;
    this.slider.setAttribute("aria-valuetext", `${(at / 100).toFixed(2)}: ${gain}`);
    const left = answered[at] - right[at];
    this.#part(".left").textContent =
      left === 0 ? "" : left === 1 ? "The mistake that is left ↑" : `The ${number.format(left)} mistakes that are left ↑`;
    for (const button of this.#part(".goals span").children) {
      button.setAttribute("aria-pressed", Number(button.dataset.least) === at);
    }
  }

  #drawReliability(threshold) {
    const { bins } = this.trust;
    const plot = new Plot(this.#part(".reliability svg"), { across: "confidence", shares: [0, 1] });
    plot.line([[0, 0], [1, 1]], "even");
    bins.forEach(({ samples, right, confidence, accuracy_ci95: interval }, index) => {
      if (samples === 0) return;
      const share = right / samples;
      const faint = (index + 1) / bins.length <= threshold;
      const words = `${percent(confidence)} sure: ${shareWords(share)} of ${number.format(samples)} right`;
      plot.line(interval.map((end) => [confidence, end]), faint ? "whisker faint" : "whisker");
      plot.dot(confidence, share, words, faint ? "faint" : "");
    });
    const known = bins.filter(({ samples }) => samples > 0);
    plot.line(known.map(({ samples, right, confidence }) => [confidence, right / samples]), "curve thin");
    plot.threshold(threshold);
    plot.describe(
      "Reliability diagram: how often answers of each confidence are right, with 95 % intervals",
      known.map(({ right, samples, confidence }) => `${percent(confidence, 0)} sure, ${shareWords(right / samples)} right`),
    );
  }

  /** Right ones upwards, wrong ones downwards: shares of each, on a scale of its own. */
  #drawHistograms(threshold) {
    const { answered, right } = this.trust;
    const step = 100 / BARS;
    const within = (counts) =>
      Array.from({ length: BARS }, (_, bar) => counts[bar * step] - (bar === BARS - 1 ? 0 : counts[(bar + 1) * step]));
    const wrong = answered.map((count, index) => count - right[index]);
    const sides = [
      { name: "right", sign: 1, counts: within(right), total: right[0] },
      { name: "wrong", sign: -1, counts: within(wrong), total: wrong[0] },
    ];
    for (const side of sides) side.most = Math.ceil((Math.max(...side.counts) / (side.total || 1)) * 20) / 20 || 1;
    const ticks = [{ at: 0, text: "0 %" }, ...sides.flatMap(({ sign, most }) => [0.5, 1].map((at) => ({ at: sign * at, text: shareWords(at * most) })))];
    const plot = new Plot(this.#part(".histograms svg"), { across: "confidence", shares: [-1, 1], ticks });
    for (const { name, sign, counts, total, most } of sides) {
      counts.forEach((count, bar) => {
        if (count === 0) return;
        const [low, high] = [bar / BARS, (bar + 1) / BARS];
        const words = `${number.format(count)} ${name} ones are ${percent(low, 0)} to ${percent(high, 0)} sure: ${shareWords(count / total)} of them`;
        plot.bar(low, high, (sign * count) / total / most, words, high <= threshold ? `${name} faint` : name);
      });
      plot.name(name, sign);
    }
    plot.threshold(threshold);
    plot.describe(
      "Histograms of confidence, of the right answers and of the wrong ones",
      sides.map(({ name, counts, total }) => `${shareWords(total ? counts.at(-1) / total : 0)} of the ${name} ones are 95 % sure or more`),
    );
  }

  #drawRefusal(at) {
    const { answered, right, thresholds, area_under_risk_coverage: area } = this.trust;
    const points = answered.flatMap((count, index) => (count ? [[count / answered[0], right[index] / count, thresholds[index]]] : []));
    const least = Math.max(Math.floor(Math.min(...points.map(([, accuracy]) => accuracy)) * 10 - 0.5) / 10, 0);
    const plot = new Plot(this.#part(".refusal svg"), { across: "share answered", shares: [least, 1] });
    plot.line(points, "curve");
    if (answered[at]) {
      const [coverage, accuracy] = [answered[at] / answered[0], right[at] / answered[at]];
      plot.line([[0, accuracy], [coverage, accuracy], [coverage, least]], "guide");
      plot.dot(coverage, accuracy, `Refuse below ${(at / 100).toFixed(2)}`, "chosen");
    }
    plot.describe(
      `Risk and coverage: accuracy by how many are answered; area under the risk ${area.toFixed(4)}`,
      [this.#part("output").textContent],
    );
    this.#part(".area").textContent = `area under the risk ${area.toFixed(4)}`;
  }

  #part(selector) {
    return this.section.querySelector(selector);
  }
}

/** Shares over shares, drawn anew each time: `shares` are the ends of the axis upwards, `ticks` its
    marks where these are not plain shares. */
class Plot {
  constructor(svg, { across, shares: [low, high], ticks = sharesBetween(low, high) }) {
    this.svg = svg;
    this.width = svg.clientWidth;
    const { top, right, bottom, left } = PLOT_MARGIN;
    this.x = (share) => left + share * (this.width - left - right);
    this.y = (share) => top + ((high - share) / (high - low)) * (PLOT_HEIGHT - top - bottom);
    this.ends = [low, high];
    svg.setAttribute("viewBox", `0 0 ${this.width} ${PLOT_HEIGHT}`);
    svg.replaceChildren();
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      this.#add("text", { x: this.x(share), y: PLOT_HEIGHT - bottom + 17, class: "tick across" }, percent(share, 0));
    }
    this.#add("text", { x: this.x(0.5), y: PLOT_HEIGHT - 6, class: "tick across" }, across);
    for (const { at, text } of ticks) {
      this.#add("path", { d: `M${left} ${this.y(at)}H${this.width - right}`, class: at === 0 && low < 0 ? "axis" : "grid" });
      this.#add("text", { x: left - 7, y: this.y(at) + 4, class: "tick up" }, text);
    }
  }

  line(points, kind) {
    this.#add("path", { d: "M" + points.map(([x, y]) => `${this.x(x)} ${this.y(y)}`).join("L"), class: kind });
  }

  dot(x, y, words, kind) {
    this.#add("circle", { cx: this.x(x), cy: this.y(y), r: kind === "chosen" ? 6 : 4, class: `dot ${kind}` }, "", words);
  }

  bar(from, to, share, words, kind) {
    const [top, bottom] = [this.y(Math.max(share, 0)), this.y(Math.min(share, 0))];
    const width = this.x(to) - this.x(from) - 1.5;
    // One that is less than a pixel high still tells that there is something.
    const height = Math.max(bottom - top, 1);
    this.#add("rect", { x: this.x(from) + 0.75, y: share > 0 ? bottom - height : top, width, height, class: `bar ${kind}` }, "", words);
  }

  /** Name what is drawn upwards, or downwards for -1. */
  name(text, sign) {
    this.#add("text", { x: this.x(0) + 8, y: sign > 0 ? this.y(this.ends[1]) + 14 : this.y(this.ends[0]) - 6, class: `name ${text}` }, text);
  }

  threshold(share) {
    if (share > 0) this.line(this.ends.map((end) => [share, end]), "guide");
  }

  /** Tell those who do not see it. */
  describe(title, facts) {
    this.svg.setAttribute("aria-label", `${title}. ${facts.join("; ")}.`);
  }

  #add(name, attributes, text = "", title = "") {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    if (title) {
      const words = document.createElementNS("http://www.w3.org/2000/svg", "title");
      words.textContent = title;
      element.append(words);
    }
    this.svg.append(element);
  }
}

/** Round shares from one end to the other, at most six. */
function sharesBetween(low, high) {
  const step = [0.05, 0.1, 0.2].find((size) => (high - low) / size <= 5.01) ?? 0.25;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => ({ at: (first + index) * step, text: percent((first + index) * step, 0) }));
}

/** `97.3 %` that no line is broken in, and never 100 % or 0 % for what is not quite. */
function shareWords(share) {
  const words = share > 0.9995 && share < 1 ? "> 99.9 %" : share > 0 && share < 0.0005 ? "< 0.1 %" : percent(share).replace(".0 %", " %");
  return words.replaceAll(" ", "\u00a0");
}
