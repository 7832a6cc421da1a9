// Figures with two axes of numbers: curves, points, calibration.
import * as Plot from "@observablehq/plot";
import { colour, dashes } from "../colour";
import type { Axis, Calibration, Lines, Num, Reference, Scatter } from "../document";
import { count, finer, num, suffix, write } from "../number";
import * as common from "./common";
import { type ColourScale, colourScale, ramp } from "./scale";

interface Vertex { x: number; y: number; low: number; high: number; text: string }
interface Curve { name: string; label: string; vertices: Vertex[]; baseline: boolean; marks: boolean; sizes?: number[] }

/** Curves get their names at their right end up to this many, a key above the picture beyond. */
const DIRECT = 5;

export function lines(chart: Lines, width: number): common.Drawn {
  const curves = chart.series.map((series): Curve => ({
    name: series.name,
    label: series.name,
    baseline: series.baseline ?? false,
    marks: series.marks ?? false,
    vertices: series.x.map((x, i) => {
      const [low, high] = [num(series.low?.[i]), num(series.high?.[i])];
      const estimate = {
        value: series.y[i] ?? null,
        ...(Number.isNaN(low) ? {} : { interval: { low, high, level: series.level ?? null } }),
        ...(series.n?.[i] === undefined ? {} : { n: series.n[i] ?? 0 }),
      };
      const lines = [series.name, `${chart.x.label}: ${write(finer(chart.x.format), x)} ${suffix(chart.x.format)}`.trim()];
      return { x: num(x), y: num(estimate.value), low, high, text: [...lines, ...common.exact(chart.y.format, estimate)].join("\n") };
    }),
  }));
  const height = Math.round(Math.min(340, Math.max(240, width * 0.68)));
  return draw(curves, chart.x, chart.y, chart.references ?? [], width, height, []);
}

export function calibration(chart: Calibration, width: number): common.Drawn {
  const share: Axis = { label: "predicted probability", format: { digits: 2 }, domain: [0, 1] };
  const curves = chart.curves.map((curve): Curve => ({
    name: curve.name,
    label: curve.ece === undefined ? curve.name : `${curve.name} · ECE ${write({ digits: 3 }, curve.ece)}`,
    baseline: false,
    marks: true,
    sizes: curve.bins.map((bin) => bin.observed.n ?? 1),
    vertices: curve.bins.map((bin) => ({
      x: num(bin.predicted),
      y: num(bin.observed.value),
      low: num(bin.observed.interval?.low),
      high: num(bin.observed.interval?.high),
      text: [curve.name, `predicted ${write({ digits: 3 }, bin.predicted)}`, `observed ${common.exact({ digits: 2 }, bin.observed).join("\n")}`].join("\n"),
    })),
  }));
  const height = Math.round(Math.min(360, Math.max(260, width * 0.68)));
  const diagonal = [Plot.line([[0, 0], [1, 1]], { stroke: common.MUTED, strokeDasharray: "2,3" })];
  const drawn = draw(curves, share, { label: `observed: ${chart.event}`, format: { digits: 2 }, domain: [0, 1] }, [], width, height, diagonal);
  return { ...drawn, notes: ["On the dotted line, observed equals predicted."] };
}

function draw(
  curves: Curve[], xAxis: Axis, yAxis: Axis, references: Reference[], width: number, height: number, under: Plot.Markish[],
): common.Drawn {
  const logX = xAxis.scale === "log";
  const logY = yAxis.scale === "log";
  const kept = curves.map((curve) => ({
    ...curve,
    vertices: curve.vertices.map((v) => (logY && !(v.y > 0) ? { ...v, y: NaN } : v)).filter((v) => Number.isFinite(v.x) && (!logX || v.x > 0)),
  }));
  const all = kept.flatMap((curve) => curve.vertices);
  const xs = common.extent(xAxis.domain ? xAxis : { ...xAxis, domain: tight(all.map((v) => v.x), logX) }, []);
  const ys = common.extent(yAxis, [...all.flatMap((v) => [v.y, v.low, v.high]), ...references.map((r) => r.value)] as Num[]);
  const wanted = Math.max(0, ...kept.map((curve) => common.textWidth(curve.label))) + 26;
  const direct = kept.length > 1 && kept.length <= DIRECT && wanted <= width * 0.34;
  const margin = { top: 28, bottom: 42, left: common.leftMargin(yAxis, ys), right: direct ? wanted : common.rightMargin(xAxis, xs) };
  const wantedTicks = Math.max(3, Math.floor((width - margin.left - margin.right) / 64));
  const place = common.positioner(yAxis, ys, [height - margin.bottom, margin.top]);
  const ends = kept.flatMap((curve): common.End[] => {
    const last = [...curve.vertices].reverse().find((v) => Number.isFinite(v.y));
    return last ? [{ name: curve.label, colour: colour(curve.name), x: last.x, y: last.y }] : [];
  });
  const picture = common.plot({
    width, height,
    marginTop: margin.top, marginBottom: margin.bottom, marginLeft: margin.left, marginRight: margin.right,
    x: { type: common.scaleType(xAxis), domain: xs, label: null },
    y: { type: common.scaleType(yAxis), domain: ys, label: null },
    marks: [
      Plot.gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: common.ticks(yAxis, ys, yAxis.scale === "log" ? 8 : 5) }),
      Plot.axisX({ tickFormat: common.tick(xAxis.format), ticks: common.ticks(xAxis, xs, wantedTicks), tickSize: 4, label: common.axisLabel(xAxis), labelArrow: "none", labelAnchor: "center", labelOffset: 36, color: common.MUTED }),
      Plot.axisY({ tickFormat: common.tick(yAxis.format), ticks: common.ticks(yAxis, ys, yAxis.scale === "log" ? 8 : 5), tickSize: 0, label: common.axisLabel(yAxis), labelArrow: "none", labelAnchor: "top", color: common.MUTED }),
      ...under,
      ...common.referenceLines(references, "y"),
      ...kept.flatMap((curve) => strokes(curve, yAxis.domain !== undefined)),
      ...common.referenceLabels(references, yAxis, place),
      ...(direct ? common.endLabels(ends, place, wanted, margin.top, height - margin.bottom) : []),
      ...common.hover(all.filter((v) => Number.isFinite(v.y)).map((v) => ({ x: v.x, y: v.y, text: v.text }))),
    ],
  });
  const key = kept.map((curve) => ({ name: curve.name, label: curve.label, dashed: curve.baseline }));
  return { picture: [picture], ...(direct ? {} : { key }) };
}

/** Curves run from edge to edge: no room beside their ends. */
function tight(values: number[], log: boolean): [number, number] {
  const axis: Axis = { label: "", format: {}, scale: log ? "log" : "linear" };
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return common.extent(axis, finite);
  const [low, high] = [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))];
  return low < high ? [low, high] : common.extent(axis, finite);
}

function strokes(curve: Curve, clip: boolean): Plot.Markish[] {
  const stroke = colour(curve.name);
  const dash = dashes(curve.name, curve.baseline);
  const banded = curve.vertices.filter((v) => Number.isFinite(v.low) && Number.isFinite(v.high));
  const out: Plot.Markish[] = [];
  if (curve.sizes) {
    // Calibration: an interval per bin, a dot as large as the bin.
    const largest = Math.max(1, ...curve.sizes);
    out.push(
      Plot.ruleX(banded, { x: "x", y1: "low", y2: "high", stroke, strokeOpacity: 0.55, strokeWidth: 2 }),
      Plot.line(curve.vertices, { x: "x", y: "y", stroke, strokeWidth: 1.5, ...(dash ? { strokeDasharray: dash } : {}) }),
      ...curve.vertices.map((v, i) => Plot.dot([v], {
        x: "x", y: "y", r: 2.5 + 5 * Math.sqrt((curve.sizes?.[i] ?? 0) / largest), fill: stroke, stroke: common.SURFACE, strokeWidth: 1.5,
      })),
    );
    return out;
  }
  if (banded.length > 0) {
    out.push(Plot.areaY(banded, { x: "x", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.16, clip }));
  }
  out.push(Plot.line(curve.vertices, { x: "x", y: "y", stroke, strokeWidth: 2, clip, ...(dash ? { strokeDasharray: dash } : {}) }));
  if (curve.marks || curve.vertices.length === 1) {
    out.push(Plot.dot(curve.vertices, { x: "x", y: "y", r: 3.5, fill: stroke, stroke: common.SURFACE, strokeWidth: 1.5, clip: false }));
  }
  return out;
}

export function scatter(chart: Scatter, width: number): common.Drawn {
  const [logX, logY] = [chart.x.scale === "log", chart.y.scale === "log"];
  const series = chart.series.map((points) => ({
    name: points.name,
    points: points.x
      .map((x, i) => ({ x: num(x), y: num(points.y[i]), label: points.labels?.[i] }))
      .filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y) && (!logX || p.x > 0) && (!logY || p.y > 0)),
  }));
  const all = series.flatMap(({ name, points }) => points.map((p) => ({ ...p, name })));
  const references = chart.references ?? [];
  const xs = common.extent(chart.x, all.map((p) => p.x));
  const ys = common.extent(chart.y, [...all.map((p) => p.y), ...references.map((r) => r.value)]);
  const height = Math.round(Math.min(380, Math.max(250, width * 0.68)));
  const margin = { top: 28, bottom: 42, left: common.leftMargin(chart.y, ys), right: common.rightMargin(chart.x, xs) };
  const place = {
    x: common.positioner(chart.x, xs, [margin.left, width - margin.right]),
    y: common.positioner(chart.y, ys, [height - margin.bottom, margin.top]),
  };
  const binned = all.length > common.MARKS;
  const [low, high] = [Math.max(xs[0], ys[0]), Math.min(xs[1], ys[1])];
  const names = !binned && series.length > 1 && series.length <= DIRECT;
  const back = {
    x: common.inverter(chart.x, xs, [margin.left, width - margin.right]),
    y: common.inverter(chart.y, ys, [height - margin.bottom, margin.top]),
  };
  const { marks, most } = binned ? bins(all, place, back, chart) : { marks: dots(series, chart), most: 0 };
  const picture = common.plot({
    width, height,
    marginTop: margin.top, marginBottom: margin.bottom, marginLeft: margin.left, marginRight: margin.right,
    x: { type: common.scaleType(chart.x), domain: xs, label: null },
    y: { type: common.scaleType(chart.y), domain: ys, label: null },
    color: { type: "identity" },
    marks: [
      Plot.gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: common.ticks(chart.y, ys, chart.y.scale === "log" ? 8 : 5) }),
      Plot.axisX({ tickFormat: common.tick(chart.x.format), ticks: common.ticks(chart.x, xs, Math.max(3, Math.floor(width / 90))), tickSize: 4, label: common.axisLabel(chart.x), labelArrow: "none", labelAnchor: "center", labelOffset: 36, color: common.MUTED }),
      Plot.axisY({ tickFormat: common.tick(chart.y.format), ticks: common.ticks(chart.y, ys, chart.y.scale === "log" ? 8 : 5), tickSize: 0, label: common.axisLabel(chart.y), labelArrow: "none", labelAnchor: "top", color: common.MUTED }),
      ...(chart.diagonal && low < high ? [Plot.line([[low, low], [high, high]], { stroke: common.MUTED, strokeDasharray: "2,3" })] : []),
      ...marks,
      ...common.referenceLines(references, "y"),
      ...common.referenceLabels(references, chart.y, place.y),
      ...(names ? series.filter(({ points }) => points.length > 0).map(({ name, points }) => Plot.text([name], {
        x: [middle(points.map((p) => p.x))], y: [middle(points.map((p) => p.y))],
        fill: common.INK, stroke: common.SURFACE, strokeWidth: 5, fontWeight: 600, text: (d: string) => d,
      })) : []),
    ],
  });
  const key = series.map(({ name }) => ({ name }));
  const notes = binned ? [`${count(all.length)} points, drawn as counts per cell.`] : [];
  const legend = binned ? ramp(counting(most), { label: "points per cell, log scale", format: { digits: 0 }, scale: "log" }) : null;
  return { picture: [picture], notes, ...(legend ? { ramp: legend } : {}), ...(series.length > DIRECT && !binned ? { key } : {}) };
}

function middle(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function dots(series: { name: string; points: { x: number; y: number; label?: string | undefined }[] }[], chart: Scatter): Plot.Markish[] {
  const lines = (name: string, p: { x: number; y: number; label?: string | undefined }) => [
    p.label ? `${name} · ${p.label}` : name,
    `${chart.x.label}: ${write(finer(chart.x.format), p.x)} ${suffix(chart.x.format)}`.trim(),
    `${chart.y.label}: ${write(finer(chart.y.format), p.y)} ${suffix(chart.y.format)}`.trim(),
  ].join("\n");
  const many = series.reduce((sum, { points }) => sum + points.length, 0) > 400;
  return [
    ...series.map(({ name, points }) => Plot.dot(points, {
      x: "x", y: "y", r: many ? 2 : 3.2, fill: colour(name), fillOpacity: many ? 0.55 : 0.8,
    })),
    ...common.hover(series.flatMap(({ name, points }) => points.map((p) => ({ x: p.x, y: p.y, text: lines(name, p) }))), 24),
  ];
}

type Place = { x: (v: number) => number; y: (v: number) => number };

/** The colours of counts from 1 to `most`, on a log scale. */
function counting(most: number): ColourScale {
  return colourScale({ scale: "sequential" }, { label: "", format: {}, scale: "log", domain: [1, Math.max(2, most)] }, []);
}

/** Counts per cell of a grid of 8 pixels. */
function bins(all: { x: number; y: number }[], place: Place, back: Place, chart: Scatter): { marks: Plot.Markish[]; most: number } {
  const size = 8;
  const cells = new Map<string, { i: number; j: number; n: number }>();
  for (const p of all) {
    const [i, j] = [Math.floor(place.x(p.x) / size), Math.floor(place.y(p.y) / size)];
    const cell = cells.get(`${i} ${j}`);
    if (cell) cell.n += 1;
    else cells.set(`${i} ${j}`, { i, j, n: 1 });
  }
  const list = [...cells.values()].map(({ i, j, n }) => ({
    n, x1: back.x(i * size), x2: back.x((i + 1) * size), y1: back.y((j + 1) * size), y2: back.y(j * size),
    x: back.x((i + 0.5) * size), y: back.y((j + 0.5) * size),
  }));
  const most = list.reduce((a, cell) => Math.max(a, cell.n), 1);
  const { fill } = counting(most);
  const [fineX, fineY] = [finer(chart.x.format), finer(chart.y.format)];
  const marks = [
    Plot.rect(list, { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: (cell: { n: number }) => fill(cell.n), inset: 0.25 }),
    ...common.hover(list.map((cell) => ({
      x: cell.x, y: cell.y,
      text: [
        `n = ${count(cell.n)}`,
        `${chart.x.label}: ${write(fineX, cell.x1)} to ${write(fineX, cell.x2)}`,
        `${chart.y.label}: ${write(fineY, cell.y1)} to ${write(fineY, cell.y2)}`,
      ].join("\n"),
    })), 12),
  ];
  return { marks, most };
}
