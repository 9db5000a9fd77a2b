/** A copy of the repository outside it, whose contracts hold every mutant, built once for all of them. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { GUARD_SOURCE, instrument, SWITCH_SOURCE } from "./instrument.ts";
import type { Mutant } from "./mutant.ts";
import { parse } from "./syntax.ts";

/** What is mutated: all that an agreement runs on, no interface and no mock. */
const MUTATED = ["contracts/*.sol", "contracts/base/*.sol", "contracts/libraries/*.sol"];
/** What the build and the tests need. */
const COPIED = [
  "contracts",
  "test",
  "terms",
  "oracle",
  "runner",
  "scenarios",
  "scripts",
  "package.json",
  "tsconfig.json",
];

/**
 * The build's settings, but for the optimiser's steps: without most of them the code, three times as long as its original,
 * compiles in minutes. The blocks have a limit, so that a loop without end has one.
 */
const CONFIG = `import { mutationSwitch } from "./scripts/mutate/contracts/plugin.ts";
import base from "./hardhat.base.config.ts";

const { compilers: [solc], overrides } = base.solidity.profiles.default;
const optimizer = { enabled: true, runs: 1, details: { yulDetails: { optimizerSteps: "dhfoDgvul:" } } };
const quick = { compilers: [{ ...solc, settings: { ...solc.settings, optimizer } }], overrides };
const limits = { allowUnlimitedContractSize: true, blockGasLimit: 300_000_000n, transactionGasCap: false };
export default {
  ...base,
  plugins: [...base.plugins, mutationSwitch],
  solidity: { ...base.solidity, profiles: { default: quick, production: quick } },
  networks: {
    ...base.networks,
    default: { type: "edr-simulated", chainType: "l1", ...limits },
    story: { ...base.networks.story, ...limits },
  },
};
`;

export interface Copy {
  readonly folder: string;
  readonly mutants: readonly Mutant[];
}

/** Writes and builds the copy, unless it is there already for these very contracts. */
export function makeCopy(root: string): Copy {
  const paths = MUTATED.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted();
  const { mutants, files } = instrument(parse(root, paths));
  const folder = join(tmpdir(), `outcomepay-mutants-${digestOf(root, files)}`);
  const built = join(folder, "built");
  refresh(root, folder);
  if (existsSync(built)) return { folder, mutants: mutants.all };

  rmSync(join(folder, "contracts"), { recursive: true, force: true });
  cpSync(join(root, "contracts"), join(folder, "contracts"), { recursive: true });
  for (const [path, text] of files) writeFileSync(join(folder, path), Buffer.from(text, "latin1"));
  writeFileSync(join(folder, "contracts/Mutation.sol"), SWITCH_SOURCE);
  writeFileSync(join(folder, "contracts/Guard.sol"), GUARD_SOURCE);
  for (const path of globSync("contracts/**/*.sol", { cwd: folder })) {
    // A function that asks the chain for the active mutant is not pure.
    const text = readFileSync(join(folder, path), "utf8");
    writeFileSync(join(folder, path), text.replace(/\bpure\b/g, "view"));
  }
  execFileSync("hardhat", ["build", "--no-tests"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  writeFileSync(built, "");
  return { folder, mutants: mutants.all };
}

/** Tests and what they import as they are now; contracts, artifacts and generated types stay. */
function refresh(root: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "node_modules"))) symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const name of COPIED.filter((name) => name !== "contracts")) {
    rmSync(join(folder, name), { recursive: true, force: true });
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  cpSync(join(root, "hardhat.config.ts"), join(folder, "hardhat.base.config.ts"));
  writeFileSync(join(folder, "hardhat.config.ts"), CONFIG);
}

function digestOf(root: string, files: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256").update(SWITCH_SOURCE).update(GUARD_SOURCE).update(CONFIG);
  for (const text of files.values()) hash.update(text);
  for (const path of globSync("contracts/{interfaces,mocks}/*.sol", { cwd: root }).toSorted()) {
    hash.update(readFileSync(join(root, path)));
  }
  return hash.digest("hex").slice(0, 12);
}
