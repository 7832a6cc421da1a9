// Elements from code. Text becomes a text node, never markup; nothing here reads HTML.

type Child = Node | string | null | undefined | false;
type Attributes = { [name: string]: string | number | boolean | undefined };

const SVG = "http://www.w3.org/2000/svg";

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child);
  }
  return element;
}

export function el<K extends keyof HTMLElementTagNameMap>(
  name: K, attributes: Attributes = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(name), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  name: K, attributes: Attributes = {}, ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** A stroked icon on a 24 by 24 grid. */
export function icon(path: string): SVGSVGElement {
  return svg(
    "svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" },
    svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 2.4, "stroke-linecap": "round", "stroke-linejoin": "round" }),
  );
}

export const ICON = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  question: "M8.6 9a3.5 3.5 0 1 1 5.4 2.9c-1.3.9-2 1.5-2 2.9M12 18.6v.1",
  dot: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10z",
  info: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18zM12 11.2v5M12 7.8v.1",
  caution: "M12 3.5L22 20.5H2zM12 10v4.5M12 17.4v.1",
  pause: "M9 6v12M15 6v12",
  run: "M8 5.5l10 6.5-10 6.5z",
};

/**
 * The text with control characters and direction overrides made visible as `\u{…}`: they could
 * turn a line around or hide a part of it. Line breaks and tabs stay.
 */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);
}

let serial = 0;

/** An id that no other element of the page has. */
export function id(stem: string): string {
  serial += 1;
  return `${stem}-${serial}`;
}

/** Copies text, and says so beside the button for a moment. */
export function copyButton(label: string, text: () => string): HTMLElement {
  const button = el("button", { type: "button", class: "quiet" }, label);
  const said = el("span", { class: "said", role: "status" });
  button.addEventListener("click", () => {
    copy(text()).then(
      () => { said.textContent = "copied"; },
      () => { said.textContent = "the browser refused"; },
    ).finally(() => setTimeout(() => { said.textContent = ""; }, 2500));
  });
  return el("span", { class: "copy" }, button, said);
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Some browsers have no clipboard for local files: select and copy the old way.
    const area = el("textarea", { class: "offscreen", "aria-hidden": "true", tabindex: -1 });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("no way to copy");
  }
}
