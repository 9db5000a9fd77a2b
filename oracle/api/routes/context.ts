/** What every route stands on. */

import type { FastifyBaseLogger, FastifyInstance, RawServerDefault, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { LandedReport } from "../../chain/history.ts";
import type { AgreementState } from "../../chain/agreementState.ts";
import type { Agreement } from "../../../terms/model.ts";
import { mayShow, type Resource, type Role } from "../access.ts";
import { Problem, problemSchema } from "../problem.ts";
import type { Session } from "../session.ts";
import type { ApiSource, Scene } from "../source.ts";

export type ApiServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Who asks, and what stands on the chain now. */
export interface Caller {
  readonly session: Session;
  readonly roles: readonly Role[];
  readonly scene: Scene;
}

declare module "fastify" {
  interface FastifyRequest {
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** What the route shows; left out by routes that anyone may call. */
    resource?: Resource | "session";
  }
}

export interface Routes {
  readonly server: ApiServer;
  readonly source: ApiSource;
}

/** Of a route that `resource` guards. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error("the route is not guarded");
  return request.caller;
}

/** @throws Problem 403 */
export function checkAccess(roles: readonly Role[], resource: Resource): void {
  if (!mayShow(roles, resource)) throw new Problem(403, `${roles.join(", ")}: ${resource} are not for this account`);
}

export const PROBLEMS = {
  400: problemSchema,
  401: problemSchema,
  403: problemSchema,
  404: problemSchema,
  429: problemSchema,
  503: problemSchema,
};

/** @throws Problem 404 */
export function positionOf(all: readonly { readonly id: string }[], id: string, what: string): number {
  const position = all.findIndex((it) => it.id === id);
  if (position === -1) throw new Problem(404, `there is no ${what} ${id}`);
  return position;
}

/** The report at a place. @throws Problem 404 */
export function landedAt(
  agreement: Agreement,
  state: AgreementState,
  place: { readonly clause: string; readonly cohort: string; readonly number: number },
): LandedReport {
  const clause = positionOf(agreement.clauses, place.clause, "clause");
  const cohort = positionOf(agreement.cohorts, place.cohort, "cohort");
  const applies = agreement.clauses[clause]?.payoffs.has(cohort) === true;
  const reports = applies ? state.clause(clause, cohort).reports : [];
  const found = reports.find(({ report }) => report.number === place.number);
  if (found === undefined) throw new Problem(404, `no report ${place.number} on this clause and cohort has landed`);
  return found;
}

export function pageAt<T>(all: readonly T[], { offset, limit }: { readonly offset: number; readonly limit: number }) {
  return { total: all.length, offset, items: all.slice(offset, offset + limit) };
}
