/** The compiler's syntax tree of our contracts, with the text that it was read from. */

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A node of the tree, as far as mutation looks at it. */
export interface Node {
  readonly id: number;
  readonly nodeType: string;
  /** "start:length:file", in bytes. */
  readonly src: string;
  readonly name?: string;
  readonly kind?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly memberName?: string;
  readonly constant?: boolean;
  readonly mutability?: string;
  readonly referencedDeclaration?: number;
  readonly typeDescriptions?: { readonly typeString?: string };
  readonly commonType?: { readonly typeString: string };
  readonly leftExpression?: Node;
  readonly rightExpression?: Node;
  readonly leftHandSide?: Node;
  readonly rightHandSide?: Node;
  readonly subExpression?: Node;
  readonly baseExpression?: Node;
  readonly indexExpression?: Node;
  readonly condition?: Node;
  readonly trueExpression?: Node;
  readonly falseExpression?: Node;
  readonly trueBody?: Node;
  readonly falseBody?: Node;
  readonly body?: Node;
  readonly expression?: Node;
  readonly initialValue?: Node;
  readonly initializationExpression?: Node;
  readonly loopExpression?: Node;
  readonly declarations?: readonly (Node | null)[];
  readonly arguments?: readonly Node[];
  readonly components?: readonly (Node | null)[];
  readonly statements?: readonly Node[];
  readonly nodes?: readonly Node[];
  readonly members?: readonly Node[];
  readonly parameters?: { readonly parameters: readonly Node[] };
  readonly returnParameters?: { readonly parameters: readonly Node[] };
  readonly modifiers?: readonly Node[];
  readonly modifierName?: Node;
  readonly AST?: YulNode;
}

/** A node of an assembly block. */
export interface YulNode {
  readonly nodeType: string;
  readonly src: string;
  readonly kind?: string;
  readonly value?: string | YulNode;
  readonly functionName?: { readonly name: string };
  readonly arguments?: readonly YulNode[];
  readonly statements?: readonly YulNode[];
  readonly expression?: YulNode;
  readonly condition?: YulNode;
  readonly body?: YulNode;
  readonly pre?: YulNode;
  readonly post?: YulNode;
}

/** A source file. Its text holds one character a byte, as the tree counts. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: Node;
}

export interface Syntax {
  readonly sources: readonly Source[];
  /** Every declaration of these files and of all that they import. */
  readonly declarations: ReadonlyMap<number, Node>;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly sources: Readonly<Record<string, { readonly ast: Node }>>;
}

interface Compiler {
  compile(input: string, callbacks: { import: (path: string) => { contents: string } | { error: string } }): string;
}

/** @throws Error with the compiler's messages when a file does not compile. */
export function parse(root: string, paths: readonly string[]): Syntax {
  const solc = createRequire(import.meta.url)("solc") as Compiler;
  const read = (path: string) => readFileSync(join(root, path));
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(paths.map((path) => [path, { content: read(path).toString("utf8") }])),
    settings: { outputSelection: { "*": { "": ["ast"] } } },
  };
  const load = (path: string) => ({
    contents: read(path.startsWith("@") ? join("node_modules", path) : path).toString("utf8"),
  });
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: load })) as Output;
  const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join("\n"));
  const declarations = new Map<number, Node>();
  for (const { ast } of Object.values(output.sources)) {
    visit(ast, (node) => declarations.set(node.id, node));
  }
  const sources = paths.map((path) => {
    const tree = output.sources[path]?.ast;
    if (tree === undefined) throw new Error(`no syntax tree of ${path}`);
    return { path, text: read(path).toString("latin1"), tree };
  });
  return { sources, declarations };
}

export const spanOf = ({ src }: { readonly src: string }): readonly [start: number, end: number] => {
  const [start = 0, length = 0] = src.split(":").map(Number);
  return [start, start + length];
};

/** The nodes right below a node, in the order of the text. */
export function childrenOf(node: Node): Node[] {
  const found: Node[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (key === "AST" || key === "typeDescriptions") continue;
    collect(value, found);
  }
  return found.sort((a, b) => spanOf(a)[0] - spanOf(b)[0]);
}

function collect(value: unknown, found: Node[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, found);
  else if (typeof value === "object" && value !== null && "nodeType" in value && "src" in value)
    found.push(value as Node);
}

export function visit(node: Node, look: (node: Node) => void): void {
  look(node);
  for (const child of childrenOf(node)) visit(child, look);
}
