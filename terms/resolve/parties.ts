/** The parties: groups in the order they are listed, each with its members and their shares. */

import { formatDecimal, parseDecimal, scaleExactly } from "../decimal.ts";
import { found, openFields, openList, openMap, readChoice, readLine, readText } from "../fields.ts";
import { nearest, oneOfText, quote, type Findings, type Place } from "../findings.ts";
import { LIMITS } from "../limits.ts";
import { GROUPS, WHOLE, type Group, type Member, type PartyRef } from "../model.ts";
import type { ListNode, Node } from "../yaml.ts";
import { readAddress } from "./address.ts";

/** The accounts that references are resolved against. */
export interface Parties {
  readonly members: readonly Member[];
  /** Some member could not be read: a name that is not found may be that one's, and goes unreported. */
  readonly broken: boolean;
}

/** Decimals of a percent in `Member.share`. */
const SHARE_DECIMALS = 6;
const SHARE = `a percentage above 0% with at most ${SHARE_DECIMALS} decimals, such as 40%`;

export function readParties(node: Node | undefined, findings: Findings): Parties {
  const map = openMap(node, `the party groups: ${oneOfText(GROUPS)}`, findings);
  if (map === undefined) return { members: [], broken: true };
  const members: Member[] = [];
  let broken = false;
  if (map.entries.size === 0)
    broken = findings.expected(map, "no party", `at least two of ${GROUPS.join(", ")}`) ?? true;
  for (const [name, value] of map.entries) {
    const group = GROUPS.find((known) => known === name);
    if (group === undefined) {
      broken = true;
      findings.expected(value, `the group ${quote(name)}`, oneOfText(GROUPS), nearest(name, GROUPS));
      continue;
    }
    const list = openList(value, "a list of members, such as [{ name: Health fund }]", findings);
    const read = list?.items.map((item) => readMember(group, item, list.items.length === 1, findings));
    if (list === undefined || read === undefined || read.some((member) => member === undefined)) broken = true;
    const group_ = (read ?? []).filter((member) => member !== undefined);
    if (list !== undefined && group_.length === list.items.length) checkGroup(list, group_, findings);
    members.push(...group_);
  }
  if (members.length > LIMITS.members) {
    findings.expected(map, `${members.length} members`, `at most ${LIMITS.members} in all groups together`);
  }
  return { members, broken };
}

function readMember(group: Group, node: Node, alone: boolean, findings: Findings): Member | undefined {
  const fields = openFields(
    node,
    ["name", "share", "address", "payout"],
    "a member such as { name: Health fund }",
    findings,
  );
  if (fields === undefined) return undefined;
  const name = readLine(fields.need("name", "the member's name"), "the member's name", findings);
  const share = fields.has("share")
    ? readShare(fields.get("share"), findings)
    : alone
      ? WHOLE
      : findings.expected(fields.at("share"), "nothing", `${SHARE}: a group of several members shares by percentage`);
  const address = fields.has("address") ? readAddress(fields.get("address"), findings) : null;
  const payout = fields.has("payout")
    ? readChoice(fields.get("payout"), ["on-request", "automatic"], findings)
    : "on-request";
  if (name === undefined || share === undefined || address === undefined || payout === undefined) return undefined;
  return { group, name, share, address, payout };
}

function readShare(node: Node | undefined, findings: Findings): bigint | undefined {
  const text = readText(node, SHARE, findings);
  if (node === undefined || text === undefined) return undefined;
  const number = text.endsWith("%") ? parseDecimal(text.slice(0, -1)) : null;
  const share = number === null ? null : scaleExactly(number, SHARE_DECIMALS);
  return share !== null && share > 0n ? share : findings.expected(node, found(node), SHARE);
}

function checkGroup(list: ListNode, members: readonly Member[], findings: Findings): void {
  const total = members.reduce((sum, { share }) => sum + share, 0n);
  if (total !== WHOLE) {
    const percent = formatDecimal({ digits: total, scale: SHARE_DECIMALS });
    findings.expected(list, `shares that add up to ${percent}%`, "100%");
  }
  members.forEach(({ name }, k) => {
    const item = list.items[k];
    if (item !== undefined && members.findIndex((other) => other.name === name) < k) {
      findings.expected(
        { path: `${item.path}.name`, line: item.line },
        `${quote(name)} a second time`,
        "each name once in a group",
      );
    }
  });
}

/** How a party may be written, for messages: the groups, and the members of groups that have several. */
export function partyNames(members: readonly Member[]): string[] {
  const groups = [...new Set(members.map(({ group }) => group))];
  return [...groups, ...members.map(({ group, name }) => `${group}/${name}`)];
}

/** Resolves `payer` or `payer/Basic insurance`. `place` is where it stands: a value, or a key of a map of amounts. */
export function findParty(text: string, place: Place, parties: Parties, findings: Findings): PartyRef | undefined {
  const { members, broken } = parties;
  const slash = text.indexOf("/");
  const group = slash < 0 ? text : text.slice(0, slash);
  const first = members.findIndex((member) => member.group === group);
  const count = members.filter((member) => member.group === group).length;
  if (slash < 0 && count > 0) return { text, first, count };
  const name = text.slice(slash + 1).trim();
  const position = slash < 0 ? -1 : members.findIndex((member) => member.group === group && member.name === name);
  if (position >= 0) return { text: `${group}/${name}`, first: position, count: 1 };
  if (broken) return undefined;
  const names = partyNames(members);
  return findings.expected(place, quote(text), `a party: ${oneOfText(names)}`, nearest(text, names));
}

export function readParty(node: Node | undefined, parties: Parties, findings: Findings): PartyRef | undefined {
  const text = readText(node, "a party: a group such as payer, or payer/NAME", findings);
  return node === undefined || text === undefined ? undefined : findParty(text, node, parties, findings);
}
