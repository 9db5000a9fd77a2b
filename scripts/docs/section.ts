/** Sections of documents that programs write, between two comments. */

/** The document with the section's content replaced; null when it has no such section. */
export function withSection(document: string, name: string, content: string): string | null {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) return null;
  return `${document.slice(0, from)}${begin}\n\n${content.trim()}\n\n${document.slice(to)}`;
}

/** A Markdown table; the first row is the header. Columns from `right` on are numbers. */
export function markdownTable(rows: readonly (readonly string[])[], right = Infinity): string {
  const [header = [], ...body] = rows;
  const rule = header.map((_, k) => (k >= right ? "---:" : "---"));
  return [header, rule, ...body]
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}
