/** Costs that were known on the as-of date. Two alike are two: only an identifier tells that they are one. */

import type { Cost } from "../../record.ts";
import { collapse } from "./collapse.ts";
import { byDate, type Person } from "./person.ts";

export function costsOf(person: Person): Cost[] {
  // Bills come after death too.
  const dated = person.of("cost").filter((stated) => {
    const problem = person.misdated(stated.fact.date, null);
    if (problem !== null) person.quarantine(stated, problem);
    return problem === null;
  });
  const explained = dated.some(({ fact }) => fact.form === "ExplanationOfBenefit");
  const paid = dated.filter((stated) => {
    const twice = explained && stated.fact.form === "Invoice";
    if (twice) person.reject(stated, "an invoice beside explanations of benefit: the source must say which counts");
    return !twice;
  });
  const costs = collapse(person, paid, () => "", null).map((stated): Cost => {
    person.use(stated);
    const { date, codes, amount, currency } = stated.fact;
    return { date, codes, amount, currency, id: stated.id };
  });
  return costs.sort(byDate);
}
