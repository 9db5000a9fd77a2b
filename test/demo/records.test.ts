import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { indexDay, isEligible } from "../../oracle/eligibility.ts";
import { findEndpoint } from "../../oracle/endpoints/index.ts";
import { resolveOptions } from "../../oracle/endpoints/options.ts";
import { loadSource, type Loaded } from "../../oracle/intake/load.ts";
import { needsOf } from "../../oracle/records.ts";
import type { PatientRecord } from "../../oracle/record.ts";
import { ELIGIBILITY } from "../../scripts/demo/records/codes.ts";
import { COHORTS } from "../../scripts/demo/records/cohorts.ts";
import {
  generateRecords,
  type AgreementName,
  type GenerateOptions,
  type PatientTruth,
  type Summary,
} from "../../scripts/demo/records/generate.ts";
import { FLAWS, INELIGIBLE } from "../../scripts/demo/records/parameters.ts";
import type { Agreement, Cohort, Day, Tier } from "../../terms/model.ts";
import { readTerms } from "../../terms/read.ts";
import { on } from "../oracle/support.ts";

const NAMES = ["nsclc", "cart"] as const satisfies readonly AgreementName[];
const SEEDS = [7, 1, 2026];

interface Generated {
  readonly summary: Summary;
  readonly loaded: Loaded;
  readonly agreement: Agreement;
  readonly cohort: Cohort;
  readonly asOf: Day;
}

function terms(name: AgreementName): Agreement {
  const path = fileURLToPath(new URL(`../../scripts/demo/terms/${name}.yaml`, import.meta.url));
  const { agreement, problems } = readTerms(readFileSync(path, "utf8"));
  expect(problems).to.deep.equal([]);
  if (agreement === null) throw new Error(`${name}: no agreement`);
  return agreement;
}

function options(name: AgreementName, seed: number, outDir: string): GenerateOptions {
  const cohort = COHORTS.find(({ agreement }) => agreement === name);
  if (cohort === undefined) throw new Error(`${name}: no cohort`);
  const { opens, closes, cutoff, ...rest } = cohort;
  return { ...rest, seed, outDir, opens: on(opens), closes: on(closes), cutoff: on(cutoff) };
}

async function inFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "outcomepay-records-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function generated(name: AgreementName, seed: number): Promise<Generated> {
  return inFolder(async (folder) => {
    const chosen = options(name, seed, folder);
    const summary = generateRecords(chosen);
    const agreement = terms(name);
    const [cohort] = agreement.cohorts;
    if (cohort?.eligibility == null) throw new Error(`${name}: no eligibility`);
    const loaded = await loadSource(summary.source, { asOf: chosen.cutoff, needs: needsOf(agreement) });
    return { summary, loaded, agreement, cohort, asOf: chosen.cutoff };
  });
}

const digest = (folder: string): string => {
  const hash = createHash("sha256");
  for (const name of readdirSync(join(folder, "data")).sort()) {
    hash.update(name).update(readFileSync(join(folder, "data", name)));
  }
  return hash.digest("hex");
};

/** The enrolled patients' records by identifier. */
function enrolled({ loaded, cohort }: Generated): Map<string, PatientRecord> {
  const found = loaded.patients.filter((record) => {
    const day = indexDay(record, cohort.eligibility);
    return isEligible(record, cohort.eligibility) && day !== null && day.day >= cohort.opens && day.day < cohort.closes;
  });
  return new Map(found.map((record) => [record.identifier.value, record]));
}

/** What a clause finds for each undisturbed patient, beside what the generator's truth says. */
function compared(
  all: Generated,
  clauseId: string,
  expected: (truth: PatientTruth, index: Day, tiers: readonly Tier[]) => number | "not evaluable",
): { identifier: string; found: number | string; expected: number | string }[] {
  const clause = all.agreement.clauses.find(({ id }) => id === clauseId);
  const endpoint = findEndpoint(all.agreement.rules, clause?.metric?.id ?? "");
  const [payoff] = clause?.payoffs.values() ?? [];
  if (clause === undefined || clause.due === "enrolment" || endpoint === undefined || payoff === undefined)
    throw new Error(`no clause ${clauseId}`);
  const question = { due: clause.due, asOf: all.asOf, options: resolveOptions(clause.endpoint), tiers: payoff.tiers };
  const records = enrolled(all);
  return all.summary.patients.flatMap((truth) => {
    const record = records.get(truth.identifier);
    if (record === undefined || truth.disturbed || truth.index === null) return [];
    const outcome = endpoint.value(record, question);
    const found = "value" in outcome ? Number(outcome.value) : "not evaluable";
    return [{ identifier: truth.identifier, found, expected: expected(truth, truth.index, payoff.tiers) }];
  });
}

const first = (...days: readonly (Day | null)[]): Day => Math.min(...days.map((day) => day ?? Infinity));
/** Two intervals of eight weeks and two weeks of tolerance: within it, no two assessments in a row were missed. */
const UNMISSED = 126;
const WINDOW = 28;

describe("synthetic records", () => {
  for (const name of NAMES) {
    it(`${name}: gives the same bytes for the same seed, and others for another`, () =>
      inFolder((folder) => {
        const [a, b, c] = [7, 7, 8].map((seed, k) => {
          const outDir = join(folder, String(k));
          generateRecords(options(name, seed, outDir));
          return digest(outDir);
        });
        expect(a).to.equal(b);
        expect(a).to.not.equal(c);
      }));

    it(`${name}: adds only what was recorded since when the cut-off is later`, () =>
      inFolder((folder) => {
        const lines = [-120, 0].map((shift) => {
          const chosen = options(name, 7, join(folder, String(shift)));
          generateRecords({ ...chosen, cutoff: chosen.cutoff + shift });
          const data = join(chosen.outDir, "data");
          return readdirSync(data).flatMap((file) => readFileSync(join(data, file), "utf8").split("\n"));
        });
        const [sooner = [], later = []] = lines;
        const known = new Set(later);
        expect(sooner.filter((line) => !known.has(line))).to.have.length.at.most(1);
        expect(later.length).to.be.greaterThan(sooner.length);
      }));

    it(`${name}: names the codes of the term sheet`, () => {
      expect(terms(name).cohorts.map(({ eligibility }) => eligibility)).to.deep.equal([ELIGIBILITY[name]]);
    });

    for (const seed of SEEDS) {
      describe(`${name}, seed ${seed}`, () => {
        let all: Generated;
        before(async () => {
          all = await generated(name, seed);
        });

        it("shows every phenomenon that it models", () => {
          const { course, flaws, groups } = all.summary.counts;
          expect(Object.keys(flaws)).to.have.members([...Object.keys(FLAWS), "truncated-line"]);
          expect(Object.keys(groups)).to.have.members(["eligible", ...Object.keys(INELIGIBLE[name])]);
          const { remission, ...others } = course;
          expect(Object.values(others).every((patients) => patients > 0)).to.equal(true);
          expect(remission > 0).to.equal(name === "cart");
        });

        it("is read without a resource unaccounted for", () => {
          const { read, used, rejected, superseded, duplicates, ignored, files } = all.loaded.counts;
          const unneeded = Object.values(ignored).reduce((sum, part) => sum + part, 0);
          expect(used + rejected + superseded + duplicates + unneeded).to.equal(read);
          expect(read).to.equal(Object.values(all.summary.lines).reduce((sum, part) => sum + part, 0));
          expect(files).to.equal(Object.keys(all.summary.lines).length);
          expect(Object.keys(ignored).every((kind) => ["Observation", "Procedure"].includes(kind))).to.equal(true);
          expect(all.loaded.rejected.every(({ reason }) => reason !== "")).to.equal(true);
        });

        it("has its flaws rejected for what they are, and nothing else", () => {
          const reasons = new Set(all.loaded.rejected.map(({ reason }) => reason));
          const expected = [
            /^broken JSON$/,
            /^unmapped code http:\/\/snomed\.info\/sct\|999999999$/,
            /^unmapped code https:\/\/hospital\.example\/codes\/response\|R4$/,
            /^dated after the as-of date$/,
            /^dated before birth$/,
            /^no subject reference$/,
            /^status preliminary$/,
            /^status entered-in-error$/,
            /^status not-done$/,
            /^no focus, and the patient has several primary cancers$/,
            /^about another condition$/,
            /^index date is partial$/,
          ];
          for (const pattern of expected)
            expect([...reasons].some((reason) => pattern.test(reason))).to.equal(true, String(pattern));
          const other = [...reasons].filter((reason) => !expected.some((pattern) => pattern.test(reason)));
          // Written to the month, an assessment or a death may seem to lie on the wrong side of another date.
          expect(
            other.filter((reason) => !/^(?:dated after death|death before an assessment.*)$/.test(reason)),
          ).to.deep.equal([]);
        });

        it("fits the cohort exactly where it was made to", () => {
          const made = all.summary.patients.filter(
            ({ group, flaws }) => group === "eligible" && !flaws.includes("partial-index"),
          );
          const found = enrolled(all);
          expect([...found.keys()]).to.have.members(made.map(({ identifier }) => identifier));
          for (const { identifier, index } of made) {
            const record = found.get(identifier);
            expect(record && indexDay(record, all.cohort.eligibility)?.day).to.equal(index);
          }
        });

        it("tells of consent, death and assessments as they were", () => {
          const records = new Map(all.loaded.patients.map((record) => [record.identifier.value, record]));
          expect(records.size).to.equal(all.summary.patients.length);
          for (const truth of all.summary.patients) {
            const record = records.get(truth.identifier);
            expect(record?.consent).to.equal(truth.consent, truth.identifier);
            if (truth.disturbed) continue;
            expect(record?.death?.date.first ?? null).to.equal(truth.death, truth.identifier);
            const assessed = record?.assessments
              .filter(({ response }) => response !== "NE")
              .map(({ date }) => date.first);
            expect(assessed).to.deep.equal(truth.assessed, truth.identifier);
          }
        });

        if (name === "nsclc") {
          it("agrees with the generator on progression-free survival", () => {
            const rows = compared(all, "pfs-6mo-refund", ({ progression, death, assessed }, index) => {
              const due = index + 183;
              const event = first(progression, death);
              if (event <= due) return event - index;
              const free = Math.max(index, ...assessed.filter((day) => day < event));
              const shown = free >= due - WINDOW || event - free <= UNMISSED;
              return shown ? 183 : "not evaluable";
            });
            expect(rows.length).to.be.greaterThan(90);
            for (const { identifier, found, expected } of rows) expect(found).to.equal(expected, identifier);
            expect(new Set(rows.map(({ expected }) => (expected === 183 ? "free" : typeof expected))).size).to.equal(3);
          });
        } else {
          it("agrees with the generator on complete remission", () => {
            const rows = compared(all, "remission-3mo", ({ remission }, index) =>
              remission !== null && remission <= index + 91 ? 1 : 0,
            );
            expect(rows.length).to.be.greaterThan(30);
            for (const { identifier, found, expected } of rows) expect(found).to.equal(expected, identifier);
            expect(new Set(rows.map(({ expected }) => expected)).size).to.equal(2);
          });

          it("agrees with the generator on remission maintained", () => {
            const rows = compared(all, "maintained-6mo", ({ remission, progression, death, assessed }, index) => {
              const due = index + 183;
              const lost = first(progression, death);
              if (remission === null || remission > due || lost <= due) return 0;
              const shown = assessed.some((day) => day >= due - WINDOW && day <= due + WINDOW && day < lost);
              const last = Math.max(index, ...assessed.filter((day) => day < lost));
              return shown || lost - last <= UNMISSED ? 1 : "not evaluable";
            });
            for (const { identifier, found, expected } of rows) expect(found).to.equal(expected, identifier);
            expect(new Set(rows.map(({ expected }) => expected)).has(1)).to.equal(true);
          });
        }

        it("never has a withdrawn consent evaluated", () => {
          const records = enrolled(all);
          const [clause] = all.agreement.clauses.filter(({ metric }) => metric !== null);
          const endpoint = findEndpoint(all.agreement.rules, clause?.metric?.id ?? "");
          const withdrawn = all.summary.patients.filter(({ consent }) => consent === false);
          expect(withdrawn).to.not.be.empty;
          for (const { identifier } of withdrawn) {
            const record = records.get(identifier);
            const tiers = [{ start: null, pays: 0n, slope: 0n }];
            const question = { due: 91, asOf: all.asOf, options: resolveOptions({}), tiers };
            expect(record && endpoint?.value(record, question)).to.include({ notEvaluable: "no-consent" });
          }
        });
      });
    }
  }
});
