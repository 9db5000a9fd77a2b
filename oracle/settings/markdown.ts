/** The table of settings for the docs. */

import { rowsOf, type SettingRow } from "./rows.ts";
import { settings } from "./table.ts";

const HEAD = `# Settings of an operator's node

One YAML file, given as \`--config FILE\` to \`oracle start\` and \`oracle once\`. Every problem in it is reported at once. Files are
relative to the settings' own file. Secrets never stand in it: it names the environment variables and the files that
hold them. This page is written from the program by \`npm run docs\`.
`;

/** One row a setting, in the order of the table. */
export function settingsMarkdown(): string {
  const rows = rowsOf(settings).map(
    (row) => `| \`${row.name}\` | ${typeText(row)} | ${standardText(row)} | ${meaning(row)} |`,
  );
  return [HEAD, "| setting | what | default | meaning |", "|---|---|---|---|", ...rows, ""].join("\n");
}

function typeText({ type, unit }: SettingRow): string {
  return unit === undefined ? type : `${type}, ${unit}`;
}

function standardText({ standard, required, otherwise }: SettingRow): string {
  if (otherwise !== undefined) return otherwise;
  if (required) return "required";
  if (standard === null) return "";
  return `\`${JSON.stringify(standard).replace(/^"(.*)"$/, "$1")}\``;
}

function meaning({ description, sensitive }: SettingRow): string {
  return sensitive === true ? `${description}. Shown nowhere` : description;
}
