// The connection that watches a node during a run.

import { expect, onTestFinished, test } from 'vitest';
import { openControl } from '../../src/load/control.ts';
import { findTarget, systemResolver } from '../../src/load/target.ts';
import { as, standInNode } from '../cluster/stand-in.ts';
import { play } from './play.ts';

const problemOf = () => ({ code: 'x', text: 'It failed.', remedy: '' });

test('a mongos is asked for its own clients, and not for what it has on the shards', async () => {
  const node = await standInNode({ role: 'mongos' });
  const uri = as('watcher', node.uri);
  const run = play({ uri, pattern: 'functions', clients: 2, connections: 3 });
  onTestFinished(async () => void (await run.stop()));
  await run.begun();
  const consent = { hosts: [], clusters: [] };
  const target = await findTarget({ uri, setting: '--uri', consent, resolver: systemResolver, problemOf });
  const control = openControl(target, node.host);
  onTestFinished(() => control.close());
  await expect.poll(() => control.remaining()).toBe(8);
  const asked = node.received().findLast(({ name }) => name === 'aggregate');
  expect(asked?.command['pipeline'][0].$currentOp).toMatchObject({ allUsers: true, localOps: true });
});
