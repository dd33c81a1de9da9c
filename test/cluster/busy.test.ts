// How long a node is busy with `$currentOp`: `top` reads a busy node less often.

import { expect, test } from 'vitest';
import { as, read, standInNode, watch } from './stand-in.ts';

test('a node that does not answer $currentOp in time was busy until the deadline', async () => {
  const node = await standInNode();
  const cluster = watch(as('watcher', node.uri), { deadlineMs: 400 });
  await read(cluster);
  node.trouble.slow(Number.POSITIVE_INFINITY, ['aggregate']);
  const [busy] = (await read(cluster)).nodes;
  expect(busy).toMatchObject({ kind: 'unread', busyMs: expect.any(Number) });
  expect(busy?.kind === 'unread' ? busy.busyMs : null).toBeGreaterThan(0);
  expect(busy?.kind === 'unread' ? busy.busyMs : null).toBeLessThanOrEqual(400);
});

test('a node that cannot be reached was not busy', async () => {
  const node = await standInNode();
  const cluster = watch(as('watcher', node.uri), { deadlineMs: 400 });
  await node.refuse();
  const [away] = (await read(cluster)).nodes;
  expect(away?.kind).toBe('unread');
  expect(away).not.toHaveProperty('busyMs');
});

test('a clock that jumps makes no node busier than the deadline', async () => {
  const node = await standInNode();
  const times = Array.from({ length: 20 }, (_, index) => new Date(index * 3_600_000));
  const cluster = watch(as('watcher', node.uri), { now: () => times.shift() ?? new Date(1e9) });
  const [jumped] = (await read(cluster)).nodes;
  expect(jumped).toMatchObject({ kind: 'read', busyMs: 10_000 });
});
