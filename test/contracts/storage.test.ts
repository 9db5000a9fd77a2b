import { expect } from "chai";
import hre from "hardhat";
import { readFileSync } from "node:fs";

import { deployables, type Deployable } from "./support/deployables.ts";
import { itMeasures } from "./support/itMeasures.ts";
import { snapshot } from "./support/snapshot.ts";

/** Committed; written anew with UPDATE_SNAPSHOTS=1. */
const SNAPSHOT = new URL("storage.snapshot.json", import.meta.url);

/** Bytes. */
const SLOT = 32;

/** What a call reads and writes whole: one slot each, and what of it the fields fill. */
const ONE_SLOT = {
  AccountSlot: 32,
  ClauseSlot: 32,
  ReportSlot: 32,
  "struct Batch": 32,
  "struct Clauses.CohortState": 32,
} as const;

interface Variable {
  readonly label: string;
  readonly slot: string;
  readonly offset: number;
  readonly type: string;
}

interface Type {
  readonly label: string;
  readonly numberOfBytes: string;
  readonly members?: readonly Variable[];
}

interface Layout {
  readonly storage: readonly Variable[];
  readonly types: Readonly<Record<string, Type>> | null;
}

interface BuildOutput {
  readonly output: {
    readonly contracts: Readonly<Record<string, Readonly<Record<string, { readonly storageLayout: Layout }>>>>;
  };
}

/** `slot.offset label: type`, as a reader of the chain needs it, and without the compiler's numbers of syntax nodes. */
interface Described {
  readonly variables: readonly string[];
  readonly structs: Readonly<Record<string, readonly string[]>>;
}

const outputs = new Map<string, BuildOutput>();

async function layoutOf({ contractName, sourceName, inputSourceName, buildInfoId }: Deployable): Promise<Layout> {
  if (buildInfoId === undefined || inputSourceName === undefined) throw new Error(`${sourceName} was not built here`);
  const path = await hre.artifacts.getBuildInfoOutputPath(buildInfoId);
  if (path === undefined) throw new Error(`${buildInfoId} is gone: build`);
  const known = outputs.get(path) ?? (JSON.parse(readFileSync(path, "utf8")) as BuildOutput);
  outputs.set(path, known);
  const layout = known.output.contracts[inputSourceName]?.[contractName]?.storageLayout;
  if (layout === undefined) throw new Error(`the compiler says nothing of ${contractName}'s storage`);
  return layout;
}

function describeLayout({ storage, types }: Layout): Described {
  const label = (type: string) => types?.[type]?.label ?? type;
  const line = (v: Variable) => `${v.slot}.${v.offset} ${v.label}: ${label(v.type)}`;
  const structs = Object.values(types ?? {}).flatMap(({ label: name, members }) =>
    members === undefined ? [] : [[name, members.map(line)] as const],
  );
  return {
    variables: storage.map(line),
    structs: Object.fromEntries(structs.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

async function layouts(): Promise<Record<string, Layout>> {
  const found: Record<string, Layout> = {};
  for (const contract of await deployables()) found[contract.contractName] = await layoutOf(contract);
  return found;
}

describe("Storage", () => {
  itMeasures("of each contract is laid out as the snapshot says", async () => {
    const found = Object.fromEntries(
      Object.entries(await layouts()).map(([name, layout]) => [name, describeLayout(layout)]),
    );
    expect(found).to.deep.equal(snapshot(SNAPSHOT, found));
  });

  itMeasures("of what a call reads and writes whole takes one slot, filled as far as its fields go", async () => {
    const types = Object.values((await layouts()).OutcomeAgreement?.types ?? {});
    for (const [label, filled] of Object.entries(ONE_SLOT)) {
      const type = types.find((candidate) => candidate.label === label);
      expect(Number(type?.numberOfBytes), label).to.equal(SLOT);
      const bytes = (member: Variable) =>
        Number(types.find((candidate) => candidate.label === /^t_(.*)$/.exec(member.type)?.[1])?.numberOfBytes);
      const last = type?.members?.at(-1);
      if (last !== undefined) expect(last.offset + bytes(last), `${label}'s fields`).to.equal(filled);
      for (const { slot, label: field } of type?.members ?? []) expect(slot, `${label}.${field}`).to.equal("0");
    }
  });
});
