// The reconciliation of three lists: what Atlas lists, what is watched, what the store knows.

import { expect, test } from 'vitest';
import { reconcile, type StoredClusters, type WatchList } from '../../../src/app/monitor/cluster-list.ts';
import { FLEX_UNREAD } from '../../../src/core/base/problem.ts';

const AWAY = { code: 'away', text: 'Atlas does not answer.', remedy: '' };
const NO_FLEX = { code: FLEX_UNREAD, text: 'Flex clusters are not listed.', remedy: '' };
const paused = (name: string) => ({ name, reason: 'paused' });

interface Case {
  readonly list?: Partial<WatchList>;
  readonly listed?: readonly string[];
  readonly excluded?: readonly { readonly name: string; readonly reason: string }[];
  readonly problems?: readonly (typeof AWAY)[];
  readonly stored?: Partial<StoredClusters>;
  readonly watched: readonly string[];
  readonly left?: readonly string[];
  readonly isSettled?: boolean;
  readonly unlisted?: readonly string[] | null;
}

const CASES: Readonly<Record<string, Case>> = {
  'every listed cluster is watched': { listed: ['a', 'b'], watched: ['a', 'b'] },
  'a cluster that is no longer listed leaves': {
    list: { watched: ['a', 'b'] },
    listed: ['a'],
    watched: ['a'],
    left: ['b: it no longer exists'],
  },
  'a cluster that is paused leaves with its reason': {
    list: { watched: ['a'] },
    excluded: [paused('a')],
    watched: [],
    left: ['a: paused'],
  },
  'a cluster that stays paused leaves once': {
    list: { excluded: [paused('a')] },
    excluded: [paused('a')],
    watched: [],
  },
  'a paused cluster whose reason changes is named again': {
    list: { excluded: [paused('a')] },
    excluded: [{ name: 'a', reason: 'being deleted' }],
    watched: [],
    left: ['a: being deleted'],
  },
  'a cluster that was read within a day is watched while the list is not whole': {
    problems: [AWAY],
    listed: ['a'],
    stored: { recent: ['a', 'b'] },
    watched: ['a', 'b'],
    unlisted: ['b'],
    isSettled: false,
  },
  'it leaves once the list is whole and lacks it': {
    list: { watched: ['a', 'b'], unlisted: ['b'] },
    listed: ['a'],
    stored: { recent: [] },
    watched: ['a'],
    left: ['b: it no longer exists'],
  },
  'it is watched as listed once it is listed': {
    list: { watched: ['b'], unlisted: ['b'] },
    problems: [AWAY],
    listed: ['b'],
    stored: { recent: ['b'] },
    watched: ['b'],
    isSettled: false,
  },
  'it leaves as paused once it is listed so': {
    list: { watched: ['b'], unlisted: ['b'] },
    problems: [AWAY],
    excluded: [paused('b')],
    stored: { recent: ['b'] },
    watched: [],
    left: ['b: paused'],
    isSettled: false,
  },
  'a listed cluster that disappears leaves, although another project cannot be listed': {
    list: { watched: ['a', 'b'], unlisted: [] },
    problems: [AWAY],
    listed: ['a'],
    watched: ['a'],
    left: ['b: it no longer exists'],
    isSettled: false,
  },
  'without a list of Flex clusters, only a cluster without sources may exist unlisted': {
    problems: [NO_FLEX],
    listed: ['a'],
    stored: { recent: ['flex', 'sold'], withoutSources: ['flex'] },
    watched: ['a', 'flex'],
    unlisted: ['flex'],
    isSettled: false,
  },
  'a listing that fails in two ways is not only short of Flex clusters': {
    problems: [NO_FLEX, AWAY],
    stored: { recent: ['sold'] },
    watched: ['sold'],
    unlisted: ['sold'],
    isSettled: false,
  },
  'an open alert of a cluster that does not exist leaves with it, once': {
    listed: ['a'],
    stored: { withOpenAlerts: ['sold', 'sold', 'a'] },
    watched: ['a'],
    left: ['sold: it no longer exists'],
  },
  'an open alert of what may be a Flex cluster stays': {
    problems: [NO_FLEX],
    stored: { withOpenAlerts: ['flex', 'sold'], withoutSources: ['flex'] },
    watched: [],
    left: ['sold: it no longer exists'],
    isSettled: false,
  },
  'while the store is away, open alerts are asked for again': {
    listed: ['a'],
    stored: { withOpenAlerts: null },
    watched: ['a'],
    isSettled: false,
  },
  'while the store is away, what it read before is asked for again': {
    problems: [AWAY],
    stored: { recent: null },
    watched: [],
    unlisted: null,
    isSettled: false,
  },
};

test.each(Object.entries(CASES))('%s', (_, { listed = [], excluded = [], problems = [], ...of }) => {
  const list = { watched: null, unlisted: null, excluded: [], isSettled: false, ...of.list };
  const stored = { recent: [], withOpenAlerts: [], withoutSources: [], ...of.stored };
  const found = reconcile(list, { names: listed, left: excluded, problems }, stored);
  expect({ ...found, left: found.left.map(({ name, reason }) => `${name}: ${reason}`) }).toEqual({
    ...{ watched: of.watched, names: of.watched, left: of.left ?? [], excluded },
    unlisted: of.unlisted === undefined ? [] : of.unlisted,
    isSettled: of.isSettled ?? true,
  });
});
