// The page: header, answer, key figures, evidence, limits, record.
import { banner, limits, sentence } from "./banner";
import type { Block, Card, Document, Section, Status } from "./document";
import { ICON, el, icon, id } from "./dom";
import { figure } from "./figure";
import { count, writeInterval, writeWithUnit } from "./number";
import { code, record } from "./record";
import { tableBlock } from "./table";

export function page(report: Document): HTMLElement[] {
  const entries: { id: string; title: string }[] = [];
  const part = (title: string, stem: string, ...children: (Node | null)[]) => {
    const [anchor, heading] = [id(stem), id("heading")];
    entries.push({ id: anchor, title });
    return el("section", { id: anchor, class: "part", "aria-labelledby": heading }, el("h2", { id: heading }, title), ...children);
  };
  const main = el("main", {});
  if (report.verdicts?.length) {
    main.append(el("div", { class: "verdicts" }, ...report.verdicts.map(banner)));
  }
  if (report.cards?.length) {
    main.append(part("Key figures", "figures", el("ul", { class: "cards" }, ...report.cards.map(card))));
  }
  for (const section of report.sections ?? []) main.append(part(section.title, "section", ...blocks(section)));
  if (report.limits?.length) main.append(part("Limits", "limits", el("div", { class: "panel" }, limits(report.limits))));
  if (Object.values(report.record).some((list) => Array.isArray(list) && list.length > 0)) {
    main.append(part("Record", "record", record(report.record)));
  }
  if (main.children.length === 0) {
    main.append(el("p", { class: "panel empty" }, "Nothing to show yet: the run has no results so far."));
  }
  return [header(report, entries), main];
}

function header(report: Document, entries: { id: string; title: string }[]): HTMLElement {
  const out = el(
    "header", { class: "top" },
    el("p", { class: "method" }, el("span", { class: "brand" }, "suffit"), el("span", {}, report.method)),
    el("h1", {}, report.title),
    report.summary && el("p", { class: "summary" }, report.summary),
    status(report.status),
  );
  if (entries.length > 1) {
    out.append(el(
      "nav", { "aria-label": "Parts of the report" },
      ...entries.map((entry) => el("a", { href: `#${entry.id}` }, entry.title)),
    ));
  }
  return out;
}

/** Nothing for a complete run; where it stands or stopped, and how to go on, for the others. */
function status(state: Status): HTMLElement | null {
  switch (state.state) {
    case "complete":
      return null;
    case "running": {
      const share = state.share === undefined ? null : Math.round(Math.min(1, Math.max(0, state.share)) * 100);
      return el(
        "section", { class: "state running", "aria-label": "Status" },
        el("p", { class: "word" }, icon(ICON.run), "Running"),
        el("p", {}, `${sentence(state.step)} This page shows what is there so far; make it again to see more.`),
        share !== null && el("div", { class: "meter" }, el("progress", { max: 100, value: share, "aria-label": "Share done" }), el("span", {}, `${share} %`)),
      );
    }
    case "interrupted":
      return el(
        "section", { class: "state interrupted", "aria-label": "Status" },
        el("p", { class: "word" }, icon(ICON.pause), "Interrupted"),
        el("p", {}, `Stopped ${state.at}. What follows is what was there then.`),
        code(state.resume, "Go on from there"),
      );
    case "failed":
      return el(
        "section", { class: "state failed", "aria-label": "Status" },
        el("p", { class: "word" }, icon(ICON.cross), "Failed"),
        el("p", {}, `Stopped ${state.at}.`),
        el("p", { class: "cause" }, state.cause),
        state.hint && el("p", {}, el("strong", {}, "What to do: "), state.hint),
        state.resume && code(state.resume, "Go on from the last checkpoint"),
      );
  }
}

function card(data: Card): HTMLElement {
  const out = el("li", { class: "card" }, el("p", { class: "label" }, data.label));
  if (typeof data.value === "string") {
    out.append(el("p", { class: "value" }, data.value));
  } else {
    out.append(el("p", { class: "value" }, writeWithUnit(data.format, data.value.value)));
    const facts = [
      data.value.interval ? writeInterval(data.format, data.value.interval) : "",
      data.value.n === undefined ? "" : `n\u00a0=\u00a0${count(data.value.n)}`,
    ].filter(Boolean).join(" · ");
    if (facts) out.append(el("p", { class: "interval" }, facts));
  }
  if (data.baselines?.length) {
    out.append(el("dl", { class: "baselines" }, ...data.baselines.map((baseline) => el(
      "div", {}, el("dt", {}, baseline.label), el("dd", {}, writeWithUnit(data.format, baseline.value)),
    ))));
  }
  if (data.note) out.append(el("p", { class: "detail" }, data.note));
  return out;
}

/** Blocks in order; neighbouring figures share a grid. */
function blocks(section: Section): HTMLElement[] {
  const out: HTMLElement[] = [];
  let grid: HTMLElement | null = null;
  for (const item of section.blocks ?? []) {
    if (item.block === "figure") {
      if (!grid) {
        grid = el("div", { class: "grid" });
        out.push(grid);
      }
      grid.append(figure(item));
    } else {
      grid = null;
      out.push(block(item));
    }
  }
  if (out.length === 0) out.push(el("p", { class: "panel empty" }, "Nothing here yet."));
  return out;
}

function block(item: Exclude<Block, { block: "figure" }>): HTMLElement {
  switch (item.block) {
    case "paragraph": return el("p", { class: "prose" }, item.text);
    case "list": return el("ul", { class: "prose" }, ...item.items.map((text) => el("li", {}, text)));
    case "note": {
      const caution = item.tone === "caution";
      return el(
        "div", { class: `remark ${item.tone}`, role: "note" },
        icon(caution ? ICON.caution : ICON.info),
        el("p", {}, caution && el("strong", {}, "Caution: "), item.text),
      );
    }
    case "table": return tableBlock(item);
    case "code": return code(item.text, item.caption);
  }
}
