// Tables: sortable within their groups, with a copy as CSV.
import type { Cell, Column, Row, Table } from "./document";
import { copyButton, el, id } from "./dom";
import { count, intervalTag, num, suffix, write, writeInterval } from "./number";

/** More rows than this are not put on the page at once; the CSV has all. */
const SHOWN = 500;

const MISSING: Cell = { cell: "missing" };

interface Group { heading: Row | null; rows: Row[] }

/** The table with its scroll area and its tools. `name` labels it where it has no title of its own. */
export function table(data: Table, name = data.title): HTMLElement {
  const groups = grouped(data.rows);
  const whole = el("table", groups.some((group) => group.heading) ? { class: "grouped" } : {});
  const head = el("tr", {});
  const state = { column: -1, down: false };
  const bodies = () => {
    whole.querySelectorAll("tbody").forEach((body) => body.remove());
    let left = SHOWN;
    for (const group of groups) {
      if (left <= 0) break;
      whole.append(body(data, group, sorted(group.rows, data.columns, state).slice(0, left)));
      left -= group.rows.length;
    }
  };
  data.columns.forEach((column, at) => {
    const button = el("button", { type: "button", class: "sort" }, ...header(data, column, at));
    const cell = el("th", { scope: "col", class: align(column) }, button);
    if (column.baseline) cell.classList.add("baseline");
    button.addEventListener("click", () => {
      const again = state.column === at;
      // Texts ascend first, numbers descend first, a third click restores the order of the report.
      const first = column.kind === "number" || column.kind === "estimate";
      if (again && state.down !== first) state.column = -1;
      else [state.column, state.down] = again ? [at, !state.down] : [at, first];
      head.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
      if (state.column >= 0) cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      bodies();
    });
    head.append(cell);
  });
  whole.append(el("thead", {}, head));
  bodies();
  const rows = groups.reduce((sum, group) => sum + group.rows.length, 0);
  const tools = el("div", { class: "tools" }, rows > 0 && copyButton("Copy as CSV", () => csv(data)));
  if (rows > SHOWN) tools.append(el("span", {}, `first ${count(SHOWN)} of ${count(rows)} rows; the CSV has all`));
  if (rows === 0) tools.append(el("span", {}, "No rows yet."));
  const scroll = el("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": `Table: ${name || "data"}` }, whole);
  return el("div", { class: "table" }, scroll, tools);
}

/** A table with its title and caption as a block of a section. */
export function tableBlock(data: Table): HTMLElement {
  const heading = id("table");
  return el(
    "section", data.title ? { class: "panel", "aria-labelledby": heading } : { class: "panel" },
    data.title && el("h3", { id: heading }, data.title),
    data.caption && el("p", { class: "caption" }, data.caption),
    table(data),
  );
}

function grouped(rows: Row[]): Group[] {
  const groups: Group[] = [];
  for (const row of rows) {
    if (row.kind === "heading") groups.push({ heading: row, rows: [] });
    else if (groups.length === 0) groups.push({ heading: null, rows: [row] });
    else groups[groups.length - 1]?.rows.push(row);
  }
  return groups;
}

function header(data: Table, column: Column, at: number): (Node | string)[] {
  const parts: (Node | string)[] = [column.name];
  const unit = suffix(column.format);
  if (unit) parts.push(el("span", { class: "unit" }, ` (${unit})`));
  if (column.kind === "estimate") {
    const tag = tagOf(data, at);
    if (tag) parts.push(el("span", { class: "unit" }, ` [${tag}]`));
  }
  return parts;
}

/** "95 %", "spread", "interval" where they differ, nothing without intervals. */
function tagOf(data: Table, at: number): string | null {
  const tags = new Set<string>();
  for (const row of data.rows) {
    const cell = row.cells[at];
    if (cell?.cell === "estimate" && cell.is.interval) tags.add(intervalTag(cell.is.interval));
  }
  const [first] = tags;
  if (first === undefined) return null;
  return tags.size === 1 ? first : "interval";
}

function align(column: Column): string {
  return column.kind === "number" || column.kind === "estimate" ? "number" : "text";
}

function body(data: Table, group: Group, rows: Row[]): HTMLTableSectionElement {
  const part = el("tbody", {});
  if (group.heading) {
    const text = group.heading.cells[0];
    const label = text?.cell === "text" ? text.is : "";
    part.append(el("tr", { class: "heading" }, el("th", { scope: "rowgroup", colspan: data.columns.length }, el("span", {}, label))));
  }
  for (const row of rows) {
    const line = el("tr", row.kind && row.kind !== "plain" ? { class: row.kind } : {});
    data.columns.forEach((column, at) => line.append(field(column, row.cells[at] ?? MISSING, at === 0)));
    part.append(line);
  }
  return part;
}

function field(column: Column, cell: Cell, first: boolean): HTMLElement {
  const out = first ? el("th", { scope: "row", class: align(column) }) : el("td", { class: align(column) });
  if (column.baseline) out.classList.add("baseline");
  if (cell.cell === "text") {
    out.append(column.kind === "code" ? el("code", {}, cell.is) : cell.is);
  } else if (cell.cell === "estimate") {
    out.append(write(column.format, cell.is.value));
    if (cell.is.interval) out.append(el("span", { class: "interval" }, ` ${writeInterval(column.format, cell.is.interval)}`));
    if (cell.is.n !== undefined) out.title = `n = ${count(cell.is.n)}`;
  } else {
    out.append(write(column.format, cell.cell === "number" ? cell.is : null));
  }
  return out;
}

function key(cell: Cell): string | number {
  if (cell.cell === "text") return cell.is;
  if (cell.cell === "number") return num(cell.is);
  return cell.cell === "estimate" ? num(cell.is.value) : NaN;
}

function sorted(rows: Row[], columns: Column[], state: { column: number; down: boolean }): Row[] {
  if (!columns[state.column]) return rows;
  const sign = state.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [key(a.cells[state.column] ?? MISSING), key(b.cells[state.column] ?? MISSING)];
    if (typeof x === "number" && typeof y === "number") {
      // What is missing goes last in either direction.
      if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
      return sign * (x - y);
    }
    return sign * String(x).localeCompare(String(y), "en", { numeric: true });
  });
}

/** The same CSV as `Table::csv` on the Rust side. */
export function csv(data: Table): string {
  const hasGroups = data.rows.some((row) => row.kind === "heading");
  const head = hasGroups ? ["group"] : [];
  for (const column of data.columns) {
    head.push(column.name);
    if (column.kind === "estimate") head.push(...["low", "high", "n"].map((part) => `${column.name} ${part}`));
  }
  const lines = [head];
  for (const group of grouped(data.rows)) {
    const label = group.heading?.cells[0];
    for (const row of group.rows) {
      const line = hasGroups ? [label?.cell === "text" ? label.is : ""] : [];
      data.columns.forEach((column, at) => {
        const cell = row.cells[at] ?? MISSING;
        const value = key(cell);
        line.push(typeof value === "string" ? value : plain(value));
        if (column.kind !== "estimate") return;
        const estimate = cell.cell === "estimate" ? cell.is : undefined;
        line.push(plain(num(estimate?.interval?.low)), plain(num(estimate?.interval?.high)), estimate?.n?.toString() ?? "");
      });
      lines.push(line);
    }
  }
  return lines.map((line) => `${line.map(quote).join(",")}\n`).join("");
}

function plain(value: number): string {
  if (Number.isNaN(value)) return "";
  return Number.isFinite(value) ? String(value) : value > 0 ? "inf" : "-inf";
}

function quote(text: string): string {
  return /[,"\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
