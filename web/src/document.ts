// The report document as the Rust side writes it (crates/report, `Document`). A Rust test reads
// test/sample.json with these names and writes it back unchanged, so the two cannot drift apart
// unseen in anything that the sample holds.

/** A number as JSON can carry it: null is "not measured". */
export type Num = number | null | "inf" | "-inf";

/** `level` is the coverage; null for a spread, which promises none. */
export interface Interval { low: Num; high: Num; level: Num }
export interface Estimate { value: Num; interval?: Interval; n?: number }
export interface Format { digits?: number; percent?: boolean; signed?: boolean; unit?: string }

export interface Document {
  title: string;
  method: string;
  summary?: string;
  status: Status;
  verdicts?: Banner[];
  cards?: Card[];
  sections?: Section[];
  limits?: Limit[];
  record: Record;
  series_order?: string[];
}

export type Status =
  | { state: "complete" }
  | { state: "running"; step: string; share?: number }
  | { state: "interrupted"; at: string; resume: string }
  | { state: "failed"; at: string; cause: string; hint?: string; resume?: string };

export type Answer = "enough" | "not_enough" | "undecided";

export interface Banner {
  question: string;
  answer: Answer;
  statement: string;
  effect_label?: string;
  effect?: Estimate;
  format: Format;
  margin?: { value: Num; side: "above" | "below" };
  basis?: string;
  would_decide?: string;
  assumptions?: Limit[];
}

export interface Baseline { label: string; value: Num }
export interface Card { label: string; value: Estimate | string; format: Format; baselines?: Baseline[]; note?: string }
export interface Section { title: string; blocks?: Block[] }

export type Block =
  | { block: "paragraph"; text: string }
  | { block: "list"; items: string[] }
  | { block: "note"; tone: "info" | "caution"; text: string }
  | ({ block: "table" } & Table)
  | ({ block: "figure" } & Figure)
  | { block: "code"; caption?: string; text: string };

export type LimitState = "holds" | "violated" | "unchecked" | "note";
export interface Limit { state: LimitState; text: string }

export type ColumnKind = "text" | "code" | "number" | "estimate";
export interface Column { name: string; kind: ColumnKind; format: Format; baseline?: boolean }
export type Cell =
  | { cell: "missing" }
  | { cell: "text"; is: string }
  | { cell: "number"; is: Num }
  | { cell: "estimate"; is: Estimate };
export type RowKind = "plain" | "heading" | "baseline" | "strong";
export interface Row { kind?: RowKind; cells: Cell[] }
export interface Table { title: string; caption?: string; columns: Column[]; rows: Row[] }

export interface Axis {
  label: string;
  format: Format;
  scale?: "linear" | "log";
  zero?: boolean;
  domain?: [number, number];
}
export interface Reference { label: string; value: Num; role: "chance" | "baseline" | "target" | "ceiling" }
export interface Series {
  name: string; x: Num[]; y: Num[]; low?: Num[]; high?: Num[]; level?: number; n?: number[]; baseline?: boolean; marks?: boolean;
}

export interface Lines { kind: "lines"; x: Axis; y: Axis; series: Series[]; references?: Reference[] }
export interface Ranged { label: string; series: string; value: Estimate }
export interface Intervals { kind: "intervals"; axis: Axis; rows: Ranged[]; references?: Reference[] }
export interface Bars { kind: "bars"; category: string; axis: Axis; bars: Ranged[]; references?: Reference[] }
export type Colours = { scale: "sequential" } | { scale: "diverging"; centre: number };
export interface Heat {
  kind: "heat"; x_label: string; y_label: string; columns: string[]; rows: string[];
  values: Num[][]; n?: number[][]; axis: Axis; colours: Colours;
}
export interface Histogram {
  kind: "histogram"; x: Axis; edges: Num[]; series: { name: string; counts: number[] }[]; references?: Reference[];
}
export interface Points { name: string; x: Num[]; y: Num[]; labels?: string[] }
export interface Scatter {
  kind: "scatter"; x: Axis; y: Axis; series: Points[]; diagonal?: boolean; references?: Reference[];
}
export interface Calibration {
  kind: "calibration"; event: string;
  curves: { name: string; bins: { predicted: Num; observed: Estimate }[]; ece?: number }[];
}
export interface Subsets {
  kind: "subsets"; members: string[]; targets: string[];
  rows: { present: boolean[]; values: (Estimate | null)[] }[]; axis: Axis; references?: Reference[];
}
export type Chart = Lines | Intervals | Bars | Heat | Histogram | Scatter | Calibration | Subsets;
export interface Figure { title: string; caption?: string; wide?: boolean; chart: Chart }

export interface Fact { name: string; value: string }
export interface Setting { key: string; value: string; default?: string }
export interface Input { name: string; rows?: number; bytes?: number; digest?: string; note?: string }
export interface Record {
  config?: Setting[];
  inputs?: Input[];
  seeds?: Fact[];
  versions?: Fact[];
  machine?: Fact[];
  commands?: { purpose: string; line: string }[];
  files?: { path: string; what: string; bytes?: number }[];
}
