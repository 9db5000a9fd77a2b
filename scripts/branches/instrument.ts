import { createRequire } from "node:module";

import { id } from "ethers";

/** One condition of a decision, and what the instrumented code tells when it was true, and when false. */
export interface Branch {
  /** In the source as it is written, from 1. */
  readonly line: number;
  readonly condition: string;
  /** Tags of hits: 32 bytes in hexadecimal, without prefix. */
  readonly whenTrue: string;
  readonly whenFalse: string;
}

type Node = { readonly nodeType?: string; readonly src?: string; readonly operator?: string } & Readonly<
  Record<string, unknown>
>;

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Parser {
  compile(input: string): string;
}

/** Loaded when it is needed: it takes a second. */
const solc = () => createRequire(import.meta.url)("solc") as Parser;

/** Hardhat's library that instrumented code tells hits to. */
const LIBRARY = "__NomicFoundationCoverage";

/**
 * Instruments each condition of an `if`, a loop or a ternary: of one that joins several by `&&` and `||` each of them, as
 * of every such expression elsewhere. Hardhat instruments statements only; this goes on top of that.
 *
 * @param path Tells conditions of different files apart.
 * @param written The source as it is written.
 * @param instrumented The same after Hardhat's instrumentation, which adds statements and no condition.
 */
export function instrumentBranches(
  path: string,
  written: string,
  instrumented: string,
): { text: string; branches: Branch[] } {
  const original = Buffer.from(written);
  const bytes = Buffer.from(instrumented);
  const before = conditionsOf(written);
  const after = conditionsOf(instrumented);
  if (before.length !== after.length) throw new Error(`${path}: instrumentation changed the number of conditions`);
  const branches = before.map(({ start, end }, i): Branch => {
    const tag = (outcome: boolean) => id(`branch ${path} ${i} ${outcome}`).slice(2);
    return {
      line: original.subarray(0, start).toString().split("\n").length,
      condition: original.subarray(start, end).toString().replace(/\s+/g, " "),
      whenTrue: tag(true),
      whenFalse: tag(false),
    };
  });
  const parts: string[] = [];
  let done = 0;
  after.forEach(({ start, end }, i) => {
    const { whenTrue, whenFalse } = branches[i]!;
    const condition = bytes.subarray(start, end).toString();
    parts.push(bytes.subarray(done, start).toString(), `_taken(${condition}, 0x${whenTrue}, 0x${whenFalse})`);
    done = end;
  });
  parts.push(bytes.subarray(done).toString(), branches.length === 0 ? "" : TAKEN);
  return { text: parts.join(""), branches };
}

const TAKEN = `
function _taken(bool condition, uint256 whenTrue, uint256 whenFalse) pure returns (bool) {
    ${LIBRARY}.sendHit(condition ? whenTrue : whenFalse);
    return condition;
}
`;

/** Where the conditions stand, in the order of the text. None stands within another: they are the leaves. */
function conditionsOf(text: string): Range[] {
  const input = {
    language: "Solidity",
    sources: { source: { content: text } },
    settings: { stopAfter: "parsing", outputSelection: { "*": { "": ["ast"] } } },
  };
  const output = JSON.parse(solc().compile(JSON.stringify(input))) as {
    sources: Readonly<Record<string, { ast?: Node }>>;
    errors?: readonly { severity: string; formattedMessage: string }[];
  };
  const ast = output.sources.source?.ast;
  if (ast === undefined) throw new Error(output.errors?.map((error) => error.formattedMessage).join("\n") ?? "no AST");
  const found = new Map<number, Range>();
  visit(ast, (node) => {
    if (isLogical(node)) {
      for (const operand of [node.leftExpression, node.rightExpression]) collect(operand as Node, found);
    } else if (DECISIONS.has(node.nodeType ?? "") && node.condition != null) {
      collect(node.condition as Node, found);
    }
  });
  const ranges = [...found.values()].sort((a, b) => a.start - b.start);
  // A condition may hold another: a call whose argument is a ternary. The inner one is left to its own statement.
  return ranges.filter((range) => !ranges.some((other) => other !== range && contains(range, other)));
}

const DECISIONS = new Set(["IfStatement", "Conditional", "WhileStatement", "DoWhileStatement", "ForStatement"]);

function collect(condition: Node, into: Map<number, Range>): void {
  const bare = unwrapped(condition);
  if (isLogical(bare)) return;
  const [start = 0, length = 0] = (bare.src ?? "").split(":").map(Number);
  into.set(start, { start, end: start + length });
}

/** Without parentheses. */
function unwrapped(node: Node): Node {
  const components = node.components as readonly (Node | null)[] | undefined;
  const [only] = components ?? [];
  return node.nodeType === "TupleExpression" && components?.length === 1 && only ? unwrapped(only) : node;
}

function isLogical(node: Node): boolean {
  return node.nodeType === "BinaryOperation" && (node.operator === "&&" || node.operator === "||");
}

function contains(outer: Range, inner: Range): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (typeof value !== "object" || value === null) return;
  if ("nodeType" in value) see(value as Node);
  for (const part of Object.values(value)) visit(part, see);
}
