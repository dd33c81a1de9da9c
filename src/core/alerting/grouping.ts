// Many sources that start to fire in one reading share one message, with their most likely common cause.

import { HOUR } from '../base/duration.ts';
import { keyOf } from '../detection/alert-state.ts';
import type { AlertTransition } from '../detection/findings.ts';
import type { Alert, AlertGroup } from './alert.ts';
import type { AlertChange } from './notifications.ts';
import { destinationOf, type RoutingSettings } from './routing.ts';

/** Up to this many sources get a message each. */
const MOST = 5;

interface GroupContext {
  readonly cluster: string;
  readonly at: number;
  readonly transitions: readonly AlertTransition[];
  /** When the cluster last elected a primary, in milliseconds since 1970; null when that is not known. */
  readonly electedAt: number | null;
  readonly routing: RoutingSettings;
}

/** One group for each channel, so that a team with its own channel sees its alerts there. */
export function groupChanges(
  changes: readonly AlertChange[],
  context: GroupContext,
): { readonly changes: readonly AlertChange[]; readonly groups: readonly AlertGroup[] } {
  const channels = Map.groupBy(
    changes.map(({ alert }) => alert).filter(isLoudStart),
    (alert) => destinationOf(alert, context.routing).channel,
  );
  const groups = [...channels]
    .filter(([, alerts]) => new Set(alerts.map(({ source }) => source)).size > MOST)
    .map(([channel, alerts]) => newGroup(alerts, channel, context));
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

function newGroup(alerts: readonly Alert[], channel: string | null, context: GroupContext): AlertGroup {
  const { cluster, at } = context;
  return {
    id: JSON.stringify([cluster, 'group', channel, at]),
    version: 1,
    cluster,
    since: at,
    lead: null,
    alerts: alerts.map(({ id }) => id),
    cause: causeOf(alerts, context),
  };
}

/** An election explains all alerts. An app explains them when it grew most in more than half of them. */
function causeOf(alerts: readonly Alert[], { at, electedAt, transitions }: GroupContext): string | null {
  if (electedAt !== null && electedAt <= at && at - electedAt <= HOUR)
    return `after an election at ${new Date(electedAt).toISOString().slice(11, 16)} UTC`;
  const grown = new Map(transitions.map((transition) => [keyOf(transition), transition.app]));
  const apps = Map.groupBy(alerts, (alert) => grown.get(keyOf(alert)) ?? appOfId(alert));
  const [app] = [...apps].find(([name, { length }]) => name !== null && length > alerts.length / 2) ?? [null];
  return app === null ? null : `one app: ${app}`;
}

/** A source without an informative address has the app in its id. */
function appOfId({ source }: Alert): string | null {
  const [, ...app] = (source ?? '').split(' app:');
  return app.join(' app:') || null;
}
