/** Addresses for whoever a term sheet names without one: `payer/Basic insurance`, `oracle`, `arbiter`. */

import { Findings, oneOfText, nearest, quote, type Problem } from "../findings.ts";
import type { Agreement } from "../model.ts";
import { readAddress } from "../resolve/address.ts";
import { readYaml } from "../yaml.ts";

/** Addresses by name. */
export type Bindings = ReadonlyMap<string, string>;

export interface Bound {
  /** Null when there is any problem. */
  readonly agreement: Agreement | null;
  /** The path is the name as bound. */
  readonly problems: readonly Problem[];
}

/** Whom the accounts of an agreement belong to; null where it stays open. */
export interface Accounts {
  /** By position. */
  readonly members: readonly (string | null)[];
  readonly oracle: string | null;
  /** Without effect when the agreement has no arbiter. */
  readonly arbiter: string | null;
}

/** Reads a map of names to addresses. */
export function readBindings(source: string): { bindings: Bindings; problems: readonly Problem[] } {
  const findings = new Findings();
  const expected = "a map of names to addresses, such as { oracle: 0x… }";
  const node = readYaml(source, findings);
  const bindings = new Map<string, string>();
  if (node !== undefined && node.kind !== "map") findings.expected(node, `a ${node.kind}`, expected);
  for (const [name, entry] of node?.kind === "map" ? node.entries : []) {
    const address = readAddress(entry, findings);
    if (address !== undefined) bindings.set(name, address);
  }
  return { bindings, problems: findings.problems };
}

/** The agreement with an address for everybody, or what stands in the way. */
export function bindAddresses(agreement: Agreement, bindings: Bindings): Bound {
  const findings = new Findings();
  const given = checked(bindings, findings);
  const open = openNames(agreement);
  for (const [name, address] of given) {
    const written = open.get(name);
    const place = { path: name, line: null };
    if (written === undefined) {
      const names = [...open.keys()];
      findings.expected(place, quote(name), oneOfText(names), nearest(name, names));
    } else if (written !== null && written !== address) {
      findings.expected(place, address, `${written}: that stands in the term sheet`);
    }
  }
  const addresses = new Map([...open].map(([name, written]) => [name, written ?? given.get(name) ?? null]));
  for (const [name, address] of addresses) {
    if (address === null) {
      if (!bindings.has(name)) findings.expected({ path: name, line: null }, "no address", "one");
      continue;
    }
    const first = [...addresses].find(([, other]) => other === address)?.[0] ?? name;
    if (first !== name) findings.expected({ path: name, line: null }, `the address of ${first}`, "one of its own");
  }
  if (!findings.clean) return { agreement: null, problems: findings.problems };
  const of = (name: string): string | null => addresses.get(name) ?? null;
  return {
    agreement: withAccounts(agreement, {
      members: agreement.members.map(({ group, name }) => of(`${group}/${name}`)),
      oracle: of("oracle"),
      arbiter: of("arbiter"),
    }),
    problems: [],
  };
}

/** The agreement with these accounts in place of its own. */
export function withAccounts(agreement: Agreement, { members, oracle, arbiter }: Accounts): Agreement {
  return {
    ...agreement,
    members: agreement.members.map((member, i) => ({ ...member, address: members[i] ?? null })),
    oracle: {
      ...agreement.oracle,
      address: oracle,
      arbiter: agreement.oracle.arbiter && { name: agreement.oracle.arbiter.name, address: arbiter },
    },
  };
}

/** Everybody who needs an address, with the one in the term sheet. */
function openNames({ members, oracle }: Agreement): Map<string, string | null> {
  const names = new Map(members.map(({ group, name, address }) => [`${group}/${name}`, address]));
  names.set("oracle", oracle.address);
  if (oracle.arbiter !== null) names.set("arbiter", oracle.arbiter.address);
  return names;
}

/** What is an address, with its checksum. */
function checked(bindings: Bindings, findings: Findings): Map<string, string> {
  const good = new Map<string, string>();
  for (const [name, text] of bindings) {
    const address = readAddress({ kind: "text", path: name, line: null, text, empty: false }, findings);
    if (address !== undefined) good.set(name, address);
  }
  return good;
}
