/** Five operators of one agreement, their nodes, and a request that the first proposes. */

import { id } from "ethers";

import { createEndorser, type Compute, type Computation } from "../../../oracle/endorse/endorser.ts";
import { placedPatients } from "../../../oracle/endorse/difference.ts";
import type { EndorseRequest } from "../../../oracle/endorse/request.ts";
import { buildNodeServer } from "../../../oracle/endorse/server.ts";
import { keySigner, type OperatorSigner } from "../../../oracle/endorse/signer.ts";
import { digestOf, type MilestoneReport, type OracleMessage } from "../../../oracle/report/messages.ts";
import { tally, type AssessedPatient } from "../../../oracle/report/tally.ts";
import { openDatabase } from "../../../oracle/store/database.ts";
import { storedEndorsements } from "../../../oracle/store/endorsements.ts";
import { AGREEMENT, PATIENTS, PAYOFF, SECRET } from "../report/vectors.ts";
import { patientKey } from "../../../oracle/report/keys.ts";

export const TODAY = 20_700;

export const SIGNERS: readonly OperatorSigner[] = [1, 2, 3, 4, 5].map((i) => keySigner(id(`operator ${i}`)));
export const STRANGER = keySigner(id("stranger"));

/** What an operator with these values in its records reports; `values` replace those of the worked example. */
export function milestone(values: Readonly<Record<string, bigint>> = {}, overrides: Partial<MilestoneReport> = {}) {
  const patients = PATIENTS.map((it): AssessedPatient => {
    const value = values[it.value];
    const outcome = value === undefined ? it.outcome : { value };
    return { patientKey: patientKey(SECRET, it), batch: 1, salt: it.salt, outcome };
  });
  const { leaves, tallies, notEvaluable, root } = tally(PAYOFF, patients, {
    kind: "report",
    clause: 1,
    cohort: 0,
    number: 1,
  });
  const place = { clause: 1, cohort: 0, number: 1, asOfDay: TODAY, lastDay: TODAY + 1 };
  const message: MilestoneReport = { ...place, tallies, notEvaluable, root, ...overrides };
  return { content: { kind: "milestone", message } satisfies OracleMessage, leaves };
}

export function requestFor(content: OracleMessage): EndorseRequest {
  return {
    agreement: AGREEMENT,
    content,
    digest: digestOf(AGREEMENT, content),
    asOfDay: TODAY,
    snapshot: "s",
    entries: [],
  };
}

/** An operator that finds these values in its records. */
export function computing(values: Readonly<Record<string, bigint>> = {}): Compute {
  return ({ content: { message } }) => {
    const { content, leaves } = milestone(values, { lastDay: message.lastDay });
    const patients = placedPatients(leaves);
    return Promise.resolve<Computation>({ status: "computed", content, patients, keep: () => Promise.resolve() });
  };
}

/** A node over a store in memory. The clock and the day can be moved. */
export async function nodeOf(signer: OperatorSigner, compute: Compute = computing(), path = ":memory:") {
  const clock = { now: 1_000_000, today: TODAY };
  const database = await openDatabase(path);
  const endorser = createEndorser({
    signer,
    log: storedEndorsements(database.db),
    compute,
    today: () => Promise.resolve(clock.today),
  });
  const server = buildNodeServer({
    address: signer.address,
    operators: SIGNERS.map(({ address }) => address),
    endorser,
    entries: () => Promise.resolve(null),
    erase: (_, operator) => Promise.resolve({ status: "waiting", reason: `not here, ${operator}` }),
    now: () => clock.now,
  });
  return { clock, database, endorser, server };
}
