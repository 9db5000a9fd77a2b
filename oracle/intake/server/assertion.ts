/** The client's signed assertion: a JWT of five minutes at most that is used once (SMART App Launch 2, RFC 7523). */

import { createPrivateKey, randomUUID, type KeyObject } from "node:crypto";

import { SignJWT } from "jose";

import { SourceError } from "../shared.ts";
import { isObject, objects, text } from "../fhir/json.ts";

export type Algorithm = "ES384" | "RS384";

export interface ClientKey {
  readonly key: KeyObject;
  readonly kid: string;
  readonly alg: Algorithm;
}

/** Seconds; servers refuse more than five minutes, and clocks differ. */
const LIFE = 240;

export function signAssertion(
  { key, kid, alg }: ClientKey,
  clientId: string,
  endpoint: string,
  now: number,
): Promise<string> {
  const issued = Math.floor(now / 1_000);
  return new SignJWT()
    .setProtectedHeader({ alg, kid, typ: "JWT" })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(endpoint)
    .setIssuedAt(issued)
    .setExpirationTime(issued + LIFE)
    .setJti(randomUUID())
    .sign(key);
}

interface Stated {
  readonly kid?: string | undefined;
  readonly alg?: Algorithm | undefined;
}

/**
 * A private key as a JWK, the only signing key of a JWK set, or PEM.
 * @param stated Of several keys in a set, `kid` chooses; `alg` must fit the key.
 * @throws SourceError that never shows the key
 */
export function readClientKey(content: string, stated: Stated): ClientKey {
  return content.trimStart().startsWith("{") ? fromJwk(content, stated) : fromPem(content, stated);
}

function fromJwk(content: string, stated: Stated): ClientKey {
  let document: unknown;
  try {
    document = JSON.parse(content);
  } catch {
    throw wrong("found broken JSON");
  }
  const all = isObject(document) && Array.isArray(document["keys"]) ? objects(document["keys"]) : objects(document);
  const fitting = all.filter(
    (jwk) =>
      text(jwk["d"]) !== null && (stated.kid === undefined || jwk["kid"] === undefined || jwk["kid"] === stated.kid),
  );
  const [jwk] = fitting;
  if (jwk === undefined)
    throw wrong(`found no private key${stated.kid === undefined ? "" : ` with kid ${stated.kid}`}`);
  if (fitting.length > 1) throw wrong(`found ${fitting.length} private keys, expected auth.kid to choose one`);
  const alg = algorithm(text(jwk["kty"]) ?? "", text(jwk["crv"]), stated.alg);
  const kid = stated.kid ?? text(jwk["kid"]);
  if (kid === null) throw new SourceError("auth.kid: found nothing, expected the key's id, as the server knows it");
  try {
    return { key: createPrivateKey({ key: { ...jwk }, format: "jwk" }), kid, alg };
  } catch {
    throw wrong("found a JWK that can't be read");
  }
}

function fromPem(content: string, stated: Stated): ClientKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(content);
  } catch {
    throw wrong("found something else");
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const type = key.asymmetricKeyType === "rsa" ? "RSA" : key.asymmetricKeyType === "ec" ? "EC" : "";
  const alg = algorithm(type, curve === "secp384r1" ? "P-384" : (curve ?? null), stated.alg);
  if (stated.kid === undefined)
    throw new SourceError("auth.kid: found nothing, expected the key's id, as the server knows it");
  return { key, kid: stated.kid, alg };
}

function algorithm(type: string, curve: string | null, stated: Algorithm | undefined): Algorithm {
  const found = type === "RSA" ? "RS384" : type === "EC" && curve === "P-384" ? "ES384" : null;
  if (found === null)
    throw wrong(`found a key of another kind (${type || "unknown"}${curve === null ? "" : ` ${curve}`})`);
  if (stated !== undefined && stated !== found)
    throw new SourceError(`auth.alg: found ${stated}, expected ${found}: that is what auth.key can sign`);
  return found;
}

const wrong = (found: string): SourceError =>
  new SourceError(`auth.key: ${found}, expected an RSA or EC P-384 private key as JWK or PEM`);
