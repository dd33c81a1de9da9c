// Incidents: alerts of one cluster and channel that share one message. Slack cannot merge messages, so the message of
// one alert becomes the incident's, and what begins later is a row and a reply of it.

import { DAY, HOUR, MINUTE } from '../base/duration.ts';
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
/** A node that is critical now. Its alert stays critical until it is resolved. */
const CRITICAL = 0.9;
/** What begins this long after the end of an incident joins it. */
const REJOIN = 30 * MINUTE;
/** After this time a new message begins: people cannot follow a thread of days. */
const LONGEST = DAY;
/** Lines in the thread for what joins in one decision, the most severe first. The table has all. */
const MOST_LINES = 10;

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
  const beginning = changes
    .map(({ alert }) => alert)
    .filter(isBeginning)
    .map((alert) => ({ alert, channel: destinationOf(alert, context.routing).channel }))
    .toSorted((a, b) => byWeight(a.alert, b.alert));
  if (beginning.length === 0) return { changes, groups: [] };
  const waiting = new Map<string | null, number>();
  for (const { channel } of beginning) waiting.set(channel, (waiting.get(channel) ?? 0) + 1);
  const board = createBoard(changes, context);
  for (const { alert, channel } of beginning) {
    const left = waiting.get(channel) ?? 0;
    const host = board.hostOf(alert, { channel, waiting: left });
    if (host === null) board.post(alert, channel);
    else board.join(alert, host);
    waiting.set(channel, left - 1);
  }
  return board.result();
}

function isBeginning({ shown, state, group }: Alert): boolean {
  return shown === null && state === 'firing' && group === null;
}

/** A node's alerts first, because they explain the others. */
function byWeight(a: Alert, b: Alert): number {
  const rank = (alert: Alert) => (alert.severity === 'critical' ? 2 : 0) + (isAboutRoom(alert) ? 1 : 0);
  return rank(b) - rank(a) || b.value - a.value || a.id.localeCompare(b.id);
}

/** Whether the alert says that a node has no room. */
function isAboutRoom({ rule }: Pick<Alert, 'rule'>): boolean {
  return rule === 'node-headroom' || rule === 'rejected';
}

function createBoard(changes: readonly AlertChange[], context: IncidentContext) {
  const { cluster, at } = context;
  const groups = new Map(context.groups.map((group) => [group.id, group]));
  const changed = new Map(changes.map((change) => [change.alert.id, change]));
  /** Members of the groups that changed here; and those in which nothing fired before. */
  const members = new Map<string, string[]>();
  const reopened = new Set<string>();
  const lines = new Map<string, number>();
  const alerts = new Map([...context.known, ...changes.map(({ alert }) => alert)].map((alert) => [alert.id, alert]));
  /** By channel, in the order in which they began: alerts that a message shows. */
  const shown = Map.groupBy(
    [...alerts.values()].filter((alert) => alert.shown !== null && !isOfOldGroup(alert)).toSorted(byBegin),
    ({ channel }) => channel,
  );
  const shownIn = (channel: string | null) => shown.get(channel) ?? [];
  const now = ({ id }: Alert) => alerts.get(id);

  const put = (alert: Alert, more: Partial<AlertChange> = {}) => {
    const known = changed.get(alert.id);
    const next = known === undefined ? { ...alert, version: alert.version + 1 } : alert;
    changed.set(alert.id, { ...(known ?? UNCHANGED), ...more, alert: next });
    alerts.set(alert.id, next);
  };
  const show = (alert: Alert, channel: string | null, more: Partial<AlertChange>) => {
    const begun = { ...alert, shown: alert.value, postedAt: at, channel };
    put(begun, { isFirst: true, ...more });
    shown.set(channel, [...shownIn(channel), begun]);
  };
  const isYoung = ({ group }: Alert) => at - (groups.get(group ?? '')?.since ?? at) <= LONGEST;
  const isRecent = (alert: Alert) => isOpen(alert) || at - (alert.endedAt ?? 0) <= REJOIN;

  /** The other alert about the room on the same node. */
  const samePlace = (alert: Alert) =>
    isAboutRoom(alert)
      ? [...shown.values()].flat().find((one) => one.node === alert.node && isAboutRoom(one) && isRecent(one))
      : undefined;
  /** An alert about the room on a node that is critical now, or new; else one that ended a moment ago. */
  const anchor = (list: readonly Alert[]) => {
    const about = list.filter((one) => isAboutRoom(one) && isRecent(one) && isYoung(one));
    return (
      about.find((one) => isOpen(one) && (isCriticalNow(one) || at - begunAt(one) <= YOUNG)) ??
      about.find((one) => !isOpen(one) && one.severity === 'critical')
    );
  };
  /** An incident that ended a moment ago. */
  const ended = (list: readonly Alert[]) => {
    const open = new Set(list.filter(isOpen).map(({ lead }) => lead));
    return list.findLast((one) => one.lead !== null && !open.has(one.lead) && isRecent(one) && isYoung(one));
  };
  /** The earliest of four that began within ten minutes, or one that is in an incident already. */
  const storm = (list: readonly Alert[], waiting: number) => {
    const recent = list.filter((one) => at - begunAt(one) <= STORM_TIME);
    return recent.length + waiting < STORM ? undefined : (recent.find(({ lead }) => lead !== null) ?? recent[0]);
  };

  return {
    /** An alert of the message that shows this one, too; null for a message of its own. */
    hostOf(alert: Alert, { channel, waiting }: { readonly channel: string | null; readonly waiting: number }) {
      const list = shownIn(channel);
      const found = samePlace(alert) ?? anchor(list) ?? ended(list) ?? storm(list, waiting);
      return found === undefined ? null : (now(found) ?? found);
    },
    /** It has a message of its own. */
    post: (alert: Alert, channel: string | null) => show(alert, channel, { reply: null }),
    join(alert: Alert, host: Alert) {
      const leadId = host.lead ?? host.id;
      // It may have ended long ago, while others of its incident go on.
      const lead = alerts.get(leadId);
      const id = host.group ?? JSON.stringify([cluster, 'incident', leadId]);
      const known = groups.get(id);
      const before = members.get(id) ?? [...(known?.alerts ?? [leadId])];
      if (!members.has(id) && !before.some((one) => isStillOpen(alerts.get(one)))) reopened.add(id);
      const others = isAboutRoom(host) || known !== undefined ? [] : stormOf(host);
      before.push(...others.map((one) => one.id), alert.id);
      members.set(id, before);
      const since = lead === undefined ? at : begunAt(lead);
      groups.set(id, known ?? { id, version: 0, cluster, since, lead: leadId, alerts: [], cause: null });
      if (lead !== undefined && lead.group === null) put({ ...lead, group: id, lead: leadId }, { edit: 'state' });
      // Of a storm, the others with a message of their own shrink to a line.
      for (const one of others)
        put({ ...one, group: id, lead: leadId }, { edit: 'state', reply: 'joined', isShrunk: true });
      const line = (lines.get(id) ?? 0) + 1;
      lines.set(id, line);
      const reply = line <= MOST_LINES ? 'joined' : null;
      show({ ...alert, group: id, lead: leadId }, host.channel, { reply, isAgain: reopened.has(id) && line === 1 });
    },
    result() {
      const next = [...members].map(([id, list]) => {
        const group = groups.get(id);
        const own = list.map((one) => alerts.get(one)).filter((one) => one !== undefined);
        const fresh = group ?? { id, version: 0, cluster, since: at, lead: null, alerts: [], cause: null };
        return { ...fresh, version: fresh.version + 1, alerts: list, cause: fresh.cause ?? causeOf(own, context) };
      });
      return { changes: [...changed.values()], groups: next };
    },
  };

  function stormOf(host: Alert): readonly Alert[] {
    return shownIn(host.channel)
      .map((one) => now(one) ?? one)
      .filter((one) => one.id !== host.id && one.lead === null && isOpen(one) && at - begunAt(one) <= STORM_TIME);
  }
}

const UNCHANGED: Omit<AlertChange, 'alert'> = { edit: null, reply: null, isNowCritical: false };

/** Of the version before: the group has a message, and each of its alerts has another in its thread. */
function isOfOldGroup({ group, lead }: Alert): boolean {
  return group !== null && lead === null;
}

function isStillOpen(alert: Alert | undefined): boolean {
  return alert !== undefined && isOpen(alert);
}

/** A critical alert stays critical while its node has some room again. */
function isCriticalNow({ severity, calmSince, rule, evidence }: Alert): boolean {
  if (severity !== 'critical' || calmSince !== null) return false;
  const node = evidence?.node ?? null;
  return rule === 'rejected' || node === null || node.current >= CRITICAL * node.limit;
}

function begunAt({ postedAt, since }: Alert): number {
  return postedAt ?? since;
}

function byBegin(a: Alert, b: Alert): number {
  return begunAt(a) - begunAt(b);
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
