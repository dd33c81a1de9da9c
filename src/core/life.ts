// The life of one alert: what a reading, a person or the end of a silence makes of its record.

import { type AlertRecord, alertId, type Handling, isOpen } from './alerting/alert.ts';
import type { Step } from './alerting/notifications.ts';
import { type Silence, silenceOver } from './alerting/silence.ts';
import type { Standing } from './detection/findings.ts';

export interface Moment {
  readonly cluster: string;
  readonly at: number;
  readonly standing: Standing;
  /** The open alert of this key, else the newest that ended; null for none. */
  readonly before: AlertRecord | null;
  readonly silences: readonly Silence[];
}

/** Null where the reading says nothing new of the alert. */
export function stepOf(moment: Moment): Step | null {
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
export function becomesCritical({ standing, before }: Moment): boolean {
  if (!standing.firing || standing.severity !== 'critical') return false;
  return before === null || !isOpen(before) || before.severity !== 'critical';
}

/** What keeps it quiet from this reading on. */
export function silenceOf(moment: Moment): Silence | null {
  const { cluster, standing, before, silences, at } = moment;
  const severity = before === null ? standing.severity : next(moment, before).severity;
  return silenceOver({ alert: { ...standing, cluster, severity }, before, silences, at });
}

function begun(moment: Moment, previous: string | null): Step {
  const { cluster, standing, at } = moment;
  const silence = silenceOf(moment);
  const { rule, source, node, since } = standing;
  const record: AlertRecord = {
    ...{ id: alertId({ cluster, rule, source, node, since }), version: 1, cluster, rule, source, node, since },
    ...figuresOf(standing, at),
    ...quieted(silence),
    ...{ peak: standing.value, shown: null, channel: null, group: null, previous },
    ...{ endedAt: null, ending: null, returns: 0, replies: 0 },
  };
  return { record, isChanged: true, reply: null, isNowCritical: becomesCritical(moment) };
}

function returned(moment: Moment, before: AlertRecord): Step {
  const silence = silenceOf(moment);
  const record = { ...next(moment, before), ...quieted(silence), ending: null, returns: before.returns + 1 };
  const reply = silence === null ? 'again' : null;
  return { record, isChanged: true, reply, isNowCritical: becomesCritical(moment) };
}

function goneOn(moment: Moment, before: AlertRecord): Step {
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

function ended(moment: Moment, before: AlertRecord): Step {
  const { standing, at } = moment;
  const record: AlertRecord = { ...next(moment, before), state: 'ended', endedAt: at, ending: standing.ending };
  const reply = before.state === 'silenced' ? null : 'ended';
  return { record, isChanged: true, reply, isNowCritical: false };
}

/** Acknowledged by the first who says so. Null where there is nothing to acknowledge. */
export function acknowledged(alert: AlertRecord, by: string, now: number): Step | null {
  if (alert.state !== 'firing') return null;
  const handling: Handling = { act: 'acknowledged', by, at: now, until: null, reason: null };
  const record: AlertRecord = { ...alert, version: alert.version + 1, state: 'acknowledged', handling };
  return { record, isChanged: true, reply: null, isNowCritical: false };
}

/** Under a silence that somebody just made. Null where a longer one is over it already, or it has ended. */
export function hushed(alert: AlertRecord, silence: Silence): Step | null {
  const isShorter = alert.state === 'silenced' && silence.until <= (alert.handling?.until ?? 0);
  if (!isOpen(alert) || isShorter) return null;
  const { record } = silenced({ ...alert, version: alert.version + 1 }, silence);
  return { record, isChanged: true, reply: null, isNowCritical: false };
}

/** After a silence about it ended. Null where nothing changes for it. */
export function unhushed(
  alert: AlertRecord,
  left: { readonly silences: readonly Silence[]; readonly by: string | null; readonly now: number },
): Step | null {
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

function next({ standing, at }: Moment, before: AlertRecord): AlertRecord {
  const peak = Math.max(before.peak, standing.value);
  // What was critical stays so until it begins anew: it is told once.
  const severity = isOpen(before) && before.severity === 'critical' ? 'critical' : standing.severity;
  return { ...before, ...figuresOf(standing, at), version: before.version + 1, peak, severity };
}

function figuresOf({ who, severity, value, usual, what, reason, notes, calmSince }: Standing, at: number) {
  return { who, severity, value, usual, what, reason, notes, calmSince, judgedAt: at };
}

function quieted(silence: Silence | null): Pick<AlertRecord, 'state' | 'handling'> {
  if (silence === null) return { state: 'firing', handling: null };
  const { by, at, until, reason } = silence;
  return { state: 'silenced', handling: { act: 'silenced', by, at, until, reason } };
}

function silenced(
  record: AlertRecord,
  silence: Silence,
): { readonly record: AlertRecord; readonly isChanged: boolean } {
  const { handling } = record;
  const isSame =
    record.state === 'silenced' &&
    handling?.at === silence.at &&
    handling.until === silence.until &&
    handling.by === silence.by;
  return { record: isSame ? record : { ...record, ...quieted(silence) }, isChanged: !isSame };
}

/** By a tenth, either way. */
function hasMoved(shown: number, value: number): boolean {
  return value !== shown && Math.abs(value - shown) >= Math.abs(shown) / 10;
}
