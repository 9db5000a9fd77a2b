/** `scenario run FILE…`: plays worked examples against the real contracts. */

import { readFileSync } from "node:fs";

import type { Command } from "commander";

import type { Failure, GasUse, Outcomes } from "../runner/run.ts";
import type { Story } from "../runner/step.ts";
import { readScenario } from "../runner/story.ts";
import type { Context } from "./main.ts";
import { EXIT, print, printJson } from "./output.ts";

interface Played {
  readonly file: string;
  readonly scenario: string;
  readonly ok: boolean;
  readonly failures: readonly Failure[];
  readonly gas: readonly GasUse[];
  /** The file can't be read, or is no scenario. */
  readonly unusable: boolean;
}

export function registerScenario(program: Command, context: Context): void {
  program
    .command("scenario")
    .description("worked examples of agreements")
    .command("run")
    .description("play scenarios against the real contracts on an in-process chain")
    .argument("<file...>", "scenario files")
    .option("--json", "print one JSON document")
    .option("--gas", "print the gas of each call")
    .action(async (files: string[], options: { json?: boolean; gas?: boolean }) => {
      // Hardhat takes a second to load: only this command needs it.
      const [{ createWorld }, { runStory }] = await Promise.all([
        import("../runner/world.ts"),
        import("../runner/run.ts"),
      ]);
      const world = await createWorld();
      try {
        const all: Played[] = [];
        for (const file of files) {
          const played = await play(file, (story) => runStory(world, story));
          all.push(played);
          if (options.json !== true) printPlayed(played, options.gas === true);
        }
        if (options.json === true) printJson(all.map(asJson));
        if (all.some(({ unusable }) => unusable)) context.exitCode = EXIT.usage;
        else if (all.some(({ ok }) => !ok)) context.exitCode = EXIT.finding;
      } finally {
        await world.close();
      }
    });
}

async function play(file: string, run: (story: Story) => Promise<Outcomes>): Promise<Played> {
  const unusable = (messages: readonly string[]): Played => ({
    file,
    scenario: file,
    ok: false,
    failures: messages.map((message) => ({ step: 0, message })),
    gas: [],
    unusable: true,
  });
  let source: string;
  try {
    source = readFileSync(file, "utf8");
  } catch (error) {
    return unusable([`can't be read: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const { story, problems } = readScenario(source);
  if (story === null) {
    return unusable(
      problems.map(({ path, line, message }) => `${line === null ? "" : `line ${line}: `}${path}: ${message}`),
    );
  }
  const { failures, gas } = await run(story);
  return { file, scenario: story.name, ok: failures.length === 0, failures, gas, unusable: false };
}

function printPlayed({ scenario, ok, failures, gas }: Played, withGas: boolean): void {
  if (ok) print(`ok ${scenario}`);
  else print(`FAIL ${scenario}: ${failures.map(({ step, message }) => `step ${step}: ${message}`).join("; ")}`);
  if (withGas) for (const { step, call, gas: used } of gas) print(`  step ${step}  ${call.padEnd(16)} ${used}`);
}

function asJson({ file, scenario, ok, failures, gas }: Played): object {
  return { file, scenario, ok, failures, gas: gas.map((use) => ({ ...use, gas: Number(use.gas) })) };
}
