/** `terms hash`: what the parties sign, and where the agreement will stand. */

import type { Command } from "commander";

import { MAX_PACKED } from "../../terms/onchain/pack.ts";
import { print, printJson } from "../output.ts";
import { addVenueFlags, type VenueFlags } from "../venueFlags.ts";

type Flags = Omit<VenueFlags, "terms"> & { readonly json?: true };

export function registerHash(terms: Command): void {
  const command = terms
    .command("hash")
    .description("Tell the EIP-712 digest that the parties sign and the agreement's future address")
    .argument("<file>", "a term sheet or a scenario");
  addVenueFlags(command)
    .option("--json", "print one JSON document")
    .action((file: string, flags: Flags) => run(file, flags));
}

async function run(file: string, { json, ...flags }: Flags): Promise<void> {
  const { prepare } = await import("../venue.ts");
  const { agreement, signable, chain } = await prepare({ ...flags, terms: file });
  chain?.provider.destroy();
  const { venue, address, digest, termsHash, size } = signable;
  if (json === true) {
    printJson({
      file,
      title: agreement.title,
      chainId: venue.chainId.toString(),
      factory: venue.factory,
      token: venue.token,
      tokenDecimals: venue.tokenDecimals,
      termsHash,
      agreement: address,
      digest,
      size,
      comparedWithFactory: chain !== null,
    });
    return;
  }
  print(agreement.title);
  print(`chain        ${venue.chainId}`);
  print(`factory      ${venue.factory}${chain === null ? "" : " (says the same)"}`);
  print(`token        ${venue.token}, ${venue.tokenDecimals} decimals`);
  print(`terms hash   ${termsHash}`);
  print(`agreement    ${address}`);
  print(`digest       ${digest}`);
  print(`size         ${size} of ${MAX_PACKED} bytes`);
}
