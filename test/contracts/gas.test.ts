import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";

import { at, openAgreement, patients } from "./support/agreement.ts";
import { draft } from "./support/draft.ts";
import { itMatchesSnapshot } from "./support/gasSnapshot.ts";
import { itMeasures } from "./support/itMeasures.ts";
import { sheet } from "./support/sheet.ts";

/** Committed; written anew with UPDATE_SNAPSHOTS=1. */
const SNAPSHOT = new URL("gas.snapshot.json", import.meta.url);
/** What each call may use at most. */
const GOALS = {
  create: 290_000n,
  "enrol, a cohort's first": 186_000n,
  "enrol, later": 137_000n,
  "report and settle, first": 153_000n,
  "report and settle, later": 122_000n,
  "report and settle 100,000 patients, later": 122_000n,
  "report with a window, later": 130_000n,
  "settle after a window, later": 80_000n,
  "each further member, fresh": 32_000n,
  "each further member, used": 16_000n,
} as const;

type Call = keyof typeof GOALS;

const BIG = `
  2026: { population: Adults, price: 1, opens: 2026-01-01, closes: 2027-01-01, maxPatients: 1000000 }`;

/** The payer's share of a group of `members`, and a maker who is paid automatically. */
const parties = (members = 1): string => {
  const share = (i: number) => (i === 0 ? 100 - 10 * (members - 1) : 10);
  const payers = Array.from({ length: members }, (_, i) => `{ name: Fund ${i}, share: ${share(i)}% }`);
  return `{ payer: [${payers.join(", ")}], manufacturer: [{ name: Maker, payout: automatic }] }`;
};

async function used(call: Promise<ContractTransactionResponse>): Promise<bigint> {
  return (await (await call).wait())!.gasUsed;
}

async function measureWithoutWindow(): Promise<Partial<Record<Call, bigint>>> {
  const source = sheet({ parties: parties(), cohorts: BIG });
  const create = await used((await draft(source)).create());
  const stage = await openAgreement(source);
  await stage.fund(100_000_000n, 0n);
  const first = await used(stage.enrol({ patients: 1 }));
  await stage.enrol({ patients: 1_000 });
  const later = await used(stage.enrol({ patients: 400_000 }));
  await at("2026-04-01");
  const report = (dead: number, alive: number) => used(stage.report({ tallies: patients(dead, alive) }, { hint: 3n }));
  return {
    create,
    "enrol, a cohort's first": first,
    "enrol, later": later,
    "report and settle, first": await report(1, 1),
    "report and settle, later": await report(1, 1),
    "report and settle 100,000 patients, later": await report(40_000, 60_000),
  };
}

async function measureWindow(): Promise<Partial<Record<Call, bigint>>> {
  const oracle = "{ reportWithin: 30d, challengeWindow: 7d, challengeBond: 1, arbiter: Board }";
  const stage = await openAgreement(sheet({ parties: parties(), oracle, cohorts: BIG }));
  await stage.fund(100_000_000n, 0n);
  await stage.enrol({ patients: 1_000 });
  await at("2026-04-01");
  const report = async () => {
    const { message } = await stage.forgeReport({ tallies: patients(40, 60) });
    return { message, gas: await used(stage.report(message)) };
  };
  const first = await report();
  await at("2026-04-10");
  await stage.agreement.settleMilestone(first.message);
  const second = await report();
  await at("2026-04-20");
  return {
    "report with a window, later": second.gas,
    "settle after a window, later": await used(stage.agreement.settleMilestone(second.message)),
  };
}

/** Gas of two reports that pay a group of `members`: to empty accounts, then to used ones. */
async function measureMembers(members: number): Promise<[fresh: bigint, later: bigint]> {
  const stage = await openAgreement(sheet({ parties: parties(members) }));
  // The price of ten patients to the cent: nothing is left in the payers' accounts.
  const part = (i: number) => (i === 0 ? 10n - BigInt(members - 1) : 1n) * 100_000n;
  await stage.fund(...Array.from({ length: members }, (_, i) => part(i)));
  await stage.enrol({ patients: 10 });
  await at("2026-04-01");
  const report = () => used(stage.report({ tallies: patients(2, 2) }));
  return [await report(), await report()];
}

let measured: Promise<Record<Call, bigint>> | undefined;

/** All calls, measured once. */
function measure(): Promise<Record<Call, bigint>> {
  measured ??= (async () => {
    const [freshTwo, usedTwo] = await measureMembers(2);
    const [freshThree, usedThree] = await measureMembers(3);
    return {
      ...(await measureWithoutWindow()),
      ...(await measureWindow()),
      "each further member, fresh": freshThree - freshTwo,
      "each further member, used": usedThree - usedTwo,
    } as Record<Call, bigint>;
  })();
  return measured;
}

describe("Gas", () => {
  for (const [call, goal] of Object.entries(GOALS) as [Call, bigint][]) {
    itMeasures(`of ${call} is at most ${goal}`, async () => {
      expect((await measure())[call]).to.be.at.most(goal);
    });
  }

  itMatchesSnapshot(SNAPSHOT, measure);
});
