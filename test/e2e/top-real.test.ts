// `top` in front of a real replica set: the figures of `report`, for each view.

import { afterAll, expect, test } from 'vitest';
import { somebody, useRealSet } from '../cluster/real.ts';
import { openTerminal } from './terminal.ts';

const { real, closers } = useRealSet({ members: 2 });
const CLIENTS: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(CLIENTS.map((close) => close())));

interface Named {
  readonly name: string | null;
  readonly active: number;
  readonly dormant: number;
  readonly monitors: number;
}
interface Report {
  readonly sources: readonly (Named & { readonly apps: readonly Named[] })[];
}

test('the figures are those of the report', async () => {
  for (const [appName, minPoolSize] of [
    ['billing', 4],
    ['web', 2],
  ] as const) {
    const client = await somebody(real().uri('app'), { appName, minPoolSize });
    CLIENTS.push(() => client.close());
  }
  const [host = ''] = real().hosts;
  const terminal = await openTerminal({ MONGODB_URI: real().uri('watcher', host) });
  closers.push(terminal.close);
  const report = async (): Promise<Report> => JSON.parse((await terminal.type(['report', '--json'])).out);
  const top = async (view: string) => {
    const { code, out, err } = await terminal.type(['top', '-n', '1', '--csv', '--by', view]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [, ...lines] = out.trimEnd().split('\r\n');
    return lines.map((line) => line.split(',')).map((cells) => [cells[4], ...cells.slice(7, 10).map(Number)]);
  };
  const figures = ({ name, active, dormant, monitors }: Named) => [name ?? '(no app)', active, dormant, monitors];
  // The pools are filled, and the RTT sockets are open.
  await expect
    .poll(async () => {
      const { sources } = await report();
      return sources.flatMap(({ apps }) => apps.filter(({ name }) => name === 'billing')).map(figures);
    })
    .toEqual([['billing', 0, 8, 4]]);
  const { sources } = await report();
  // Nothing else changes: a reading that falls on a heartbeat is read again.
  await expect.poll(() => top('source')).toEqual(sources.map(figures));
  await expect
    .poll(async () => (await top('app')).toSorted())
    .toEqual(sources.flatMap(({ apps }) => apps.map(figures)).toSorted());
});
