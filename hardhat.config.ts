import { randomBytes } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";

import { branchCoverage } from "./scripts/hardhat/branchCoverage.ts";
import { nodeTypes } from "./scripts/hardhat/nodeTypes.ts";
import { sharedJobs } from "./scripts/hardhat/sharedJobs.ts";
import { tidyBuild } from "./scripts/hardhat/tidyBuild.ts";

const require = createRequire(import.meta.url);

// The compiler comes from npm, pinned in package.json: nothing is downloaded at build time.
const solc = {
  version: "0.8.37",
  path: require.resolve("solc/soljson.js"),
  settings: {
    evmVersion: "cancun",
    viaIR: true,
    optimizer: {
      enabled: true,
      runs: 800,
      // The default sequence without the function specialiser (F): it copies the settling code for each constant
      // argument, a kilobyte of the 24 that a contract may have.
      details: {
        yulDetails: {
          optimizerSteps:
            "dhfoDgvulfnTUtnIf[xa[r]EscLMVcul[j]Trpeul]xa[rul]xa[r]cLgvifMCTUca[r]LSsTOtfDnca[r]Iulcsc" +
            "CTUtgvifM[scCTUt]x[scCTUt]jmul[jul]VcTOculjmul:fDnTOcmu",
        },
      },
    },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["storageLayout", "userdoc", "devdoc"] } },
  },
};

/** Large tests have to be built soon, not to be small; the contracts that they call are deployed as everybody builds them. */
const quick = {
  ...solc,
  settings: {
    ...solc.settings,
    optimizer: { enabled: true, runs: 1, details: { yulDetails: { optimizerSteps: "u:fDnTOcmu" } } },
  },
};
/** A compilation of their own, beside that of all others: the compiler itself uses one processor. */
const large = ["test/invariant/Life.sol", "test/contracts/Refuter.t.sol", "test/contracts/TermsPacker.t.sol"];

/** What surrounds our contracts in tests and holds none of their code: the old pipeline builds it in a tenth of the time. */
const surroundings = {
  ...solc,
  settings: { ...solc.settings, viaIR: false, optimizer: { enabled: false } },
};
const mocks = globSync("contracts/mocks/*.sol", { cwd: import.meta.dirname }).filter(
  // Our libraries are tested as they ship, and the plain token's gas is counted.
  (file) =>
    !file.endsWith("/PlainToken.sol") &&
    !readFileSync(join(import.meta.dirname, file), "utf8").includes('from "../libraries/'),
);
const around = [
  ...mocks,
  "test/invariant/Agreement.t.sol",
  "test/invariant/Liveness.t.sol",
  "test/invariant/MoodyToken.sol",
];

const overrides = [
  ...large.map((file) => [file, quick] as const),
  ...around.map((file) => [file, surroundings] as const),
];
const profile = { compilers: [solc], overrides: Object.fromEntries(overrides) };

// A handler requires what it expects of the agreement, and never reverts otherwise. Making a failure of a thousand calls
// smaller takes as long as finding it, each time. Numbers are uniform: a handler hashes them, so that a dictionary of values
// seen before would only repeat calls.
const invariant = {
  failOnRevert: true,
  shrinkRunLimit: 40,
  dictionaryWeight: 0,
  includeStorage: false,
  includePushBytes: false,
};

/** An invariant run keeps what it called. */
const fsPermissions = { writeFile: ["cache/invariant-calls.csv"] };

export default defineConfig({
  // The first sorts what TypeChain reads, nodeTypes mends what it writes.
  plugins: [tidyBuild, hardhatToolboxMochaEthers, nodeTypes, sharedJobs, branchCoverage],
  solidity: {
    profiles: { default: profile, production: profile },
    npmFilesToBuild: [
      // Committee members with keys in an HSM need these deployed.
      "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol",
      "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913RSAVerifier.sol",
      // Arbitrators for tests: their package has no artifacts.
      "@kleros/erc-792/contracts/examples/CentralizedArbitratorWithAppeal.sol",
      "@kleros/erc-792/contracts/examples/SimpleCentralizedArbitrator.sol",
    ],
  },
  // Generated code is its generator's to check.
  typechain: { outDir: "./typechain-types", tsNocheck: true },
  paths: { tests: { mocha: "./test", solidity: "./test" } },
  coverage: { skipFiles: ["contracts/mocks/**", "test/**"] },
  test: {
    // Files in two processes at once: in-process chains and servers of their own keep them apart.
    mocha: { timeout: 120_000, forbidOnly: true, parallel: true, jobs: 2 },
    solidity: {
      profiles: {
        // Seeded, so that a run can be repeated; the deep profile draws anew each time.
        default: {
          fuzz: { runs: 256, seed: "0x0c0ffee" },
          invariant: { runs: 3, depth: 2_000, ...invariant },
          fsPermissions,
        },
        // One of the processes that `scripts/check/invariants.ts` starts. Left out, the seed is the same in each.
        deep: {
          fuzz: { runs: 20_000, seed: process.env["SOLIDITY_SEED"] ?? `0x${randomBytes(32).toString("hex")}` },
          invariant: { runs: 175, depth: 2_000, ...invariant },
          fsPermissions,
        },
      },
    },
  },
  networks: {
    // Block times are days of a story: many calls may fall on one second, and stories begin before today.
    story: {
      type: "edr-simulated",
      chainType: "l1",
      allowBlocksWithSameTimestamp: true,
      initialDate: "1970-01-02T00:00:00Z",
    },
    // Any JSON-RPC network: set OUTCOMEPAY_RPC_URL and OUTCOMEPAY_DEPLOYER_KEY (environment or `hardhat keystore`).
    named: {
      type: "http",
      chainType: "l1",
      url: configVariable("OUTCOMEPAY_RPC_URL"),
      accounts: [configVariable("OUTCOMEPAY_DEPLOYER_KEY")],
    },
  },
});
