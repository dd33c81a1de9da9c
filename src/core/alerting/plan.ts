// Decisions as plans: what a reading, a person or the end of a silence changes, and what Slack is to be told. Pure:
// nothing is planned twice, and the same input plans the same.

import { keyOf } from '../detection/alert-state.ts';
import type { AlertTransition } from '../detection/findings.ts';

import { type Alert, type AlertGroup, alertId, isOpen, type UserAction } from './alert.ts';
import type { Delivery } from './delivery.ts';
import { grouped } from './grouping.ts';
import { type AlertChange, notificationsFor } from './notifications.ts';
import type { RoutingSettings } from './routing.ts';
import { isAbout, isInForce, type Silence, silenceOver } from './silence.ts';

/** Records of the next version, to be written together with the deliveries or not at all. */
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
  readonly standing: readonly AlertTransition[];
  readonly electedAt: number | null;
  /** Of this cluster: open, or ended within the last day. */
  readonly known: readonly Alert[];
  /** Of the known alerts. */
  readonly groups: readonly AlertGroup[];
  /** Those that have not ended. */
  readonly silences: readonly Silence[];
  readonly routing: RoutingSettings;
}

/** An alert that the reading says nothing of stays as it is. A reading that was planned before plans nothing. */
export function planReading(reading: EvaluatedReading): Plan {
  const { cluster, at, routing } = reading;
  const moments = reading.standing.map((standing) => {
    const before = beforeOf(standing, reading.known);
    return { cluster, at, standing, before, silences: reading.silences };
  });
  const broken = new Set(moments.flatMap(brokenBy));
  const silences = reading.silences.filter((silence) => !broken.has(silence));
  const steps = moments.map((moment) => changeOf({ ...moment, silences })).filter((step) => step !== null);
  const together = grouped(steps, reading);
  const ended = [...broken].map((silence) => endedAt(silence, at));
  return planned(together.steps, { groups: together.groups, silences: ended, at, routing });
}

/** Acknowledges those that fire; of the others nothing changes. `by` is Slack's id of the person. */
export function planAcknowledge(act: {
  readonly alerts: readonly Alert[];
  readonly by: string;
  readonly now: number;
  readonly routing: RoutingSettings;
}): Plan {
  const { by, now, routing } = act;
  const steps = act.alerts.map((alert) => acknowledged(alert, by, now)).filter((step) => step !== null);
  return planned(steps, { groups: [], silences: [], at: now, routing });
}

/** A new silence, and the open alerts that it is about. */
export function planSilence(act: {
  readonly silence: Silence;
  readonly alerts: readonly Alert[];
  readonly now: number;
  readonly routing: RoutingSettings;
}): Plan {
  const { silence, now, routing } = act;
  const about = isInForce(silence, now) ? act.alerts.filter((alert) => isAbout(silence, alert)) : [];
  const steps = about.map((alert) => silencedBy(alert, silence)).filter((step) => step !== null);
  return planned(steps, { groups: [], silences: [silence], at: now, routing });
}

/** Ends silences; what they alone kept quiet fires again. */
export function planUnsilence(act: {
  readonly silences: readonly Silence[];
  /** Still in force. */
  readonly others: readonly Silence[];
  /** Open. */
  readonly alerts: readonly Alert[];
  /** Slack's id of the person; null where they ended by time. */
  readonly by: string | null;
  readonly now: number;
  readonly routing: RoutingSettings;
}): Plan {
  const { others, by, now, routing } = act;
  const ending = act.silences.filter((silence) => silence.endedAt === null);
  const about = act.alerts.filter((alert) => ending.some((silence) => isAbout(silence, alert)));
  const steps = about.map((alert) => unsilenced(alert, { silences: others, by, now })).filter((step) => step !== null);
  return planned(steps, { groups: [], silences: ending.map((silence) => endedAt(silence, now)), at: now, routing });
}

function planned(
  steps: readonly AlertChange[],
  plan: Pick<Plan, 'groups' | 'silences'> & { readonly at: number; readonly routing: RoutingSettings },
): Plan {
  const told = steps.map((step) => notificationsFor(step, plan));
  // The message of a group is drawn once, however many of its alerts changed.
  const deliveries = new Map(told.flatMap((one) => one.deliveries.map((delivery) => [delivery.id, delivery])));
  return {
    alerts: told.map(({ record }) => record),
    groups: plan.groups,
    silences: plan.silences,
    deliveries: [...deliveries.values()],
  };
}

/** The open alert of the same key, else the one that the judge says goes on, else the newest. */
function beforeOf(standing: AlertTransition, known: readonly Alert[]): Alert | null {
  const same = known.filter((alert) => keyOf(alert) === keyOf(standing));
  return (
    same.find(isOpen) ??
    same.find(({ since }) => since === standing.since) ??
    same.toSorted((one, other) => other.since - one.since)[0] ??
    null
  );
}

/**
 * The silences that an alert ends by becoming critical. One that names neither a source nor a node stays in force for
 * all the others that it is about.
 */
function brokenBy(moment: TransitionContext): readonly Silence[] {
  const { cluster, standing, silences, at } = moment;
  if (!becomesCritical(moment) || silenceOf(moment) !== null) return [];
  return silences.filter(
    (silence) =>
      isAbout(silence, { ...standing, cluster }) &&
      isInForce(silence, at) &&
      (silence.source !== null || silence.node !== null),
  );
}

function endedAt(silence: Silence, at: number): Silence {
  return { ...silence, version: silence.version + 1, endedAt: at };
}

// The life of one alert: what a reading, a person or the end of a silence makes of its record.

interface TransitionContext {
  readonly cluster: string;
  readonly at: number;
  readonly standing: AlertTransition;
  /** The open alert of this key, else the newest that ended; null for none. */
  readonly before: Alert | null;
  readonly silences: readonly Silence[];
}

/** Null where the reading says nothing new of the alert. */
function changeOf(moment: TransitionContext): AlertChange | null {
  const { standing, before, at } = moment;
  if (before === null || !(isOpen(before) || before.since === standing.since))
    return standing.firing ? begun(moment, before?.id ?? null) : null;
  if (!isOpen(before)) return standing.firing && at > before.judgedAt ? returned(moment, before) : null;
  if (!standing.firing) return ended(moment, before);
  // A reading that began before the last look at the nodes is older than it: then only what happened in it counts.
  const isNews = at > before.judgedAt || (at < before.judgedAt && standing.event !== null);
  return isNews ? goneOn(moment, before) : null;
}

/** Whether it is critical and was not until now. */
function becomesCritical({ standing, before }: TransitionContext): boolean {
  if (!standing.firing || standing.severity !== 'critical') return false;
  return before === null || !isOpen(before) || before.severity !== 'critical';
}

/** What keeps it quiet from this reading on. */
function silenceOf(moment: TransitionContext): Silence | null {
  const { cluster, standing, before, silences, at } = moment;
  const severity = before === null ? standing.severity : next(moment, before).severity;
  return silenceOver({ alert: { ...standing, cluster, severity }, before, silences, at });
}

function begun(moment: TransitionContext, previous: string | null): AlertChange {
  const { cluster, standing, at } = moment;
  const silence = silenceOf(moment);
  const { rule, source, node, since } = standing;
  const record: Alert = {
    ...{ id: alertId({ cluster, rule, source, node, since }), version: 1, cluster, rule, source, node, since },
    ...figuresOf(standing, at),
    ...quieted(silence),
    ...{ peak: standing.value, shown: null, channel: null, group: null, previous },
    ...{ endedAt: null, endReason: null, refires: 0, replies: 0 },
  };
  return { record, isChanged: true, reply: null, isNowCritical: becomesCritical(moment) };
}

function returned(moment: TransitionContext, before: Alert): AlertChange {
  const silence = silenceOf(moment);
  const record = { ...next(moment, before), ...quieted(silence), endReason: null, refires: before.refires + 1 };
  const reply = silence === null ? 'again' : null;
  return { record, isChanged: true, reply, isNowCritical: becomesCritical(moment) };
}

function goneOn(moment: TransitionContext, before: Alert): AlertChange {
  const { standing } = moment;
  const silence = silenceOf(moment);
  const isNowCritical = becomesCritical(moment);
  const isWorse = standing.event === 'worse' || isNowCritical;
  const isMoved =
    before.shown !== null && (before.calmSince !== standing.calmSince || hasMoved(before.shown, standing.value));
  const record = next(moment, before);
  if (silence !== null) {
    const quiet = silenced(record, silence);
    return { record: quiet.record, isChanged: quiet.isChanged || isMoved || isWorse, reply: null, isNowCritical };
  }
  if (before.state === 'silenced') {
    const reply = isWorse ? 'worse' : 'lapsed';
    return { record: { ...record, ...quieted(null) }, isChanged: true, reply, isNowCritical };
  }
  const isRepeated = standing.event === 'repeat' && before.state === 'firing';
  const reply = isWorse ? 'worse' : isRepeated ? 'repeat' : null;
  // Told again, it is also drawn again: its message may have been given up, and a reply needs one to stand below.
  return { record, isChanged: isMoved || isWorse || isRepeated, reply, isNowCritical };
}

function ended(moment: TransitionContext, before: Alert): AlertChange {
  const { standing, at } = moment;
  const record: Alert = { ...next(moment, before), state: 'ended', endedAt: at, endReason: standing.ending };
  const reply = before.state === 'silenced' ? null : 'ended';
  return { record, isChanged: true, reply, isNowCritical: false };
}

/** Acknowledged by the first who says so. Null where there is nothing to acknowledge. */
function acknowledged(alert: Alert, by: string, now: number): AlertChange | null {
  if (alert.state !== 'firing') return null;
  const lastAction: UserAction = { act: 'acknowledged', by, at: now, until: null, reason: null };
  const record: Alert = { ...alert, version: alert.version + 1, state: 'acknowledged', lastAction };
  return { record, isChanged: true, reply: null, isNowCritical: false };
}

/** Under a silence that somebody just made. Null where a longer one is over it already, or it has ended. */
function silencedBy(alert: Alert, silence: Silence): AlertChange | null {
  const isShorter = alert.state === 'silenced' && silence.until <= (alert.lastAction?.until ?? 0);
  if (!isOpen(alert) || isShorter) return null;
  const { record } = silenced({ ...alert, version: alert.version + 1 }, silence);
  return { record, isChanged: true, reply: null, isNowCritical: false };
}

/** After a silence about it ended. Null where nothing changes for it. */
function unsilenced(
  alert: Alert,
  left: { readonly silences: readonly Silence[]; readonly by: string | null; readonly now: number },
): AlertChange | null {
  if (alert.state !== 'silenced') return null;
  const silence = silenceOver({ alert, before: alert, silences: left.silences, at: left.now });
  const newer = { ...alert, version: alert.version + 1 };
  if (silence === null) {
    const reply = left.by === null ? 'lapsed' : 'unsilenced';
    return { record: { ...newer, ...quieted(null) }, isChanged: true, reply, isNowCritical: false };
  }
  const { record, isChanged } = silenced(newer, silence);
  return isChanged ? { record, isChanged, reply: null, isNowCritical: false } : null;
}

function next({ standing, at }: TransitionContext, before: Alert): Alert {
  const peak = Math.max(before.peak, standing.value);
  // What was critical stays so until it begins anew: it is told once.
  const severity = isOpen(before) && before.severity === 'critical' ? 'critical' : standing.severity;
  return { ...before, ...figuresOf(standing, at), version: before.version + 1, peak, severity };
}

function figuresOf({ who, severity, value, usual, what, reason, notes, calmSince }: AlertTransition, at: number) {
  return { who, severity, value, usual, what, reason, notes, calmSince, judgedAt: at };
}

function quieted(silence: Silence | null): Pick<Alert, 'state' | 'lastAction'> {
  if (silence === null) return { state: 'firing', lastAction: null };
  const { by, at, until, reason } = silence;
  return { state: 'silenced', lastAction: { act: 'silenced', by, at, until, reason } };
}

function silenced(record: Alert, silence: Silence): { readonly record: Alert; readonly isChanged: boolean } {
  const { lastAction } = record;
  const isSame =
    record.state === 'silenced' &&
    lastAction?.at === silence.at &&
    lastAction.until === silence.until &&
    lastAction.by === silence.by;
  return { record: isSame ? record : { ...record, ...quieted(silence) }, isChanged: !isSame };
}

/** By a tenth, either way. */
function hasMoved(shown: number, value: number): boolean {
  return value !== shown && Math.abs(value - shown) >= Math.abs(shown) / 10;
}
