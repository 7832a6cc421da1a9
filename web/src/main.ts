// Reads the document out of the page and puts the report on the screen.
import "./style.css";
import { assign } from "./colour";
import type { Document } from "./document";
import { el, visible } from "./dom";
import { redraw } from "./figure";
import { page } from "./page";

function start(): void {
  const root = document.getElementById("page");
  const source = document.getElementById("suffit-document");
  if (!root || !source) return;
  try {
    const report = JSON.parse(source.textContent ?? "", (_, value: unknown) => (typeof value === "string" ? visible(value) : value)) as Document;
    assign(report);
    root.replaceChildren(...page(report));
  } catch (error) {
    root.replaceChildren(el(
      "main", {}, el("h1", {}, "This report cannot be shown"),
      el("p", {}, "The file seems to be damaged or cut short. Make it again with: suffit report RUN"),
      el("p", { class: "detail" }, String(error)),
    ));
    return;
  }
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(query).addEventListener("change", () => redraw.forEach((draw) => draw()));
  }
}

start();
