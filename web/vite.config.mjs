// Builds the page's one script and one style sheet into dist/; scripts/assemble.mjs makes the
// single HTML file of them. The list of bundled packages goes to dist/packages.json, for their
// licence texts.
import { defineConfig } from "vite";

const packages = {
  name: "list-packages",
  generateBundle(_, bundle) {
    const names = new Set();
    for (const chunk of Object.values(bundle)) {
      for (const id of Object.keys(chunk.modules ?? {})) {
        const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id);
        if (match) names.add(match[1]);
      }
    }
    this.emitFile({ type: "asset", fileName: "packages.json", source: JSON.stringify([...names].sort()) });
  },
};

export default defineConfig({
  plugins: [packages],
  build: {
    target: "es2022",
    sourcemap: false,
    lib: { entry: "src/main.ts", formats: ["iife"], name: "suffit", fileName: () => "report.js", cssFileName: "report" },
  },
});
