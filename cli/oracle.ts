/** `oracle`: one operator's node. */

import type { Command } from "commander";

import type { PassEvent } from "../oracle/node.ts";
import type { Context } from "./main.ts";
import { registerAudit } from "./oracle/audit.ts";
import { registerErase } from "./oracle/erase.ts";
import { explain, line, openNode } from "./oracle/open.ts";
import { start } from "./oracle/start.ts";
import { EXIT, print, printJson } from "./output.ts";

const CONFIG = ["--config <file>", "the operator's settings (YAML); docs/settings.md lists them"] as const;
const EXIT_CODES = `
Exit codes: 0 done or stopped in order; 1 something failed (once); 2 wrong usage or settings: trying again won't help;
75 the chain or another part could not be reached: try again.`;

export function registerOracle(program: Command, context: Context): void {
  const oracle = program.command("oracle").description("One operator's node: computes, endorses, reports, settles");
  oracle
    .command("start")
    .description("Serve other operators and make a pass at every poll until stopped")
    .requiredOption(...CONFIG)
    .addHelpText(
      "after",
      `
The log goes to standard error, one JSON object a line. SIGTERM or SIGINT stops it in order; a second one at once.
${EXIT_CODES}`,
    )
    .action(({ config }: { config: string }) => start(config));
  oracle
    .command("once")
    .description("Make one pass, without waiting for other operators' turns; exit 1 when something failed")
    .requiredOption(...CONFIG)
    .option("--json", "print one JSON document")
    .addHelpText("after", EXIT_CODES)
    .action(async ({ config, json }: { config: string; json?: true }) => {
      const events = await once(config);
      if (json === true) printJson({ events });
      else for (const event of events) print(line(event));
      if (events.some(({ result }) => result === "failed")) context.exitCode = EXIT.finding;
    });
  registerAudit(oracle, context);
  registerErase(oracle, context);
}

async function once(configFile: string): Promise<PassEvent[]> {
  const { service } = await openNode(configFile);
  try {
    return await service.pass(false);
  } catch (error) {
    // Nothing was done that the next pass would not find.
    throw explain(error, configFile);
  } finally {
    await service.close();
  }
}
