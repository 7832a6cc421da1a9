// Puts a document into the built page as crates/report does (`html`): the three marks, the escapes.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const page = readFileSync(join(here, "..", "..", "crates", "report", "assets", "report.html"), "utf8");

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const text = (value) => value.replace(/[&<>"]/g, (c) => escapes[c]);
const inert = (json) => json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

export function render(document) {
  const [head, rest] = page.split("<!--suffit:title-->");
  const [middle, tail] = rest.split("<!--suffit:plain-->");
  const [second, end] = tail.split("<!--suffit:document-->");
  return [head, text(document.title), middle, "", second, inert(JSON.stringify(document)), end].join("");
}

export function sample() {
  return JSON.parse(readFileSync(join(here, "sample.json"), "utf8"));
}
