/** Stryker plugin: leaves the texts of errors out. Tests hold an error's type, and its text where a person acts on it. */

interface Path {
  readonly parentPath: Path | null;
  readonly node: { readonly type: string; readonly callee?: { readonly name?: string } };
  isStringLiteral(): boolean;
  isTemplateLiteral(): boolean;
}

export const strykerPlugins = [
  {
    kind: "Ignore",
    name: "error-texts",
    value: {
      shouldIgnore(path: Path): string | undefined {
        if (!path.isStringLiteral() && !path.isTemplateLiteral()) return undefined;
        const parent = path.parentPath?.node;
        const isError = parent?.type === "NewExpression" && parent.callee?.name?.endsWith("Error") === true;
        return isError ? "text of an error" : undefined;
      },
    },
  },
];
