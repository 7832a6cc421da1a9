// Figures by rows and columns of names: heat maps, subsets.
import * as Plot from "@observablehq/plot";
import type { Axis, Estimate, Heat, Subsets } from "../document";
import { num, write } from "../number";
import * as common from "./common";
import { colourScale, inkOn, ramp } from "./scale";

/** Values are printed in the cells of a map below this many rows and columns. */
const PRINTED = 15;

interface Cell { x: number; y: number; value: number; text: string }

export function heat(chart: Heat, width: number): common.Drawn {
  const scale = colourScale(chart.colours, chart.axis, chart.values.flat());
  const left = Math.min(width * 0.34, Math.max(24, ...chart.rows.map((name) => common.textWidth(name))) + 12);
  const widest = Math.min(140, Math.max(0, ...chart.columns.map((name) => common.textWidth(name))));
  const slanted = widest > (width - left - 8) / Math.max(1, chart.columns.length) - 6;
  const right = slanted ? Math.max(8, Math.min(64, widest * 0.72 - 4)) : 8;
  const cellWidth = (width - left - right) / Math.max(1, chart.columns.length);
  // Where cells are narrower than a line of text, only every so many columns are named.
  const every = Math.ceil(14 / cellWidth);
  const top = (slanted ? widest * 0.72 + 18 : 24) + (chart.x_label ? 16 : 0);
  const small = chart.rows.length < PRINTED && chart.columns.length < PRINTED;
  const cellHeight = small ? Math.max(22, Math.min(44, cellWidth * 0.8)) : Math.max(14, Math.min(24, cellWidth));
  const height = Math.round(top + cellHeight * chart.rows.length + 8);
  const valueWidth = Math.max(0, ...chart.values.flat().map((value) => common.textWidth(write(chart.axis.format, value), 11)));
  const printed = small && valueWidth <= cellWidth - 4;
  const cells = chart.values.flatMap((row, y) => row.map((value, x): Cell => ({
    x, y, value: num(value),
    text: [
      `${chart.rows[y] ?? ""} · ${chart.columns[x] ?? ""}`,
      ...common.exact(chart.axis.format, { value, ...(chart.n?.[y]?.[x] === undefined ? {} : { n: chart.n[y]?.[x] ?? 0 }) }),
    ].join("\n"),
  })));
  const picture = common.plot({
    width, height, marginTop: top, marginBottom: 8, marginLeft: left, marginRight: right, padding: 0,
    x: { type: "band", domain: chart.columns.map((_, i) => i), axis: null },
    y: { type: "band", domain: chart.rows.map((_, i) => i), axis: null },
    color: { type: "identity" },
    marks: [
      ...grid(cells, scale.fill),
      ...(printed ? [values(cells, chart.axis, scale.fill)] : []),
      Plot.text(chart.rows, { y: (_: string, i: number) => i, frameAnchor: "left", dx: -8, textAnchor: "end", fill: common.INK, text: (d: string) => common.ellipsis(d, left - 10) }),
      Plot.text(chart.columns, {
        x: (_: string, i: number) => i, frameAnchor: "top", lineAnchor: slanted ? "middle" : "bottom", dy: slanted ? -8 : -5, fill: common.INK,
        text: (d: string, i: number) => (slanted && i % every > 0 ? "" : common.ellipsis(d, slanted ? 140 : cellWidth)),
        ...(slanted ? { rotate: -45, textAnchor: "start", dx: 4 } : {}),
      }),
      ...(chart.x_label ? [Plot.text([chart.x_label], { frameAnchor: "top", dy: -top + 10, fill: common.MUTED, text: (d: string) => d })] : []),
      ...common.hover(cells.filter((cell) => Number.isFinite(cell.value)), Math.max(cellWidth, cellHeight)),
    ],
  });
  const notes = chart.y_label ? [`Rows: ${chart.y_label}${chart.x_label ? `; columns: ${chart.x_label}` : ""}.`] : [];
  const legend = ramp(scale, chart.axis);
  return { picture: [picture], notes, ...(legend ? { ramp: legend } : {}) };
}

function grid(cells: Cell[], fill: (v: number) => string): Plot.Markish[] {
  const known = cells.filter((cell) => Number.isFinite(cell.value));
  const unknown = cells.filter((cell) => !Number.isFinite(cell.value));
  return [
    Plot.cell(known, { x: "x", y: "y", fill: (cell: Cell) => fill(cell.value), inset: 0.75, rx: 2 }),
    Plot.cell(unknown, { x: "x", y: "y", fill: "none", stroke: "var(--line)", inset: 1.5, rx: 2 }),
  ];
}

function values(cells: Cell[], axis: Axis, fill: (v: number) => string): Plot.Markish {
  return Plot.text(cells, {
    x: "x", y: "y", fontSize: 11, fontVariant: "tabular-nums",
    fill: (cell: Cell) => (Number.isFinite(cell.value) ? inkOn(fill(cell.value)) : "var(--muted)"),
    text: (cell: Cell) => write(axis.format, cell.value),
  });
}

/** Filled dots say what is present; the values follow as an interval plot or as cells. */
export function subsets(chart: Subsets, width: number): common.Drawn {
  const single = chart.targets.length === 1;
  const [step, slot] = [width < 420 ? 20 : 24, 22];
  const memberWidth = Math.max(0, ...chart.members.map((name) => common.textWidth(name)));
  const targetWidth = single ? 0 : Math.max(0, ...chart.targets.map((name) => common.textWidth(name)));
  const left = 14 + chart.members.length * step;
  const area: [number, number] = [left + 10, width - (single ? 52 : 6)];
  const cellWidth = (area[1] - area[0]) / Math.max(1, chart.targets.length);
  const slanted = targetWidth > cellWidth - 4;
  const references = single ? (chart.references ?? []) : [];
  const header = Math.max(memberWidth * 0.75, slanted ? targetWidth * 0.75 : 14, references.length * 14) + 18;
  const bottom = single ? 42 : 8;
  const height = Math.round(header + chart.rows.length * slot + bottom);
  const y = (row: number) => header + (row + 0.5) * slot;
  const x = (member: number) => 14 + (member + 0.5) * step;
  const scale = colourScale({ scale: "sequential" }, chart.axis, chart.rows.flatMap((row) => row.values.map((v) => v?.value ?? null)));
  const name = (row: { present: boolean[] }) => chart.members.filter((_, i) => row.present[i]).join(" + ") || "none";
  const members = [
    ...chart.rows.flatMap((row, i) => {
      const on = chart.members.map((_, m) => m).filter((m) => row.present[m]);
      const link = on.length > 1 ? [Plot.link([i], { x1: [x(on[0] ?? 0)], x2: [x(on[on.length - 1] ?? 0)], y1: [y(i)], y2: [y(i)], stroke: common.INK, strokeWidth: 2 })] : [];
      return [
        ...(i % 2 === 1 ? [Plot.rect([i], { x1: [2], x2: [width - 2], y1: [y(i) - slot / 2], y2: [y(i) + slot / 2], fill: "var(--stripe)" })] : []),
        ...link,
      ];
    }),
    Plot.dot(chart.rows.flatMap((row, i) => chart.members.map((_, m) => ({ x: x(m), y: y(i), on: row.present[m] }))), {
      x: "x", y: "y", r: 4.5,
      fill: (d: { on: boolean }) => (d.on ? common.INK : "var(--absent)"),
    }),
    Plot.text(chart.members, {
      x: (_: string, m: number) => x(m), y: () => header - 6, rotate: -45, textAnchor: "start", dx: 2, fill: common.INK,
      text: (d: string) => common.ellipsis(d, 130),
    }),
  ];
  const hovers: common.Hover[] = [];
  const measured = single
    ? singles(chart, area, y, header, height - bottom, hovers, name)
    : grids(chart, area, cellWidth, y, header, slot, slanted, scale.fill, hovers, name);
  const picture = common.plot({
    width, height, margin: 0,
    x: { type: "identity", axis: null },
    y: { type: "identity", axis: null },
    color: { type: "identity" },
    marks: [...members, ...measured, ...common.hover(hovers, Math.max(24, cellWidth))],
  });
  const notes = single ? [] : (chart.references ?? []).map((reference) => `${reference.label}: ${write(chart.axis.format, reference.value)}.`);
  const legend = single ? null : ramp(scale, chart.axis);
  return { picture: [picture], notes, ...(legend ? { ramp: legend } : {}) };
}

function singles(
  chart: Subsets, area: [number, number], y: (row: number) => number, top: number, bottom: number,
  hovers: common.Hover[], name: (row: { present: boolean[] }) => string,
): Plot.Markish[] {
  const list = chart.rows.map((row) => row.values[0] ?? null);
  const references = chart.references ?? [];
  const domain = common.extent(chart.axis, [
    ...list.flatMap((v) => [v?.value ?? null, v?.interval?.low ?? null, v?.interval?.high ?? null]),
    ...references.map((reference) => reference.value),
  ]);
  const place = common.positioner(chart.axis, domain, area);
  const ticks = steps(domain, Math.max(2, Math.floor((area[1] - area[0]) / 50)));
  return [
    ...ticks.flatMap((v) => [
      Plot.link([v], { x1: [place(v)], x2: [place(v)], y1: [top], y2: [bottom], stroke: "var(--line)" }),
      Plot.text([common.tick(chart.axis.format)(v)], { x: [place(v)], y: [bottom + 12], fill: common.MUTED, text: (d: string) => d }),
    ]),
    Plot.text([common.axisLabel(chart.axis)], { x: [(area[0] + area[1]) / 2], y: [bottom + 30], fill: common.MUTED, text: (d: string) => d }),
    ...references.flatMap((reference, i) => [
      Plot.link([0], { x1: [place(num(reference.value))], x2: [place(num(reference.value))], y1: [top], y2: [bottom], stroke: common.MUTED, strokeWidth: 1.25, strokeDasharray: "2,3" }),
      Plot.text([common.referenceText(reference, chart.axis.format)], { x: [place(num(reference.value)) - 3], y: [top - 8 - i * 14], textAnchor: place(num(reference.value)) > (area[0] + area[1]) / 2 ? "end" : "start", fill: common.MUTED, fontSize: 11, text: (d: string) => d }),
    ]),
    ...list.flatMap((v, i) => {
      if (!v || !Number.isFinite(num(v.value))) return [];
      const at = place(num(v.value));
      hovers.push({ x: at, y: y(i), text: [name(chart.rows[i] ?? { present: [] }), ...common.exact(chart.axis.format, v)].join("\n") });
      const inside = (value: number) => Math.min(area[1], Math.max(area[0], place(value)));
      const whisker = v.interval
        ? [Plot.link([0], { x1: [inside(num(v.interval.low))], x2: [inside(num(v.interval.high))], y1: [y(i)], y2: [y(i)], stroke: "var(--series-1)", strokeWidth: 2.5, strokeLinecap: "round" })]
        : [];
      return [
        ...whisker,
        Plot.dot([0], { x: [at], y: [y(i)], r: 4.5, fill: "var(--series-1)", stroke: common.SURFACE, strokeWidth: 1.5 }),
        Plot.text([write(chart.axis.format, v.value)], { x: [area[1] + 48], y: [y(i)], textAnchor: "end", fill: common.INK, fontVariant: "tabular-nums", text: (d: string) => d }),
      ];
    }),
  ];
}

function grids(
  chart: Subsets, area: [number, number], cellWidth: number, y: (row: number) => number, top: number, slot: number, slanted: boolean,
  fill: (v: number) => string, hovers: common.Hover[], name: (row: { present: boolean[] }) => string,
): Plot.Markish[] {
  const x = (target: number) => area[0] + (target + 0.5) * cellWidth;
  const cells = chart.rows.flatMap((row, i) => row.values.map((value, j) => ({ i, j, value, row })));
  const known = cells.filter((cell): cell is typeof cell & { value: Estimate } => cell.value !== null && Number.isFinite(num(cell.value.value)));
  for (const cell of known) {
    hovers.push({
      x: x(cell.j), y: y(cell.i),
      text: [`${name(cell.row)} → ${chart.targets[cell.j] ?? ""}`, ...common.exact(chart.axis.format, cell.value)].join("\n"),
    });
  }
  const widest = Math.max(0, ...known.map((cell) => common.textWidth(write(chart.axis.format, cell.value.value), 11)));
  const printed = widest <= cellWidth - 3;
  return [
    Plot.rect(known, {
      x1: (c: { j: number }) => x(c.j) - cellWidth / 2, x2: (c: { j: number }) => x(c.j) + cellWidth / 2,
      y1: (c: { i: number }) => y(c.i) - slot / 2, y2: (c: { i: number }) => y(c.i) + slot / 2,
      fill: (c: { value: Estimate }) => fill(num(c.value.value)), inset: 0.75, rx: 2,
    }),
    ...(printed ? [Plot.text(known, {
      x: (c: { j: number }) => x(c.j), y: (c: { i: number }) => y(c.i), fontSize: 11, fontVariant: "tabular-nums",
      fill: (c: { value: Estimate }) => inkOn(fill(num(c.value.value))),
      text: (c: { value: Estimate }) => write(chart.axis.format, c.value.value),
    })] : []),
    Plot.text(chart.targets, {
      x: (_: string, j: number) => x(j), y: () => top - 6, fill: common.INK, fontWeight: 600,
      text: (d: string) => common.ellipsis(d, slanted ? 130 : cellWidth),
      ...(slanted ? { rotate: -45, textAnchor: "start", dx: 2 } : { lineAnchor: "bottom" }),
    }),
  ];
}

/** Round values inside a domain, about as many as asked for. */
function steps([low, high]: [number, number], wanted: number): number[] {
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const out: number[] = [];
  for (let k = Math.ceil(low / step); k * step <= high + step * 1e-9; k += 1) out.push(Number((k * step).toPrecision(12)));
  return out;
}
