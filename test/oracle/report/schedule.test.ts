import { expect } from "chai";

import { unassessed, dueOn, AmbiguousHistory, type EnrolledPatient } from "../../../oracle/report/assessed.ts";
import type { Hex } from "../../../oracle/report/bytes.ts";
import { selectEnrolment, type Candidate } from "../../../oracle/report/enrolment.ts";
import { dueAfter, heldBack, reportingDay, wagerDueDay } from "../../../oracle/report/schedule.ts";
import { parseDay } from "../../../terms/calendar.ts";
import type { Agreement } from "../../../terms/model.ts";
import { agreementOf, SHEET } from "../fixture.ts";
import { PAYOFF } from "./vectors.ts";

const day = (text: string): number => parseDay(text) ?? 0;
const OPENS = day("2026-01-01");
const agreement = agreementOf(SHEET);
const withOracle = (oracle: Partial<Agreement["oracle"]>): Agreement => ({
  ...agreement,
  oracle: { ...agreement.oracle, ...oracle },
});
const key = (name: string): Hex => `0x${name.padStart(64, "0")}`;

describe("due days", () => {
  const clause = (i: number) => agreement.clauses[i] ?? agreement.clauses.slice(0, 1)[0]!;

  it("add grace to what the oracle measures, and to nothing else", () => {
    expect([0, 1, 2].map((i) => dueAfter(agreement, clause(i)))).to.deep.equal([0, 183 + 28, 365]);
  });

  it("of a wager follow the end of enrolment", () => {
    const [cohort] = agreement.cohorts;
    if (cohort === undefined) throw new Error("one cohort");
    expect(wagerDueDay(agreement, clause(3), cohort)).to.equal(cohort.closes + 365 + 28);
    expect(wagerDueDay(agreement, clause(3), { ...cohort, enrolWithin: 500 })).to.equal(cohort.closes + 500);
    const known = { ...clause(3), metric: { ...clause(3).metric!, knownTo: "contract" as const } };
    expect(wagerDueDay(agreement, known, cohort)).to.equal(cohort.closes + 365);
  });
});

describe("reporting days", () => {
  it("are any day without an interval", () => {
    expect(reportingDay(agreement, OPENS + 17)).to.equal(OPENS + 17);
  });

  it("lie whole intervals after the first day", () => {
    const monthly = withOracle({ reportEvery: 30 });
    expect(reportingDay(monthly, OPENS - 1)).to.equal(null);
    expect([0, 29, 30, 61].map((after) => reportingDay(monthly, OPENS + after))).to.deep.equal([
      OPENS,
      OPENS,
      OPENS + 30,
      OPENS + 60,
    ]);
  });
});

describe("holding a report back", () => {
  const terms = withOracle({ minCell: 5, reportWithin: 60, reportEvery: 30 });
  const asOf = OPENS + 300;
  const report = (...patients: number[]) => ({
    tallies: patients.map((it) => ({ patients: it, sum: 0n })),
    notEvaluable: 0,
  });
  const held = (it: ReturnType<typeof report>, earliest = asOf) => heldBack(terms, PAYOFF, it, asOf, earliest)?.until;

  it("happens to fewer patients than minCell", () => {
    expect(held(report(4, 0, 0))).to.equal(asOf + 30);
    expect(held({ ...report(4, 0, 0), notEvaluable: 1 })).to.equal(undefined);
  });

  it("happens to a small sloped tier, not to a small flat one or an empty one", () => {
    expect(held(report(9, 4, 9))).to.equal(asOf + 30);
    expect(held(report(1, 5, 9))).to.equal(undefined);
    expect(held(report(9, 0, 1))).to.equal(undefined);
  });

  it("ends when somebody in it would be overdue on the next reporting day", () => {
    expect(held(report(1, 0, 0), asOf - 30)).to.equal(asOf + 30);
    expect(held(report(1, 0, 0), asOf - 31)).to.equal(undefined);
  });
});

describe("who is still to be assessed", () => {
  const patient = (name: string, batch: number, indexedDay: number): EnrolledPatient => ({
    patientKey: key(name),
    indexDay: indexedDay,
    salt: key("0"),
    batch,
    indexedDay,
  });
  const enrolled = [patient("c", 2, 20), patient("b", 1, 10), patient("a", 1, 10), patient("d", 3, 30)];
  const batches = [1, 2, 3].map((batch) => ({ type: "enrolled", batch }) as const);
  const names = (patients: readonly EnrolledPatient[]): string =>
    patients.map(({ patientKey }) => patientKey.at(-1)).join("");

  it("are all enrolled patients at first, in the order of batches and keys", () => {
    expect(names(unassessed(enrolled, batches, 100))).to.equal("abcd");
    expect(names(unassessed(enrolled, batches.slice(0, 2), 100))).to.equal("abc");
    expect(names(dueOn(unassessed(enrolled, batches, 100), 100, 120))).to.equal("abc");
    expect(names(dueOn(unassessed(enrolled, batches, 100), 100, 109))).to.equal("");
  });

  it("are not those of a report, and again those of one that was voided", () => {
    const first = { type: "reported", number: 1, asOfDay: 110, patients: 2 } as const;
    const second = { type: "reported", number: 2, asOfDay: 120, patients: 1 } as const;
    expect(names(unassessed(enrolled, [...batches, first], 100))).to.equal("cd");
    expect(names(unassessed(enrolled, [...batches, first, second], 100))).to.equal("d");
    const voided = { type: "voided", number: 1 } as const;
    expect(names(unassessed(enrolled, [...batches, first, second, voided], 100))).to.equal("abd");
  });

  it("are not those that lapsed or were agreed on: the first in order", () => {
    const lapsed = { type: "lapsed", patients: 1 } as const;
    const reported = { type: "reported", number: 1, asOfDay: 120, patients: 2 } as const;
    expect(names(unassessed(enrolled, [...batches, lapsed], 100))).to.equal("bcd");
    expect(names(unassessed(enrolled, [...batches, lapsed, reported], 100))).to.equal("d");
  });

  it("are told by the leaves when a report left out patients that were due", () => {
    const choosy = { type: "reported", number: 1, asOfDay: 120, patients: 2 } as const;
    expect(() => unassessed(enrolled, [...batches, choosy], 100)).to.throw(AmbiguousHistory);
    const known = new Map([[1, new Set([key("a"), key("c")])]]);
    expect(names(unassessed(enrolled, [...batches, choosy], 100, known))).to.equal("bd");
  });
});

describe("who is enrolled next", () => {
  const standing = { patients: 0, number: 0, lastIndexedDay: 0, opened: false };
  const candidates: Candidate[] = [
    { patientKey: key("b"), indexDay: OPENS + 3 },
    { patientKey: key("a"), indexDay: OPENS + 9 },
    { patientKey: key("c"), indexDay: OPENS + 1 },
  ];
  const select = (of: readonly Candidate[], on: number, from = standing, terms = agreement) => {
    const selection = selectEnrolment(terms, 0, from, of, on);
    return selection && [selection.patients.map(({ patientKey }) => patientKey.at(-1)).join(""), selection.indexedDay];
  };

  it("is everybody indexed by then, under the latest day", () => {
    expect(select(candidates, OPENS + 5)).to.deep.equal(["bc", OPENS + 3]);
    expect(select(candidates, OPENS + 9)).to.deep.equal(["abc", OPENS + 9]);
    expect(select(candidates, OPENS)).to.equal(null);
  });

  it("joins a straggler under the day of the last batch", () => {
    const later = { patients: 1, number: 1, lastIndexedDay: OPENS + 40, opened: true };
    expect(select(candidates, OPENS + 50, later)).to.deep.equal(["abc", OPENS + 40]);
  });

  it("is the earliest when there is no room for all, and nobody when there is none", () => {
    expect(select(candidates, OPENS + 9, { ...standing, patients: 2 })).to.deep.equal(["bc", OPENS + 3]);
    expect(select(candidates, OPENS + 9, { ...standing, patients: 4, number: 1, opened: true })).to.equal(null);
  });

  it("is nobody once enrolment is over, or indexed outside the cohort", () => {
    expect(select(candidates, day("2027-01-01"))).to.equal(null);
    expect(select([{ patientKey: key("a"), indexDay: OPENS - 1 }], OPENS + 9)).to.equal(null);
  });

  it("opens a cohort that locks money as a whole with nobody", () => {
    const total = agreementOf(SHEET.replace("type: wager,", "type: wager, basis: total,"));
    expect(select([], OPENS + 2, standing, total)).to.deep.equal(["", OPENS]);
    expect(select([], OPENS + 2, { ...standing, opened: true, number: 1 }, total)).to.equal(null);
    expect(select([], OPENS + 2)).to.equal(null);
  });
});
