/** `demo`: the whole story on a local chain. */

import { InvalidArgumentError, type Command } from "commander";

import { print } from "./output.ts";

export function registerDemo(program: Command): void {
  program
    .command("demo")
    .description("the whole story on a local chain, with synthetic FHIR records: sign, fund, enrol, report, settle")
    .option("--seed <number>", "the same seed gives the same records and the same payments", wholeNumber, 7)
    .option("--keep <folder>", "leave records, settings and stores there")
    .action(async ({ seed, keep }: { seed: number; keep?: string }) => {
      const { runDemo } = await import("../scripts/demo/demo.ts");
      await runDemo({ seed, keep: keep ?? null, print });
    });
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`found ${text}, expected a whole number`);
}
