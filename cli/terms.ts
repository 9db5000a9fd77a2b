/** `terms check`, `terms explain` and `terms hash`. */

import { readFileSync } from "node:fs";

import type { Command } from "commander";

import { explain } from "../terms/explain.ts";
import { renderText } from "../terms/explain/text.ts";
import type { Problem } from "../terms/findings.ts";
import { MAX_PACKED, packedSize } from "../terms/onchain/pack.ts";
import { readTerms, type ReadTerms } from "../terms/read.ts";
import type { Context } from "./main.ts";
import { registerHash } from "./terms/hash.ts";
import { EXIT, note, print, printJson, UsageError } from "./output.ts";

/** Adds `terms` to the program and returns it, so that other modules can add to it. */
export function registerTerms(program: Command, context: Context): Command {
  const terms = program.command("terms").description("Term sheets: check, explain, hash");
  terms
    .command("check")
    .description("Validate term sheets and print every problem with its path")
    .argument("<files...>", "term sheets or scenarios")
    .option("--json", "print one JSON document")
    .action((files: string[], options: { json?: boolean }) => {
      context.exitCode = check(files, options.json === true);
    });
  terms
    .command("explain")
    .description("Say in plain language who pays whom, when and how much, and what each party must fund")
    .argument("<file>", "a term sheet or a scenario")
    .option("--json", "print one JSON document")
    .action((file: string, options: { json?: boolean }) => {
      const { agreement, problems, warnings } = readTerms(readSource(file));
      if (agreement === null) {
        if (options.json === true) printJson({ file, ok: false, problems });
        else for (const problem of problems) print(line(file, problem));
        context.exitCode = EXIT.finding;
        return;
      }
      for (const warning of warnings) note(line(file, { ...warning, message: `warning: ${warning.message}` }));
      const explanation = explain(agreement);
      if (options.json === true) printJson(explanation);
      else print(renderText(explanation));
    });
  registerHash(terms);
  return terms;
}

/** Checks every file even when one can't be read: exit 2 then, else 1 with a problem anywhere, else 0. */
function check(files: readonly string[], json: boolean): number {
  let exitCode: number = EXIT.success;
  const results: unknown[] = [];
  for (const file of files) {
    let read: ReadTerms;
    try {
      read = readTerms(readSource(file));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      exitCode = EXIT.usage;
      results.push({
        file,
        ok: false,
        title: null,
        size: null,
        problems: [{ path: "", line: null, message: error.message }],
        warnings: [],
      });
      if (!json) note(`error: ${error.message}`);
      continue;
    }
    const { agreement, warnings } = read;
    const size = agreement === null ? null : packedSize(agreement);
    const problems = size !== null && size > MAX_PACKED ? [...read.problems, tooLarge(size)] : read.problems;
    const ok = problems.length === 0;
    if (!ok && exitCode === EXIT.success) exitCode = EXIT.finding;
    results.push({ file, ok, title: agreement?.title ?? null, size, problems, warnings });
    if (json) continue;
    for (const problem of problems) print(line(file, problem));
    for (const warning of warnings) note(line(file, { ...warning, message: `warning: ${warning.message}` }));
    if (ok && agreement !== null) print(`ok ${file}: ${agreement.title} (${size} of ${MAX_PACKED} bytes on chain)`);
  }
  if (json) printJson(results);
  return exitCode;
}

function tooLarge(size: number): Problem {
  return { path: "", line: null, message: `found terms of ${size} bytes on chain, expected at most ${MAX_PACKED}` };
}

function line(file: string, { path, line: at, message }: Problem): string {
  const where = at === null ? file : `${file}:${at}`;
  return path === "" ? `${where}: ${message}` : `${where} ${path}: ${message}`;
}

/** The text of a file in UTF-8; a `UsageError` when there is none. */
export function readSource(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const why: Readonly<Record<string, string>> = {
      ENOENT: "there is no such file",
      EISDIR: "it is a directory",
      EACCES: "reading it is not allowed",
    };
    throw new UsageError(`${file}: can't be read: ${why[code] ?? code}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${file}: found bytes that are not UTF-8, expected text in UTF-8`);
  }
}
