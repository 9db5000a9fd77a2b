/** What an expression may be mutated to. Each replacement is text in place of the whole expression. */

import { spanOf, type Node } from "./syntax.ts";

export interface Replacement {
  readonly operator: string;
  readonly text: string;
}

/** What the place of an expression says about it. */
export interface Context {
  /** The type that is expected there, where it is known. */
  readonly type?: string | undefined;
  /** It is written to, called, or names a type: only its parts are mutated. */
  readonly fixed?: boolean;
  /** It decides a branch. */
  readonly decides?: "guard" | "branch" | "loop" | "require";
  /** A function's single result. */
  readonly returned?: boolean;
}

const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "**": ["*"],
  "<<": [">>"],
  ">>": ["<<"],
  "&": ["|"],
  "|": ["&"],
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
  "&&": ["||"],
  "||": ["&&"],
};

const COMPOUND: Readonly<Record<string, string>> = { "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=" };

const isConstant = (node: Node | undefined): boolean =>
  /^(int_const|rational_const)/.test(node?.typeDescriptions?.typeString ?? "");
const isInteger = (type: string | undefined): boolean => /^u?int\d+$/.test(type ?? "");
const isValue = (type: string): boolean => /^(u?int\d+|bytes\d+|bool|address)$/.test(type);

/** Whether the compiler folds the expression to a number: then it is mutated as a whole. */
export const isNumber = isConstant;

export function replacementsOf(
  node: Node,
  context: Context,
  text: (node: Node) => string,
  declarations: ReadonlyMap<number, Node>,
): Replacement[] {
  if (context.fixed) return [];
  const found: Replacement[] = [];
  const add = (operator: string, replacement: string) => found.push({ operator, text: replacement });
  const type = node.typeDescriptions?.typeString ?? "";

  if (isConstant(node)) {
    const expected = context.type ?? "";
    if (isInteger(expected)) {
      const whole = text(node);
      add("literal", `${expected}((${whole}) + 1)`);
      if (expected.startsWith("i") || !/^0(x0+)?$/.test(whole)) add("literal", `${expected}((${whole}) - 1)`);
    }
    return found;
  }
  switch (node.nodeType) {
    case "BinaryOperation":
      found.push(...ofBinary(node, text));
      break;
    case "UnaryOperation":
      if (node.operator === "!") add("negation", text(node.subExpression!));
      if (node.operator === "-" || node.operator === "~") add("unary", text(node.subExpression!));
      break;
    case "Conditional":
      add("ternary", text(node.trueExpression!));
      add("ternary", text(node.falseExpression!));
      break;
    case "Literal":
      if (type === "bool") add("literal", node.value === "true" ? "false" : "true");
      break;
    case "Identifier":
    case "MemberAccess":
      found.push(...ofConstant(node, text(node), declarations));
      break;
    case "FunctionCall":
      if (node.expression?.name === "keccak256" && /^literal_string/.test(typeOf(node.arguments?.[0]))) {
        add("literal", 'keccak256("")');
      }
      break;
  }
  if (type === "bool" && node.nodeType !== "Literal") {
    const { decides } = context;
    if (decides === "guard" || decides === "branch") add("condition", "false");
    if (decides === "branch" || decides === "require") add("condition", "true");
    if (decides === "loop" && node.nodeType !== "BinaryOperation") add("condition", "false");
  }
  if (context.returned) found.push(...ofResult(node, context.type, text(node)));
  return found;
}

const typeOf = (node: Node | undefined): string => node?.typeDescriptions?.typeString ?? "";

function ofBinary(node: Node, text: (node: Node) => string): Replacement[] {
  const [left, right] = [text(node.leftExpression!), text(node.rightExpression!)];
  const operator = node.operator ?? "";
  const found = (OPERATORS[operator] ?? []).map((other) => ({
    operator: `${operator} → ${other}`,
    text: `(${left}) ${other} (${right})`,
  }));
  if (operator === "&&" || operator === "||") {
    found.push({ operator: "operand", text: left }, { operator: "operand", text: right });
  }
  return found;
}

/** A named constant is one off, at each of its uses. The bounds of a type count as constants. */
function ofConstant(node: Node, whole: string, declarations: ReadonlyMap<number, Node>): Replacement[] {
  const type = typeOf(node);
  if (node.nodeType === "MemberAccess" && /^type\(/.test(whole)) {
    return isInteger(type) && node.memberName === "max" ? [{ operator: "constant", text: `${whole} - 1` }] : [];
  }
  const declared = declarations.get(node.referencedDeclaration ?? -1);
  if (declared?.nodeType !== "VariableDeclaration" || declared.constant !== true) return [];
  if (isInteger(type)) return ["+", "-"].map((sign) => ({ operator: "constant", text: `${whole} ${sign} 1` }));
  if (type === "bytes32") return [{ operator: "constant", text: `bytes32(uint256(${whole}) ^ 1)` }];
  return [];
}

function ofResult(node: Node, type: string | undefined, whole: string): Replacement[] {
  const one = (text: string) => [{ operator: "result", text }];
  if (type === "bool" && node.nodeType !== "Literal") return [...one("true"), ...one("false")];
  if (isInteger(type)) return one(`${type}(0)`);
  if (type === "address") return one("address(0)");
  if (type !== undefined && /^bytes\d+$/.test(type) && !/^0|\(0\)$/.test(whole)) return one(`${type}(0)`);
  return [];
}

/** Neighbours among a call's arguments that can change places: their positions. */
export function swapsOf(node: Node, text: (node: Node) => string): number[] {
  if (node.nodeType !== "FunctionCall" || node.kind !== "functionCall") return [];
  const list = node.arguments ?? [];
  return list.flatMap((argument, i) => {
    const next = list[i + 1];
    if (next === undefined || typeOf(argument) !== typeOf(next) || !isValue(typeOf(argument))) return [];
    return text(argument) === text(next) ? [] : [i];
  });
}

/** A compound assignment with the opposite operator. */
export function compoundOf(node: Node, text: (node: Node) => string): Replacement[] {
  if (node.nodeType === "UnaryOperation" && (node.operator === "++" || node.operator === "--")) {
    const other = node.operator === "++" ? "--" : "++";
    return [{ operator: `${node.operator} → ${other}`, text: `${other}${text(node.subExpression!)}` }];
  }
  const other = COMPOUND[node.operator ?? ""];
  if (node.nodeType !== "Assignment" || other === undefined) return [];
  const right = text(node.rightHandSide!);
  return [{ operator: `${node.operator} → ${other}`, text: `${text(node.leftHandSide!)} ${other} ${right}` }];
}

/** What the parts of an expression or a statement have around them. */
export function contextsOf(
  node: Node,
  results: readonly Node[],
  declarations: ReadonlyMap<number, Node>,
): Map<Node, Context> {
  const found = new Map<Node, Context>();
  const put = (child: Node | null | undefined, context: Context) => child && found.set(child, context);
  switch (node.nodeType) {
    case "BinaryOperation": {
      const shift = /^(<<|>>|\*\*)$/.test(node.operator ?? "");
      const common = node.commonType?.typeString;
      put(node.leftExpression, { type: shift ? typeOf(node) : common });
      put(node.rightExpression, { type: shift ? "uint256" : common });
      break;
    }
    case "Assignment":
      put(node.leftHandSide, { fixed: true });
      put(node.rightHandSide, { type: typeOf(node.leftHandSide) });
      break;
    case "UnaryOperation":
      if (/^(\+\+|--|delete)$/.test(node.operator ?? "")) put(node.subExpression, { fixed: true });
      break;
    case "Conditional":
      put(node.trueExpression, { type: typeOf(node) });
      put(node.falseExpression, { type: typeOf(node) });
      break;
    case "IndexAccess":
      put(node.baseExpression, { fixed: true });
      put(node.indexExpression, { type: "uint256" });
      break;
    case "MemberAccess":
      put(node.expression, { fixed: true });
      break;
    case "FunctionCall": {
      put(node.expression, { fixed: true });
      const types = parametersOf(node, declarations);
      for (const [i, argument] of (node.arguments ?? []).entries()) put(argument, { type: types[i] });
      if (node.expression?.name === "require") {
        put(node.arguments?.[0], { decides: "require" });
        put(node.arguments?.[1], { fixed: true });
      }
      break;
    }
    case "TupleExpression":
      break;
    case "VariableDeclarationStatement":
      if (node.declarations?.length === 1) put(node.initialValue, { type: typeOf(node.declarations[0] ?? undefined) });
      break;
    case "IfStatement":
      put(node.condition, { decides: isGuard(node) ? "guard" : "branch" });
      break;
    case "WhileStatement":
    case "ForStatement":
      put(node.condition, { decides: "loop" });
      break;
    case "Return":
      if (results.length === 1) put(node.expression, { type: typeOf(results[0]), returned: true });
      else if (node.expression?.nodeType === "TupleExpression") {
        for (const [i, part] of (node.expression.components ?? []).entries()) put(part, { type: typeOf(results[i]) });
      }
      break;
  }
  return found;
}

/** A condition whose one branch refuses: mutated, the check is gone. That it always refuses would be no challenge. */
function isGuard({ trueBody, falseBody }: Node): boolean {
  const only = trueBody?.nodeType === "Block" ? trueBody.statements?.[0] : trueBody;
  return !falseBody && only?.nodeType === "RevertStatement" && (trueBody?.statements?.length ?? 1) === 1;
}

function parametersOf(node: Node, declarations: ReadonlyMap<number, Node>): (string | undefined)[] {
  if (node.kind === "typeConversion") return [typeOf(node)];
  const callee = node.expression;
  const declared = declarations.get(callee?.referencedDeclaration ?? -1);
  const list = declared?.members ?? declared?.parameters?.parameters ?? [];
  const types = list.map(typeOf);
  // A library's function called on its first argument.
  return types.slice(Math.max(0, types.length - (node.arguments?.length ?? 0)));
}

export const startOf = (node: Node): number => spanOf(node)[0];
