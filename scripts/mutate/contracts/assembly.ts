/** Mutants of an assembly block, whose language has no conditional expression and can't call Solidity. */

import type { Mutants } from "./mutant.ts";
import { spanOf, type Node, type Source, type YulNode } from "./syntax.ts";

const OPERATORS: Readonly<Record<string, string>> = {
  add: "sub",
  sub: "add",
  gt: "lt",
  lt: "gt",
  shl: "shr",
  shr: "shl",
  and: "or",
  or: "and",
};

/** The block with its mutants in it; `mutant_`, of the function around, is the number of the active one. */
export function mutateAssembly(node: Node, source: Source, mutants: Mutants): string {
  const first = mutants.all.length + 1;
  const [start, end] = spanOf(node);
  const [open] = spanOf(node.AST!);
  const body = new Block(source, mutants).render(node.AST!);
  const last = mutants.all.length;
  if (last < first) return source.text.slice(start, end);
  // A block within a block: what it declares stays its own.
  const pick = "function pick_(is, a, b) -> r { r := b if is { r := a } }";
  const head = source.text.slice(start, open);
  return `${head} { ${pick} ${body} }`;
}

class Block {
  readonly #source: Source;
  readonly #mutants: Mutants;

  constructor(source: Source, mutants: Mutants) {
    this.#source = source;
    this.#mutants = mutants;
  }

  render(node: YulNode): string {
    switch (node.nodeType) {
      case "YulLiteral":
        return this.#literal(node);
      case "YulFunctionCall":
        return this.#call(node);
      case "YulExpressionStatement":
      case "YulAssignment": {
        const inner = this.#inner(node);
        // The compiler wants to see that a pointer into calldata is set.
        if (/^\w+\.(offset|length)\b/.test(this.#text(node))) return inner;
        return `if iszero(eq(mutant_, ${this.#add(node, "statement removed", "")})) { ${inner} }`;
      }
      case "YulIf": {
        const id = this.#add(node.condition!, "condition", "0");
        return `if pick_(eq(mutant_, ${id}), 0, ${this.render(node.condition!)}) ${this.render(node.body!)}`;
      }
      default:
        return this.#inner(node);
    }
  }

  #text(node: YulNode): string {
    return this.#source.text.slice(...spanOf(node));
  }

  #add(node: YulNode, operator: string, after: string): number {
    return this.#mutants.add(spanOf(node)[0], operator, this.#text(node), after);
  }

  #literal(node: YulNode): string {
    const text = this.#text(node);
    if (node.kind !== "number") return text;
    const more = this.#add(node, "literal", `${text} + 1`);
    if (/^0(x0+)?$/.test(text)) return `add(${text}, eq(mutant_, ${more}))`;
    const less = this.#add(node, "literal", `${text} - 1`);
    return `sub(add(${text}, eq(mutant_, ${more})), eq(mutant_, ${less}))`;
  }

  #call(node: YulNode): string {
    const name = node.functionName!.name;
    const list = node.arguments ?? [];
    const inner = this.#inner(node);
    if (name === "iszero") {
      const plain = this.#text(list[0]!);
      return `pick_(eq(mutant_, ${this.#add(node, "negation", plain)}), ${plain}, ${inner})`;
    }
    const other = OPERATORS[name];
    if (other === undefined) return inner;
    const changed = `${other}(${list.map((argument) => this.#text(argument)).join(", ")})`;
    return `pick_(eq(mutant_, ${this.#add(node, `${name} → ${other}`, changed)}), ${changed}, ${inner})`;
  }

  #inner(node: YulNode): string {
    const [start, end] = spanOf(node);
    let at = start;
    let out = "";
    for (const child of partsOf(node)) {
      const [from, to] = spanOf(child);
      out += this.#source.text.slice(at, from) + this.render(child);
      at = to;
    }
    return out + this.#source.text.slice(at, end);
  }
}

function partsOf(node: YulNode): YulNode[] {
  const value = typeof node.value === "object" ? [node.value] : [];
  const { condition, expression, body, pre, post } = node;
  return [...value, condition, expression, body, pre, post, ...(node.statements ?? []), ...(node.arguments ?? [])]
    .filter((part) => part !== undefined)
    .sort((a, b) => spanOf(a)[0] - spanOf(b)[0]);
}
