// The state of a screen by hand: the sample report, read twice.

import type { TopUpdate } from '../../../src/app/commands/types.ts';
import type { TopState } from '../../../src/cli/top/model.ts';
import { nextState, startOf, type TopEvent, type TopStart } from '../../../src/cli/top/state.ts';
import type { ConnectionReport } from '../../../src/core/connections/report.ts';
import { readingOfReport } from '../../../src/core/top/of-report.ts';
import { report, source } from '../sample.ts';

export const NOW = Date.parse('2026-11-21T10:00:00Z');

export function startState(more: Partial<TopStart> = {}): TopState {
  return startOf({
    ...{ cluster: 'prod', isFromStore: false, view: 'source', filter: '', everyMs: 2_000, now: NOW },
    size: { columns: 120, rows: 24 },
    ...more,
  });
}

export function updateOf(given: ConnectionReport, more: Partial<TopUpdate> = {}): TopUpdate {
  const pools = { rows: null, problem: { code: 'pools-off', text: 'No bot is known.', remedy: 'Set POOLS_PORT.' } };
  return { cluster: 'prod', reading: readingOfReport(given, null), failure: null, pools, busyMs: 10, ...more };
}

/** The sample report; then Billing API has grown, and one source is gone. */
export function twoReadings(): readonly ConnectionReport[] {
  const [billing, web, etl, unlisted] = report().sources;
  if (billing === undefined || web === undefined || etl === undefined || unlisted === undefined)
    throw new Error('the sample has four sources');
  const nodes = report().nodes.slice(0, 3);
  const first = report({ complete: true, nodes });
  const grown = source(billing.id, { name: billing.name, dormant: 500, opened: { count: 96, seconds: 32 } });
  const totals = { ...first.totals, connections: 855, dormant: 650 };
  return [
    first,
    report({ complete: true, nodes, totals, at: '2026-11-21T10:00:02.000Z', sources: [grown, web, unlisted] }),
  ];
}

export function shownState(more: Partial<TopStart> = {}): TopState {
  return twoReadings().reduce(
    (state, given, index) => nextState(state, { kind: 'update', update: updateOf(given) }, NOW + index * 2_000),
    startState(more),
  );
}

/** Each key in its turn; `now` moves on a second with each. */
export function after(state: TopState, ...keys: readonly string[]): TopState {
  return keys.reduce((before, key) => nextState(before, { kind: 'key', key }, before.now + 1_000), state);
}

export function event(state: TopState, given: TopEvent): TopState {
  return nextState(state, given, state.now);
}
