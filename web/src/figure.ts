// A figure: its finding, its caption, the drawing with a key where needed, and its data.
import * as common from "./chart/common";
import { calibration, lines, scatter } from "./chart/curve";
import { heat, subsets } from "./chart/matrix";
import { bars, histogram, intervals } from "./chart/range";
import { colour } from "./colour";
import { dataOf } from "./data";
import type { Chart, Figure } from "./document";
import { el, id } from "./dom";
import { table } from "./table";

const KINDS: { [K in Chart["kind"]]: string } = {
  lines: "Line chart",
  intervals: "Values with their intervals",
  bars: "Bar chart",
  heat: "Heat map",
  histogram: "Histogram",
  scatter: "Scatter plot",
  calibration: "Calibration plot",
  subsets: "Values by subset",
};

/** Redraws everything drawn, for a change between light, dark and print. */
export const redraw = new Set<() => void>();

export function figure(data: Figure): HTMLElement {
  const heading = id("figure");
  const chart = data.chart;
  const picture = el("div", { class: "picture", role: "img", "aria-label": `${KINDS[chart.kind]}: ${describe(chart)}. The same numbers stand in the table under “Data”.` });
  const key = el("ul", { class: "key", hidden: true });
  const foot = el("div", { class: "foot" });
  const frame = el(
    "section", { class: data.wide ? "panel figure wide" : "panel figure", "aria-labelledby": heading },
    el("h3", { id: heading }, data.title),
    data.caption && el("p", { class: "caption" }, data.caption),
    key, picture, foot,
  );
  const numbers = dataOf(data);
  if (numbers.rows.length === 0) {
    picture.replaceWith(el("p", { class: "empty" }, "No data yet."));
    return frame;
  }
  const draw = (width: number) => {
    const drawn = render(chart, width);
    picture.replaceChildren(...drawn.picture);
    key.replaceChildren(...(drawn.key ?? []).map((entry) => keyEntry(entry, chart)));
    key.hidden = !drawn.key;
    const notes = (drawn.notes ?? []).map((note) => el("p", { class: "note-line" }, note));
    foot.replaceChildren(...(drawn.ramp ? [drawn.ramp] : []), ...notes);
  };
  let width = 0;
  new ResizeObserver(() => {
    const now = Math.floor(picture.clientWidth);
    if (now > 0 && now !== width) {
      width = now;
      draw(width);
    }
  }).observe(picture);
  redraw.add(() => { if (width > 0) draw(width); });
  frame.append(dataToggle(data.title, () => table(numbers, data.title)));
  return frame;
}

function render(chart: Chart, width: number): common.Drawn {
  switch (chart.kind) {
    case "lines": return lines(chart, width);
    case "intervals": return intervals(chart, width);
    case "bars": return bars(chart, width);
    case "heat": return heat(chart, width);
    case "histogram": return histogram(chart, width);
    case "scatter": return scatter(chart, width);
    case "calibration": return calibration(chart, width);
    case "subsets": return subsets(chart, width);
  }
}

/** What is drawn, for a reader who does not see it. */
function describe(chart: Chart): string {
  switch (chart.kind) {
    case "lines": return `${common.axisLabel(chart.y)} against ${common.axisLabel(chart.x)}; ${list(chart.series.map((s) => s.name))}`;
    case "intervals": return `${common.axisLabel(chart.axis)}, ${chart.rows.length} rows`;
    case "bars": return `${common.axisLabel(chart.axis)} by ${chart.category}, ${chart.bars.length} bars`;
    case "heat": return `${common.axisLabel(chart.axis)}, ${chart.rows.length} rows by ${chart.columns.length} columns`;
    case "histogram": return `distribution of ${common.axisLabel(chart.x)}; ${list(chart.series.map((s) => s.name))}`;
    case "scatter": return `${common.axisLabel(chart.y)} against ${common.axisLabel(chart.x)}; ${list(chart.series.map((s) => s.name))}`;
    case "calibration": return `observed against predicted frequency of ${chart.event}; ${list(chart.curves.map((c) => c.name))}`;
    case "subsets": return `${common.axisLabel(chart.axis)} for ${chart.rows.length} subsets of ${list(chart.members)}`;
  }
}

function list(names: string[]): string {
  return names.length > 6 ? `${names.length} series` : names.join(", ");
}

function keyEntry(entry: common.Key, chart: Chart): HTMLElement {
  const shape = chart.kind === "lines" || chart.kind === "calibration" ? (entry.dashed ? "stroke dashed" : "stroke") : "dot";
  const mark = el("span", { class: `swatch ${shape}`, "aria-hidden": "true" });
  mark.style.setProperty("--swatch", colour(entry.name));
  return el("li", {}, mark, entry.label ?? entry.name);
}

/** "Data" opens the table; it is made when first opened. */
function dataToggle(title: string, make: () => HTMLElement): HTMLElement {
  const details = el("details", { class: "data" }, el("summary", { "aria-label": `Data of the figure: ${title}` }, "Data"));
  details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(make()); });
  return details;
}
