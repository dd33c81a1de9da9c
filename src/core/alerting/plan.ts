// Plans the changes and deliveries after a reading, an action or the end of a silence. Pure: the same input gives the
// same plan, and an input that was planned before gives an empty plan.

import { keyOf } from '../detection/alert-state.ts';
import type { AlertTransition } from '../detection/findings.ts';
import { type AlertEvidence, mergedEvidence } from '../evidence/evidence.ts';

import { type Alert, type AlertGroup, alertId, isOpen, type UserAction } from './alert.ts';
import type { Delivery } from './delivery.ts';
import { freshEdit, isExplained, lastEdits, unreadAlerts } from './freshness.ts';
import { joinIncidents } from './incidents.ts';
import { type AlertChange, notificationsFor } from './notifications.ts';
import type { RoutingSettings } from './routing.ts';
import { concerns, isAbout, isInForce, isOfAddresses, type Silence, silenceOver } from './silence.ts';

/** Records of the next version and their deliveries, which the store writes in one transaction. */
export interface Plan {
  readonly alerts: readonly Alert[];
  readonly groups: readonly AlertGroup[];
  readonly silences: readonly Silence[];
  readonly deliveries: readonly Delivery[];
}

export interface EvaluatedReading {
  readonly cluster: string;
  /** When it was read, in milliseconds since 1970. */
  readonly at: number;
  readonly transitions: readonly AlertTransition[];
  readonly electedAt: number | null;
  /** Of this cluster: open, or ended within the last day. */
  readonly known: readonly Alert[];
  /** Of the known alerts. */
  readonly groups: readonly AlertGroup[];
  /** Silences that have not ended. */
  readonly silences: readonly Silence[];
  readonly routing: RoutingSettings;
  /** The usual time between readings; null while it is unknown. */
  readonly interval: number | null;
}

/** An alert without a transition in the reading does not change. */
export function planReading(reading: EvaluatedReading): Plan {
  const { cluster, at, routing } = reading;
  const lastEdit = lastEdits(reading.known);
  const contexts = reading.transitions.map((transition) => {
    const before = knownAlert(transition, reading.known);
    const editedAt = before === null ? null : lastEdit(before);
    return { cluster, at, transition, before, editedAt, silences: reading.silences };
  });
  const broken = new Set(contexts.flatMap(silencesBrokenBy));
  const silences = reading.silences.filter((silence) => !broken.has(silence));
  const changes = contexts.map((context) => changeOf({ ...context, silences })).filter((change) => change !== null);
  const unread = unreadAlerts(reading);
  const together = joinIncidents([...changes, ...unread], reading);
  const ended = [...broken].map((silence) => endSilence(silence, at));
  return planOf(together.changes, { groups: together.groups, silences: ended, at, routing });
}

/** Adds the evidence of an extra reading to open alerts. Their figures and states stay. */
export function planEvidence(reading: {
  readonly alerts: readonly Alert[];
  readonly evidence: (alert: Alert) => AlertEvidence | null;
  /** When it was read, in milliseconds since 1970. */
  readonly at: number;
  readonly routing: RoutingSettings;
}): Plan {
  const { at, routing } = reading;
  const changes = reading.alerts.filter(isOpen).flatMap((alert): AlertChange[] => {
    const found = reading.evidence(alert);
    if (found === null) return [];
    const evidence = mergedEvidence(alert.evidence, found, alert.calmSince !== null);
    const next = { ...alert, version: alert.version + 1, evidence, unreadSince: null };
    const edit = !isExplained(alert) && isExplained(next) ? 'state' : 'refresh';
    return [{ alert: next, edit, reply: null, isNowCritical: false }];
  });
  return planOf(changes, { groups: [], silences: [], at, routing });
}

interface PersonalAct {
  readonly alerts: readonly Alert[];
  /** Slack's id of the person. */
  readonly by: string;
  readonly now: number;
  readonly routing: RoutingSettings;
}

/** Acknowledges the firing alerts; the others stay as they are. */
export function planAcknowledge({ alerts, by, now, routing }: PersonalAct): Plan {
  const changes = alerts.map((alert) => acknowledgeAlert(alert, by, now)).filter((change) => change !== null);
  return planOf(changes, { groups: [], silences: [], at: now, routing });
}

/** Ends the open alerts, because a person accepted their level as normal. */
export function planAccept({ alerts, by, now, routing }: PersonalAct): Plan {
  const changes = alerts.filter(isOpen).map((alert) => acceptedAlert(alert, by, now));
  return planOf(changes, { groups: [], silences: [], at: now, routing });
}

/** A new silence, and the open alerts that it covers. */
export function planSilence(act: {
  readonly silence: Silence;
  /** Still in force. */
  readonly others: readonly Silence[];
  readonly alerts: readonly Alert[];
  readonly now: number;
  readonly routing: RoutingSettings;
}): Plan {
  const { silence, others, now, routing } = act;
  const about = isInForce(silence, now) ? act.alerts.filter((alert) => concerns(silence, alert)) : [];
  const changes = about
    .map((alert) => {
      const isAlone = isAbout(silence, alert) || isOfAddresses([silence], alert);
      const over = isAlone ? silence : silenceOver({ alert, before: alert, silences: [...others, silence], at: now });
      return over === null ? null : silenceAlert(alert, over);
    })
    .filter((change) => change !== null);
  return planOf(changes, { groups: [], silences: [silence], at: now, routing });
}

/** Ends silences; alerts that no other silence covers fire again. */
export function planUnsilence(act: {
  readonly silences: readonly Silence[];
  /** Still in force. */
  readonly others: readonly Silence[];
  /** Open, or ended within the last day. */
  readonly alerts: readonly Alert[];
  /** Of these alerts. */
  readonly groups: readonly AlertGroup[];
  /** Slack's id of the person; null when they ended by time. */
  readonly by: string | null;
  readonly now: number;
  readonly routing: RoutingSettings;
}): Plan {
  const { others, by, now, routing } = act;
  const ending = act.silences.filter((silence) => silence.endedAt === null);
  const about = act.alerts.filter((alert) => ending.some((silence) => concerns(silence, alert)));
  const changes = about
    .map((alert) => unsilenceAlert(alert, { silences: others, by, now }))
    .filter((change) => change !== null);
  const joined = [...Map.groupBy(changes, ({ alert }) => alert.cluster)].map(([cluster, own]) => {
    const known = act.alerts.filter((alert) => alert.cluster === cluster);
    return joinIncidents(own, { ...act, cluster, at: now, transitions: [], electedAt: null, known });
  });
  return planOf(
    joined.flatMap((one) => one.changes),
    {
      groups: joined.flatMap((one) => one.groups),
      silences: ending.map((silence) => endSilence(silence, now)),
      at: now,
      routing,
    },
  );
}

function planOf(
  changes: readonly AlertChange[],
  plan: Pick<Plan, 'groups' | 'silences'> & { readonly at: number; readonly routing: RoutingSettings },
): Plan {
  const results = changes.map((change) => notificationsFor(change, plan));
  // The message of an incident is edited once, however many of its alerts changed.
  const deliveries = new Map<string, Delivery>();
  for (const delivery of results.flatMap((result) => result.deliveries)) {
    const known = deliveries.get(delivery.id);
    if (known === undefined || (known.refresh !== null && delivery.refresh !== 'warning') || delivery.refresh === null)
      deliveries.set(delivery.id, delivery);
  }
  return {
    alerts: results.map(({ alert }) => alert),
    groups: plan.groups,
    silences: plan.silences,
    deliveries: [...deliveries.values()],
  };
}

/** The open alert of the same key, else the alert with the same start, else the newest. */
function knownAlert(transition: AlertTransition, known: readonly Alert[]): Alert | null {
  const same = known.filter((alert) => keyOf(alert) === keyOf(transition));
  return (
    same.find(isOpen) ??
    same.find(({ since }) => since === transition.since) ??
    same.toSorted((a, b) => b.since - a.since)[0] ??
    null
  );
}

/**
 * The silences that an alert ends by becoming critical. A silence that names neither a source nor a node stays in force
 * for its other alerts.
 */
function silencesBrokenBy(context: TransitionContext): readonly Silence[] {
  const { cluster, transition, silences, at } = context;
  if (!becomesCritical(context) || silenceOf(context) !== null) return [];
  return silences.filter(
    (silence) =>
      isAbout(silence, { ...transition, cluster }) &&
      isInForce(silence, at) &&
      (silence.source !== null || silence.node !== null),
  );
}

function endSilence(silence: Silence, at: number): Silence {
  return { ...silence, version: silence.version + 1, endedAt: at };
}

interface TransitionContext {
  readonly cluster: string;
  readonly at: number;
  readonly transition: AlertTransition;
  /** The open alert of this key, else the newest that ended; null for none. */
  readonly before: Alert | null;
  /** When the message of the open alert was last edited, in milliseconds since 1970; null for never. */
  readonly editedAt: number | null;
  readonly silences: readonly Silence[];
}

/** Null when the reading changes nothing. */
function changeOf(context: TransitionContext): AlertChange | null {
  const { transition, before, at } = context;
  if (before === null || !(isOpen(before) || before.since === transition.since))
    return transition.firing ? opened(context, before?.id ?? null) : null;
  if (!isOpen(before)) return transition.firing && at > before.judgedAt ? reopened(context, before) : null;
  if (!transition.firing) return resolved(context, before);
  // A node check may be newer than the start of this reading. Then only an event of the reading counts.
  const isNews = at > before.judgedAt || (at < before.judgedAt && transition.event !== null);
  return isNews ? updated(context, before) : null;
}

function becomesCritical({ transition, before }: TransitionContext): boolean {
  if (!transition.firing || transition.severity !== 'critical') return false;
  return before === null || !isOpen(before) || before.severity !== 'critical';
}

/** The silence that covers the alert from this reading on. */
function silenceOf(context: TransitionContext): Silence | null {
  const { cluster, transition, before, silences, at } = context;
  const { severity, evidence } = before === null ? transition : nextVersion(context, before);
  return silenceOver({ alert: { ...transition, cluster, severity, evidence }, before, silences, at });
}

function opened(context: TransitionContext, previous: string | null): AlertChange {
  const { cluster, transition, at } = context;
  const silence = silenceOf(context);
  const { rule, source, node, since } = transition;
  const alert: Alert = {
    ...{ id: alertId({ cluster, rule, source, node, since }), version: 1, cluster, rule, source, node, since },
    ...figuresOf(transition, at),
    ...withSilence(silence),
    ...{ peak: transition.value, shown: null, postedAt: null, shownAt: null, channel: null },
    ...{ group: null, lead: null, previous },
    ...{ endedAt: null, endReason: null, refires: 0, replies: 0 },
  };
  return { alert, edit: 'state', reply: null, isNowCritical: becomesCritical(context) };
}

function reopened(context: TransitionContext, before: Alert): AlertChange {
  const silence = silenceOf(context);
  const alert = {
    ...nextVersion(context, before),
    ...withSilence(silence),
    endReason: null,
    refires: before.refires + 1,
  };
  const reply = silence === null ? 'again' : null;
  return { alert, edit: 'state', reply, isNowCritical: becomesCritical(context) };
}

function updated(context: TransitionContext, before: Alert): AlertChange {
  const { transition } = context;
  const silence = silenceOf(context);
  const isNowCritical = becomesCritical(context);
  const isWorse = transition.event === 'worse' || isNowCritical;
  const alert = nextVersion(context, before);
  const quietEdit = isWorse ? 'state' : freshEdit(before, alert, context.editedAt);
  if (silence !== null) {
    const quiet = underSilence(alert, silence);
    return { alert: quiet.alert, edit: quiet.isChanged ? 'state' : quietEdit, reply: null, isNowCritical };
  }
  if (before.state === 'silenced') {
    const reply = isWorse ? 'worse' : 'lapsed';
    return { alert: { ...alert, ...withSilence(null) }, edit: 'state', reply, isNowCritical };
  }
  const isRepeated = transition.event === 'repeat' && before.state === 'firing';
  const reply = isWorse ? 'worse' : isRepeated ? 'repeat' : null;
  // A repeat also edits the message: its delivery may have been dropped, and a reply needs a message.
  return { alert, edit: isRepeated ? 'state' : quietEdit, reply, isNowCritical };
}

function resolved(context: TransitionContext, before: Alert): AlertChange {
  const { transition, at } = context;
  const alert: Alert = { ...nextVersion(context, before), state: 'ended', endedAt: at, endReason: transition.ending };
  const reply = before.state === 'silenced' ? null : 'ended';
  return { alert, edit: 'state', reply, isNowCritical: false };
}

/** The first acknowledgement counts. Null when the alert does not fire. */
function acknowledgeAlert(alert: Alert, by: string, now: number): AlertChange | null {
  if (alert.state !== 'firing') return null;
  const lastAction: UserAction = { act: 'acknowledged', by, at: now, until: null, reason: null };
  const next: Alert = { ...alert, version: alert.version + 1, state: 'acknowledged', lastAction };
  return { alert: next, edit: 'state', reply: null, isNowCritical: false };
}

function acceptedAlert(alert: Alert, by: string, now: number): AlertChange {
  const lastAction: UserAction = { act: 'accepted', by, at: now, until: null, reason: null };
  const over = { state: 'ended', endedAt: now, endReason: null, calmSince: null, lastAction } as const;
  const next: Alert = { ...alert, version: alert.version + 1, ...over };
  return { alert: next, edit: 'state', reply: 'accepted', isNowCritical: false };
}

/** Null when a longer silence covers the alert already, or when the alert has ended. */
function silenceAlert(alert: Alert, silence: Silence): AlertChange | null {
  const isShorter = alert.state === 'silenced' && silence.until <= (alert.lastAction?.until ?? 0);
  if (!isOpen(alert) || isShorter) return null;
  const next = underSilence({ ...alert, version: alert.version + 1 }, silence);
  return { alert: next.alert, edit: 'state', reply: null, isNowCritical: false };
}

/** After one of its silences ended. Null when nothing changes. */
function unsilenceAlert(
  alert: Alert,
  left: { readonly silences: readonly Silence[]; readonly by: string | null; readonly now: number },
): AlertChange | null {
  if (alert.state !== 'silenced') return null;
  const silence = silenceOver({ alert, before: alert, silences: left.silences, at: left.now });
  const newer = { ...alert, version: alert.version + 1 };
  if (silence === null) {
    // A person sees what the end of a silence does; an end by time is news.
    const reply = left.by === null ? 'lapsed' : null;
    return { alert: { ...newer, ...withSilence(null) }, edit: 'state', reply, isNowCritical: false };
  }
  const next = underSilence(newer, silence);
  return next.isChanged ? { alert: next.alert, edit: 'state', reply: null, isNowCritical: false } : null;
}

function nextVersion({ transition, at }: TransitionContext, before: Alert): Alert {
  const peak = Math.max(before.peak, transition.value);
  // A critical alert stays critical until it starts again, so that people are notified once.
  const severity = isOpen(before) && before.severity === 'critical' ? 'critical' : transition.severity;
  const figures = figuresOf(transition, at);
  const evidence = mergedEvidence(before.evidence, figures.evidence, transition.calmSince !== null);
  return { ...before, ...figures, version: before.version + 1, peak, severity, evidence };
}

function figuresOf(
  { who, severity, value, usual, what, reason, notes, calmSince, evidence }: AlertTransition,
  at: number,
) {
  return { who, severity, value, usual, what, reason, notes, calmSince, evidence, judgedAt: at, unreadSince: null };
}

function withSilence(silence: Silence | null): Pick<Alert, 'state' | 'lastAction'> {
  if (silence === null) return { state: 'firing', lastAction: null };
  const { by, at, until, reason } = silence;
  return { state: 'silenced', lastAction: { act: 'silenced', by, at, until, reason } };
}

function underSilence(alert: Alert, silence: Silence): { readonly alert: Alert; readonly isChanged: boolean } {
  const { lastAction } = alert;
  const isSame =
    alert.state === 'silenced' &&
    lastAction?.at === silence.at &&
    lastAction.until === silence.until &&
    lastAction.by === silence.by;
  return { alert: isSame ? alert : { ...alert, ...withSilence(silence) }, isChanged: !isSame };
}
