/** The agreement's own metrics: what each is made of, its kind, and whether it is of a patient or of a cohort. */

import { ID, isId, openMap } from "../fields.ts";
import { nearest, oneOfText, quote, type Findings, type Place } from "../findings.ts";
import { builtInMetrics, unitOf } from "../metrics.ts";
import type { Metric } from "../model.ts";
import { isYesNo, YES_NO } from "../values.ts";
import type { Node } from "../yaml.ts";
import type { Currency } from "./amount.ts";
import { readDefinition, type Draft, type Part } from "./definition.ts";

type Of = "patient" | "cohort";

/** What a clause needs of the metric it names. */
export interface Need {
  readonly metric: string;
  readonly of: Of;
  readonly place: Place;
}

/** Metrics by id. `broken` holds the own ones that have a problem: who names them says nothing more. */
export interface Metrics {
  readonly known: ReadonlyMap<string, Metric>;
  readonly own: readonly Metric[];
  readonly broken: ReadonlySet<string>;
}

export function readMetrics(
  node: Node | undefined,
  needs: readonly Need[],
  currency: Currency,
  findings: Findings,
): Metrics {
  const builtIn = builtInMetrics(currency);
  const map = openMap(node, "metrics by id, such as m-protein: { percent: true, definition: … }", findings);
  const drafts = new Map<string, Draft>();
  const broken = new Set<string>();
  for (const [id, value] of map?.entries ?? []) {
    const draft = builtIn.has(id)
      ? findings.expected(value, `${quote(id)}, a built-in metric`, "a name of its own")
      : isId(id)
        ? readDefinition(id, value, findings)
        : findings.expected(value, `the id ${quote(id)}`, ID);
    if (draft === undefined) {
      if (!builtIn.has(id)) broken.add(id);
    } else drafts.set(id, draft);
  }
  const order = inOrder(drafts, builtIn, broken, findings);
  const of = whose(drafts, order, builtIn, needs, findings);
  const known = new Map(builtIn);
  const own: Metric[] = [];
  for (const id of order) {
    const draft = drafts.get(id);
    if (draft === undefined || broken.has(id)) continue;
    if (draft.parts.some((part) => broken.has(part.id))) {
      broken.add(id);
      continue;
    }
    const metric = makeMetric(draft, of.get(id) ?? "patient", known, currency, findings);
    if (metric === undefined) broken.add(id);
    else known.set(id, metric);
  }
  // In the order of the file, which is what people see and sign.
  for (const id of drafts.keys()) {
    const metric = known.get(id);
    if (metric !== undefined) own.push(metric);
  }
  return { known, own, broken };
}

/** Ids with every part before what is made of it; unknown parts and circles are reported and left out. */
function inOrder(
  drafts: ReadonlyMap<string, Draft>,
  builtIn: ReadonlyMap<string, Metric>,
  broken: Set<string>,
  findings: Findings,
): string[] {
  const names = [...drafts.keys(), ...builtIn.keys()];
  const done: string[] = [];
  const open: string[] = [];
  const visit = (draft: Draft): void => {
    open.push(draft.id);
    for (const part of draft.parts) {
      const next = drafts.get(part.id);
      if (open.includes(part.id)) {
        const circle = [...open.slice(open.indexOf(part.id)), part.id].join(" → ");
        findings.expected(part.place, `the circle ${circle}`, "a metric that does not depend on itself");
        broken.add(draft.id);
      } else if (next !== undefined) {
        if (!done.includes(part.id)) visit(next);
      } else if (builtIn.get(part.id)?.knownTo === "contract") {
        findings.expected(
          part.place,
          `${quote(part.id)}, which only the contract knows`,
          "a metric that the oracle measures",
        );
        broken.add(draft.id);
      } else if (!builtIn.has(part.id)) {
        if (!broken.has(part.id)) {
          findings.expected(part.place, quote(part.id), "a metric, built in or defined here", nearest(part.id, names));
        }
        broken.add(draft.id);
      }
    }
    open.pop();
    done.push(draft.id);
  };
  for (const draft of drafts.values()) if (!done.includes(draft.id)) visit(draft);
  return done;
}

/** Patient or cohort, for every own metric: as stated, else as the clauses need it, else as the parts are. */
function whose(
  drafts: ReadonlyMap<string, Draft>,
  order: readonly string[],
  builtIn: ReadonlyMap<string, Metric>,
  needs: readonly Need[],
  findings: Findings,
): ReadonlyMap<string, Of> {
  const of = new Map<string, Of>();
  for (const [id, metric] of builtIn) of.set(id, metric.of);
  for (const draft of drafts.values()) if (draft.of !== undefined) of.set(draft.id, draft.of);
  for (const need of needs) {
    if (!drafts.has(need.metric)) continue;
    const known = of.get(need.metric);
    if (known === undefined) of.set(need.metric, need.of);
    else if (known !== need.of)
      findings.expected(need.place, `${quote(need.metric)}, a metric of the ${known}`, fit(need.of));
  }
  // Wholes come after their parts in `order`: backwards, what a whole is reaches its parts; forwards, the parts tell the rest.
  const agree = (draft: Draft): void => {
    const whole = of.get(draft.id);
    if (whole === undefined) return;
    for (const { id, place } of draft.parts) {
      const part = of.get(id);
      if (part === undefined) of.set(id, whole);
      else if (part !== whole) {
        findings.expected(
          place,
          `${quote(id)}, a metric of the ${part}`,
          `a metric of the ${whole}, as ${draft.id} is`,
        );
      }
    }
  };
  const listed = order.map((id) => drafts.get(id)).filter((draft) => draft !== undefined);
  const downwards = (): void => listed.toReversed().forEach(agree);
  downwards();
  for (const draft of listed) {
    const told = draft.parts.map(({ id }) => of.get(id)).find((part) => part !== undefined);
    if (told !== undefined && !of.has(draft.id)) of.set(draft.id, told);
  }
  downwards();
  for (const { id } of listed) if (!of.has(id)) of.set(id, "patient");
  return of;
}

/** What a clause of either kind needs, in words. */
export function fit(of: Of): string {
  return of === "patient"
    ? "a metric of the patient (of: patient), as a milestone is assessed for each patient"
    : "a metric of the cohort (of: cohort), as a wager is assessed once for the cohort";
}

function makeMetric(
  draft: Draft,
  of: Of,
  known: ReadonlyMap<string, Metric>,
  currency: Currency,
  findings: Findings,
): Metric | undefined {
  const { id, definition, source, kind, levels } = draft;
  for (const part of draft.parts) {
    const metric = known.get(part.id);
    if (metric === undefined) return undefined;
    if (part.role === "condition" && !canBeYesNo(metric)) {
      return findings.expected(part.place, `${quote(part.id)} in ${metric.unit}`, "a metric that is 0 or 1");
    }
  }
  const common = { id, of, definition, source, levels, knownTo: "oracle", builtIn: false } as const;
  if (draft.parts.length === 0) {
    const stated = kind ?? "number";
    const decimals =
      stated === "money" ? currency.decimals : (draft.decimals ?? (stated === "percent" ? PERCENT_DECIMALS : 0));
    return { ...common, kind: stated, unit: unitOf(stated, currency.code), decimals };
  }
  const derived = deriveKind(draft, known, findings);
  if (derived === undefined) return undefined;
  if ((kind ?? derived.kind) !== derived.kind || (draft.decimals ?? derived.decimals) !== derived.decimals) {
    return findings.expected(
      draft.kindPlace,
      `a kind for ${quote(id)} other than that of its parts`,
      `none: it is in ${derived.unit}, with ${derived.decimals} decimals`,
    );
  }
  return { ...common, ...derived };
}

const PERCENT_DECIMALS = 4;

type Kind = Pick<Metric, "kind" | "unit" | "decimals" | "levels">;

function deriveKind(draft: Draft, known: ReadonlyMap<string, Metric>, findings: Findings): Kind | undefined {
  const values = draft.parts.filter(({ role }) => role === "value");
  const [first, second] = values.map((part) => known.get(part.id));
  if (first === undefined) return { kind: "number", unit: YES_NO, decimals: 0, levels: [] };
  if (second === undefined) {
    return { kind: first.kind, unit: first.unit, decimals: first.decimals, levels: first.levels };
  }
  const place = values[1]?.place ?? draft.kindPlace;
  if (first.kind === "level" || second.kind === "level") {
    return findings.expected(place, "a difference of levels", "a difference of numbers, which levels are not");
  }
  if (first.kind !== second.kind || first.unit !== second.unit || first.decimals !== second.decimals) {
    const inWords = (metric: Metric): string => `${metric.unit} with ${metric.decimals} decimals`;
    return findings.expected(
      place,
      `${quote(second.id)} in ${inWords(second)}`,
      `the unit of ${first.id}: ${inWords(first)}`,
    );
  }
  // One 0-or-1 metric less another may be −1.
  const unit = isYesNo(first) ? unitOf("number", "") : first.unit;
  return { kind: first.kind, unit, decimals: first.decimals, levels: [] };
}

/** A combination of conditions needs parts that are 0 or 1: by definition, by two levels, or as a whole number that is nothing else. */
function canBeYesNo(metric: Metric): boolean {
  if (isYesNo(metric)) return true;
  if (metric.builtIn) return false;
  if (metric.kind === "level") return metric.levels.length === 2;
  return metric.kind === "number" && metric.decimals === 0 && metric.source?.type !== "difference";
}

/** A metric for a clause that names it; problems of own metrics were reported where they are defined. */
export function findMetric(id: string, place: Place, metrics: Metrics, findings: Findings): Metric | undefined {
  const metric = metrics.known.get(id);
  if (metric !== undefined || metrics.broken.has(id)) return metric;
  const names = [...metrics.own.map((own) => own.id), ...metrics.broken, ...metrics.known.keys()];
  const near = nearest(id, names);
  return findings.expected(
    place,
    quote(id),
    near === "" ? `a metric: ${oneOfText([...new Set(names)])}` : "a metric",
    near,
  );
}

export type { Part };
