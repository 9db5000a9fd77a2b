/** How accounts, clauses, cohorts, money and time of one agreement are said: by name with --terms, by position without. */

import { dayOfTimestamp, formatDay } from "../../terms/calendar.ts";
import type { Agreement } from "../../terms/model.ts";
import type { AccountRange, UnpackedTerms } from "../../terms/onchain/unpack.ts";
import { formatMoney } from "../../terms/values.ts";

export interface Words {
  /** `payer/Basic insurance`. */
  readonly account: (position: number) => string;
  /** Who stands on one side of a clause. */
  readonly side: (range: AccountRange) => string;
  readonly clause: (position: number) => string;
  readonly cohort: (position: number) => string;
  /** Minor units to currency units, plainly. */
  readonly amount: (minor: bigint) => string;
  /** As `amount`, with the currency. */
  readonly money: (minor: bigint) => string;
  readonly day: (day: number | bigint) => string;
  /** Seconds since 1970-01-01 UTC. */
  readonly time: (seconds: number | bigint) => string;
}

export interface CurrencyWords {
  readonly decimals: number;
  readonly code: string | null;
}

export function wordsOf({ members }: UnpackedTerms, terms: Agreement | null, { decimals, code }: CurrencyWords): Words {
  const account = (position: number): string => {
    const member = terms?.members[position];
    return member === undefined ? `account ${position}` : `${member.group}/${member.name}`;
  };
  const amount = (minor: bigint): string => formatMoney(minor, decimals);
  return {
    account,
    side: ({ first, count }) => {
      const group = terms?.members[first]?.group;
      const size = terms?.members.filter((member) => member.group === group).length;
      if (group !== undefined && size === count) return group;
      return Array.from({ length: Math.min(count, members.length) }, (_, i) => account(first + i)).join(", ");
    },
    clause: (position) => terms?.clauses[position]?.id ?? `clause ${position}`,
    cohort: (position) => terms?.cohorts[position]?.id ?? `cohort ${position}`,
    amount,
    money: (minor) => (code === null ? amount(minor) : `${code} ${amount(minor)}`),
    day: (day) => formatDay(Number(day)),
    time: (seconds) => {
      const ofDay = Number(seconds) % 86_400;
      const parts = [ofDay / 3_600, (ofDay % 3_600) / 60, ofDay % 60];
      const clock = parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
      return `${formatDay(dayOfTimestamp(seconds))} ${clock} UTC`;
    },
  };
}
