/**
 * The errors of the contracts, for `docs/errors.md`: why and what to do stand beside each error in its interface
 * (`@notice` and `@dev`); those of OpenZeppelin that a caller may meet are explained here.
 */

import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { ErrorFragment } from "ethers";

import { retryOf, type Retry } from "../../oracle/chain/errors.ts";
import { markdownTable } from "./section.ts";

interface Words {
  readonly why: string;
  readonly act: string;
}

interface Doc {
  readonly errors?: Readonly<Record<string, readonly { readonly notice?: string; readonly details?: string }[]>>;
}

interface Output {
  readonly output: {
    readonly contracts: Readonly<
      Record<string, Readonly<Record<string, { readonly userdoc?: Doc; readonly devdoc?: Doc }>>>
    >;
  };
}

/** Errors of libraries that a caller may meet. */
const FOREIGN: Readonly<Record<string, Words>> = {
  AccessControlBadConfirmation: {
    why: "A role is given up by its holder only.",
    act: "Name your own address as the confirmation.",
  },
  AccessControlUnauthorizedAccount: {
    why: "Only the bank may do this.",
    act: "Call from an account that has the role.",
  },
  AddressEmptyCode: {
    why: "A contract that is called has no code.",
    act: "Check the chain: the refuter is deployed with the factory.",
  },
  CloneArgumentsTooLong: {
    why: "The packed terms do not fit the code of a contract.",
    act: "Use fewer clauses, tiers or cohorts; `TermsTooLarge` says so first.",
  },
  Create2EmptyBytecode: { why: "There is nothing to deploy.", act: "Nothing: a factory never does this." },
  ECDSAInvalidSignature: { why: "The signature can't be read.", act: "Sign the permit again." },
  ECDSAInvalidSignatureLength: { why: "A signature is 65 bytes.", act: "Sign the permit again." },
  ECDSAInvalidSignatureS: {
    why: "The signature is one of two forms, and the wrong one.",
    act: "Sign with a library that gives the low `s`.",
  },
  ERC20InsufficientAllowance: {
    why: "The token's owner allowed less.",
    act: "Approve the amount, or deposit with a permit.",
  },
  ERC20InsufficientBalance: { why: "The sender holds less.", act: "Move less, or obtain more tokens first." },
  ERC20InvalidApprover: { why: "Nobody can't approve.", act: "Call from an account." },
  ERC20InvalidReceiver: { why: "Tokens can't go to nobody.", act: "Name a receiver." },
  ERC20InvalidSender: { why: "Tokens can't come from nobody.", act: "Name a sender." },
  ERC20InvalidSpender: { why: "Nobody can't be allowed to spend.", act: "Name a spender." },
  ERC2612ExpiredSignature: { why: "The permit's deadline has passed.", act: "Sign a permit with a later one." },
  ERC2612InvalidSigner: {
    why: "The permit was signed by somebody else, or for another chain, token or amount.",
    act: "Sign the permit again, with the owner's key.",
  },
  FailedCall: {
    why: "A call that was passed on failed without a reason.",
    act: "Send it with more gas.",
  },
  FailedDeployment: {
    why: "An agreement of these very terms exists already.",
    act: "Use that one: `addressOf` tells where it is.",
  },
  InsufficientBalance: { why: "More ether is asked for than there is.", act: "Nothing: a factory never does this." },
  InvalidAccountNonce: {
    why: "The permit was used, or another came first.",
    act: "Sign a permit with the present nonce.",
  },
  InvalidShortString: { why: "A text was stored wrongly.", act: "Nothing: it can't happen after deployment." },
  MultiSignerERC7913AlreadyExists: { why: "The signer is a member already.", act: "Name each member once." },
  MultiSignerERC7913InvalidSigner: {
    why: "A signer is 20 bytes or more.",
    act: "Name an address, or verifier and key.",
  },
  MultiSignerERC7913NonexistentSigner: { why: "The signer is no member.", act: "Remove members only." },
  MultiSignerERC7913UnreachableThreshold: {
    why: "Fewer members would be left than must sign.",
    act: "Lower the threshold, or keep more members.",
  },
  MultiSignerERC7913ZeroThreshold: { why: "Somebody has to sign.", act: "Ask for one signature at least." },
  ReentrancyGuardReentrantCall: {
    why: "A token, wallet or oracle called back in the middle of a call.",
    act: "Call the agreement from outside such a call. A token that does this by itself can't serve it.",
  },
  SafeCastOverflowedIntDowncast: {
    why: "An amount beyond what the ledger keeps.",
    act: "Nothing: amounts within the locks always fit.",
  },
  SafeCastOverflowedUintDowncast: {
    why: "An amount or a day beyond what the ledger keeps.",
    act: "Check the amount and the chain's clock.",
  },
  SafeERC20FailedOperation: {
    why: "The token answered a transfer with `false`, or is no token.",
    act: "Find out from the token why: a blocked account, a pause. The money stays in the balance.",
  },
  StringTooLong: { why: "A text does not fit where it is stored.", act: "Nothing: it can't happen after deployment." },
};

/** Kinds of error that the program throws, by the names that its messages carry. */
export function kindsOfError(): string[] {
  return globSync("{cli,oracle,runner,terms}/**/*.ts", { cwd: projectFile(".") }).flatMap((file) =>
    [...readFileSync(projectFile(file), "utf8").matchAll(KIND)].flatMap(([, name]) => name ?? []),
  );
}

/** The answers of the HTTP API stand by their status. */
const KIND = /class (?!Problem\b)(\w+) extends (?:\w*Error|Unavailable)\b/g;

/** What a node makes of a refusal. */
const NODE: Readonly<Record<Retry, string>> = {
  moved: "reads the chain and computes again",
  wait: "tries again later",
  final: "gives up and says so",
};

/** Sections by name, with Markdown, for the contracts of the last build. @throws when an error is not explained. */
export function errorSections(): [name: string, content: string][] {
  const explained = explanations();
  const missing = new Set<string>();
  const sections = contracts().map(([name, abi]): [string, string] => {
    const rows = abi
      .filter(({ type }) => type === "error")
      .map((entry) => ErrorFragment.from(entry))
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((error) => {
        const words = explained.get(`${name} ${error.format("sighash")}`) ?? FOREIGN[error.name];
        if (words === undefined) missing.add(`${name}: ${error.name}`);
        const inputs = error.inputs.map((input) => input.name).join(", ");
        const row = [`\`${error.name}(${inputs})\``, `\`${error.selector}\``, words?.why ?? "", words?.act ?? ""];
        return name === "OutcomeAgreement" ? [...row, NODE[retryOf(error.name)]] : row;
      });
    const header = ["error", "selector", "why", "what to do"];
    return [name, markdownTable([name === "OutcomeAgreement" ? [...header, "a node"] : header, ...rows])];
  });
  if (missing.size > 0) throw new Error(`errors without @notice and @dev: ${[...missing].join(", ")}`);
  return sections;
}

type Abi = readonly { readonly type: string; readonly name?: string }[];

const projectFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Every contract that can be deployed, by name. */
function contracts(): [string, Abi][] {
  const files = globSync("artifacts/contracts/**/*.json", { cwd: projectFile(".") });
  return files
    .filter((file) => !/\/(mocks|libraries|interfaces)\//.test(file))
    .map((file) => JSON.parse(readFileSync(projectFile(file), "utf8")) as Artifact)
    .filter(({ bytecode }) => bytecode !== "0x")
    .sort((a, b) => a.contractName.localeCompare(b.contractName))
    .map(({ contractName, abi }) => [contractName, abi]);
}

interface Artifact {
  readonly contractName: string;
  readonly abi: Abi;
  readonly bytecode: string;
}

/** Why, and what to do, by contract and signature. */
function explanations(): Map<string, Words> {
  const found = new Map<string, Words>();
  for (const file of globSync("artifacts/build-info/*.output.json", { cwd: projectFile(".") })) {
    const { output } = JSON.parse(readFileSync(projectFile(file), "utf8")) as Output;
    for (const [path, inFile] of Object.entries(output.contracts)) {
      if (!path.startsWith("project/contracts/")) continue;
      for (const [contract, { userdoc, devdoc }] of Object.entries(inFile)) {
        for (const [signature, [user]] of Object.entries(userdoc?.errors ?? {})) {
          const act = devdoc?.errors?.[signature]?.[0]?.details;
          if (user?.notice === undefined || act === undefined) continue;
          found.set(`${contract} ${signature}`, { why: user.notice, act });
        }
      }
    }
  }
  return found;
}
