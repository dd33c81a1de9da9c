// Many sources that begin in one reading: one message for them, and what most likely began them all.

import { HOUR } from '../base/duration.ts';
import { keyOf } from '../detection/alert-state.ts';
import type { AlertTransition } from '../detection/findings.ts';
import type { Alert, AlertGroup } from './alert.ts';
import type { AlertChange } from './notifications.ts';
import { destinationOf, type RoutingSettings } from './routing.ts';

/** So many sources may begin at once and still have a message each. */
const MOST = 5;

interface GroupContext {
  readonly cluster: string;
  readonly at: number;
  /** What the reading says of the alerts. */
  readonly transitions: readonly AlertTransition[];
  /** When the cluster last elected a primary, in milliseconds since 1970; null where that is not known. */
  readonly electedAt: number | null;
  readonly routing: RoutingSettings;
}

/** Those that go to one channel are one group, so that a team with a channel of its own is told there. */
export function grouped(
  changes: readonly AlertChange[],
  context: GroupContext,
): { readonly changes: readonly AlertChange[]; readonly groups: readonly AlertGroup[] } {
  const channels = Map.groupBy(
    changes.map(({ alert }) => alert).filter(isLoudStart),
    (alert) => destinationOf(alert, context.routing).channel,
  );
  const groups = [...channels]
    .filter(([, alerts]) => new Set(alerts.map(({ source }) => source)).size > MOST)
    .map(([channel, alerts]) => groupOf(alerts, channel, context));
  const groupIds = new Map(groups.flatMap(({ id, alerts }) => alerts.map((alert) => [alert, id])));
  return {
    groups,
    changes: changes.map((change) => {
      const group = groupIds.get(change.alert.id);
      return group === undefined ? change : { ...change, alert: { ...change.alert, group } };
    }),
  };
}

function isLoudStart({ version, state, source }: Alert): boolean {
  return version === 1 && state === 'firing' && source !== null;
}

function groupOf(alerts: readonly Alert[], channel: string | null, context: GroupContext): AlertGroup {
  const { cluster, at } = context;
  return {
    id: JSON.stringify([cluster, 'group', channel, at]),
    version: 1,
    cluster,
    since: at,
    alerts: alerts.map(({ id }) => id),
    cause: causeOf(alerts, context),
  };
}

/** An election explains all of them; an app does when most of them name it. */
function causeOf(alerts: readonly Alert[], { at, electedAt, transitions }: GroupContext): string | null {
  if (electedAt !== null && electedAt <= at && at - electedAt <= HOUR)
    return `after an election at ${new Date(electedAt).toISOString().slice(11, 16)} UTC`;
  const grown = new Map(transitions.map((transition) => [keyOf(transition), transition.app]));
  const apps = Map.groupBy(alerts, (alert) => grown.get(keyOf(alert)) ?? appOfId(alert));
  const [app] = [...apps].find(([name, { length }]) => name !== null && length > alerts.length / 2) ?? [null];
  return app === null ? null : `one app: ${app}`;
}

/** Where the address says nothing, the app is in the id. */
function appOfId({ source }: Alert): string | null {
  const [, ...app] = (source ?? '').split(' app:');
  return app.join(' app:') || null;
}
