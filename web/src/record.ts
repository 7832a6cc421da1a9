// The record: commands, data, configuration, seeds, versions, machine, files.
import type { Fact, Record, Setting } from "./document";
import { copyButton, el } from "./dom";
import { bytes, count } from "./number";

export function record(data: Record): HTMLElement {
  const parts: HTMLElement[] = [];
  const part = (title: string, content: HTMLElement, wide = false) => parts.push(
    el("section", { class: wide ? "panel wide" : "panel" }, el("h3", {}, title), content),
  );
  if (data.commands?.length) {
    part("Commands", el("div", {}, ...data.commands.map(({ purpose, line }) => code(line, purpose))), true);
  }
  if (data.inputs?.length) {
    part("Data", el("ul", { class: "plain" }, ...data.inputs.map((input) => el(
      "li", {},
      el("strong", {}, input.name),
      el("span", { class: "detail" }, [
        input.rows === undefined ? "" : `${count(input.rows)} rows`,
        input.bytes === undefined ? "" : bytes(input.bytes),
        input.note ?? "",
      ].filter(Boolean).join(" · ")),
      input.digest && el("code", { class: "digest" }, input.digest),
    ))));
  }
  if (data.config?.length) part("Configuration", config(data.config));
  const facts: [string, Fact[] | undefined][] = [["Seeds", data.seeds], ["Versions", data.versions], ["Machine and time", data.machine]];
  for (const [title, list] of facts) {
    if (list?.length) {
      part(title, el("dl", { class: "list" }, ...list.map(({ name, value }) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
    }
  }
  if (data.files?.length) {
    part("Files of the run", el("ul", { class: "plain" }, ...data.files.map((file) => el(
      "li", {}, link(file.path),
      el("span", { class: "detail" }, file.bytes === undefined ? file.what : `${file.what} · ${bytes(file.bytes)}`),
    ))));
  }
  return el("div", { class: "grid" }, ...parts);
}

/** A command with its purpose and a copy button. */
export function code(line: string, caption?: string): HTMLElement {
  const name = caption ?? "Code";
  return el(
    "div", { class: "code" },
    el("div", { class: "code-head" }, el("span", {}, caption ?? ""), copyButton("Copy", () => line)),
    el("pre", { tabindex: 0, role: "region", "aria-label": name }, el("code", {}, line)),
  );
}

/** What differs from the defaults first, marked by a word; the rest behind a toggle where it is long. */
function config(settings: Setting[]): HTMLElement {
  const changed = settings.filter((setting) => setting.default !== setting.value);
  const rest = settings.filter((setting) => setting.default === setting.value);
  const out = el("div", {});
  if (changed.length > 0) {
    out.append(el("dl", { class: "list config" }, ...changed.map(({ key, value, default: usual }) => el(
      "div", { class: "changed" }, el("dt", {}, el("code", {}, key)),
      el("dd", {}, el("code", {}, value), el("span", { class: "detail" }, usual === undefined ? "given" : `changed from ${usual}`)),
    ))));
  }
  if (rest.length > 0) {
    const list = el("dl", { class: "list config" }, ...rest.map(({ key, value }) => el(
      "div", {}, el("dt", {}, el("code", {}, key)), el("dd", {}, el("code", {}, value)),
    )));
    out.append(el("details", {}, el("summary", {}, `${count(rest.length)} at ${rest.length === 1 ? "its default" : "their defaults"}`), list));
  }
  return out;
}

/** A link only to a file inside the run directory: relative, no scheme, no way up. */
function link(path: string): HTMLElement {
  const parts = path.split("/");
  const inside = path !== "" && !path.startsWith("/") && !/[\\:]/.test(path) && !parts.includes("..");
  const text = el("code", {}, path);
  return inside ? el("a", { href: `./${parts.map(encodeURIComponent).join("/")}` }, text) : text;
}
