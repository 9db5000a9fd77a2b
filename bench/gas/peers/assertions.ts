/** UMA's optimistic oracle: one assertion a patient, or one for all patients of a report with their outcomes root. */

import { encodeBytes32String, id, toUtf8Bytes, ZeroAddress, type Contract } from "ethers";

import { AT_RISK } from "../../../test/contracts/gas.life.ts";
import { FORTUNE, makeBed, pieces, type Bed } from "../bed.ts";
import { own } from "../compile.ts";
import { mustBePaid, partsOf, payUpfront, type Part } from "../money.ts";
import type { Peer } from "../peer.ts";
import { published } from "../published.ts";

const PACKAGE = "@uma/core";
/** What fits into one transaction. */
const BATCH = 85;
const LIVENESS_DAYS = 7;
/** In minor units; the least bond is what the fee is to the half that a lost dispute burns. */
const FINAL_FEE = 100n;
const BOND = 2n * FINAL_FEE;

/** What an escrow is told: what to assert, and who gets what when it stands. */
interface Outcome {
  readonly claim: Uint8Array;
  readonly toMaker: bigint;
  readonly toPayer: bigint;
}

interface Court {
  readonly bed: Bed;
  readonly oracle: Contract;
  readonly escrow: Contract;
}

/** UMA's oracle with what it looks up, and the escrow with the money at risk. The relayer asserts, and has the bonds. */
async function openCourt(bed: Bed, patients: number): Promise<Court> {
  const deploy = (path: string, ...args: unknown[]) => {
    const name = path.split("/").at(-1) ?? path;
    return bed.deploy(published(`${PACKAGE}/artifacts/contracts/${path}.sol/${name}.json`), ...args);
  };
  const votes = "data-verification-mechanism/implementation";
  const finder = await deploy(`${votes}/Finder`);
  const store = await deploy(`${votes}/Store`, { rawValue: 0 }, { rawValue: 0 }, ZeroAddress);
  const identifiers = await deploy(`${votes}/IdentifierWhitelist`);
  const currencies = await deploy("common/implementation/AddressWhitelist");
  await bed.send(store, "setFinalFee", [bed.tokenAddress, { rawValue: FINAL_FEE }]);
  await bed.send(identifiers, "addSupportedIdentifier", [encodeBytes32String("ASSERT_TRUTH")]);
  await bed.send(currencies, "addToWhitelist", [bed.tokenAddress]);
  const found = {
    Store: store,
    IdentifierWhitelist: identifiers,
    CollateralWhitelist: currencies,
    // Votes on disputes, of which there is none.
    Oracle: store,
  };
  for (const [name, contract] of Object.entries(found)) {
    await bed.send(finder, "changeImplementationAddress", [encodeBytes32String(name), await contract.getAddress()]);
  }
  const liveness = LIVENESS_DAYS * 86_400;
  const oracle = await deploy(
    "optimistic-oracle-v3/implementation/OptimisticOracleV3",
    finder,
    bed.tokenAddress,
    liveness,
  );
  const args = [bed.tokenAddress, oracle, bed.payer, bed.maker, BOND, liveness];
  const escrow = await bed.deploy(own("AssertionEscrow"), ...args);
  await bed.token.connect(bed.payer).transfer(escrow, AT_RISK * BigInt(patients));
  await bed.token.mint(bed.relayer, FORTUNE);
  await bed.occupy(escrow, oracle);
  await bed.token.approve(escrow, FORTUNE);
  return { bed, oracle, escrow };
}

/** Gas of asserting what fits into a transaction and, when nobody has disputed it, settling it. */
async function assertAndSettle({ bed, oracle, escrow }: Court, outcomes: readonly Outcome[]): Promise<bigint> {
  const asserted = await bed.send(escrow, "assertOutcomes", [outcomes]);
  const settle = asserted.logs
    .map((log) => oracle.interface.parseLog(log))
    .filter((event) => event?.name === "AssertionMade")
    .map((event) => oracle.interface.encodeFunctionData("settleAssertion", [event?.args.getValue("assertionId")]));
  bed.wait(LIVENESS_DAYS);
  return asserted.gasUsed + (await bed.gasOf(oracle, "multicall", [settle]));
}

async function tell(
  patients: number,
  reports: number,
  outcomesOf: (part: Part, report: number) => Outcome[],
): Promise<bigint> {
  const bed = await makeBed();
  const court = await openCourt(bed, patients);
  const parts = partsOf(patients, reports);
  let gas = await payUpfront(bed, parts);
  for (const [report, part] of parts.entries()) {
    for (const batch of pieces(outcomesOf(part, report), BATCH)) gas += await assertAndSettle(court, batch);
  }
  await mustBePaid(bed, parts, FORTUNE);
  return gas;
}

const NO_ORACLE = "endorsement: anyone's claim stands that nobody disputes against a bond in time; due days, silence";

export const assertionEach: Peer = {
  name: "UMA, an assertion a patient",
  from: PACKAGE,
  includes:
    "assertTruth with a bond and a week to dispute it, settleAssertion by multicall, and an escrow written for this bench that pays in the callback",
  lacks: `${NO_ORACLE}; privacy: an outcome for each pseudonym`,
  live: (patients, reports) =>
    tell(patients, reports, (part, report) =>
      Array.from({ length: part.patients }, (_, i) => {
        const good = i >= part.failed;
        return {
          claim: toUtf8Bytes(`${id(`${report}/${i}`)} was ${good ? "alive" : "dead"} after 90 days`),
          toMaker: good ? AT_RISK : 0n,
          toPayer: good ? 0n : AT_RISK,
        };
      }),
    ),
};

export const assertionCohort: Peer = {
  name: "UMA, an assertion a cohort",
  from: PACKAGE,
  includes:
    "the calls of an assertion a patient (above) once for all patients of a report, whose counts and outcomes root the claim names",
  lacks: `${NO_ORACLE}; sums, counts and locks that the chain checks: a voter reads the claim's words`,
  live: (patients, reports) =>
    tell(patients, reports, ({ patients: all, failed, toMaker, toPayer }, report) => {
      const words = `After 90 days ${all - failed} patients were alive and ${failed} dead; outcomes root`;
      return [{ claim: toUtf8Bytes(`${words} ${id(`root ${report}`)}`), toMaker, toPayer }];
    }),
};
