/** The manifest of a finished export (Bulk Data Access 1.0 to 3.0): which files there are, and what was deleted or went wrong. */

import { z } from "zod";

import { plain, ServerError, shown } from "./errors.ts";
import { instantOf } from "./settings.ts";

const listed = z.object({
  /** Absent when the server sorts its files by something else than type. */
  type: z
    .string()
    .regex(/^[A-Z][A-Za-z]{1,63}$/, { error: "expected the name of a resource type" })
    .nullish(),
  url: z.string({ error: "expected a URL" }).min(1, { error: "expected a URL" }),
  /** Resources, so lines. */
  count: z.int({ error: "expected a whole number" }).min(0, { error: "expected 0 or more" }).nullish(),
});

const list = z
  .array(listed, { error: "expected a list of files" })
  .nullish()
  .transform((files) => files ?? []);

const manifest = z.object(
  {
    transactionTime: z
      .string({ error: "expected an instant" })
      .refine((written) => instantOf(written) !== null, { error: "expected an instant such as 2026-01-31T00:00:00Z" }),
    requiresAccessToken: z.boolean({ error: "expected true or false" }),
    output: z.array(listed, { error: "expected a list of files" }),
    deleted: list,
    error: list,
    link: z
      .array(z.object({ relation: z.string(), url: z.string() }))
      .nullish()
      .transform((links) => links ?? []),
  },
  { error: "expected an object" },
);

export type ExportManifest = z.infer<typeof manifest>;
export type ListedFile = z.infer<typeof listed>;

/**
 * @param url Where it came from, for messages.
 * @throws ServerError that names every place that is not as it must be
 */
export function parseManifest(document: unknown, url: string): ExportManifest {
  // Numbers of unusual form come as objects that only JSON.stringify knows.
  const value: unknown = document === undefined ? undefined : JSON.parse(JSON.stringify(document));
  const result = manifest.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, 5).map(({ path, message }) => {
    const found = path.reduce<unknown>(
      (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
      value,
    );
    const words = found === undefined ? "nothing" : plain(JSON.stringify(found), 60);
    return `${path.join(".") || "the manifest"}: found ${words}, ${message}`;
  });
  throw new ServerError(`${shown(url)}: ${problems.join("; ")}`);
}
