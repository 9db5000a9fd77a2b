/** Warns each party whose money does not cover the next enrolments. */

import { formatMoney } from "../../terms/values.ts";
import type { Agreement } from "../../terms/model.ts";
import type { AgreementState } from "../chain/agreementState.ts";
import { eventAt, type PassEvent } from "../pass/event.ts";
import { cover, shortBy, type CoverRow } from "./cover.ts";

export function warn(agreement: Agreement, state: AgreementState): PassEvent[] {
  return cover(agreement, state)
    .filter((row) => shortBy(row) > 0n)
    .map((row) => warning(agreement, row));
}

function warning({ members, currency, cohorts }: Agreement, row: CoverRow): PassEvent {
  const { cohort, member, patients, free, needed, suffices } = row;
  const money = (minor: bigint): string => `${currency.code} ${formatMoney(minor, currency.decimals)}`;
  const named = members[member];
  const party = named === undefined ? `account ${member}` : `${named.group}/${named.name}`;
  const short = shortBy(row);
  const detail =
    `${party} has ${money(free)} free, the next ${patients} patients of ${cohorts[cohort]?.id ?? cohort} need ` +
    `${money(needed)}: ${money(short)} are missing, and what is there suffices for ${suffices}`;
  const place = { clause: null, cohort, number: null };
  return {
    ...eventAt("cover", place, { result: "warning", detail }),
    shortfall: { party, patients, free: free.toString(), needed: needed.toString(), short: short.toString() },
  };
}
