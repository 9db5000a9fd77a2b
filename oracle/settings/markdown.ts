/** The table of settings for the docs. */

import { rowsOf, type SettingRow } from "./rows.ts";
import { settings } from "./table.ts";

/** One row a setting, in the order of the table. */
export function settingsMarkdown(): string {
  const rows = rowsOf(settings).map(
    (row) => `| \`${row.name}\` | ${typeText(row)} | ${standardText(row)} | ${meaning(row)} |`,
  );
  return ["| setting | what | default | meaning |", "|---|---|---|---|", ...rows].join("\n");
}

function typeText({ type, unit }: SettingRow): string {
  return unit === undefined ? type : `${type}, ${unit}`;
}

function standardText({ standard, required, otherwise }: SettingRow): string {
  if (required) return "required";
  if (otherwise !== undefined) return otherwise;
  if (standard === null) return "";
  return `\`${JSON.stringify(standard).replace(/^"(.*)"$/, "$1")}\``;
}

function meaning({ description, sensitive }: SettingRow): string {
  return sensitive === true ? `${description}. Never shown` : description;
}
