// Incidents: alerts of one cluster and channel that share one message. Slack cannot merge messages, so the message of
// one alert becomes the incident's, and what begins later is a row and a reply of it.

import { HOUR, MINUTE } from '../base/duration.ts';
import { keyOf } from '../detection/alert-state.ts';
import type { AlertTransition } from '../detection/findings.ts';
import { type Alert, type AlertGroup, isOpen } from './alert.ts';
import type { AlertChange } from './notifications.ts';
import { destinationOf, type RoutingSettings } from './routing.ts';

/** So many alerts that begin within so long share one message. */
const STORM = 4;
const STORM_TIME = 10 * MINUTE;
/** The first hour of a node's warning. A node that stays close to its limit for weeks must not take in later alerts. */
const YOUNG = HOUR;
/** What begins this long after the end of an incident joins it. */
const REJOIN = 30 * MINUTE;

export interface IncidentContext {
  readonly cluster: string;
  readonly at: number;
  readonly transitions: readonly AlertTransition[];
  /** When the cluster last elected a primary, in milliseconds since 1970; null when that is not known. */
  readonly electedAt: number | null;
  /** Of the cluster: open, or ended within the last day. */
  readonly known: readonly Alert[];
  /** Of the known alerts. */
  readonly groups: readonly AlertGroup[];
  readonly routing: RoutingSettings;
}

/** Adds the alerts that begin to their incidents. An alert begins when it gets its first message. */
export function joinIncidents(
  changes: readonly AlertChange[],
  context: IncidentContext,
): { readonly changes: readonly AlertChange[]; readonly groups: readonly AlertGroup[] } {
  const beginning = changes.filter(({ alert }) => isBeginning(alert)).toSorted(byWeight);
  if (beginning.length === 0) return { changes, groups: [] };
  const board = createBoard(changes, context);
  for (const { alert } of beginning) {
    const channel = destinationOf(alert, context.routing).channel;
    const host = board.samePlace(alert) ?? board.anchor(channel) ?? board.ended(channel) ?? board.storm(channel);
    if (host === null) board.post(alert, channel);
    else board.join(alert, host);
  }
  return board.result();
}

function isBeginning({ shown, state, group }: Alert): boolean {
  return shown === null && state === 'firing' && group === null;
}

/** A node's alerts first, because they explain the others. */
function byWeight({ alert: a }: AlertChange, { alert: b }: AlertChange): number {
  const rank = (alert: Alert) => (alert.severity === 'critical' ? 2 : 0) + (isAboutRoom(alert) ? 1 : 0);
  return rank(b) - rank(a) || b.value - a.value || a.id.localeCompare(b.id);
}

/** Whether the alert says that a node has no room. */
function isAboutRoom({ rule }: Pick<Alert, 'rule'>): boolean {
  return rule === 'node-headroom' || rule === 'rejected';
}

function createBoard(changes: readonly AlertChange[], context: IncidentContext) {
  const { cluster, at, routing } = context;
  const groups = new Map(context.groups.map((group) => [group.id, group]));
  const changed = new Map(changes.map((change) => [change.alert.id, change]));
  const touched = new Set<string>();
  const alerts = new Map(context.known.map((alert) => [alert.id, alert]));
  for (const { alert } of changes) alerts.set(alert.id, alert);

  const put = (alert: Alert, more: Partial<AlertChange> = {}) => {
    const known = changed.get(alert.id);
    const next = known === undefined ? { ...alert, version: alert.version + 1 } : alert;
    changed.set(alert.id, { ...(known ?? UNCHANGED), ...more, alert: next });
    alerts.set(alert.id, next);
  };
  /** Alerts with a message in the channel, in the order in which they began. */
  const shownIn = (channel: string | null) =>
    [...alerts.values()]
      .filter((alert) => alert.shown !== null && alert.channel === channel && !isOfOldGroup(alert))
      .toSorted((a, b) => begunAt(a) - begunAt(b));
  const isOfOldGroup = ({ group, lead }: Alert) => group !== null && lead === null;
  const recently = ({ endedAt, state }: Alert) => state !== 'ended' || at - (endedAt ?? 0) <= REJOIN;

  return {
    /** The other alert about the room on the same node. */
    samePlace: (alert: Alert) =>
      isAboutRoom(alert)
        ? ([...alerts.values()].find(
            (one) =>
              one.node === alert.node && isAboutRoom(one) && one.shown !== null && recently(one) && !isOfOldGroup(one),
          ) ?? null)
        : null,
    /** An alert about room on a node that is critical, or new. */
    anchor: (channel: string | null) =>
      shownIn(channel).find(
        (one) => isAboutRoom(one) && recently(one) && (one.severity === 'critical' || at - begunAt(one) <= YOUNG),
      ) ?? null,
    /** An incident that ended a moment ago. */
    ended(channel: string | null) {
      const members = shownIn(channel).filter(({ lead }) => lead !== null);
      const over = members.filter(({ lead }) => !members.some((one) => one.lead === lead && isOpen(one)));
      return over.findLast(recently) ?? null;
    },
    /** The earliest of four that began within ten minutes, or one that is in an incident already. */
    storm(channel: string | null) {
      const recent = shownIn(channel).filter((one) => at - begunAt(one) <= STORM_TIME);
      const waiting = [...changed.values()].filter(
        ({ alert }) => isBeginning(alert) && destinationOf(alert, routing).channel === channel,
      );
      if (recent.length + waiting.length < STORM) return null;
      return recent.find(({ lead }) => lead !== null) ?? recent[0] ?? null;
    },
    /** It has a message of its own. */
    post(alert: Alert, channel: string | null) {
      put({ ...alert, shown: alert.value, postedAt: at, channel }, { isFirst: true, reply: null });
    },
    join(alert: Alert, host: Alert) {
      const lead = alerts.get(host.lead ?? host.id) ?? host;
      const id = lead.group ?? JSON.stringify([cluster, 'incident', lead.id]);
      const known = groups.get(id);
      const members = known?.alerts.map((one) => alerts.get(one)).filter((one) => one !== undefined) ?? [lead];
      const isAgain = known !== undefined && !members.some(isOpen);
      // Of a storm, the others with a message of their own shrink to a line.
      const others = isAboutRoom(host) || known !== undefined ? [] : stormOf(lead);
      const ids = [...new Set([...(known?.alerts ?? [lead.id]), ...others.map((one) => one.id), alert.id])];
      const fresh: AlertGroup = {
        id,
        version: 0,
        cluster,
        since: begunAt(lead),
        lead: lead.id,
        alerts: ids,
        cause: null,
      };
      groups.set(id, { ...(known ?? fresh), alerts: ids });
      touched.add(id);
      if (lead.group === null) put({ ...lead, group: id, lead: lead.id }, { edit: 'state' });
      for (const one of others) put({ ...one, group: id, lead: lead.id }, { edit: 'state', isShrunk: true });
      const { channel } = alerts.get(lead.id) ?? lead;
      const inIncident = { ...alert, group: id, lead: lead.id, shown: alert.value, postedAt: at, channel };
      put(inIncident, { isFirst: true, reply: 'joined', isAgain });
    },
    result() {
      const next = [...touched].flatMap((id) => {
        const group = groups.get(id);
        if (group === undefined) return [];
        const members = group.alerts.map((one) => alerts.get(one)).filter((one) => one !== undefined);
        const cause = group.cause ?? causeOf(members, context);
        return [{ ...group, version: group.version + 1, cause }];
      });
      return { changes: [...changed.values()], groups: next };
    },
  };

  function stormOf(lead: Alert): readonly Alert[] {
    return shownIn(lead.channel).filter(
      (one) => one.id !== lead.id && one.lead === null && isOpen(one) && at - begunAt(one) <= STORM_TIME,
    );
  }
}

const UNCHANGED: Omit<AlertChange, 'alert'> = { edit: null, reply: null, isNowCritical: false };

function begunAt({ postedAt, since }: Alert): number {
  return postedAt ?? since;
}

/** An election explains all alerts. An app explains them when it grew most in more than half of them. */
function causeOf(alerts: readonly Alert[], { at, electedAt, transitions }: IncidentContext): string | null {
  // What fills a node is the cause that its message names.
  if (alerts.some(isAboutRoom)) return null;
  if (electedAt !== null && electedAt <= at && at - electedAt <= HOUR)
    return `after an election, seen at ${new Date(electedAt).toISOString()}`;
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
