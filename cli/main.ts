/** The command line: one module a command, registered here. */

import { Command, CommanderError } from "commander";

import { registerAgreement } from "./agreement.ts";
import { registerDemo } from "./demo.ts";
import { registerEndpoint } from "./endpoint.ts";
import { registerEvaluate } from "./evaluate.ts";
import { registerOracle } from "./oracle.ts";
import { EXIT, Finding, note, UsageError } from "./output.ts";
import { registerScenario } from "./scenario.ts";
import { registerTerms } from "./terms.ts";

/** A command adds itself to the program; its action sets the exit code when it finds something. */
export interface Context {
  exitCode: number;
}

export async function main(argv: readonly string[]): Promise<number> {
  const context: Context = { exitCode: EXIT.success };
  const program = new Command("outcomepay")
    .description("Settlement layer for outcome-based drug agreements")
    .exitOverride()
    .showHelpAfterError();
  registerTerms(program, context);
  registerScenario(program, context);
  registerEndpoint(program, context);
  registerEvaluate(program, context);
  registerAgreement(program);
  registerOracle(program, context);
  registerDemo(program);
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
    if (error instanceof Finding) {
      note(`error: ${error.message}`);
      return EXIT.finding;
    }
    throw error;
  }
}
