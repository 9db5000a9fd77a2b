/** Signing in with a wallet, and what a session is good for. */

import { z } from "zod";

import { partiesOf, rolesOf, type People } from "../access.ts";
import { Problem } from "../problem.ts";
import * as schemas from "../schemas.ts";
import type { Session, Sessions } from "../session.ts";
import { SignInRefused, type SignIn } from "../signIn.ts";
import { callerOf, PROBLEMS, type Routes } from "./context.ts";

const tags = ["session"];

export function addSessionRoutes({
  server,
  source,
  signIn,
  sessions,
}: Routes & { readonly signIn: SignIn; readonly sessions: Sessions }): void {
  const document = ({ address, expires }: Session, people: People): z.infer<typeof schemas.session> => ({
    address,
    roles: rolesOf(address, people),
    parties: partiesOf(address, people, source.agreement),
    expires,
  });

  server.post(
    "/v1/session/nonce",
    {
      schema: {
        summary: "What a message to sign in with must say",
        tags,
        response: { 200: schemas.offer, 429: PROBLEMS[429] },
      },
    },
    () => {
      const { domains, ...offer } = signIn.offer();
      return { ...offer, domains: [...domains] };
    },
  );

  server.post(
    "/v1/session",
    {
      schema: {
        summary: "Sign in with a signed message",
        tags,
        body: schemas.signIn,
        response: { 201: schemas.opened, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      let address: string;
      try {
        address = await signIn.accept(request.body.message, request.body.signature);
      } catch (error) {
        if (error instanceof SignInRefused) throw new Problem(401, error.message);
        throw error;
      }
      const { people } = await source.scene();
      if (rolesOf(address, people).length === 0) {
        throw new Problem(403, `${address} is no party, arbiter, operator or auditor of this agreement`);
      }
      const { token, session } = await sessions.open(address);
      return reply.code(201).send({ ...document(session, people), token });
    },
  );

  server.get(
    "/v1/session",
    {
      config: { resource: "session" },
      schema: { summary: "Who is signed in", tags, response: { 200: schemas.session, ...PROBLEMS } },
    },
    (request) => {
      const { session, scene } = callerOf(request);
      return document(session, scene.people);
    },
  );

  server.delete(
    "/v1/session",
    {
      config: { resource: "session" },
      schema: { summary: "Sign out", tags, response: { 204: z.null(), ...PROBLEMS } },
    },
    async (request, reply) => {
      sessions.close(callerOf(request).session);
      return reply.code(204).send(null);
    },
  );
}
