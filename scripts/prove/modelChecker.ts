import { createRequire } from "node:module";

import { solveAll, type Verdict } from "./z3.ts";

/** Source text by its path from the project's root. */
export type Sources = (path: string) => string;

/** What the checker says of one claim. */
export interface Finding {
  /** Its docstring: the claim in words, and what is assumed where. */
  readonly claim: string;
  readonly assumes: string;
  readonly contract: string;
  readonly name: string;
  /** Questions to the solver that had to have the answer no, and had: assertions, and overflow of each operation. */
  readonly checks: number;
  /** Of those that were not answered so: what the compiler says, a counterexample included. */
  readonly refuted: readonly string[];
  readonly unproved: readonly string[];
  /** Whether arguments exist that meet every assumption: of a claim about nothing, anything could be proved. */
  readonly satisfiable: boolean;
}

interface Message {
  readonly errorCode?: string;
  readonly severity: string;
  readonly message: string;
  readonly formattedMessage?: string;
}

interface Output {
  readonly errors?: readonly Message[];
  readonly sources: Readonly<Record<string, { ast: Node }>>;
  readonly auxiliaryInputRequested?: { smtlib2queries?: Readonly<Record<string, string>> };
}

interface Node {
  readonly nodeType: string;
  readonly name?: string;
  readonly src: string;
  readonly visibility?: string;
  readonly documentation?: { readonly text: string };
  readonly nodes?: readonly Node[];
}

interface Claim {
  readonly contract: string;
  readonly name: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

interface Compiler {
  compile(input: string, callbacks: { import: (path: string) => { contents: string } | { error: string } }): string;
}

/** Loaded when it is needed: it takes a second. */
const solc = () => createRequire(import.meta.url)("solc") as Compiler;

/** The checker's words, by error code: a check that holds, one that does not, and what it always says of this engine. */
const SAFE = "2961";
const REFUTED = new Set(["4661", "2661", "4144", "3046"]);
const ENGINE_IS_OLD = "3993";

/**
 * Asks the compiler's model checker, engine BMC, about each external function of a specification: it hands its questions
 * over as SMT-LIB 2, z3 answers them. The functions have no loops, so that the engine's answer is for all arguments.
 *
 * @param only Names of the claims to look at; all of them without.
 */
export async function prove(specification: string, sources: Sources, only?: readonly string[]): Promise<Finding[]> {
  const text = sources(specification);
  const claims = claimsOf(specification, text, sources);
  const unknown = only?.filter((name) => !claims.some((claim) => claim.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`${specification} has no claim ${unknown.join(", ")}`);
  const findings: Finding[] = [];
  for (const claim of claims) {
    if (only === undefined || only.includes(claim.name)) {
      findings.push(await examine(specification, alone(text, claim, claims), claim, sources));
    }
  }
  return findings;
}

async function examine(path: string, text: string, claim: Claim, sources: Sources): Promise<Finding> {
  const messages = await check(path, text, claim.contract, sources);
  const refuted = messages.filter(({ errorCode }) => REFUTED.has(errorCode ?? ""));
  const safe = messages.filter(({ errorCode }) => errorCode === SAFE);
  const others = messages.filter((message) => !refuted.includes(message) && !safe.includes(message));
  return {
    claim: tag(claim.text, "notice"),
    assumes: tag(claim.text, "dev"),
    contract: claim.contract,
    name: claim.name,
    checks: safe.length,
    refuted: refuted.map(words),
    unproved: others.map(words),
    // Arguments that break a claim meet its assumptions.
    satisfiable: refuted.length > 0 || (await endIsReached(path, text, claim, sources)),
  };
}

/** The same function, ending in a lie: refuted unless nothing can reach its end. */
async function endIsReached(path: string, text: string, claim: Claim, sources: Sources): Promise<boolean> {
  const bytes = Buffer.from(text);
  const [before, brace] = [bytes.subarray(0, claim.end - 1), bytes.subarray(claim.end - 1)];
  const messages = await check(
    path,
    `${before.toString()} assert(false); ${brace.toString()}`,
    claim.contract,
    sources,
  );
  return messages.some(({ errorCode }) => REFUTED.has(errorCode ?? ""));
}

/** Compiles twice: to hear the questions, and to hand in the answers. */
async function check(path: string, text: string, contract: string, sources: Sources): Promise<Message[]> {
  const asked = compile(path, text, sources, { contract });
  const answers: Record<string, Verdict> = await solveAll(asked.auxiliaryInputRequested?.smtlib2queries ?? {});
  const { errors = [] } = compile(path, text, sources, { contract, answers });
  return errors.filter(({ errorCode }) => errorCode !== ENGINE_IS_OLD);
}

function claimsOf(path: string, text: string, sources: Sources): Claim[] {
  const output = compile(path, text, sources, {});
  const failed = output.errors?.filter(({ severity }) => severity === "error") ?? [];
  if (failed.length > 0) throw new Error(failed.map(words).join("\n"));
  return (output.sources[path]?.ast.nodes ?? []).flatMap((contract) =>
    (contract.nodes ?? [])
      .filter(({ nodeType, visibility }) => nodeType === "FunctionDefinition" && visibility === "external")
      .map(({ name = "", src, documentation }) => {
        const [start = 0, length = 0] = src.split(":").map(Number);
        return { contract: contract.name ?? "", name, text: documentation?.text ?? "", start, end: start + length };
      }),
  );
}

/** The text without the other claims. The compiler counts bytes. */
function alone(text: string, kept: Claim, claims: readonly Claim[]): string {
  const bytes = Buffer.from(text);
  for (const claim of claims) {
    if (claim !== kept) bytes.fill(" ", claim.start, claim.end);
  }
  return bytes.toString();
}

function compile(
  path: string,
  content: string,
  sources: Sources,
  { contract, answers }: { contract?: string; answers?: Record<string, Verdict> },
): Output {
  const modelChecker = {
    engine: "bmc",
    solvers: ["smtlib2"],
    targets: ["assert", "overflow", "underflow", "divByZero"],
    showProvedSafe: true,
    showUnproved: true,
    showUnsupported: true,
    contracts: { [path]: [contract] },
  };
  const input = {
    language: "Solidity",
    sources: { [path]: { content } },
    settings: {
      ...(contract === undefined ? {} : { modelChecker }),
      outputSelection: { "*": { "": ["ast"] } },
    },
    ...(answers === undefined ? {} : { auxiliaryInput: { smtlib2responses: answers } }),
  };
  const read = (imported: string) => {
    try {
      return { contents: sources(imported) };
    } catch (error) {
      return { error: String(error) };
    }
  };
  return JSON.parse(solc().compile(JSON.stringify(input), { import: read })) as Output;
}

function words({ formattedMessage, message }: Message): string {
  return (formattedMessage ?? message).trim();
}

/** The text of one NatSpec tag, as a line. */
function tag(documentation: string, name: string): string {
  const from = documentation.split(`@${name} `)[1] ?? "";
  return (from.split("@")[0] ?? "").replace(/\s+/g, " ").trim();
}
