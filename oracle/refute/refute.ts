/** Looks through pending reports for contradictions, and has the agreement void those that it finds. */

import { landedReports, type AuditFilter } from "../audit/audit.ts";
import { RootMismatch } from "../audit/proof.ts";
import type { Action } from "../chain/action.ts";
import type { AgreementChain } from "../chain/agreementChain.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import { ChainError } from "../chain/errors.ts";
import type { LandedReport } from "../chain/history.ts";
import type { Settleable } from "../pending.ts";
import type { Hex } from "../report/bytes.ts";
import type { AskLeaves } from "./ask.ts";
import type { Contradiction } from "./case.ts";
import { gather, type Gathered, type GatherParts, type NotGathered } from "./gather.ts";
import { judge, type Unseen } from "./judge.ts";
import type { GivenLeaves } from "./leaves.ts";
import type { Refutation } from "./refutation.ts";

export interface RefuteParts extends Omit<GatherParts, "chain" | "given" | "ask"> {
  readonly chain: Pick<AgreementChain, "read" | "reportCommitment" | "simulate" | "submit" | "recover">;
}

export interface RefuteOptions {
  readonly filter: AuditFilter;
  /** Leaves from elsewhere, by where they come from. */
  readonly given: ReadonlyMap<string, GivenLeaves>;
  /** Where leaves are asked for that are not at hand; default: nowhere. */
  readonly ask?: AskLeaves | undefined;
  /** Simulate, and send nothing. */
  readonly dryRun: boolean;
  /** Called before a refutation is sent: from then on what it shows may be public. */
  readonly onSend?: (report: JudgedReport) => void;
}

export interface JudgedReport {
  readonly kind: "milestone" | "wager";
  readonly clause: number;
  readonly cohort: number;
  readonly number: number;
  readonly asOfDay: number;
  readonly root: Hex;
  /** Null when the report's leaves are not at hand. */
  readonly leaves: { readonly from: Gathered["from"]; readonly count: number } | null;
  readonly contradiction: Contradiction | null;
  /** What could not be looked at. */
  readonly unseen: readonly Unseen[];
  /**
   * `refuted`: it was contradicted, and is void. `refutable`: it would be, had it been sent. `refused`: the agreement does
   * not take the refutation. `sound`: nothing contradicts it. `incomplete`: nothing does of what is left since patients
   * were erased. `unknown`: what it takes to tell is not held. `settled`: too late, and not looked at.
   */
  readonly result: "refuted" | "refutable" | "refused" | "sound" | "incomplete" | "unknown" | "settled";
  /** Why it is `refused`, or `unknown` beyond what `unseen` says: what came of asking for leaves, say. */
  readonly detail: string | null;
  /** Null when none was sent, or somebody else's has voided the report before. */
  readonly transaction: { readonly hash: string; readonly block: number; readonly gas: bigint } | null;
}

/**
 * Each report that fits and is not void, lowest number first: an earlier report that falls takes what it said of a patient
 * along.
 * @throws ChainError; RootMismatch, before anything is sent, when leaves from elsewhere are of nothing that landed.
 */
export async function* refuteReports(parts: RefuteParts, options: RefuteOptions): AsyncGenerator<JudgedReport> {
  const { chain, agreement } = parts;
  const { filter, given, ask = () => Promise.resolve(null), dryRun } = options;
  // What an earlier try has sent may have done it.
  if (!dryRun) await chain.recover();
  let state = await chain.read();
  checkGiven(parts, state, given);
  const gathering = { ...parts, ask, given: new Map([...given.values()].map((it) => [it.root, it])) };
  const standing = landedReports(agreement, state, filter).filter((landed) => landed.standing !== "void");
  for (const landed of standing.sort((a, b) => a.report.number - b.report.number)) {
    if (landed.standing === "settled") {
      yield { ...aboutOf(landed), contradiction: null, result: "settled" };
      continue;
    }
    const judged = await judgeReport(gathering, state, landed);
    if (judged.contradiction === null || judged.content === null) {
      yield judged.report;
      continue;
    }
    yield await refute(chain, options, judged.report, actionOf(judged.content, judged.contradiction.refutation));
    if (!dryRun) state = await chain.read();
  }
}

interface Judged {
  readonly report: JudgedReport;
  readonly content: Settleable | null;
  readonly contradiction: Contradiction | null;
}

async function judgeReport(parts: GatherParts, state: AgreementState, landed: LandedReport): Promise<Judged> {
  const about = aboutOf(landed);
  const gathered = await gather(parts, state, landed);
  if ("missing" in gathered) {
    const { unseen, detail } = NOT_GATHERED[gathered.missing];
    const why = { unseen, detail: joined([...gathered.troubles, ...detail]) };
    return { report: { ...about, ...why, contradiction: null, result: "unknown" }, content: null, contradiction: null };
  }
  const { subject, from, troubles } = gathered;
  const { contradiction, unseen } = judge(subject);
  const isUnknown = unseen.some(({ missing }) => missing === "leaves");
  return {
    report: {
      ...about,
      leaves: { from, count: subject.leaves.length },
      contradiction,
      unseen,
      result: isUnknown ? "unknown" : unseen.length > 0 ? "incomplete" : "sound",
      detail: isUnknown ? joined(troubles) : null,
    },
    content: subject.report,
    contradiction,
  };
}

function aboutOf({
  kind,
  report: { clause, cohort, number, asOfDay, root },
}: LandedReport): Omit<JudgedReport, "contradiction" | "result"> {
  const place = { kind, clause, cohort, number, asOfDay, root };
  return { ...place, leaves: null, unseen: [], detail: null, transaction: null };
}

const joined = (texts: readonly string[]): string | null => (texts.length === 0 ? null : texts.join("; "));

const NOT_GATHERED: Readonly<
  Record<NotGathered["missing"], Pick<JudgedReport, "unseen"> & { readonly detail: readonly string[] }>
> = {
  leaves: { unseen: [{ form: null, missing: "leaves", why: "its leaves are not held here" }], detail: [] },
  content: { unseen: [], detail: ["its last day is not known here"] },
  pending: { unseen: [], detail: ["it has ended while it was looked at"] },
};

async function refute(
  chain: RefuteParts["chain"],
  { dryRun, onSend }: RefuteOptions,
  report: JudgedReport,
  action: Action,
): Promise<JudgedReport> {
  try {
    // A call that the agreement refuses would cost gas, and show the leaves all the same.
    await chain.simulate(action);
    if (dryRun) return { ...report, result: "refutable" };
    onSend?.(report);
    const { standing, receipt } = await chain.submit(action);
    if (standing === "superseded") return { ...report, result: "refused", detail: "it has settled before" };
    const transaction = receipt && { hash: receipt.hash, block: receipt.blockNumber, gas: receipt.gasUsed };
    return { ...report, result: "refuted", transaction };
  } catch (error) {
    if (!(error instanceof ChainError) || error.refusal === null) throw error;
    return { ...report, result: "refused", detail: error.message };
  }
}

function actionOf(content: Settleable, refutation: Refutation): Action {
  return content.kind === "milestone"
    ? { type: "refuteMilestone", message: content.message, refutation }
    : { type: "refuteWager", message: content.message, refutation };
}

/** Leaves that make no root on the chain prove nothing, whoever gave them. @throws RootMismatch */
function checkGiven({ agreement }: RefuteParts, state: AgreementState, given: ReadonlyMap<string, GivenLeaves>): void {
  const landed = landedReports(agreement, state, {});
  const roots = new Set([
    ...landed.map(({ report }) => report.root),
    ...state.cohorts.flatMap(({ enrolments }) => enrolments.map(({ root }) => root)),
  ]);
  for (const [name, { root, leaves }] of given) {
    if (roots.has(root)) continue;
    throw new RootMismatch(
      `${name}: its ${leaves.length} leaves make the root ${root}, which is no report's and no enrolment's on the chain`,
    );
  }
}
