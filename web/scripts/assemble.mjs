// Makes crates/report/assets/report.html of dist/report.js and dist/report.css: everything inline,
// a content security policy with the hashes of exactly these two texts, and the three marks that
// the Rust side fills in. The same sources give the same bytes.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(web, "..", "crates", "report", "assets", "report.html");

const script = readFileSync(join(web, "dist", "report.js"), "utf8").trim();
const style = readFileSync(join(web, "dist", "report.css"), "utf8").trim();
for (const [name, text] of [["script", script], ["style", style]]) {
  const bad = /<\/script|<script|<!--|<\/style/i.exec(text);
  if (bad) throw new Error(`the built ${name} holds ${bad[0]}, which would end or change its element`);
}

const hash = (text) => `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="suffit">
<title><!--suffit:title--></title>
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<noscript><main><pre><!--suffit:plain--></pre></main></noscript>
<script type="application/json" id="suffit-document"><!--suffit:document--></script>
<script>${script}</script>
</body>
</html>
<!--
The script above holds parts of the packages named here.

${licences().replaceAll("--", "- -")}
-->
`;

mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, html);
process.stdout.write(`report.html: ${html.length.toLocaleString("en")} bytes\n`);

/** Names and copyright lines of the bundled packages, grouped by the licence text they share. */
function licences() {
  const names = JSON.parse(readFileSync(join(web, "dist", "packages.json"), "utf8"));
  // D3's packages come with their own dependencies inside; Plot's are separate modules, listed already.
  for (const name of names) {
    if (name === "@observablehq/plot") continue;
    const { dependencies = {} } = JSON.parse(readFileSync(join(web, "node_modules", name, "package.json"), "utf8"));
    names.push(...Object.keys(dependencies).filter((other) => !names.includes(other)));
  }
  names.sort();
  const groups = new Map();
  for (const name of names) {
    const folder = join(web, "node_modules", name);
    const file = existsSync(folder) && readdirSync(folder).sort().find((f) => /^(licen[cs]e|unlicense)/i.test(f));
    if (!file) throw new Error(`${name} is bundled but has no licence file`);
    const lines = readFileSync(join(folder, file), "utf8").replaceAll("\r", "").trim().split("\n");
    const copyright = lines.filter((line) => /^\s*copyright\s+(\(c\)|©|\d)/i.test(line)).map((line) => line.trim());
    const text = lines.filter((line) => !/^\s*copyright\s+(\(c\)|©|\d)/i.test(line)).join("\n").replace(/\n{3,}/g, "\n\n").trim();
    const key = text.replace(/\s+/g, " ");
    const group = groups.get(key) ?? { text, packages: [] };
    group.packages.push([name, ...copyright].join(" · "));
    groups.set(key, group);
  }
  return [...groups.values()].map((g) => `${g.packages.join("\n")}\n\n${g.text}`).join("\n\n==========\n\n");
}
