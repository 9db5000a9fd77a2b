/**
 * Documents that are written from the program. Without arguments it fails when one is stale; with `--write` it writes
 * them.
 */
import { readFileSync, writeFileSync } from "node:fs";

import { format } from "prettier";

import { settingsMarkdown } from "../../oracle/settings/markdown.ts";

/** By path from the project's root. */
const documents: Readonly<Record<string, () => string | Promise<string>>> = {
  "docs/settings.md": settingsMarkdown,
};

const isWriting = process.argv.includes("--write");
for (const [path, write] of Object.entries(documents)) {
  const file = new URL(`../../${path}`, import.meta.url);
  const text = await format(await write(), { filepath: path, printWidth: 120 });
  if (isWriting) {
    writeFileSync(file, text);
  } else if (text !== read(file)) {
    console.error(`${path} is stale: run \`npm run docs\` and commit it`);
    process.exitCode = 1;
  }
}

function read(file: URL): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
