/** The table of settings, row by row: what the docs and the messages about mistakes are made from. */

import { z } from "zod";

import { SETTINGS, type SettingMeta } from "./setting.ts";

export interface SettingRow extends SettingMeta {
  /** `listen.port`; `peers[].url` for each of a list. */
  readonly name: string;
  /** Null when it has none. */
  readonly standard: unknown;
  readonly required: boolean;
}

/** Every setting below a schema, in the order of the table, groups before what they hold. */
export function rowsOf(schema: z.ZodType, prefix = ""): SettingRow[] {
  const { inner } = unwrap(schema);
  if (inner instanceof z.ZodArray) return rowsOf(inner.element as z.ZodType, `${prefix}[]`);
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const meta = SETTINGS.get(field);
    const { standard, required } = unwrap(field);
    return [...(meta === undefined ? [] : [{ ...meta, name: path, standard, required }]), ...rowsOf(field, path)];
  });
}

/** What stands inside defaults, optionals and transforms. */
function unwrap(schema: z.ZodType): { inner: z.ZodType; standard: unknown; required: boolean } {
  let inner = schema;
  let standard: unknown = null;
  let required = true;
  for (;;) {
    if (inner instanceof z.ZodDefault) {
      standard = inner.def.defaultValue;
      required = false;
      inner = inner.def.innerType as z.ZodType;
    } else if (inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
      required = false;
      inner = inner.def.innerType as z.ZodType;
    } else if (inner instanceof z.ZodPipe) {
      inner = inner.def.in as z.ZodType;
    } else {
      return { inner, standard, required };
    }
  }
}
