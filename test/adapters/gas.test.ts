import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import { readFileSync } from "node:fs";

import { OracleCommittee__factory } from "../../typechain-types/index.ts";
import { at, ethers, openAgreement, patients, type Signing, type Stage } from "../contracts/support/agreement.ts";
import { operators, outsider } from "../contracts/support/chain.ts";
import { itMeasures } from "../contracts/support/itMeasures.ts";
import { encodeMultiSignature, inCommitteeOrder, type MemberSignature } from "../contracts/support/multiSignature.ts";
import { sheet } from "../contracts/support/sheet.ts";
import { openInCourt, RULING } from "./support/courtStage.ts";
import { deploySafe } from "./support/safe.ts";
import { openWithUma, passLiveness, type UmaStage } from "./support/umaStage.ts";

const DOCUMENT = new URL("../../docs/adapters.md", import.meta.url);
/** Per cent that a figure of the document may be off. */
const TOLERANCE = 5n;

/** As the gas test of the agreement has it: two tiers, one member a group, one automatic payout. */
const SHEET = sheet({
  parties: "{ payer: [{ name: Fund }], manufacturer: [{ name: Maker, payout: automatic }] }",
});

const used = async (call: Promise<ContractTransactionResponse>): Promise<bigint> =>
  (await (await call).wait())!.gasUsed;

/** A row of a table of the document: its first cell, and the number in its second. */
function figures(): Map<string, bigint> {
  const rows = readFileSync(DOCUMENT, "utf8").matchAll(/^\| ([^|]+?) +\| +([\d,]+) +\|$/gm);
  return new Map([...rows].map(([, what, gas]) => [what!, BigInt(gas!.replaceAll(",", ""))]));
}

/** Gas of a report that settles as it lands, in slots that are in use. */
async function ofReport(
  stage: Stage,
  endorse: Signing["endorse"],
  before?: (kind: "enrolment" | "milestone", forged: never) => Promise<unknown>,
): Promise<bigint> {
  const signing: Signing = endorse ? { endorse } : {};
  await stage.fund(20_000_000n, 0n);
  const enrolment = await stage.forgeEnrolment({ patients: 100 }, signing);
  await before?.("enrolment", enrolment.message as never);
  await stage.agreement.enrol(enrolment.message, enrolment.endorsement, "0x");
  await at("2026-04-01");
  let gas = 0n;
  for (let i = 0; i < 2; ++i) {
    const { message, endorsement } = await stage.forgeReport({ tallies: patients(1, 1) }, signing);
    await before?.("milestone", message as never);
    gas = await used(stage.agreement.reportMilestone(message, endorsement, 1n));
  }
  return gas;
}

const committee = async (...members: string[]): Promise<string> =>
  (await new OracleCommittee__factory((await ethers.getSigners())[0]!).deploy(members, 2)).getAddress();

const both = (...parts: MemberSignature[]): string => encodeMultiSignature(inCommitteeOrder(parts));

const byOperator = (digest: string): MemberSignature => ({
  signer: operators[0]!.address,
  signature: operators[0]!.signingKey.sign(digest).serialized,
});

const endorsing =
  ({ endorse }: UmaStage) =>
  (kind: "enrolment" | "milestone", message: never): Promise<unknown> =>
    endorse({ kind, message });

/** By the rows of the document. */
const MEASUREMENTS: Readonly<Record<string, () => Promise<bigint>>> = {
  "one key": async () =>
    ofReport(
      await openAgreement(SHEET, { oracle: () => Promise.resolve(outsider.address) }),
      (digest) => outsider.signingKey.sign(digest).serialized,
    ),
  "committee, 3 of 5 keys": async () => ofReport(await openAgreement(SHEET), undefined),
  "Safe, 2 of 3": async () => {
    let safe: Awaited<ReturnType<typeof deploySafe>> | undefined;
    const stage = await openAgreement(SHEET, { oracle: async () => (safe = await deploySafe()).address });
    return ofReport(stage, (digest) => safe!.sign(digest));
  },
  "UMA, asserted and settled before": async () => {
    const stage = await openWithUma({ source: SHEET });
    return ofReport(stage, () => "0x", endorsing(stage));
  },
  "committee, 2 of 3: a key and a Safe": async () => {
    let safe: Awaited<ReturnType<typeof deploySafe>> | undefined;
    const stage = await openAgreement(SHEET, {
      oracle: async () => {
        safe = await deploySafe();
        return committee(operators[0]!.address, operators[1]!.address, safe.address);
      },
    });
    return ofReport(stage, (digest) =>
      both(byOperator(digest), { signer: safe!.address, signature: safe!.sign(digest) }),
    );
  },
  "committee, 2 of 3: a key and UMA": async () => {
    const within = (endorser: string) => committee(operators[0]!.address, operators[1]!.address, endorser);
    const stage = await openWithUma({ source: SHEET, within });
    const endorser = await stage.endorser.getAddress();
    return ofReport(
      stage,
      (digest) => both(byOperator(digest), { signer: endorser, signature: "0x" }),
      endorsing(stage),
    );
  },
  "assert a milestone report": async () => (await atUma()).asserted,
  "settle the assertion": async () => (await atUma()).settled,
  "open the dispute": async () => used((await openInCourt()).dispute()),
  "take the ruling down": async () => (await inCourt(RULING.uphold)).ruled,
  "carry out: upheld": async () => (await inCourt(RULING.uphold)).executed,
  "carry out: rejected": async () => (await inCourt(RULING.reject)).executed,
};

/** The second of two, in slots that are in use. */
async function atUma(): Promise<{ asserted: bigint; settled: bigint }> {
  const stage = await openWithUma({ source: SHEET });
  const { endorser, uma, stranger, address, forgeReport } = stage;
  await stage.endorse({ kind: "milestone", message: (await forgeReport()).message });
  const { message } = await forgeReport({ number: 2, tallies: patients(1, 1) });
  const bond = await endorser.bond();
  await uma.currency.mint(stranger, bond);
  await uma.currency.connect(stranger).approve(endorser, bond);
  const call = await endorser.connect(stranger).assertMilestone(address, message, "ipfs://statement");
  const { blockNumber, gasUsed } = (await call.wait())!;
  const [made] = await endorser.queryFilter(endorser.filters.Asserted, blockNumber, blockNumber);
  await passLiveness();
  return { asserted: gasUsed, settled: await used(uma.settle(made!.args.assertionId)) };
}

async function inCourt(ruling: bigint): Promise<{ ruled: bigint; executed: bigint }> {
  const { dispute, court, execute } = await openInCourt();
  await dispute();
  return { ruled: await used(court["rule"](0n, ruling)), executed: await used(execute(0n)) };
}

describe("Gas through adapters", () => {
  itMeasures("is measured for each figure of the document, and for nothing else", () => {
    expect([...figures().keys()]).to.have.members(Object.keys(MEASUREMENTS));
    return Promise.resolve();
  });

  for (const [what, measure] of Object.entries(MEASUREMENTS)) {
    itMeasures(`of ${what} is what the document says, within ${TOLERANCE} per cent`, async () => {
      const gas = await measure();
      const said = figures().get(what) ?? 0n;
      const difference = gas > said ? gas - said : said - gas;
      expect(difference * 100n <= said * TOLERANCE, `${what}: ${gas}, the document says ${said}`).to.equal(true);
    });
  }
});
