/** The agreement, its cohorts, and what is due: all of it stands on the chain. */

import { z } from "zod";

import { formatDay } from "../../../terms/calendar.ts";
import type { Agreement, Clause, Cohort } from "../../../terms/model.ts";
import type { CohortState } from "../../chain/agreementState.ts";

import { outstanding } from "../../keeper/overdue.ts";
import { agreement as agreementSchema, cohort as cohortSchema, overdue as overdueSchema } from "../schemas.ts";
import type { ApiSource, Scene } from "../source.ts";
import { callerOf, PROBLEMS, type Routes } from "./context.ts";

export function addAgreementRoutes({ server, source }: Routes): void {
  const { agreement } = source;
  server.get(
    "/v1/agreement",
    {
      config: { resource: "agreement" },
      schema: { summary: "The agreement", tags: ["agreement"], response: { 200: agreementSchema, ...PROBLEMS } },
    },
    (request) => agreementDocument(source, callerOf(request).scene),
  );
  server.get(
    "/v1/cohorts",
    {
      config: { resource: "cohorts" },
      schema: {
        summary: "Cohorts with their enrolments",
        tags: ["agreement"],
        response: { 200: z.array(cohortSchema), ...PROBLEMS },
      },
    },
    (request) => {
      const { cohorts } = callerOf(request).scene.state;
      return agreement.cohorts.map((terms, i) => cohortDocument(terms, cohorts[i]));
    },
  );
  server.get(
    "/v1/overdue",
    {
      config: { resource: "overdue" },
      schema: {
        summary: "Patients due and not assessed",
        tags: ["agreement"],
        response: { 200: z.array(overdueSchema), ...PROBLEMS },
      },
    },
    (request) =>
      outstanding(agreement, callerOf(request).scene.state).map(({ clause, cohort, due, overdue }) => ({
        clause: agreement.clauses[clause]?.id ?? "",
        cohort: agreement.cohorts[cohort]?.id ?? "",
        due,
        late: overdue,
      })),
  );
}

function agreementDocument({ agreement, id }: ApiSource, { state, people }: Scene): z.infer<typeof agreementSchema> {
  const { oracle, members } = agreement;
  const authorising = oracle.authorisedBy === null ? undefined : members[oracle.authorisedBy];
  return {
    chainId: id.chainId.toString(),
    address: id.address,
    title: agreement.title,
    rules: agreement.rules,
    currency: agreement.currency,
    block: state.block,
    today: formatDay(state.today),
    terminated: state.terminated,
    oracle: {
      address: state.oracle,
      operators: [...people.operators],
      arbiter: people.arbiter,
      reportWithin: oracle.reportWithin,
      reportEvery: oracle.reportEvery,
      grace: oracle.grace,
      minCell: oracle.minCell,
      challengeWindow: oracle.challengeWindow,
      challengeBond: oracle.challengeBond.toString(),
      ruleWithin: oracle.ruleWithin,
      authorisedBy: authorising === undefined ? null : `${authorising.group}/${authorising.name}`,
    },
    parties: members.map(({ group, name, share, payout }, i) => {
      const { balance, locked } = state.accounts[i] ?? { balance: 0n, locked: 0n };
      const money = { balance: String(balance), locked: String(locked), free: String(balance - locked) };
      return { group, name, share: share.toString(), payout, holder: people.holders[i] ?? "", ...money };
    }),
    clauses: agreement.clauses.map((clause) => clauseDocument(clause, agreement)),
  };
}

function clauseDocument(clause: Clause, { cohorts }: Agreement): z.infer<typeof agreementSchema>["clauses"][number] {
  const { id, kind, metric, due, basis, from, to, endpoint, payoffs } = clause;
  return {
    id,
    kind,
    metric: metric?.id ?? null,
    unit: metric?.unit ?? null,
    decimals: metric?.decimals ?? null,
    due,
    basis,
    from: from.text,
    to: to.text,
    endpoint: { ...endpoint },
    payoffs: [...payoffs].map(([cohort, { tiers, notEvaluable }]) => ({
      cohort: cohorts[cohort]?.id ?? "",
      tiers: tiers.map(({ start, pays, slope }) => ({
        start: start?.toString() ?? null,
        pays: pays.toString(),
        slope: slope.toString(),
      })),
      notEvaluable: notEvaluable.toString(),
    })),
  };
}

function cohortDocument(terms: Cohort, state: CohortState | undefined): z.infer<typeof cohortSchema> {
  const { id, population, price, opens, closes, enrolWithin, maxPatients } = terms;
  return {
    id,
    population,
    price: price.toString(),
    opens: formatDay(opens),
    closes: formatDay(closes),
    enrolWithin,
    maxPatients,
    opened: state?.opened ?? false,
    patients: state?.patients ?? 0,
    enrolments: (state?.enrolments ?? []).map(({ number, patients, indexedDay, root }) => ({
      number,
      patients,
      indexedDay: formatDay(indexedDay),
      root,
    })),
  };
}
