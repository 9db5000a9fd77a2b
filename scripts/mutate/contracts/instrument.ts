/**
 * One copy of the contracts that holds every mutant, each behind a switch that the chain answers: the number of the mutant
 * to be is a balance (see {@link SWITCH}), which each function reads once. The code that a mutant replaces stands beside it as it was written, so that one
 * build serves all of them.
 */

import { mutateAssembly } from "./assembly.ts";
import { compoundOf, contextsOf, isNumber, replacementsOf, swapsOf, type Context } from "./expressions.ts";
import { Mutants } from "./mutant.ts";
import { childrenOf, spanOf, type Node, type Source, type Syntax } from "./syntax.ts";

/** The account whose balance is the number of the active mutant. */
export const SWITCH = "0x00000000000000000000000000006d7574616e74";
/** As a balance: no mutant, but those of each function that is called are told to the chain's collector of coverage. */
export const RECORDING = 0xffff_ffff;

/** Solidity that asks for the active mutant. */
export const SWITCH_SOURCE = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

library Mutation {
    /// The active mutant. While recording, the function that begins is told by the number of its first mutant.
    function active(uint256 first) internal view returns (uint256 mutant) {
        assembly ("memory-safe") {
            mutant := balance(${SWITCH})
            if eq(mutant, ${RECORDING}) {
                mstore(0, first)
                pop(staticcall(gas(), 0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE, 0, 32, 0, 0))
            }
        }
    }
}
`;

/** OpenZeppelin's guard with a switch. */
export const GUARD_SOURCE = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient as Guard} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {Mutation} from "./Mutation.sol";

abstract contract ReentrancyGuardTransient is Guard {
    using TransientSlot for *;

    modifier nonReentrantUnless(uint256 mutant) {
        bool guarded = Mutation.active(mutant) != mutant;
        if (guarded) {
            if (_reentrancyGuardEntered()) revert ReentrancyGuardReentrantCall();
            _reentrancyGuardStorageSlot().asBoolean().tstore(true);
        }
        _;
        if (guarded) _reentrancyGuardStorageSlot().asBoolean().tstore(false);
    }
}
`;

const GUARD = "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
const REMOVABLE = /^(EmitStatement|RevertStatement|TryStatement|Continue|Break)$/;

export interface Instrumented {
  readonly mutants: Mutants;
  /** By path, in characters of one byte. */
  readonly files: ReadonlyMap<string, string>;
}

export function instrument(syntax: Syntax): Instrumented {
  const mutants = new Mutants();
  const files = new Map<string, string>();
  for (const source of syntax.sources) {
    mutants.open(source.path, source.text);
    files.set(source.path, new Rewriter(syntax, source, mutants).file());
  }
  return { mutants, files };
}

class Rewriter {
  readonly #syntax: Syntax;
  readonly #source: Source;
  readonly #mutants: Mutants;
  /** What the function at hand returns. */
  #results: readonly Node[] = [];

  constructor(syntax: Syntax, source: Source, mutants: Mutants) {
    this.#syntax = syntax;
    this.#source = source;
    this.#mutants = mutants;
  }

  file(): string {
    const { path, tree, text } = this.#source;
    const up = "../".repeat(path.split("/").length - 2) || "./";
    const edits: [start: number, end: number, text: string][] = [];
    for (const contract of tree.nodes ?? []) {
      if (contract.nodeType !== "ContractDefinition") continue;
      for (const part of contract.nodes ?? []) {
        if (part.nodeType !== "FunctionDefinition" || !part.body) continue;
        this.#mutants.where = `${contract.name}.${part.name || part.kind}`;
        edits.push(...this.#function(part));
      }
    }
    const imports = `import {Mutation} from "${up}Mutation.sol";`;
    return splice(text, 0, text.length, edits)
      .replace(/^(pragma solidity [^;]*;)/m, `$1\n${imports}`)
      .replace(GUARD, `${up}Guard.sol`);
  }

  #function(node: Node): [number, number, string][] {
    this.#results = node.returnParameters?.parameters ?? [];
    const edits: [number, number, string][] = [];
    const first = this.#mutants.begin();
    let prefix = "";
    for (const modifier of node.modifiers ?? []) {
      if (modifier.kind !== "modifierInvocation") continue;
      const [start, end] = spanOf(modifier);
      const whole = this.#source.text.slice(start, end);
      const id = this.#mutants.add(start, "modifier removed", whole, "");
      if (modifier.modifierName?.name === "nonReentrant") edits.push([start, end, `nonReentrantUnless(${id})`]);
      else if (modifier.modifierName?.name === "onlyRole") {
        const role = this.#text(modifier.arguments![0]!);
        prefix += ` if (mutant_ != ${id}) _checkRole(${role});`;
        edits.push([start, end, ""]);
      } else throw new Error(`no switch for the modifier ${whole}`);
    }
    const [start, end] = spanOf(node.body!);
    const body = this.#render(node.body!, {});
    if (this.#mutants.all.length >= first) prefix = ` uint256 mutant_ = Mutation.active(${first});${prefix}`;
    edits.push([start, end, body.replace("{", `{${prefix}`)]);
    return edits;
  }

  #text = (node: Node): string => this.#source.text.slice(...spanOf(node));

  /** A statement or an expression with its mutants. */
  #render(node: Node, context: Context): string {
    if (node.nodeType === "InlineAssembly") return mutateAssembly(node, this.#source, this.#mutants);
    if (node.nodeType === "TupleExpression") {
      // Parentheses: what holds of the whole holds of what is within.
      const only = node.components?.length === 1 ? node.components[0] : undefined;
      return this.#inner(node, only ? new Map([[only, context]]) : new Map<Node, Context>());
    }
    const replacements = replacementsOf(node, context, this.#text, this.#syntax.declarations);
    const [start] = spanOf(node);
    const switches = replacements
      .map(({ operator, text }) => {
        const id = this.#mutants.add(start, operator, this.#text(node), text);
        return `mutant_ == ${id} ? ${text} : `;
      })
      .join("");
    const inner = isNumber(node) ? this.#number(node, context) : this.#parts(node);
    return switches === "" ? inner : `(${switches}${inner})`;
  }

  #number(node: Node, { type }: Context): string {
    return type !== undefined && /^u?int\d+$/.test(type) ? `${type}(${this.#text(node)})` : this.#text(node);
  }

  #parts(node: Node): string {
    const contexts = contextsOf(node, this.#results, this.#syntax.declarations);
    const swaps = swapsOf(node, this.#text);
    if (swaps.length === 0) return this.#inner(node, contexts);
    const list = node.arguments ?? [];
    const replaced = new Map<Node, string>();
    for (const i of swaps) {
      const [a, b] = [list[i]!, list[i + 1]!];
      const [left, right] = [this.#text(a), this.#text(b)];
      const id = this.#mutants.add(spanOf(a)[0], "arguments swapped", `${left}, ${right}`, `${right}, ${left}`);
      replaced.set(a, `${replaced.get(a) ?? ""}mutant_ == ${id} ? ${right} : `);
      replaced.set(b, `${replaced.get(b) ?? ""}mutant_ == ${id} ? ${left} : `);
    }
    return this.#inner(node, contexts, replaced);
  }

  #inner(node: Node, contexts: ReadonlyMap<Node, Context>, switches?: ReadonlyMap<Node, string>): string {
    const [start, end] = spanOf(node);
    const edits: [number, number, string][] = [];
    for (const child of childrenOf(node)) {
      const [from, to] = spanOf(child);
      const header = child === node.initializationExpression || child === node.loopExpression;
      const statement = header ? undefined : this.#statement(child);
      if (statement !== undefined) {
        edits.push([from, to, statement]);
        continue;
      }
      const rendered = this.#render(child, contexts.get(child) ?? {});
      const before = switches?.get(child);
      edits.push([from, to, before === undefined ? rendered : `(${before}${rendered})`]);
    }
    return splice(this.#source.text, start, end, edits);
  }

  /**
   * A statement that can be left out, or be done the other way round; undefined for others. It stands in an `else`, so that
   * the statement's own semicolon ends it and an `else` that follows belongs to whom it belonged before.
   */
  #statement(node: Node): string | undefined {
    const [start] = spanOf(node);
    const whole = this.#text(node);
    const skip = () => this.#mutants.add(start, "statement removed", whole, "");
    if (REMOVABLE.test(node.nodeType)) {
      // A check whose condition is mutated to false needs no second mutant without the refusal.
      if (node.nodeType === "RevertStatement" && this.#guarded.has(node)) return undefined;
      return `if (mutant_ == ${skip()}) {} else ${this.#parts(node)}`;
    }
    const { expression } = node;
    if (node.nodeType === "IfStatement") this.#noteGuard(node);
    if (node.nodeType !== "ExpressionStatement" || !expression) return undefined;
    if (expression.expression?.name === "require") return undefined;
    // The compiler wants to see that a pointer into calldata is set.
    if (/ calldata/.test(expression.leftHandSide?.typeDescriptions?.typeString ?? "")) return undefined;
    const [other] = compoundOf(expression, this.#text);
    const id = skip();
    const changed =
      other &&
      `if (mutant_ == ${this.#mutants.add(start, other.operator, whole, other.text)}) { ${other.text}; } else `;
    return `if (mutant_ == ${id}) {} else ${changed ?? ""}${this.#render(expression, {})}`;
  }

  readonly #guarded = new Set<Node>();

  #noteGuard({ trueBody, falseBody }: Node): void {
    const only = trueBody?.nodeType === "Block" ? trueBody.statements?.[0] : trueBody;
    if (!falseBody && only?.nodeType === "RevertStatement") this.#guarded.add(only);
  }
}

/** The text from `start` to `end` with parts replaced. */
function splice(text: string, start: number, end: number, edits: readonly [number, number, string][]): string {
  let at = start;
  let out = "";
  for (const [from, to, replacement] of [...edits].sort((a, b) => a[0] - b[0])) {
    out += text.slice(at, from) + replacement;
    at = to;
  }
  return out + text.slice(at, end);
}
