/** Where the operator's key is: in this process, or behind a remote signer. */

import { z } from "zod";

import { file, publicKey, setting, url, variable, whole } from "./setting.ts";

const web3signer = z
  .strictObject({
    url: setting(url, { type: "URL", description: "root of the remote signer" }),
    publicKey: setting(publicKey, {
      type: "public key",
      description: "which of its keys is the operator's: every signature is checked against it",
    }),
    timeout: setting(whole(1, 300, "seconds").default(10), {
      type: "whole number",
      unit: "seconds",
      description: "for one answer of the remote signer",
    }),
    attempts: setting(whole(1, 10, "attempts").default(3), {
      type: "whole number",
      unit: "attempts",
      description: "when it can't be reached, times out or answers with an error of its own",
    }),
    ca: setting(file.optional(), {
      type: "PEM file",
      file: true,
      description: "certificates that its own must come from",
      otherwise: "those that Node trusts",
    }),
    certificate: setting(file.optional(), {
      type: "PEM file",
      file: true,
      description: "this node's client certificate",
      otherwise: "none",
    }),
    certificateKey: setting(file.optional(), {
      type: "PEM file",
      file: true,
      description: "the private key of `certificate`",
      otherwise: "none",
    }),
    user: setting(z.string({ error: "a user's name" }).min(1).optional(), {
      type: "text",
      description: "for basic authentication, as by a proxy in front of it",
      otherwise: "none",
    }),
    passwordEnv: setting(variable.optional(), {
      type: "name of a variable",
      description: "environment variable with the password of `user`",
      otherwise: "none",
    }),
  })
  .superRefine((found, context) => {
    const together = (a: "certificate" | "user", b: "certificateKey" | "passwordEnv"): void => {
      if ((found[a] === undefined) === (found[b] === undefined)) return;
      const [there, lacking] = found[a] === undefined ? [b, a] : [a, b];
      context.addIssue({ code: "custom", path: [lacking], message: `something, since ${there} is there` });
    };
    together("certificate", "certificateKey");
    together("user", "passwordEnv");
  });

export type Web3SignerSettings = z.infer<typeof web3signer>;

export type KeySettings =
  | { readonly env: string }
  | { readonly keystore: string; readonly passwordEnv: string }
  | { readonly web3signer: Web3SignerSettings };

const FORMS = "{ env: NAME }, { keystore: FILE, passwordEnv: NAME } or { web3signer: … }";

export const key = z
  .strictObject(
    {
      env: setting(variable.optional(), {
        type: "name of a variable",
        description: "environment variable that holds the key",
      }),
      keystore: setting(file.optional(), {
        type: "file",
        file: true,
        description: "encrypted keystore (version 3)",
      }),
      passwordEnv: setting(variable.optional(), {
        type: "name of a variable",
        description: "environment variable with the keystore's password",
      }),
      web3signer: web3signer.optional(),
    },
    { error: FORMS },
  )
  .transform((found, context): KeySettings => {
    const { env, keystore, passwordEnv } = found;
    const only = (...names: string[]): boolean =>
      Object.entries(found).every(([name, value]) => (value !== undefined) === names.includes(name));
    if (env !== undefined && only("env")) return { env };
    if (keystore !== undefined && passwordEnv !== undefined && only("keystore", "passwordEnv")) {
      return { keystore, passwordEnv };
    }
    if (found.web3signer !== undefined && only("web3signer")) return { web3signer: found.web3signer };
    context.addIssue({ code: "custom", message: FORMS });
    return z.NEVER;
  });
