// How a number is written: the rules of `Format` in crates/report, held to the same list of cases
// (crates/report/tests/numbers.json).
import type { Estimate, Format, Interval, Num } from "./document";

export const DASH = "–";

/** The number behind its JSON form; NaN where there is none. */
export function num(value: Num | undefined): number {
  if (value === "inf") return Infinity;
  if (value === "-inf") return -Infinity;
  return value ?? NaN;
}

/** The number without its unit. */
export function write(format: Format, value: Num | undefined): string {
  const raw = num(value);
  if (Number.isNaN(raw)) return DASH;
  const scaled = format.percent ? raw * 100 : raw;
  const body = magnitude(Math.abs(scaled), format.digits);
  if (/^[0.,]*$/.test(body)) return body; // "−0.000" is noise
  if (scaled < 0) return `−${body}`;
  return format.signed ? `+${body}` : body;
}

/** Percent sign and unit, or nothing. */
export function suffix(format: Format): string {
  return [format.percent ? "%" : "", format.unit ?? ""].filter(Boolean).join(" ");
}

export function writeWithUnit(format: Format, value: Num | undefined): string {
  const text = write(format, value);
  const unit = suffix(format);
  return unit && text !== DASH ? `${text} ${unit}` : text;
}

export function writeInterval(format: Format, interval: Interval): string {
  return `[${write(format, interval.low)}, ${write(format, interval.high)}]`;
}

/** "95 %", or "spread" for one that promises no coverage. */
export function intervalTag(interval: Interval): string {
  const level = num(interval.level);
  return Number.isNaN(level) ? "spread" : `${write({ percent: true }, level)} %`;
}

export function writeEstimate(format: Format, estimate: Estimate): string {
  const value = writeWithUnit(format, estimate.value);
  return estimate.interval ? `${value} ${writeInterval(format, estimate.interval)}` : value;
}

export function count(value: number): string {
  return write({ digits: 0 }, value);
}

/** Size in bytes with the decimal unit that keeps it readable: 532 B, 1.2 kB, 3.4 MB. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${write({ digits: unit === 0 || size >= 100 ? 0 : 1 }, size)} ${units[unit]}`;
}

/** Two more digits than the axis shows, for the value on hover. */
export function finer(format: Format): Format {
  return format.digits === undefined || format.digits === 0 ? format : { ...format, digits: format.digits + 2 };
}

function magnitude(value: number, digits: number | undefined): string {
  if (value === Infinity) return "∞";
  if (digits !== undefined) return value < 1e15 ? group(value.toFixed(digits)) : exponent(value, digits);
  if (Number.isInteger(value) && value < 1e15) return group(value.toFixed(0));
  if (value < 1e-4 || value >= 1e7) return exponent(value, 3);
  const power = Number(value.toExponential(3).split("e")[1]);
  return group(trim(value.toFixed(Math.max(0, 3 - power))));
}

function exponent(value: number, digits: number): string {
  const [mantissa = "", power = ""] = value.toExponential(digits).split("e");
  return `${trim(mantissa)}e${power.replace("+", "").replace("-", "−")}`;
}

function trim(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function group(text: string): string {
  const [whole = "", rest] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}
