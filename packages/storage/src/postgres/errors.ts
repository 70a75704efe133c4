/**
 * Turns errors of the database into {@link CredError}s, the only errors that leave this package. The driver's errors carry
 * statements, parameters and rows, so none of them is passed on, not even as a cause: only SQLSTATE and the names of our own
 * constraints are.
 */
import { CredError } from '@credplex/core';
import { DrizzleQueryError } from 'drizzle-orm';

interface DriverError {
  readonly code?: unknown;
  readonly constraint_name?: unknown;
  readonly table_name?: unknown;
  readonly routine?: unknown;
}

/** Returns what drizzle wrapped in an error of its own, whose message holds the statement's parameters. */
export const withoutParameters = (error: unknown): unknown =>
  error instanceof DrizzleQueryError ? error.cause : error;

function driverError(error: unknown): DriverError {
  const inner = withoutParameters(error);
  return typeof inner === 'object' && inner !== null ? inner : {};
}

/** SQLSTATE or the driver's own code; undefined when it is no error of a database. */
export function databaseCode(error: unknown): string | undefined {
  const { code } = driverError(error);
  return typeof code === 'string' ? code : undefined;
}

const connectionCodes =
  /^(E[A-Z_]+|CONNECTION_[A-Z]+|CONNECT_TIMEOUT|CONNECTION_DESTROYED|SASL_.*|AUTH_TYPE_NOT_IMPLEMENTED)$/;

/**
 * PostgreSQL, Appendix A: 08 connection, 25006 read-only (a standby), 28 login, 3D000 no such database, 40 serialization, 53
 * resources, 55P03 lock, 57 intervention (57014: statement_timeout), 58 system. All may pass by themselves.
 */
const passing = /^(08...|25006|28...|3D000|40...|53...|55P03|57...|58...)$/;
/** 22 data exception, 54 program limit: what was asked cannot be stored. */
const unstorable = /^(22...|54...)$/;

/** @returns a CredError that holds nothing secret. */
export function toCredError(caught: unknown): CredError {
  const error = withoutParameters(caught);
  if (error instanceof CredError) return error;
  const code = databaseCode(error);
  const { constraint_name: constraint, table_name: table, routine } = driverError(error);
  const facts = [code, table, constraint, routine].filter((fact) => typeof fact === 'string');
  // Errors of our own code keep their message and stack; those of the driver do not.
  const cause = code === undefined ? error : new Error(`database: ${facts.join(' ')}`);
  if (code !== undefined && (connectionCodes.test(code) || passing.test(code)))
    return new CredError('unavailable', {}, { cause });
  if (code !== undefined && unstorable.test(code)) return new CredError('bad_request', {}, { cause });
  return new CredError('internal', {}, { cause });
}

/** Whether an all-or-nothing statement or transaction can be retried. */
export function isRolledBackByConflict(error: unknown): boolean {
  const code = databaseCode(error);
  return code === '40001' || code === '40P01';
}

/**
 * Rolled back for what the statement holds or met: data (22), a constraint (23), a serialization or deadlock (40), a limit (54),
 * a lock (55). Its parts may fare better one by one.
 */
export const isStatementRejected = (error: unknown): boolean => /^(22|23|40|54|55)...$/.test(databaseCode(error) ?? '');

/** Whether a failed read of several callers can be retried for each of them alone, because the database was available. */
export const isReadRejected = (error: unknown): boolean =>
  isStatementRejected(error) || databaseCode(error) === '57014' || toCredError(error).code !== 'unavailable';

/** Whether the connection was lost during a statement, often an idle one that the server had closed. A read can be retried on another. */
export function isConnectionLost(error: unknown): boolean {
  const code = databaseCode(error);
  return code === 'CONNECTION_CLOSED' || code === 'ECONNRESET' || code === 'EPIPE' || code === '57P01';
}
