// What a cluster lists beside the hosts of the string: checked before the first client, and watched while a run lasts.

import { expect, onTestFinished, test, vi } from 'vitest';
import { runLoad } from '../../src/app/commands/load.ts';
import type { WorldLog } from '../../src/app/commands/types.ts';
import { nodeProblem } from '../../src/cluster/problems.ts';
import { LOAD_APP } from '../../src/core/load/patterns.ts';
import { UserError } from '../../src/errors.ts';
import { load } from '../../src/load/load.ts';
import { as, standInNode } from '../cluster/stand-in.ts';
import { until } from '../sandbox/mongod/until.ts';
import type { Node } from '../sandbox/nodes/node.ts';
import { play } from './play.ts';

/** A primary that lists others. */
async function primaryWith(others: readonly string[], arbiters: readonly string[] = []) {
  const state = { others };
  let node: Node | null = null;
  const set = () => {
    const own = node?.host ?? '';
    return { setName: 'rs0', term: 1, hosts: [own, ...state.others], arbiters, primary: own };
  };
  node = await standInNode({ role: 'primary', set });
  return { node, state, uri: as('watcher', `mongodb://${node.host}/`) };
}

test.each([
  ['a public address', '203.0.113.9:27017', 'which a node of the cluster lists, is neither'],
  ['a name of Atlas', 'ac-x1y2z3-shard-00-01.ab1cd.mongodb.net:27017', 'is a node of an Atlas cluster'],
  ['a name that does not resolve', 'n1.set.invalid:27017', 'does not resolve'],
])('a member with %s is refused before the first client', async (_, member, words) => {
  for (const { uri, node } of [await primaryWith([member]), await primaryWith([], [member])]) {
    const refused = await play({ uri, pattern: 'idle' })
      .ended()
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UserError);
    expect(String(refused)).toContain(words);
    expect(node.received().filter(({ appName }) => appName === LOAD_APP)).toEqual([]);
  }
});

test('a direct connection does not lead to the others', async () => {
  const { uri } = await primaryWith(['203.0.113.9:27017']);
  const run = play({ uri: `${uri}?directConnection=true`, pattern: 'functions', clients: 1 });
  expect(Object.keys((await run.begun()).plan.forecast)).toHaveLength(1);
  expect((await run.stop()).end).toBe('stopped');
});

test('a direct connection to a node of Atlas needs the word of its owner, also through a tunnel', async () => {
  const { uri, node } = await primaryWith(['ac-x1y2z3-shard-00-01.ab1cd.mongodb.net:27017']);
  const refused = play({ uri: `${uri}?directConnection=true`, pattern: 'idle' });
  await expect(refused.ended()).rejects.toThrow('is a node of an Atlas cluster');
  expect(node.received().filter(({ appName }) => appName === LOAD_APP)).toEqual([]);
  const consent = { clusters: ['ac-x1y2z3'] };
  const run = play({ uri: `${uri}?directConnection=true`, pattern: 'functions', clients: 1, consent });
  expect(Object.keys((await run.begun()).plan.forecast)).toEqual([node.host]);
  expect((await run.stop()).end).toBe('stopped');
});

test('a run ends in time and closes everything, also while nobody reads its events', async () => {
  const { uri, node } = await primaryWith([]);
  const { signal } = new AbortController();
  const ask = { pattern: 'leak', clients: 4, connections: null, lasts: 1_500, perSecond: 100 } as const;
  const edges = { now: () => new Date(), problemOf: nodeProblem, openFiles: null };
  const consent = { hosts: [], clusters: [] };
  const events = load({ uri, setting: '--uri', ask, consent, signal }, edges)[Symbol.asyncIterator]();
  expect((await events.next()).value?.kind).toBe('begin');
  const later = events.next();
  const crowd = () => node.received().filter(({ appName, name }) => appName === LOAD_APP && name === 'ping').length;
  await expect.poll(crowd).toBe(4);
  expect((await later).value?.kind).toMatch(/progress|closing/);
  // What is left are the connections that watch the node.
  await expect.poll(() => node.open()).toBeLessThanOrEqual(2);
  const kinds: string[] = [];
  for await (const { kind } of { [Symbol.asyncIterator]: () => events }) kinds.push(kind);
  expect(kinds.at(-1)).toBe('end');
});

test('a clock that is set back by an hour does not make a run longer', async () => {
  const { uri } = await primaryWith([]);
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const ask = { pattern: 'leak', clients: 1, connections: null, lasts: 1_000, perSecond: 100 } as const;
  const request = {
    uri,
    setting: '--uri',
    ask,
    consent: { hosts: [], clusters: [] },
    signal: new AbortController().signal,
  };
  const log = { hide: () => undefined } as unknown as WorldLog;
  let end: string | null = null;
  for await (const event of runLoad(request, { log })) {
    if (event.kind === 'begin') vi.setSystemTime(Date.now() - 3_600_000);
    if (event.kind === 'end') end = event.result.end;
  }
  expect(end).toBe('time');
});

test('a node that comes while the run lasts ends it', async () => {
  const { uri, node, state } = await primaryWith([]);
  const run = play({ uri, pattern: 'leak', clients: 1 });
  onTestFinished(async () => void (await run.stop().catch(() => undefined)));
  await until('the client is there', async () =>
    run.events.some((event) => event.kind === 'progress' && event.pooled === 1),
  );
  state.others = ['203.0.113.9:27017'];
  node.topologyChanged();
  const { end, problem } = await run.ended();
  expect(end).toBe('unsafe');
  expect(problem?.text).toContain('lists a new node, 203.0.113.9:27017, that was not checked');
});
