// The verdict: question, answer, effect against the margin, what would decide it.
import type { Answer, Banner, Limit, LimitState } from "./document";
import { ICON, el, icon, id, svg } from "./dom";
import { count, intervalTag, num, write, writeInterval, writeWithUnit } from "./number";

const WORDS: { [A in Answer]: { word: string; icon: string } } = {
  enough: { word: "Enough", icon: ICON.check },
  not_enough: { word: "Not enough", icon: ICON.cross },
  undecided: { word: "Undecided", icon: ICON.question },
};

const STATES: { [S in LimitState]: { word: string; icon: string } } = {
  holds: { word: "holds", icon: ICON.check },
  violated: { word: "violated", icon: ICON.cross },
  unchecked: { word: "not checked", icon: ICON.dot },
  note: { word: "note", icon: ICON.info },
};

export function banner(data: Banner): HTMLElement {
  const heading = id("question");
  const { word, icon: path } = WORDS[data.answer];
  const left = el(
    "div", { class: "answer" },
    el("h2", { id: heading, class: "question" }, data.question),
    el("p", { class: "word" }, icon(path), el("span", {}, word)),
    el("p", { class: "statement" }, sentence(data.statement)),
    data.would_decide && el("p", { class: "decide" }, el("strong", {}, "What would decide it: "), data.would_decide),
  );
  const out = el("section", { class: `verdict ${data.answer}`, "aria-labelledby": heading }, left);
  if (data.effect) out.append(effect(data));
  if (data.assumptions && data.assumptions.length > 0) {
    left.append(el("div", { class: "assumptions" }, el("h3", {}, "The answer rests on"), limits(data.assumptions)));
  }
  return out;
}

/** With a capital in front and one full stop at the end. */
export function sentence(text: string): string {
  const [first = "", ...rest] = text.trim().replace(/\.$/, "");
  return `${first.toUpperCase()}${rest.join("")}.`;
}

/** Assumptions and limits, each with icon and word. */
export function limits(list: Limit[]): HTMLElement {
  return el("ul", { class: "limits" }, ...list.map(({ state, text }) => {
    const { word, icon: path } = STATES[state];
    return el("li", { class: state }, el("span", { class: "state" }, icon(path), word), el("span", {}, text));
  }));
}

function effect(data: Banner): HTMLElement {
  const estimate = data.effect ?? { value: null };
  const unsigned = { ...data.format, signed: false };
  const facts = el("dl", { class: "facts" });
  const fact = (name: string, value: string) => facts.append(el("div", {}, el("dt", {}, name), el("dd", {}, value)));
  if (data.margin) fact("tolerance", writeWithUnit(unsigned, Math.abs(num(data.margin.value))));
  if (estimate.n !== undefined) fact("n", count(estimate.n));
  if (data.basis) fact("by", data.basis);
  return el(
    "div", { class: "effect" },
    data.effect_label && el("p", { class: "label" }, data.effect_label),
    el(
      "p", { class: "value" }, writeWithUnit(data.format, estimate.value),
      estimate.interval && el(
        "span", { class: "interval" }, ` ${writeInterval(data.format, estimate.interval)}`,
        el("span", { class: "level" }, ` ${intervalTag(estimate.interval)}`),
      ),
    ),
    strip(data),
    facts,
  );
}

/** The interval on a line with zero and the margin; the side that is not enough is hatched. */
function strip(data: Banner): SVGSVGElement | null {
  const value = num(data.effect?.value);
  if (!Number.isFinite(value) || !data.margin) return null;
  const margin = num(data.margin.value);
  const ends = [num(data.effect?.interval?.low), num(data.effect?.interval?.high)].map((v) => (Number.isFinite(v) ? v : value));
  const [low = value, high = value] = ends;
  const all = [0, margin, low, high, value];
  const span = Math.max(...all) - Math.min(...all) || 1;
  const [from, to] = [Math.min(...all) - span * 0.16, Math.max(...all) + span * 0.16];
  const [width, top, bottom] = [300, 22, 58];
  const x = (v: number) => ((v - from) / (to - from)) * width;
  const above = data.margin.side === "above";
  const pattern = id("hatch");
  const plain = { ...data.format, signed: false };
  const anchor = (at: number) => (at < 56 ? "start" : at > width - 56 ? "end" : "middle");
  const tag = (v: number, text: string, y: number) => svg(
    "text", { x: x(v), y, "text-anchor": anchor(x(v)), "font-size": 12, fill: "var(--muted)" }, text,
  );
  const label = `Interval ${write(data.format, low)} to ${write(data.format, high)}, margin ${write(plain, margin)}; ${above ? "above" : "below"} the margin is enough.`;
  return svg(
    "svg", { viewBox: `0 0 ${width} 78`, class: "strip", role: "img", "aria-label": label },
    svg(
      "defs", {},
      svg(
        "pattern", { id: pattern, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        svg("line", { x1: 0, y1: 0, x2: 0, y2: 6, stroke: "var(--line-strong)", "stroke-width": 2 }),
      ),
    ),
    svg("rect", {
      x: above ? 0 : x(margin), y: top, width: above ? x(margin) : width - x(margin), height: bottom - top, fill: `url(#${pattern})`,
    }),
    svg("line", { x1: 0, x2: width, y1: bottom, y2: bottom, stroke: "var(--line-strong)" }),
    svg("line", { x1: x(0), x2: x(0), y1: top, y2: bottom, stroke: "var(--muted)", "stroke-dasharray": "2,3" }),
    svg("line", { x1: x(margin), x2: x(margin), y1: top - 4, y2: bottom, stroke: "var(--ink)", "stroke-width": 1.5 }),
    tag(margin, `margin ${writeWithUnit(plain, margin)}`, 12),
    tag(0, data.format.signed ? "no difference" : writeWithUnit(plain, 0), 74),
    svg("line", { x1: x(low), x2: x(high), y1: 40, y2: 40, stroke: "var(--status)", "stroke-width": 4, "stroke-linecap": "round" }),
    svg("circle", { cx: x(value), cy: 40, r: 6.5, fill: "var(--status)", stroke: "var(--raised)", "stroke-width": 2 }),
  );
}
