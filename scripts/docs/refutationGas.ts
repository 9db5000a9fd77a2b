/** What a refutation costs, form by form, from the measurements that the tests hold the contracts to. */

import { readFileSync } from "node:fs";

import { markdownTable } from "./section.ts";

const SNAPSHOT = new URL("../../test/contracts/gas.refute.snapshot.json", import.meta.url);

/** What becomes public with each form; keys begin as those of the snapshot. */
const SHOWN: Readonly<Record<string, string>> = {
  LeafCount: "nobody",
  Tier: "a leaf",
  "RunningSum, one leaf": "a leaf",
  "RunningSum, neighbours": "two leaves",
  Order: "two leaves",
  TwiceInReport: "two leaves of one patient",
  TwiceInClause: "two leaves of one patient, of two reports",
  "NotEnrolled, no such enrolment": "a leaf",
  "NotEnrolled, one entry": "a leaf, an entry",
  "NotEnrolled, two entries": "a leaf, two entries",
  NotDue: "a leaf",
};

/** @throws Error when a form was measured that the table does not know, or the other way round. */
export function refutationGas(): string {
  const measured = JSON.parse(readFileSync(SNAPSHOT, "utf8")) as Readonly<Record<string, number>>;
  const text = (key: string): string => measured[key]?.toLocaleString("en-US") ?? "–";
  const forms = Object.keys(measured).flatMap((key) => (key.startsWith("milestone: ") ? [key.slice(11)] : []));
  const [unknown] = [
    ...forms.filter((form) => !(form in SHOWN)),
    ...Object.keys(SHOWN).filter((it) => !forms.includes(it)),
  ];
  if (unknown !== undefined) throw new Error(`${unknown} is not both measured and described`);
  const rows = Object.entries(SHOWN).map(([form, shown]) => [
    form,
    shown,
    text(`milestone: ${form}`),
    text(`wager: ${form}`),
  ]);
  const table = markdownTable([["form", "shows the public", "a milestone's report", "a wager's"], ...rows], 2);
  return `${table}

Gas of the whole call, for reports on 1,000 (milestone) and 1,011 patients (wager), in an agreement of three clauses. It grows
with the logarithm of the number of patients: \`Tier\` in a report on 100,000 takes ${text("milestone of 100,000: Tier")}. The tests hold the
contracts to these figures (\`test/contracts/gas.refute.test.ts\`).`;
}
