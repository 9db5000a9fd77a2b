/** The command line: one module a command, registered here. */

import { Command, CommanderError } from "commander";

import { EXIT, Finding, note, TemporaryError, UsageError } from "./output.ts";

/** A command adds itself to the program; its action sets the exit code when it finds something. */
export interface Context {
  exitCode: number;
}

type Register = (program: Command, context: Context) => unknown;

/** Loading them all takes a second: only the command that is asked for is, and all of them to list them. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  terms: async () => (await import("./terms.ts")).registerTerms,
  scenario: async () => (await import("./scenario.ts")).registerScenario,
  endpoint: async () => (await import("./endpoint.ts")).registerEndpoint,
  survival: async () => (await import("./survival.ts")).registerSurvival,
  evaluate: async () => (await import("./evaluate.ts")).registerEvaluate,
  agreement: async () => (await import("./agreement.ts")).registerAgreement,
  oracle: async () => (await import("./oracle.ts")).registerOracle,
  network: async () => (await import("./localNetwork.ts")).registerLocalNetwork,
  demo: async () => (await import("./demo.ts")).registerDemo,
};

export async function main(argv: readonly string[]): Promise<number> {
  const context: Context = { exitCode: EXIT.success };
  const program = new Command("outcomepay")
    .description("Settlement layer for outcome-based drug agreements")
    .exitOverride()
    .showHelpAfterError();
  const asked = COMMANDS[argv[2] ?? ""];
  for (const load of asked === undefined ? Object.values(COMMANDS) : [asked]) (await load())(program, context);
  // Whoever reads may have read enough: `outcomepay … | head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  try {
    await program.parseAsync([...argv]);
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.usage;
    if (error instanceof UsageError) {
      note(`error: ${error.message}`);
      return EXIT.usage;
    }
    if (error instanceof TemporaryError) {
      note(`error: ${error.message}`);
      return EXIT.temporary;
    }
    if (error instanceof Finding) {
      note(`error: ${error.message}`);
      return EXIT.finding;
    }
    throw error;
  }
}
