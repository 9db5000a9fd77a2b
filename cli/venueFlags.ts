/** Where an agreement is to be created: flags of `terms hash`, `agreement sign` and `agreement create`. */

import type { Command } from "commander";

export interface VenueFlags {
  readonly terms: string;
  readonly bind?: string;
  readonly factory: string;
  readonly token: string;
  readonly tokenDecimals?: string;
  readonly chainId?: string;
  readonly rpc?: string;
}

export function addVenueFlags(command: Command): Command {
  return command
    .requiredOption("--factory <address>", "the factory that creates the agreement")
    .requiredOption("--token <address>", "the ERC-20 that settles it")
    .option("--token-decimals <n>", "the token's decimals (default: the token's own with --rpc, else the currency's)")
    .option("--chain-id <n>", "the chain, when no node is asked")
    .option("--rpc <url>", "JSON-RPC of the chain; addresses and digest are then compared with the factory's")
    .option("--bind <file>", "addresses that the term sheet leaves out (YAML): payer/NAME, oracle, arbiter");
}
