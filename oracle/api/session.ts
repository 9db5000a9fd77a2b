/** Sessions: a short-lived token that names an account. What the account may see is asked of the chain each time. */

import { jwtVerify, SignJWT } from "jose";

export interface Session {
  /** Checksummed. */
  readonly address: string;
  readonly id: string;
  /** Seconds since 1970-01-01 UTC. */
  readonly expires: number;
}

export interface SessionParts {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Whom tokens are for: tokens of one node and agreement are worth nothing to another. */
  readonly audience: string;
  /** Seconds. */
  readonly length: number;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  readonly drawId: () => string;
}

export interface Sessions {
  open(address: string): Promise<{ readonly token: string; readonly session: Session }>;
  /** Null for a token that is not ours, has expired or was given back. */
  read(token: string): Promise<Session | null>;
  close(session: Session): void;
}

const ALGORITHM = "HS256";

export function createSessions({ key, audience, length, now, drawId }: SessionParts): Sessions {
  /** Until they expire by themselves. */
  const closed = new Map<string, number>();
  const seconds = (): number => Math.floor(now() / 1_000);
  return {
    async open(address) {
      const session = { address, id: drawId(), expires: seconds() + length };
      const token = await new SignJWT()
        .setProtectedHeader({ alg: ALGORITHM })
        .setSubject(address)
        .setJti(session.id)
        .setAudience(audience)
        .setIssuedAt(seconds())
        .setExpirationTime(session.expires)
        .sign(key);
      return { token, session };
    },
    async read(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          audience,
          requiredClaims: ["sub", "jti", "exp"],
          currentDate: new Date(now()),
        });
        const { sub: address = "", jti: id = "", exp: expires = 0 } = payload;
        return closed.has(id) ? null : { address, id, expires };
      } catch {
        return null;
      }
    },
    close({ id, expires }) {
      for (const [gone, until] of closed) if (until < seconds()) closed.delete(gone);
      closed.set(id, expires);
    },
  };
}
