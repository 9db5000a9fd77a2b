/** JSON that keeps numbers as they were written: `5.40` stays `5.40`, which a double would not. */

interface Source {
  readonly source?: string;
}

/** ECMAScript 2026, there in Node 22 and later; TypeScript's library does not name it yet. */
const json = JSON as typeof JSON & { rawJSON(text: string): unknown };

/** @throws SyntaxError */
export function parseLossless(text: string): unknown {
  return JSON.parse(text, function (_key, value: unknown, ...rest: unknown[]): unknown {
    if (typeof value !== "number") return value;
    const { source } = (rest[0] ?? {}) as Source;
    return source === undefined || String(value) === source ? value : json.rawJSON(source);
  });
}
