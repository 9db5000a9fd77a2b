/** What came of a run, for people: a table by file, and every mutant that nothing killed. */

import { EQUIVALENT } from "./equivalent.ts";
import type { Mutant } from "./mutant.ts";
import type { Result } from "./result.ts";

export const told = ({ file, line, column, where, operator, before, after }: Mutant): string =>
  `${file}:${line}:${column} ${where}: ${operator}: ${cut(before)} ⇒ ${cut(after) || "nothing"}`;

const cut = (text: string): string => (text.length > 90 ? `${text.slice(0, 87)}…` : text);

/** Whether the list of mutants without an effect names it. */
export const isEquivalent = (mutant: Mutant): boolean =>
  EQUIVALENT.some(
    ({ where, operator, before, after }) =>
      where === mutant.where && operator === mutant.operator && before === mutant.before && after === mutant.after,
  );

export function summaryOf(chosen: readonly Mutant[], results: ReadonlyMap<number, Result>): string {
  const judged = chosen.filter(({ id }) => results.has(id));
  const killed = (mutant: Mutant) => /^(killed|timeout)$/.test(results.get(mutant.id)?.status ?? "");
  const survivors = judged.filter((mutant) => !killed(mutant) && !isEquivalent(mutant)).toSorted((a, b) => a.id - b.id);
  const row = (name: string, list: readonly Mutant[]): string => {
    const dead = list.filter(killed).length;
    const equal = list.filter((mutant) => !killed(mutant) && isEquivalent(mutant)).length;
    const share = (whole: number) => (whole === 0 ? "–" : `${((100 * dead) / whole).toFixed(1)}%`);
    const cells = [
      name,
      list.length,
      dead,
      equal,
      list.length - dead - equal,
      share(list.length),
      share(list.length - equal),
    ];
    return `| ${cells.join(" | ")} |`;
  };
  const files = Map.groupBy(judged, ({ file }) => file);
  const slow = judged.filter(({ id }) => results.get(id)?.status === "timeout").length;
  return [
    "| file | mutants | killed | equivalent | survived | killed of all | killed of those with an effect |",
    "| --- | --: | --: | --: | --: | --: | --: |",
    ...[...files].toSorted(([a], [b]) => a.localeCompare(b)).map(([file, list]) => row(file, list)),
    row("**all**", judged),
    "",
    `${judged.length} of ${chosen.length} chosen mutants judged; ${slow} of the killed made a test hang.`,
    "",
    ...survivors.map((mutant) => `- ${results.get(mutant.id)?.status}: ${told(mutant)}`),
  ].join("\n");
}
