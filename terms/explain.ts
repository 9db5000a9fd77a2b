/** An agreement in plain language, as a document: `explain/text.ts` prints it, `--json` passes it on. */

import { chances } from "./explain/chance.ts";
import { funding } from "./explain/funding.ts";
import { disputes, exposure, leftToDefault, silence, whenDue } from "./explain/rules.ts";
import { swing } from "./explain/swing.ts";
import {
  date,
  group,
  money,
  party,
  paymentInWords,
  sourceInWords,
  signed,
  tierInWords,
  tierPayment,
} from "./explain/words.ts";
import { WHOLE, type Agreement, type Clause, type Payoff } from "./model.ts";
import { formatDecimal } from "./decimal.ts";

/** One payoff in words. `cohorts` share it. */
export interface PayoffWords {
  readonly cohorts: readonly string[];
  /** Value of the metric, and what is then paid. */
  readonly tiers: readonly { readonly value: string; readonly payment: string }[];
  /** Null without a metric that can fail to be evaluated. */
  readonly notEvaluable: string | null;
  readonly swing: readonly string[];
  /** For a wager on a rate: how likely each tier is at true rates near the thresholds. */
  readonly chances: null | {
    readonly patients: number;
    readonly tiers: readonly string[];
    readonly rows: readonly { readonly rate: string; readonly chances: readonly string[] }[];
  };
}

export interface ClauseWords {
  readonly id: string;
  readonly kind: Clause["kind"];
  /** Who pays whom, when and on what. */
  readonly summary: string;
  readonly payoffs: readonly PayoffWords[];
  /** What happens when nobody reports. */
  readonly silence: string | null;
  /** Clinical choices left at their default. */
  readonly defaults: readonly string[];
}

export interface FundingWords {
  /** Cohorts with these figures, each by itself. */
  readonly cohorts: readonly string[];
  readonly patients: number;
  readonly parties: readonly {
    readonly party: string;
    readonly atEnrolmentPerPatient: string;
    readonly lockedPerPatient: string;
    readonly lockedOnce: string;
    readonly atEnrolment: string;
    readonly locked: string;
    readonly mustBring: string;
    readonly worst: string;
  }[];
}

export interface Explanation {
  readonly title: string;
  readonly currency: string;
  readonly facts: readonly string[];
  readonly parties: readonly string[];
  readonly cohorts: readonly string[];
  readonly clauses: readonly ClauseWords[];
  readonly funding: readonly FundingWords[];
  readonly disputes: readonly string[];
  readonly exposure: readonly string[];
}

export function explain(agreement: Agreement): Explanation {
  return {
    title: agreement.title,
    currency: agreement.currency.code,
    facts: facts(agreement),
    parties: agreement.members.map((member) => {
      const many = agreement.members.filter((other) => other.group === member.group).length > 1;
      const share = formatDecimal({ digits: member.share, scale: 6 });
      const part = many && member.share !== WHOLE ? `, carries ${share}% of what the group pays and gets` : "";
      const paid = member.payout === "automatic" ? "; paid out automatically" : "; withdraws when it wishes";
      return `${member.group}: ${member.name}${part}${paid}`;
    }),
    cohorts: agreement.cohorts.map((cohort) => {
      const { id, population, price, opens, closes, enrolWithin, maxPatients } = cohort;
      const late = enrolWithin === 0 ? "" : `, to be enrolled by ${date(closes + enrolWithin - 1)}`;
      return `${id}: ${population === "" ? "" : `${population}. `}${money(agreement, price)} a patient, at most ${group(maxPatients)} patients, treatment beginning from ${date(opens)} to ${date(closes - 1)}${late}`;
    }),
    clauses: agreement.clauses.map((clause) => ({
      id: clause.id,
      kind: clause.kind,
      summary: summary(agreement, clause),
      payoffs: payoffs(agreement, clause),
      silence: silence(agreement, clause),
      defaults: leftToDefault(agreement, clause),
    })),
    funding: fundingInWords(agreement),
    disputes: disputes(agreement),
    exposure: exposure(agreement),
  };
}

function facts(agreement: Agreement): string[] {
  const { code } = agreement.currency;
  const { validUntil, legal, rules } = agreement;
  return [
    "This explains what the terms below mean; the terms themselves are what is signed and what the contract does.",
    "The contract holds the money and pays by itself. The oracle computes outcomes from health records and signs reports. Money is locked when it may still have to be paid: its owner can't withdraw it until then.",
    `Amounts are in ${code}. Outcomes are computed by the clinical rules, version ${rules}.`,
    ...(validUntil === null ? [] : [`It can be signed and created until ${date(validUntil)}.`]),
    ...(legal === null
      ? []
      : [`It belongs to the contract at ${legal.uri} (SHA-256 ${legal.sha256}); the ${legal.prevails} text prevails.`]),
  ];
}

function summary(agreement: Agreement, clause: Clause): string {
  const { metric } = clause;
  const from = party(agreement, clause.from);
  const to = party(agreement, clause.to);
  const amounts = [...clause.payoffs.values()].flatMap(({ tiers, notEvaluable }) => [
    notEvaluable,
    ...tiers.map((t) => t.pays),
  ]);
  const both = amounts.some((amount) => amount < 0n) && amounts.some((amount) => amount > 0n);
  const [payer, payee] = amounts.some((amount) => amount < 0n) ? [to, from] : [from, to];
  const sides = both
    ? `A payment between ${from} and ${to}, in either direction`
    : `A payment from ${payer} to ${payee}`;
  const due = whenDue(agreement, clause);
  if (metric === null) return `${sides}, for each patient, ${due}.`;
  const each = clause.kind === "milestone" ? "for each patient" : "for the cohort as a whole";
  const times =
    clause.kind === "milestone"
      ? ""
      : clause.basis === "total"
        ? " The amounts are totals for the cohort."
        : " The amounts are for each patient enrolled.";
  const source = sourceInWords(metric);
  const what = `${metric.id}${metric.definition === "" ? "" : `: ${metric.definition}`}${source === "" ? "" : ` (${source})`}`;
  const who = metric.knownTo === "contract" ? "The contract knows it; no report is needed." : "The oracle reports it.";
  return `${sides}, ${each}, ${due}.${times} It depends on ${what}. ${who}`;
}

/** One entry for all cohorts whose payoff reads the same. */
function payoffs(agreement: Agreement, clause: Clause): PayoffWords[] {
  const seen = new Map<string, PayoffWords>();
  for (const [position, payoff] of clause.payoffs) {
    const cohort = agreement.cohorts[position];
    if (cohort === undefined) continue;
    const words = payoffInWords(agreement, clause, payoff, position);
    const key = JSON.stringify(words);
    const same = seen.get(key);
    seen.set(key, { ...words, cohorts: [...(same?.cohorts ?? []), cohort.id] });
  }
  return [...seen.values()];
}

function payoffInWords(
  agreement: Agreement,
  clause: Clause,
  payoff: Payoff,
  position: number,
): Omit<PayoffWords, "cohorts"> {
  const { price = 0n, maxPatients = 0 } = agreement.cohorts[position] ?? {};
  const { metric } = clause;
  const tiers = payoff.tiers.map((_, k) => ({
    value: tierInWords(agreement, metric, payoff, k),
    payment: tierPayment(agreement, clause, payoff, k, price),
  }));
  const reported = metric?.knownTo === "oracle";
  const rate = clause.kind === "wager" && metric?.kind === "percent" && reported ? metric : null;
  return {
    tiers,
    notEvaluable: reported ? paymentInWords(agreement, clause, payoff.notEvaluable, price) : null,
    swing: swing(agreement, clause, payoff, position),
    chances:
      rate === null || payoff.tiers.length < 2
        ? null
        : {
            patients: maxPatients,
            tiers: tiers.map(({ value }) => value),
            rows: chances(rate, payoff, maxPatients).map((row) => ({
              rate: `${row.rate}%`,
              chances: row.tiers.map(percent),
            })),
          },
  };
}

/** A probability for people: never a false 0% or 100%. */
function percent(chance: number): string {
  if (chance < 0.000001) return "0%";
  if (chance < 0.005) return "<1%";
  if (chance > 0.999999) return "100%";
  return chance > 0.995 ? ">99%" : `${Math.round(chance * 100)}%`;
}

/** One table for all cohorts whose figures are the same. */
function fundingInWords(agreement: Agreement): FundingWords[] {
  const plain = (amount: bigint): string => signed(agreement, amount).replace("+", "");
  const seen = new Map<string, FundingWords>();
  for (const { cohort, patients, rows } of funding(agreement)) {
    const parties = rows.map((row) => ({
      party: `${row.group}/${row.name}`,
      atEnrolmentPerPatient: signed(agreement, row.atEnrolmentPerPatient),
      lockedPerPatient: plain(row.lockedPerPatient),
      lockedOnce: plain(row.lockedOnce),
      atEnrolment: signed(agreement, row.atEnrolment),
      locked: plain(row.locked),
      mustBring: plain(row.mustBring),
      worst: signed(agreement, row.worst),
    }));
    const key = JSON.stringify([patients, parties]);
    seen.set(key, { cohorts: [...(seen.get(key)?.cohorts ?? []), cohort], patients, parties });
  }
  return [...seen.values()];
}
