import { expect } from "chai";
import fc from "fast-check";

import {
  dayAsNumber,
  dayOfTimestamp,
  durationDays,
  formatDay,
  parseDay,
  timestampOfDay,
} from "../../terms/calendar.ts";

describe("terms/calendar", () => {
  for (const [text, days] of [
    ["0d", 0],
    ["90d", 90],
    ["8w", 56],
    ["1mo", 30],
    ["3mo", 91],
    ["6mo", 183],
    ["12mo", 365],
    ["1.5mo", 46],
    ["1y", 365],
    ["2y", 731],
    ["30y", 10958],
    ["0.5d", 1],
    ["0.4999d", 0],
    ["0.5w", 4],
    ["2mo", 61],
  ] as const) {
    it(`reads ${text} as ${days} days`, () => expect(durationDays(text)).to.equal(days));
  }

  for (const text of [
    "",
    "6",
    "6m",
    "6 mo",
    "mo",
    "-1d",
    "1e2d",
    "6MO",
    "01d",
    ".5y",
    "1.d",
    "1y6mo",
    "99999999999999999999y",
  ]) {
    it(`does not read ${JSON.stringify(text)} as a duration`, () => expect(durationDays(text)).to.equal(null));
  }

  for (const text of [
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-1-1",
    "26-01-01",
    "2026-01-01T00:00:00Z",
    " 2026-01-01",
    "2026/01/01",
    "2100-02-29",
    "",
  ]) {
    it(`does not read ${JSON.stringify(text)} as a date`, () => expect(parseDay(text)).to.equal(null));
  }

  it("counts days from 1970-01-01", () => {
    expect(parseDay("1970-01-01")).to.equal(0);
    expect(parseDay("2026-01-01")).to.equal(20454);
    expect(parseDay("2024-02-29")).to.equal(19782);
    expect(parseDay("0050-03-01")).to.be.lessThan(-700_000);
    expect(dayAsNumber(20454)).to.equal(20260101);
  });

  it("puts a timestamp in its UTC day", () => {
    expect(dayOfTimestamp(timestampOfDay(20454))).to.equal(20454);
    expect(dayOfTimestamp(timestampOfDay(20454) - 1)).to.equal(20453);
    expect(dayOfTimestamp(BigInt(timestampOfDay(20454) + 86_399))).to.equal(20454);
  });

  it("writes every day so that it reads back", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2_932_896 }), (day) => parseDay(formatDay(day)) === day));
  });
});
