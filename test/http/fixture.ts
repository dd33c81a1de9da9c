// A health server on loopback whose bot is what a test says it is.

import { request } from 'node:http';
import { onTestFinished } from 'vitest';
import type { Alert } from '../../src/core/alerting/alert.ts';
import type { Problem } from '../../src/core/base/problem.ts';
import type { MonitorState, ScheduleHealth } from '../../src/core/ports/monitor.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { type Health, type HealthInput, startHealth } from '../../src/http/health.ts';

export const NOW = new Date('2026-11-21T10:00:00Z');

/** What tests change while the server runs. */
export interface Bot {
  slack: Problem | null;
  store: (Pick<Store, 'claim' | 'alerts'> & Partial<Pick<Store, 'sources'>>) | null;
  beats: readonly ScheduleHealth[];
  /** What the watch tells with its store; `known` is what it tells without. */
  status: MonitorState | (() => Promise<MonitorState>);
  known: MonitorState;
  loopDelay: number;
  readonly log: { readonly level: string; readonly message: string; readonly fields: object }[];
}

export function cluster(name: string, more: Partial<MonitorState['clusters'][number]> = {}) {
  const known = { schedule: '*/5 * * * *', last: null, lastFailed: false, holder: null, skipped: 0 };
  return { name, ...known, ...more };
}

export function statusOf(more: Partial<MonitorState> = {}): MonitorState {
  return {
    store: { kind: 'sqlite', where: 'memory', awaySince: null, problem: null },
    unwritten: 0,
    lost: 0,
    clusters: [],
    unwatched: null,
    waiting: { count: 0, oldest: null },
    ...more,
  };
}

/** Answers at once. */
export function goodStore(alerts: readonly Alert[] = []): Pick<Store, 'claim' | 'alerts'> {
  return { claim: async () => true, alerts: async () => alerts };
}

/** Everything is well, until a test says otherwise. */
export function someBot(): Bot {
  const known = statusOf({ waiting: null });
  return { slack: null, store: goodStore(), beats: [], status: statusOf(), known, loopDelay: 20, log: [] };
}

export async function serveHealth(bot: Bot, more: Partial<HealthInput> = {}): Promise<Health> {
  const say = (level: string) => (fields: object, message: string) => void bot.log.push({ level, message, fields });
  const health = await startHealth({
    host: '127.0.0.1',
    port: 0,
    version: '1.2.3',
    instance: 'ABC12',
    now: () => NOW,
    slack: () => bot.slack,
    askSlack: null,
    store: () => bot.store,
    watch: () => ({
      beats: () => bot.beats,
      known: () => bot.known,
      told: async () => (typeof bot.status === 'function' ? bot.status() : bot.status),
    }),
    loopDelay: () => bot.loopDelay,
    log: { info: say('info'), error: say('error') },
    redact: (text) => text,
    ...more,
  });
  onTestFinished(() => health.close());
  return health;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export function ask({ port }: Pick<Health, 'port'>, path: string, method = 'GET', body?: string): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const asked = request({ host: '127.0.0.1', port, path, method, agent: false }, (response) => {
    const parts: string[] = [];
    response.setEncoding('utf8').on('data', (part: string) => parts.push(part));
    response.on('error', reject);
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parts.join('') }),
    );
  });
  asked.on('error', reject).end(body);
  return promise;
}
