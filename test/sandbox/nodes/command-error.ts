// Errors as a server words them: the answers that a client must be able to tell apart.

import { type Document, EJSON } from 'bson';

export interface CommandError {
  readonly ok: 0;
  readonly errmsg: string;
  readonly code: number;
  readonly codeName: string;
}

export function commandError(code: number, codeName: string, errmsg: string): CommandError {
  return { ok: 0, errmsg, code, codeName };
}

export const commandNotFound = (name: string): CommandError =>
  commandError(59, 'CommandNotFound', `no such command: '${name}'`);

export const authenticationFailed = (): CommandError =>
  commandError(18, 'AuthenticationFailed', 'Authentication failed.');

/** What Atlas's proxy in front of M0 and Flex says instead. */
export const badAuth = (): CommandError => commandError(8000, 'AtlasError', 'bad auth : authentication failed');

export const notInThisTier = (name: string): CommandError =>
  commandError(8000, 'AtlasError', `${name} is not allowed in this atlas tier`);

export const requiresAuthentication = (name: string): CommandError =>
  commandError(13, 'Unauthorized', `Command ${name} requires authentication`);

/** The server prints the whole command into this message. */
export function notAuthorized(command: Document): CommandError {
  const { $db, ...shown } = command;
  return commandError(13, 'Unauthorized', `not authorized on ${$db} to execute command ${shellText(shown)}`);
}

export const cursorNotFound = (id: unknown): CommandError =>
  commandError(43, 'CursorNotFound', `cursor id ${String(id)} not found`);

export const notPrimaryNoSecondaryOk = (): CommandError =>
  commandError(13435, 'NotPrimaryNoSecondaryOk', 'not primary and secondaryOk=false');

/** As the server prints BSON: keys without quotes, a blank inside the braces. */
function shellText(value: unknown): string {
  if (Array.isArray(value)) return `[ ${value.map(shellText).join(', ')} ]`;
  if (typeof value === 'object' && value !== null && value.constructor === Object) {
    const fields = Object.entries(value).map(([key, inner]) => `${key}: ${shellText(inner)}`);
    return `{ ${fields.join(', ')} }`;
  }
  return EJSON.stringify(value);
}
