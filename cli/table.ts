/** Columns of text, aligned. */

/** The first line is the header. Columns from `right` on are numbers and stand to the right. */
export function table(rows: readonly (readonly string[])[], right = Infinity): string[] {
  const widths = (rows[0] ?? []).map((_, k) => rows.reduce((width, row) => Math.max(width, row[k]?.length ?? 0), 0));
  return rows.map((row) =>
    row
      .map((cell, k) => (k >= right ? cell.padStart(widths[k] ?? 0) : cell.padEnd(widths[k] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
