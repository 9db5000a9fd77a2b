/** The Ethereum Attestation Service: one attestation a patient, or one for all patients of a report. It moves no money. */

import { concat, dataSlice, id, toBeHex, ZeroAddress, ZeroHash, type Contract } from "ethers";

import { FORTUNE, gasUsed, makeBed, pieces, type Bed } from "../bed.ts";
import { mustBePaid, partsOf, payUpfront, type Part } from "../money.ts";
import type { Peer } from "../peer.ts";
import { published } from "../published.ts";

const PACKAGE = "@ethereum-attestation-service/eas-contracts";
/** What fits into one transaction. */
const BATCH = 130;
const PATIENT_SCHEMA = "bytes30 patient,uint8 outcome";
const COHORT_SCHEMA = "uint32 good,uint32 bad,bytes23 root";

async function deployEas(bed: Bed, schema: string): Promise<{ eas: Contract; uid: string }> {
  const artifact = (name: string) => published(`${PACKAGE}/artifacts/contracts/${name}.sol/${name}.json`);
  const registry = await bed.deploy(artifact("SchemaRegistry"));
  const register = registry.getFunction("register");
  const uid = (await register.staticCall(schema, ZeroAddress, true)) as string;
  await register.send(schema, ZeroAddress, true);
  return { eas: await bed.deploy(artifact("EAS"), registry), uid };
}

/** Gas of attesting, and the attestations' ids. */
async function attest(
  bed: Bed,
  eas: Contract,
  schema: string,
  contents: readonly string[],
): Promise<[bigint, string[]]> {
  const data = contents.map((content) => ({
    recipient: ZeroAddress,
    expirationTime: 0,
    revocable: true,
    refUID: ZeroHash,
    data: content,
    value: 0,
  }));
  const { gasUsed, logs } = await bed.send(eas, "multiAttest", [[{ schema, data }]]);
  return [gasUsed, logs.map((log) => eas.interface.parseLog(log)?.args.getValue("uid") as string)];
}

/** A pseudonym of 30 bytes and a byte for the outcome: with its length this is one slot. */
const outcomeOf = (pseudonym: string, good: boolean): string =>
  concat([dataSlice(id(pseudonym), 0, 30), good ? "0x01" : "0x00"]);

/** Gas of a batch's revocation, for each attestation: what one costs to take back that was wrong or made twice. */
export async function measureRevocation(): Promise<bigint> {
  const bed = await makeBed();
  const { eas, uid } = await deployEas(bed, PATIENT_SCHEMA);
  const contents = Array.from({ length: BATCH }, (_, i) => outcomeOf(`${i}`, true));
  const [, uids] = await attest(bed, eas, uid, contents);
  const data = uids.map((attestation) => ({ uid: attestation, value: 0 }));
  return (await bed.gasOf(eas, "multiRevoke", [[{ schema: uid, data }]])) / BigInt(BATCH);
}

async function tell(
  schema: string,
  patients: number,
  reports: number,
  contentsOf: (part: Part, report: number) => string[],
): Promise<bigint> {
  const bed = await makeBed();
  const { eas, uid } = await deployEas(bed, schema);
  const parts = partsOf(patients, reports);
  let gas = await payUpfront(bed, parts);
  for (const [report, part] of parts.entries()) {
    for (const batch of pieces(contentsOf(part, report), BATCH)) gas += (await attest(bed, eas, uid, batch))[0];
    gas += await gasUsed(await bed.token.connect(bed.payer).transfer(bed.maker, part.toMaker));
  }
  await mustBePaid(bed, parts, FORTUNE);
  return gas;
}

const NO_MONEY =
  "escrow: nothing ties the payment to what is attested; signatures of more than one oracle; due days, silence, dispute";

export const attestationEach: Peer = {
  name: "EAS, an attestation a patient",
  from: PACKAGE,
  includes:
    "multiAttest of a pseudonym and an outcome in one slot; it moves no money: the payer pays each report by a plain transfer",
  lacks: `${NO_MONEY}; privacy: an outcome for each pseudonym`,
  live: (patients, reports) =>
    tell(PATIENT_SCHEMA, patients, reports, (part, report) =>
      Array.from({ length: part.patients }, (_, i) => outcomeOf(`${report}/${i}`, i >= part.failed)),
    ),
};

/** Counts and a root, cut to what fits into a slot with them. */
const summaryOf = ({ patients, failed }: Part, report: number): string =>
  concat([toBeHex(patients - failed, 4), toBeHex(failed, 4), dataSlice(rootOf(report), 0, 23)]);

const rootOf = (report: number): string => id(`root ${report}`);

export const attestationCohort: Peer = {
  name: "EAS, an attestation a report",
  from: PACKAGE,
  includes:
    "attest of a report's counts and outcomes root in one slot; it moves no money: the payer pays each report by a plain transfer",
  lacks: NO_MONEY,
  live: (patients, reports) => tell(COHORT_SCHEMA, patients, reports, (part, report) => [summaryOf(part, report)]),
};

export const timestampCohort: Peer = {
  name: "EAS, a timestamp a report",
  from: PACKAGE,
  includes:
    "timestamp of a report's outcomes root, anybody's; it moves no money: the payer pays each report by a plain transfer",
  lacks: `counts, and who says so; ${NO_MONEY}`,
  async live(patients, reports) {
    const bed = await makeBed();
    const { eas } = await deployEas(bed, COHORT_SCHEMA);
    const parts = partsOf(patients, reports);
    let gas = await payUpfront(bed, parts);
    for (const [report, part] of parts.entries()) {
      gas += await bed.gasOf(eas, "timestamp", [rootOf(report)]);
      gas += await gasUsed(await bed.token.connect(bed.payer).transfer(bed.maker, part.toMaker));
    }
    await mustBePaid(bed, parts, FORTUNE);
    return gas;
  },
};
