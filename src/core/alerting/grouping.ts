// Many sources that begin in one reading: one message for them, and what most likely began them all.

import { HOUR } from '../base/duration.ts';
import { keyOf } from '../detection/alert-state.ts';
import type { AlertTransition } from '../detection/findings.ts';
import type { Alert, AlertGroup } from './alert.ts';
import type { AlertChange } from './notifications.ts';
import { destinationOf, type RoutingSettings } from './routing.ts';

/** So many sources may begin at once and still have a message each. */
const MOST = 5;

interface Beginning {
  readonly cluster: string;
  readonly at: number;
  /** What the reading says of the alerts. */
  readonly standing: readonly AlertTransition[];
  /** When the cluster last elected a primary, in milliseconds since 1970; null where that is not known. */
  readonly electedAt: number | null;
  readonly routing: RoutingSettings;
}

/** Those that go to one channel are one group, so that a team with a channel of its own is told there. */
export function grouped(
  steps: readonly AlertChange[],
  beginning: Beginning,
): { readonly steps: readonly AlertChange[]; readonly groups: readonly AlertGroup[] } {
  const channels = Map.groupBy(
    steps.map(({ record }) => record).filter(isLoudBeginning),
    (record) => destinationOf(record, beginning.routing).channel,
  );
  const groups = [...channels]
    .filter(([, records]) => new Set(records.map(({ source }) => source)).size > MOST)
    .map(([channel, records]) => groupOf(records, channel, beginning));
  const groupIds = new Map(groups.flatMap(({ id, alerts }) => alerts.map((alert) => [alert, id])));
  return {
    groups,
    steps: steps.map((step) => {
      const group = groupIds.get(step.record.id);
      return group === undefined ? step : { ...step, record: { ...step.record, group } };
    }),
  };
}

function isLoudBeginning({ version, state, source }: Alert): boolean {
  return version === 1 && state === 'firing' && source !== null;
}

function groupOf(records: readonly Alert[], channel: string | null, beginning: Beginning): AlertGroup {
  const { cluster, at } = beginning;
  return {
    id: JSON.stringify([cluster, 'group', channel, at]),
    version: 1,
    cluster,
    since: at,
    alerts: records.map(({ id }) => id),
    cause: causeOf(records, beginning),
  };
}

/** An election explains all of them; an app does when most of them name it. */
function causeOf(records: readonly Alert[], { at, electedAt, standing }: Beginning): string | null {
  if (electedAt !== null && electedAt <= at && at - electedAt <= HOUR)
    return `after an election at ${new Date(electedAt).toISOString().slice(11, 16)} UTC`;
  const grown = new Map(standing.map((one) => [keyOf(one), one.app]));
  const apps = Map.groupBy(records, (record) => grown.get(keyOf(record)) ?? appOfId(record));
  const [app] = [...apps].find(([name, { length }]) => name !== null && length > records.length / 2) ?? [null];
  return app === null ? null : `one app: ${app}`;
}

/** Where the address says nothing, the app is in the id. */
function appOfId({ source }: Alert): string | null {
  const [, ...app] = (source ?? '').split(' app:');
  return app.join(' app:') || null;
}
