/** Term sheets with every address, some of them from a file of bindings. */

import { bindAddresses, readBindings } from "../terms/onchain/bind.ts";
import type { Problem } from "../terms/findings.ts";
import type { Agreement } from "../terms/model.ts";
import { readAgreement } from "./evaluate.ts";
import { UsageError } from "./output.ts";
import { readSource } from "./terms.ts";

/** @throws UsageError with every problem of the sheet and of the bindings */
export function readBoundAgreement(file: string, bindFile: string | undefined): Agreement {
  const sheet = readAgreement(file);
  const { bindings, problems } =
    bindFile === undefined ? { bindings: new Map<string, string>(), problems: [] } : readBindings(readSource(bindFile));
  const bound = bindAddresses(sheet, bindings);
  // A binding that can't be read would be missing too: its own problem says more.
  const named = new Set(problems.map(({ path }) => path));
  const all = [...problems, ...bound.problems.filter(({ path }) => !named.has(path))];
  if (bound.agreement !== null && all.length === 0) return bound.agreement;
  const where = bindFile ?? file;
  const hint = bindFile === undefined ? "\naddresses that the term sheet leaves out come from a file: --bind FILE" : "";
  throw new UsageError(all.map((problem) => line(where, problem)).join("\n") + hint);
}

function line(file: string, { path, line: at, message }: Problem): string {
  return `${file}${at === null ? "" : `:${at}`} ${path}: ${message}`;
}
