// Opens the layout sample in a headless browser and checks what a reader relies on.
//
// The browser is $CHROMIUM or /usr/bin/chromium; nothing is downloaded. SUFFIT_SKIP_BROWSER=1 leaves
// the browser out and says so.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createServer } from "vite";
import { render, sample } from "./render.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const shared = join(here, "..", "..", "crates", "report", "tests");
const hostile = "<img src=x onerror=alert(1)>";
let [passed, failed] = [0, 0];

async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${String(error.message ?? error).split("\n").join("\n        ")}`);
  }
}

async function modules() {
  const server = await createServer({
    root: join(here, ".."), logLevel: "error", appType: "custom", server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  const { write, bytes } = await server.ssrLoadModule("/src/number.ts");
  const cases = JSON.parse(readFileSync(join(shared, "numbers.json"), "utf8"));
  await check(`${cases.length} numbers are written as the Rust side writes them`, () => {
    assert.ok(cases.length > 20);
    for (const { format, value, text } of cases) assert.equal(write(format, value), text, JSON.stringify({ format, value }));
  });
  await check("sizes are written with a decimal unit", () => {
    assert.deepEqual([0, 999, 1000, 1_234_567, 250_000_000].map(bytes), ["0 B", "999 B", "1.0 kB", "1.2 MB", "250 MB"]);
  });
  await server.close();
}

async function browserChecks() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (process.env.SUFFIT_SKIP_BROWSER === "1") {
    console.log("skipped the browser checks: SUFFIT_SKIP_BROWSER is 1");
    return;
  }
  if (!existsSync(executablePath)) {
    await check("a browser is there", () => assert.fail(
      `no browser at ${executablePath}: install Debian's package chromium, name another one with CHROMIUM, or leave these checks out with SUFFIT_SKIP_BROWSER=1`,
    ));
    return;
  }
  const { chromium } = await import("playwright-core");
  const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const documents = states(sample());
    for (const [name, document] of Object.entries(documents)) writeFileSync(join(folder, `${name}.html`), render(document));
    const open = async (name, width, colorScheme) => opened(browser, folder, name, width, colorScheme, axe);
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [360, 1280]) await layout(await open("sample", width, colorScheme), `sample, ${width} px, ${colorScheme}`);
    }
    for (const name of Object.keys(documents).filter((name) => name !== "sample")) {
      await layout(await open(name, 360, "dark"), `${name}, 360 px, dark`);
    }
    await behaviour(await open("sample", 1280, "light"));
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The sample, and documents of runs that are not complete. */
function states(whole) {
  const bare = { title: "Layout sample of a run without results", method: "sample", record: {} };
  return {
    sample: whole,
    running: { ...whole, status: { state: "running", step: "epoch 1 of 10", share: 0.1 } },
    interrupted: { ...bare, status: { state: "interrupted", at: "after step 1", resume: "suffit fit --resume RUN" } },
    failed: { ...bare, status: { state: "failed", at: "at step 1", cause: `column ${hostile}`, hint: "an invented hint", resume: "suffit fit --resume RUN" } },
    empty: { ...bare, status: { state: "complete" } },
  };
}

/** A page that counts requests, messages and dialogs. Axe runs in an isolated world, past the page's policy. */
async function opened(browser, folder, name, width, colorScheme, axe) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  const seen = { requests: [], messages: [], dialogs: [] };
  const file = pathToFileURL(join(folder, `${name}.html`)).href;
  page.on("request", (request) => { if (request.url() !== file) seen.requests.push(request.url()); });
  page.on("console", (message) => seen.messages.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.messages.push(error.message));
  page.on("dialog", async (dialog) => { seen.dialogs.push(dialog.message()); await dialog.dismiss(); });
  await page.goto(file);
  await page.waitForFunction(() => [...document.querySelectorAll(".picture")].every((picture) => picture.childElementCount > 0));
  return { context, page, seen, axe };
}

async function layout({ context, page, seen, axe }, label) {
  await check(`${label}: no request, no message, no dialog`, () => {
    assert.deepEqual(seen, { requests: [], messages: [], dialogs: [] });
  });
  await check(`${label}: the page does not scroll sideways`, async () => {
    const size = await page.evaluate(() => ({ whole: document.documentElement.scrollWidth, window: document.documentElement.clientWidth }));
    assert.ok(size.whole <= size.window, `${size.whole} px wide in a window of ${size.window} px`);
  });
  await check(`${label}: drawings stay inside their panels`, async () => {
    const out = await page.evaluate(() => [...document.querySelectorAll(".figure")].flatMap((figure) => {
      const right = figure.getBoundingClientRect().right;
      return [...figure.querySelectorAll(".picture svg")].filter((svg) => svg.getBoundingClientRect().right > right)
        .map(() => figure.querySelector("h3")?.textContent);
    }));
    assert.deepEqual(out, []);
  });
  await check(`${label}: axe finds nothing`, async () => {
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
      const result = await globalThis.axe.run(document, { resultTypes: ["violations"] });
      return result.violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.slice(0, 4).map((n) => `  ${n.target.join(" ")} · ${n.failureSummary?.split("\n")[1] ?? ""}`).join("\n")}`);
    });
    assert.equal(violations.length, 0, violations.join("\n"));
  });
  await context.close();
}

async function behaviour({ context, page, seen }) {
  await check("a column named like an image stays text", async () => {
    assert.equal(await page.locator("img").count(), 0);
    assert.ok((await page.locator("th", { hasText: hostile }).count()) > 0, "the name is not on the page");
    assert.ok((await page.locator("th", { hasText: "</script><script>alert(1)</script>" }).count()) > 0);
    assert.equal(await page.locator("script").count(), 2);
  });
  await check("control characters are made visible", async () => {
    const text = await page.locator("main").innerText();
    assert.ok(text.includes("\\u{1b}[31mred") && text.includes("\\u{202e}turned"));
  });
  const table = page.locator(".panel > .table").first();
  await check("a header sorts down, up and back, within groups", async () => {
    const column = async () => table.locator("tbody tr:not(.heading) > :nth-child(2)").evaluateAll((cells) => cells.map((c) => parseFloat(c.textContent)));
    const original = await column();
    const header = table.locator("thead button").nth(1);
    await header.click();
    assert.deepEqual(await column(), [0.75, 0.3, 0.2, 0.92, 0.9]);
    assert.equal(await table.locator("th[aria-sort]").getAttribute("aria-sort"), "descending");
    await header.click();
    assert.deepEqual(await column(), [0.2, 0.3, 0.75, 0.9, 0.92]);
    await header.click();
    assert.deepEqual(await column(), original);
  });
  await check("copy as CSV gives the CSV of the Rust side", async () => {
    await table.getByRole("button", { name: "Copy as CSV" }).click();
    await table.getByText("copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), readFileSync(join(shared, "retrieval.csv"), "utf8"));
  });
  const figure = page.locator(".figure").first();
  await check("a figure's data opens as a table", async () => {
    await figure.locator("summary").click();
    // The browser tells the page of the opening in a later task.
    await figure.locator("tbody tr").first().waitFor();
    assert.equal(await figure.locator("tbody tr").count(), 3 * 21 + 2);
  });
  await check("hover shows the exact value and n", async () => {
    const box = await figure.locator(".picture").boundingBox();
    await page.mouse.move(box.x + box.width * 0.45, box.y + box.height * 0.3);
    const tip = figure.locator('[aria-label="tip"] text');
    await tip.waitFor();
    const text = await tip.textContent();
    assert.match(text, /ours/);
    assert.match(text, /0\.\d{5} \[0\.\d{5}, 0\.\d{5}\]/);
    assert.match(text, /n = 1,000/);
  });
  await check("a series has one colour in every figure", async () => {
    const colours = await page.evaluate(() => {
      const found = {};
      for (const svg of document.querySelectorAll(".picture svg")) {
        for (const text of svg.querySelectorAll("text")) {
          if (text.textContent !== "ours") continue;
          const owner = text.closest("svg").parentElement;
          const used = [...owner.querySelectorAll("[fill^='var(--series'],[stroke^='var(--series']")].map((e) => e.getAttribute("fill")?.startsWith("var(--s") ? e.getAttribute("fill") : e.getAttribute("stroke"));
          (found.ours ??= []).push(used[0]);
        }
      }
      return found;
    });
    assert.ok(colours.ours.length >= 3);
    assert.deepEqual([...new Set(colours.ours)], ["var(--series-1)"]);
  });
  await check("headings are in order and every figure has a name", async () => {
    const levels = await page.locator("h1, h2, h3, h4").evaluateAll((list) => list.map((h) => Number(h.tagName[1])));
    assert.equal(levels[0], 1);
    levels.reduce((before, now) => { assert.ok(now <= before + 1, `h${before} is followed by h${now}`); return now; });
    const unnamed = await page.locator('.picture:not([aria-label]), .picture[aria-label=""]').count();
    assert.equal(unnamed, 0);
  });
  await check("print is light, without buttons, and draws again", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const look = await page.evaluate(() => ({
      ink: getComputedStyle(document.body).color,
      tools: getComputedStyle(document.querySelector(".tools")).display,
    }));
    assert.deepEqual(look, { ink: "rgb(27, 31, 36)", tools: "none" });
    await page.emulateMedia({ media: "screen", colorScheme: "light" });
  });
  await check("no request, message or dialog while it was used", () => {
    assert.deepEqual(seen, { requests: [], messages: [], dialogs: [] });
  });
  await context.close();
}

await modules();
await browserChecks();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
