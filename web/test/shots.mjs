// Pictures of the layout sample to look at: node test/shots.mjs FOLDER [DOCUMENT.json]
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { render, sample } from "./render.mjs";

const [folder, document] = process.argv.slice(2);
if (!folder) throw new Error("usage: node test/shots.mjs FOLDER [DOCUMENT.json]");
mkdirSync(folder, { recursive: true });
const file = join(mkdtempSync(join(tmpdir(), "shots-")), "report.html");
writeFileSync(file, render(document ? JSON.parse(readFileSync(document, "utf8")) : sample()));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1280]) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    page.on("console", (message) => process.stderr.write(`${message.type()}: ${message.text()}\n`));
    page.on("pageerror", (error) => process.stderr.write(`error: ${error.message}\n${error.stack}\n`));
    await page.goto(`file://${file}`);
    await page.waitForTimeout(300);
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    const part = width < 720 ? 1800 : 1400;
    for (let top = 0; top < whole; top += part) {
      const name = join(folder, `${width}-${colorScheme}-${top / part}.png`);
      await page.screenshot({ path: name, fullPage: true, clip: { x: 0, y: top, width, height: Math.min(part, whole - top) } });
      process.stdout.write(`${name}\n`);
    }
    await page.close();
  }
}
await browser.close();
