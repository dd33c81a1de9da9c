// What a Web API method answers, and what it is given.

import type { Violation } from './limits/shape.ts';
import type { Workspace } from './workspace.ts';

export type Fields = Readonly<Record<string, unknown>>;
export type Answer = { readonly ok: true } & Fields;
export type Refusal = { readonly ok: false; readonly error: string } & Fields;

export interface Method {
  readonly token: 'bot' | 'app';
  /** Whose absence is told before anything else is looked at. */
  readonly scopes: readonly string[];
  run(input: Fields, world: World): Answer | Refusal;
}

/** What methods work on. */
export interface World {
  readonly workspace: Workspace;
  /** What the bot token may do, which can change. */
  readonly rights: { readonly scopes: ReadonlySet<string> };
  readonly triggers: Triggers;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Where a new socket may connect. */
  readonly openSocket: () => string;
}

export interface Triggers {
  issue(user: string): string;
  /** The person who acted, or Slack's error. */
  use(id: unknown): { readonly user: string } | { readonly error: string };
}

export function refuse(error: string, more: Fields = {}): Refusal {
  return { ok: false, error, ...more };
}

/** As Slack tells which part of a message or view it does not take. */
export function refuseParts(violations: readonly Violation[], error: string): Refusal {
  const told = violations.map(({ pointer, message }) => `${message} [json-pointer:${pointer}]`);
  return refuse(error, { errors: told, response_metadata: { messages: told.map((line) => `[ERROR] ${line}`) } });
}

/** `needed` is missing from what the token may do. */
export function refuseScope(needed: string, scopes: ReadonlySet<string>): Refusal {
  return refuse('missing_scope', { needed, provided: [...scopes].join(',') });
}

/** A text field, empty where there is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** Booleans come as such in JSON and as words in forms. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === '1';
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function blocksIn(input: Fields): readonly Fields[] {
  return Array.isArray(input['blocks']) ? input['blocks'].filter(isFields) : [];
}

/** Tells what was refused from what was found. */
export function isRefusal(value: object): value is Refusal {
  return 'ok' in value && value.ok === false;
}
