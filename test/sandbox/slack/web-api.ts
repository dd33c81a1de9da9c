// The Web API's front door: tokens, scopes, limits and scripted faults, then the method.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import {
  type Answer,
  type Fields,
  type Method,
  type Refusal,
  refuse,
  refuseScope,
  textOf,
  type World,
} from './answer.ts';
import { CHAT_METHODS } from './chat-methods.ts';
import { DIRECTORY_METHODS } from './directory-methods.ts';
import type { Fault, Script } from './faults.ts';
import { FILE_METHODS } from './file-methods.ts';
import { fieldsOf, sendJson, uploadedBytes } from './request.ts';
import type { ResponseUrls } from './response-url.ts';
import type { Call } from './stand-in.ts';
import { sendAs } from './stranger.ts';
import { VIEW_METHODS } from './view-methods.ts';

const METHODS: Readonly<Record<string, Method>> = {
  ...CHAT_METHODS,
  ...VIEW_METHODS,
  ...DIRECTORY_METHODS,
  ...FILE_METHODS,
};
const PACE_MS = 1000;
const MOST_EDITS = 50;
const EDITS_WITHIN_MS = 60_000;

export interface Tokens {
  readonly bot: string;
  readonly app: string;
  /** Slack's error for every token, once they were revoked. */
  revoked: string | null;
}

export interface WebApi {
  /** Whether the request was one of these: /api, /respond, /upload. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  isPaced: boolean;
}

export interface WebApiParts {
  readonly world: World;
  readonly tokens: Tokens;
  readonly script: Script;
  readonly responseUrls: ResponseUrls;
  readonly calls: Call[];
  /** Ends what is being waited for when the stand-in closes. */
  readonly ending: AbortSignal;
}

interface Outcome {
  readonly status: number;
  readonly answer: Answer | Refusal;
  readonly headers?: Readonly<Record<string, string>>;
}

export function createWebApi(parts: WebApiParts): WebApi {
  const { world, script, calls } = parts;
  const lastPosts = new Map<string, number>();
  let edits: readonly number[] = [];

  function record(method: string, body: Fields): (result: string) => void {
    const { token: _token, ...told } = body;
    const index = calls.push({ method, body: told, result: 'unanswered' }) - 1;
    return (result) => {
      calls[index] = { method, body: told, result };
      world.workspace.changed();
    };
  }

  /** Does the work unless a fault stands before it, and answers unless one stands behind it. */
  async function answer(method: string, body: Fields, response: ServerResponse, work: () => Outcome): Promise<void> {
    const done = record(method, body);
    const fault = script.take(method);
    if (fault?.kind === 'slow') await setTimeout(fault.ms, undefined, { signal: parts.ending });
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'stranger' && !fault.isDone) {
      done('a stranger answered');
      return sendAs(fault.stranger, response, {});
    }
    const outcome = faulty(fault) ?? work();
    const { answer: told, status } = outcome;
    done(told.ok ? 'ok' : told.error);
    if (fault?.kind === 'drop') return void response.destroy();
    if (fault?.kind === 'misreport') return sendJson(response, { status: fault.status, body: {} });
    if (fault?.kind === 'stranger') return sendAs(fault.stranger, response, told);
    sendJson(response, { status, body: told, ...(outcome.headers && { headers: outcome.headers }) });
  }

  function call(name: string, input: Fields, token: string): Outcome {
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (method === undefined) return fine(refuse('unknown_method', { req_method: name }));
    const refused = refusedToken(method, token, parts.tokens);
    if (refused !== null) return fine(refused);
    const headers = { 'x-oauth-scopes': scopesOf(method, world), 'x-accepted-oauth-scopes': method.scopes.join(',') };
    const missing = method.scopes.find((scope) => !world.rights.scopes.has(scope));
    if (missing !== undefined) return { ...fine(refuseScope(missing, world.rights.scopes)), headers };
    if (name === 'chat.postMessage' && isTooSoon(textOf(input['channel']))) return rateLimited(1);
    const fullMs = name === 'chat.update' ? noEditFor() : 0;
    if (fullMs > 0) return rateLimited(Math.ceil(fullMs / 1000));
    return { ...fine(method.run(input, world)), headers };
  }

  function isTooSoon(channel: string): boolean {
    const now = world.workspace.now().getTime();
    const last = lastPosts.get(channel);
    if (api.isPaced && last !== undefined && now - last < PACE_MS) return true;
    lastPosts.set(channel, now);
    return false;
  }

  /** Milliseconds until another edit is taken; it counts where that is now. */
  function noEditFor(): number {
    const now = world.workspace.now().getTime();
    edits = edits.filter((at) => at > now - EDITS_WITHIN_MS);
    const [first] = edits;
    if (api.isPaced && edits.length >= MOST_EDITS && first !== undefined) return first + EDITS_WITHIN_MS - now;
    edits = [...edits, now];
    return 0;
  }

  const api: WebApi = {
    isPaced: false,
    async serve(request, response) {
      const [, room, name = ''] = new URL(request.url ?? '', 'http://slack').pathname.split('/');
      if (room === 'upload') await upload(name, request, response);
      else if (room === 'respond') {
        const body = await fieldsOf(request);
        await answer('respond', body, response, () => parts.responseUrls.use(name, body));
      } else if (room === 'api') {
        const input = await fieldsOf(request);
        const token = request.headers.authorization?.replace(/^Bearer /, '') ?? textOf(input['token']);
        await answer(name, input, response, () => call(name, input, token));
      } else return false;
      return true;
    },
  };

  async function upload(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const content = await uploadedBytes(request);
    const file = world.workspace.files.get(id);
    if (file !== undefined) world.workspace.files.set(id, { ...file, content });
    response.writeHead(file === undefined ? 404 : 200).end(`OK - ${content.length}`);
  }
  return api;
}

function fine(answer: Answer | Refusal): Outcome {
  return { status: 200, answer };
}

function rateLimited(seconds: number | string | null): Outcome {
  const headers = seconds === null ? {} : { 'retry-after': String(seconds) };
  return { status: 429, answer: refuse('ratelimited'), headers };
}

/** What a scripted fault answers in the method's place. */
function faulty(fault: Fault | null): Outcome | null {
  if (fault?.kind === 'rateLimit') return rateLimited(fault.seconds);
  if (fault?.kind !== 'fail') return null;
  if (typeof fault.error === 'string') return fine(refuse(fault.error));
  return { status: fault.error, answer: refuse(`http_${fault.error}`) };
}

function refusedToken(method: Method, token: string, tokens: Tokens): Refusal | null {
  if (token === '') return refuse('not_authed');
  if (token !== tokens.bot && token !== tokens.app) return refuse('invalid_auth');
  if (tokens.revoked !== null) return refuse(tokens.revoked);
  return token === tokens[method.token] ? null : refuse('not_allowed_token_type');
}

function scopesOf(method: Method, world: World): string {
  return method.token === 'app' ? 'connections:write' : [...world.rights.scopes].join(',');
}
