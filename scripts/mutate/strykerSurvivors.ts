/** Survivors of a mutation test against those that a document explains. */

import ts from "typescript";

interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Mutant {
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement?: string | undefined;
  readonly status: string;
  /** From line 1 and column 1. */
  readonly location: { readonly start: Position; readonly end: Position };
}

/** A block of explained survivors: what stands between the fence and its end, one a line. */
const BLOCK = /^```survivors\n([\s\S]*?)^```/gm;

/**
 * A mutant by file, function, mutator, and what it replaces by what: whatever happens to the lines around it, the name stays.
 * @param name of the file, as the document has it
 */
export function nameOf(mutant: Mutant, name: string, source: string): string {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
  const at = ({ line, column }: Position): number => file.getPositionOfLineAndCharacter(line - 1, column - 1);
  const [start, end] = [at(mutant.location.start), at(mutant.location.end)];
  const change = `${inOneLine(source.slice(start, end))} → ${inOneLine(mutant.replacement ?? "")}`;
  return [name, enclosing(file, start, end), mutant.mutatorName, change].join(" · ");
}

/**
 * What is wrong with the document, one line each: a survivor that it does not explain, one that it explains and that is none.
 * @param timedOut mutants that ran out of time: a slow machine may have taken a survivor for one
 */
export function disagreements(survivors: readonly string[], timedOut: readonly string[], document: string): string[] {
  const open = [...survivors];
  const slow = [...timedOut];
  const stale: string[] = [];
  for (const one of explained(document)) {
    const list = open.includes(one) ? open : slow;
    const at = list.indexOf(one);
    if (at < 0) stale.push(one);
    else list.splice(at, 1);
  }
  return [...open.map((one) => `not explained: ${one}`), ...stale.map((one) => `no longer survives: ${one}`)];
}

function explained(document: string): string[] {
  return [...document.matchAll(BLOCK)].flatMap(([, lines = ""]) => lines.split("\n").filter((line) => line !== ""));
}

const inOneLine = (code: string): string => {
  const line = code.replace(/\s+/g, " ").trim();
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
};

/** Names of the declarations around a span, outermost first. */
function enclosing(file: ts.SourceFile, start: number, end: number): string {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (node.getStart(file) > start || node.getEnd() < end) return;
    const isNamed =
      ts.isFunctionDeclaration(node) ||
      ts.isVariableDeclaration(node) ||
      ts.isPropertyAssignment(node) ||
      ts.isClassDeclaration(node);
    if (isNamed && node.name !== undefined && ts.isIdentifier(node.name) && !isAt(node, start, end)) {
      names.push(node.name.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names.join(".") || "module";
}

const isAt = (node: ts.Node, start: number, end: number): boolean => node.getStart() === start && node.getEnd() === end;
