// Decisions as plans: what a reading, a person or the end of a silence changes, and what Slack is to be told. Pure:
// nothing is planned twice, and the same input plans the same.

import { keyOf } from '../detection/alert-state.ts';
import type { Standing } from '../detection/findings.ts';
import { acknowledged, becomesCritical, hushed, type Moment, silenceOf, stepOf, unhushed } from '../life.ts';
import type { Delivery } from '../outbox.ts';
import { type AlertGroup, type AlertRecord, isOpen } from './alert.ts';
import { grouped } from './grouping.ts';
import { type Step, tell } from './notifications.ts';
import type { RoutingSettings } from './routing.ts';
import { isAbout, isInForce, type Silence } from './silence.ts';

/** Records of the next version, to be written together with the deliveries or not at all. */
export interface Planned {
  readonly alerts: readonly AlertRecord[];
  readonly groups: readonly AlertGroup[];
  readonly silences: readonly Silence[];
  readonly deliveries: readonly Delivery[];
}

export interface JudgedReading {
  readonly cluster: string;
  /** When it was read, in milliseconds since 1970. */
  readonly at: number;
  readonly standing: readonly Standing[];
  readonly electedAt: number | null;
  /** Of this cluster: open, or ended within the last day. */
  readonly known: readonly AlertRecord[];
  /** Of the known alerts. */
  readonly groups: readonly AlertGroup[];
  /** Those that have not ended. */
  readonly silences: readonly Silence[];
  readonly routing: RoutingSettings;
}

/** An alert that the reading says nothing of stays as it is. A reading that was planned before plans nothing. */
export function planReading(reading: JudgedReading): Planned {
  const { cluster, at, routing } = reading;
  const moments = reading.standing.map((standing) => {
    const before = beforeOf(standing, reading.known);
    return { cluster, at, standing, before, silences: reading.silences };
  });
  const broken = new Set(moments.flatMap(brokenBy));
  const silences = reading.silences.filter((silence) => !broken.has(silence));
  const steps = moments.map((moment) => stepOf({ ...moment, silences })).filter((step) => step !== null);
  const together = grouped(steps, reading);
  const ended = [...broken].map((silence) => endedAt(silence, at));
  return planned(together.steps, { groups: together.groups, silences: ended, at, routing });
}

/** Acknowledges those that fire; of the others nothing changes. `by` is Slack's id of the person. */
export function planAcknowledge(act: {
  readonly alerts: readonly AlertRecord[];
  readonly by: string;
  readonly now: number;
  readonly routing: RoutingSettings;
}): Planned {
  const { by, now, routing } = act;
  const steps = act.alerts.map((alert) => acknowledged(alert, by, now)).filter((step) => step !== null);
  return planned(steps, { groups: [], silences: [], at: now, routing });
}

/** A new silence, and the open alerts that it is about. */
export function planSilence(act: {
  readonly silence: Silence;
  readonly alerts: readonly AlertRecord[];
  readonly now: number;
  readonly routing: RoutingSettings;
}): Planned {
  const { silence, now, routing } = act;
  const about = isInForce(silence, now) ? act.alerts.filter((alert) => isAbout(silence, alert)) : [];
  const steps = about.map((alert) => hushed(alert, silence)).filter((step) => step !== null);
  return planned(steps, { groups: [], silences: [silence], at: now, routing });
}

/** Ends silences; what they alone kept quiet fires again. */
export function planUnsilence(act: {
  readonly silences: readonly Silence[];
  /** Still in force. */
  readonly others: readonly Silence[];
  /** Open. */
  readonly alerts: readonly AlertRecord[];
  /** Slack's id of the person; null where they ended by time. */
  readonly by: string | null;
  readonly now: number;
  readonly routing: RoutingSettings;
}): Planned {
  const { others, by, now, routing } = act;
  const ending = act.silences.filter((silence) => silence.endedAt === null);
  const about = act.alerts.filter((alert) => ending.some((silence) => isAbout(silence, alert)));
  const steps = about.map((alert) => unhushed(alert, { silences: others, by, now })).filter((step) => step !== null);
  return planned(steps, { groups: [], silences: ending.map((silence) => endedAt(silence, now)), at: now, routing });
}

function planned(
  steps: readonly Step[],
  plan: Pick<Planned, 'groups' | 'silences'> & { readonly at: number; readonly routing: RoutingSettings },
): Planned {
  const told = steps.map((step) => tell(step, plan));
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
function beforeOf(standing: Standing, known: readonly AlertRecord[]): AlertRecord | null {
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
function brokenBy(moment: Moment): readonly Silence[] {
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
