/** Codes of a record against the codes that a clause or a rule names. */

/** Whether two codes mean the same: `system|code` as written; the plain code of a CSV stands for one with any system. */
export function sameCode(code: string, wanted: string): boolean {
  return code === wanted || (!code.includes("|") && wanted.endsWith(`|${code}`));
}

/** Whether any of a record's codes is wanted. */
export function hasCode(codes: readonly string[], wanted: readonly string[]): boolean {
  return codes.some((code) => wanted.some((one) => sameCode(code, one)));
}
