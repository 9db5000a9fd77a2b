/** Flags that the commands on an agreement share. */

import type { Command } from "commander";

import type { SubjectFlags } from "./subject.ts";

/** Environment variables that are read when no flag names another. */
export const KEY_ENV = "OUTCOMEPAY_KEY";
export const PASSWORD_ENV = "OUTCOMEPAY_PASSWORD";

/** Where the key is; a key is never an argument. */
export interface KeyFlags {
  readonly keyEnv?: string;
  readonly keystore?: string;
  readonly passwordEnv?: string;
}

export interface SendFlags extends KeyFlags {
  readonly confirmations?: string;
}

export type ActFlags = SubjectFlags & SendFlags & { readonly json?: true };

export function addKeyFlags(command: Command): Command {
  return command
    .option("--key-env <name>", `environment variable that holds the key (default: ${KEY_ENV})`)
    .option("--keystore <file>", "encrypted JSON keystore instead")
    .option("--password-env <name>", `environment variable that holds its password (default: ${PASSWORD_ENV})`);
}

export function addSendFlags(command: Command): Command {
  return addKeyFlags(command).option("--confirmations <n>", "blocks until a transaction counts as done (default: 1)");
}

export function addSubjectFlags(command: Command): Command {
  return command
    .requiredOption("--agreement <address>", "the agreement's contract")
    .option("--rpc <url>", "JSON-RPC of the chain (default: OUTCOMEPAY_RPC_URL)")
    .option("--terms <file>", "its term sheet: parties, clauses and cohorts then go by name instead of position")
    .option("--bind <file>", "addresses that the term sheet leaves out (YAML)")
    .option("--json", "print one JSON document");
}

export function addPlaceFlags(command: Command): Command {
  return command
    .requiredOption("--clause <id>", "the clause: its id with --terms, else its position")
    .option("--cohort <id>", "the cohort; may be left out when the clause applies to one");
}
