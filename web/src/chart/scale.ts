// Colour scales of values: viridis, and a diverging one with a neutral middle in both schemes.
import * as Plot from "@observablehq/plot";
import type { Axis, Colours, Num } from "../document";
import { svg } from "../dom";
import { num, suffix, write } from "../number";

const sequential = Plot.scale({ color: { type: "sequential", scheme: "viridis", domain: [0, 1] } });

/** Viridis at a position in [0, 1]. */
export function viridis(t: number): string {
  return String(sequential.apply(Math.min(1, Math.max(0, t))));
}

type Rgb = [number, number, number];
const BLUE: Rgb = [0, 95, 160];
const VERMILLION: Rgb = [196, 80, 0];

/** Whether the page is shown dark; print is always light. */
export function isDark(): boolean {
  return matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches;
}

/** Blue below, vermillion above, the neutral of the page between, at a position in [−1, 1]. */
function diverging(t: number): string {
  const neutral: Rgb = isDark() ? [58, 63, 70] : [242, 242, 240];
  const end = t < 0 ? BLUE : VERMILLION;
  const share = Math.min(1, Math.abs(t)) ** 0.85;
  return `rgb(${neutral.map((v, i) => Math.round(v + (Number(end[i]) - v) * share)).join(", ")})`;
}

/** Black or white, whichever reads better on a colour. */
export function inkOn(fill: string): string {
  const parts = /^#/.test(fill)
    ? [1, 3, 5].map((i) => parseInt(fill.slice(i, i + 2), 16))
    : (fill.match(/[\d.]+/g) ?? []).map(Number);
  const [r = 0, g = 0, b = 0] = parts.map((v) => {
    const c = v / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#101214" : "#ffffff";
}

export interface ColourScale { fill: (value: number) => string; low: number; high: number; middle: number | null }

/** The scale over these values, or over the axis' fixed ends. */
export function colourScale(colours: Colours, axis: Axis, values: Num[]): ColourScale {
  const finite = values.map(num).filter(Number.isFinite);
  const [low, high] = axis.domain ?? [
    finite.reduce((a, b) => Math.min(a, b), axis.zero ? 0 : Infinity),
    finite.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  if (colours.scale === "diverging") {
    const reach = Math.max(Math.abs(high - colours.centre), Math.abs(low - colours.centre)) || 1;
    return {
      fill: (v) => diverging((v - colours.centre) / reach),
      low: colours.centre - reach, high: colours.centre + reach, middle: colours.centre,
    };
  }
  const log = axis.scale === "log" && low > 0;
  const t = (v: number) => (high > low ? (log ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low)) : 0.5);
  return { fill: (v) => viridis(t(v)), low, high, middle: null };
}

/** The colour scale as a bar with its ends. */
export function ramp(scale: ColourScale, axis: Axis): SVGSVGElement | null {
  if (!Number.isFinite(scale.low) || !Number.isFinite(scale.high)) return null;
  const [width, steps] = [168, 42];
  const at = (i: number) => (axis.scale === "log" && scale.low > 0
    ? scale.low * (scale.high / scale.low) ** (i / (steps - 1))
    : scale.low + ((scale.high - scale.low) * i) / (steps - 1));
  const label = (value: number, x: number, anchor: string) => svg(
    "text", { x, y: 36, "text-anchor": anchor, fill: "var(--muted)", "font-size": 11 }, write(axis.format, value),
  );
  const unit = suffix(axis.format);
  const out = svg(
    "svg", { viewBox: `0 0 ${width} 40`, width, height: 40, class: "ramp", "aria-hidden": "true" },
    svg("text", { x: 0, y: 10, fill: "var(--muted)", "font-size": 11 }, `${axis.label}${unit ? ` (${unit})` : ""}`),
  );
  for (let i = 0; i < steps; i += 1) {
    out.append(svg("rect", { x: (i * width) / steps, y: 15, width: width / steps + 0.5, height: 9, fill: scale.fill(at(i)) }));
  }
  out.append(label(scale.low, 0, "start"), label(scale.high, width, "end"));
  if (scale.middle !== null) out.append(label(scale.middle, width / 2, "middle"));
  return out;
}
