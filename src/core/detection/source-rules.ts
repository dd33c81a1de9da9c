// The rules about sources: spikes of dormant and pooled connections, a threshold, client leaks, and newcomers.

import { DAY, MINUTE } from '../base/duration.ts';
import { count } from '../base/format.ts';
import type { WallMoment } from '../base/time-zone.ts';
import { type Baseline, settled, type Usual, usualAt } from '../baseline/baseline.ts';
import { type BurstHabit, isGradual, isRecurring, recordBurst } from '../baseline/bursts.ts';
import { type Compared, compare, isBound, remembered, type SourceHistory } from '../baseline/source-history.ts';
import { NAMED } from '../baseline/source-transfer.ts';
import { clientsShown } from '../connections/clients.ts';
import type { Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';
import { PLAIN, type RuleResult, type ThresholdLevel } from './alert-state.ts';
import { transitionOf } from './expected-changes.ts';
import { clientAdvice, type Elected, electionNote, growthOf, spikeAdvice } from './explain.ts';
import type { Readings, Rules, SpikeRule } from './rules.ts';

export interface SourceRuleInput {
  readonly source: SnapshotSource;
  readonly past: SourceHistory;
  readonly snapshot: Snapshot;
  readonly rules: Rules;
  readonly moment: WallMoment;
  readonly wall: SpikeInput['wall'];
  /** Since when the cluster is watched. */
  readonly watchedSince: number;
  /** The usual time between readings. */
  readonly interval: number | null;
  readonly elected: Elected | null;
  readonly isFiring: (rule: RuleResult['rule']) => boolean;
}

type SpikeName = 'dormant-spike' | 'pooled-spike';

export function evaluateSource(look: SourceRuleInput): {
  readonly results: readonly RuleResult[];
  readonly past: SourceHistory;
} {
  const { source, snapshot, rules } = look;
  const compared = compare(look.past, source, snapshot);
  const spikes = (['dormant-spike', 'pooled-spike'] as const).map((name) => spike(look, compared, name));
  const isUnusual = spikes.some((found) => found.isUnusual);
  const habits = Object.fromEntries(spikes.map(({ name, habit }) => [name, habit]));
  const base = { ...look.past, habits: { ...look.past.habits, ...habits } };
  const ends = spikes.some(({ result }) => result?.ending != null);
  const clients = clientLeak(look, compared);
  const results = [
    ...spikes.map(({ result }) => result),
    threshold(look, compared),
    clients,
    newSource(look, compared),
  ].filter((result) => result !== null);
  const learned = remembered(base, source, {
    snapshot,
    moment: look.moment,
    compared,
    isUnusual: isUnusual || (rules.clients !== null && clients?.level === 'above'),
  });
  const isSettled = (baseline: Baseline) => settled(baseline) ?? baseline;
  const past = ends ? { ...learned, dormant: isSettled(learned.dormant), pooled: isSettled(learned.pooled) } : learned;
  return { results, past };
}

interface SpikeFound {
  readonly name: SpikeName;
  readonly habit: BurstHabit;
  readonly isUnusual: boolean;
  readonly result: RuleResult | null;
}

function spike(look: SourceRuleInput, compared: Compared, name: SpikeName): SpikeFound {
  const { past, source, snapshot, elected } = look;
  const { at } = snapshot;
  const rule = look.rules[name];
  const figure = name === 'dormant-spike' ? 'dormant' : 'pooled';
  const habit = past.habits[name];
  if (rule === null) return { name, habit, isUnusual: false, result: null };
  const usuals = { dormant: usualAt(past.dormant, look.moment), pooled: usualAt(past.pooled, look.moment) };
  const measured = measureSpike({ rule, figure, compared, ...usuals, wall: look.wall });
  const { level, slow, value, usual, ratio, excess, against, reason } = measured;
  const isUnusual = level === 'above' || slow > 0;
  const isLearned = ratio !== null && compared.isWhole;
  const next = isLearned ? recordBurst(habit, { at, isUnusual, isAbove: level === 'above', ratio, value }) : habit;
  const isOld = look.isFiring(name) && settled(past[figure]) !== null && level !== 'below' && compared.isWhole;
  const suppressedBy =
    isUnusual && ratio !== null
      ? (transitionOf({ at, source, past, excess, ratio, line: rule.ratio, elected }) ?? isRecurring(next, at))
      : null;
  const result: RuleResult = {
    ...blank(look),
    rule: name,
    level,
    slow,
    value,
    usual,
    severity: rule.severity,
    readings: rule.readings,
    slowReadings: inTime(rule.slow.readings, look.interval),
    suppressedBy,
    ending: isOld ? `it held ${count(value)} ${figure} connections for a day, and this is its usual now` : null,
    what: `${count(value)} ${figure} connections${usual === null ? '' : `, usually ${count(usual)}`}`,
    against,
    reason,
    ...(isUnusual || look.isFiring(name)
      ? spikeTold(look, { compared, usual: (usuals.pooled?.value ?? 0) * compared.share, habit: next })
      : {}),
  };
  return { name, habit: next, isUnusual, result };
}

const USUAL_INTERVAL = 5 * MINUTE;
const MOST_READINGS = 60;

/** As many readings as fill the time that they fill at five minutes; five at least, for noise is no smaller then. */
function inTime({ needed, of }: Readings, interval: number | null): Readings {
  const within = Math.min(
    MOST_READINGS,
    Math.max(Math.min(of, 5), Math.round((of * USUAL_INTERVAL) / (interval ?? USUAL_INTERVAL))),
  );
  return { needed: Math.max(1, Math.round((needed / of) * within)), of: within };
}

function blank({
  source,
  rules,
}: SourceRuleInput): Omit<RuleResult, 'rule' | 'level' | 'value' | 'what' | 'reason' | 'readings' | 'severity'> {
  return { ...PLAIN, source: source.id, node: null, who: source.name, repeat: rules.repeat };
}

/** @param usual pooled connections, over the nodes that were read */
function spikeTold(
  look: SourceRuleInput,
  { compared, usual, habit }: { readonly compared: Compared; readonly usual: number; readonly habit: BurstHabit },
): Pick<RuleResult, 'notes' | 'app'> {
  const { source, past, snapshot, elected } = look;
  const { at } = snapshot;
  const usualClients = past.clients === null ? null : (usualAt(past.clients, look.moment)?.value ?? null);
  const { app, notes } = growthOf({ past, source, snapshot, usual });
  const all = [
    ...notes,
    ...(compared.note === null ? [] : [`Judged ${compared.note}.`]),
    ...surroundings(look),
    ...electionNote(elected, at),
    spikeAdvice({ source, usualClients, nodes: source.nodes.length, isGradual: isGradual(habit, at) }),
  ];
  return { app, notes: all };
}

/** What happened to the source itself of late. */
function surroundings({ past, snapshot }: SourceRuleInput): readonly string[] {
  const { touched } = past;
  return touched !== null && snapshot.at - touched.at <= NAMED ? [touched.note] : [];
}

function threshold(look: SourceRuleInput, compared: Compared): RuleResult | null {
  const rule = look.rules['dormant-threshold'];
  if (rule === null) return null;
  const { source, past } = look;
  const value = source.dormant;
  const isBelow = value < 0.9 * rule.limit;
  const level = value >= rule.limit ? 'above' : !compared.isWhole ? 'unknown' : isBelow ? 'below' : 'between';
  const line = `${count(value)} dormant connections, ${count(rule.limit)} is the threshold`;
  // It fires until it is clearly below: then the figure alone would contradict the alert.
  const isLess = value < rule.limit && look.isFiring('dormant-threshold');
  const what = isLess ? `${count(value)} dormant connections, was above the threshold of ${count(rule.limit)}` : line;
  const usual = (usualAt(past.pooled, look.moment)?.value ?? past.mean) * compared.share;
  const habit = past.habits['dormant-spike'];
  const told = level === 'above' ? spikeTold(look, { compared, usual, habit }) : {};
  const { severity, readings } = rule;
  return {
    ...blank(look),
    rule: 'dormant-threshold',
    level,
    value,
    severity,
    readings,
    what,
    reason: isLess ? `${line} (it ends below ${count(Math.ceil(0.9 * rule.limit))})` : line,
    ...told,
  };
}

function clientLeak(look: SourceRuleInput, compared: Compared): RuleResult | null {
  const { rules, source, past } = look;
  const rule = rules.clients;
  if (rule === null) return null;
  const usual = past.clients === null ? null : usualAt(past.clients, look.moment);
  const value = source.clients ?? 0;
  const readings = inTime(rule.readings, look.interval);
  const told = { ...blank(look), rule: 'clients', value, severity: rule.severity, readings } as const;
  if (source.clients === null || usual === null || !compared.isWhole) {
    const reason = 'it waits: clients are not known, or less than a day of history';
    return { ...told, level: 'unknown', what: reason, reason };
  }
  const more = value - usual.value;
  const isAbove = more >= rule.minimum && value >= rule.ratio * usual.value;
  // A lower bound above the line is above it, whatever the number is; else the two kinds cannot be compared.
  if (isBound(past) !== isBound(source) && !(isAbove && isBound(source))) {
    const reason = 'it waits: the number of clients was exact and is a lower bound now, or was one and is exact now';
    return { ...told, level: 'unknown', what: reason, reason };
  }
  const isBelow = more < rule.minimum / 2 || value < (1 + (rule.ratio - 1) / 2) * usual.value;
  const isOld = look.isFiring('clients') && past.clients !== null && settled(past.clients) !== null;
  const isTold = look.isFiring('dormant-spike') || look.isFiring('pooled-spike');
  const usually = clientsShown({ clients: usual.value, ...(isBound(past) && { clientsAtLeast: true }) });
  const what = `${clientsShown(source)} MongoClient instances, usually ${usually}`;
  return {
    ...told,
    usual: usual.value,
    level: isAbove ? 'above' : isBelow ? 'below' : 'between',
    ending: isOld ? `${clientsShown(source)} instances are its usual now` : null,
    suppressedBy: isTold ? 'a spike of this source is already told' : null,
    what,
    reason: `${what} (the line is ${rule.ratio} × and ${count(rule.minimum)} more)`,
    notes: [...surroundings(look), clientAdvice({ source, usualClients: usual.value, nodes: source.nodes.length })],
  };
}

function newSource(look: SourceRuleInput, compared: Compared): RuleResult | null {
  const { past, source, snapshot, watchedSince } = look;
  const rule = look.rules['new-source'];
  if (rule === null) return null;
  const { pooled: value } = compared;
  const isNew = past.firstSeen - watchedSince >= DAY && past.inherits === null;
  const isKnown = snapshot.at - past.firstSeen >= DAY;
  const what = `a new source with ${count(value)} connections`;
  const isAbove = isNew && !isKnown && value >= rule.minimum;
  const known = past.inherits === null ? 'it is known' : `it goes on from ${past.inherits}`;
  const { severity, readings } = rule;
  return {
    ...blank(look),
    rule: 'new-source',
    level: isAbove ? 'above' : compared.isWhole ? 'below' : 'unknown',
    value,
    severity,
    readings,
    ending: look.isFiring('new-source') && isKnown ? 'it is known for a day now' : null,
    what,
    reason: isNew && !isKnown ? `${what} (told from ${count(rule.minimum)})` : known,
    ...(isAbove ? growthOf({ past: { ...past, apps: [], hosts: [], mean: 0 }, source, snapshot, usual: 0 }) : {}),
  };
}

// A spike: one source's figure against its own usual, by margin, ratio and minimum; with the reason, fired or not.

/** How many times the root of the usual, the noise of independent connections, is no news. */
const SIGMAS = 4;
/** What a day of the week is like is known after a week; until then a Monday is held against a Sunday. */
const DOUBT = 1.4;
/** However far above the slow line, a reading counts no more than this: what lasts needs a few of them. */
const HEAVIEST = 2;

interface Measured {
  readonly level: ThresholdLevel;
  readonly slow: number;
  readonly value: number;
  readonly usual: number | null;
  readonly ratio: number | null;
  /** How many connections more than usual; 0 where the usual is not known. */
  readonly excess: number;
  /** `6.8 × its usual for Saturday 10:00` */
  readonly against: string | null;
  /** For people: value, usual, margin, ratio, minimum. */
  readonly reason: string;
}

interface SpikeInput {
  readonly rule: SpikeRule;
  readonly figure: 'dormant' | 'pooled';
  readonly compared: Compared;
  readonly dormant: Usual | null;
  readonly pooled: Usual | null;
  /** What the clock on the wall shows. */
  readonly wall: { readonly weekday: string; readonly time: string };
}

function measureSpike(input: SpikeInput): Measured {
  const { rule, figure, compared } = input;
  const value = compared[figure];
  const known = input[figure];
  if (known === null || compared.held !== null) {
    const reason = compared.held ?? 'it waits: less than a day of history';
    return { level: 'unknown', slow: 0, value, usual: null, ratio: null, excess: 0, against: null, reason };
  }
  const usual = known.value * compared.share;
  const ratio = value / Math.max(1, usual);
  const excess = value - usual;
  const doubt = known.from === 'week' ? 1 : DOUBT;
  const line = rule.ratio * doubt;
  const slowLine = rule.slow.ratio * doubt;
  const margin = SIGMAS * Math.sqrt(Math.max(1, usual));
  const least = Math.max(rule.minimum, margin);
  const isMore = excess >= least;
  const besides = companion(input, excess);
  const quiet = besides(line);
  const isSlow = isMore && ratio >= slowLine && besides(slowLine) === null;
  const level = levelOf({
    above: isMore && ratio >= line && quiet === null,
    below: ratio < rule.clear || excess < rule.minimum / 2,
    compared,
  });
  const against = `${ratio.toFixed(1)} × its usual for ${timeOf(input, known)}`;
  const reason = [
    `${against} (${count(usual)}; the line is ${Number(line.toFixed(2))} ×), ${more(excess)} (at least ${count(least)})`,
    ...(isMore && quiet !== null ? [quiet] : []),
    ...(compared.note === null ? [] : [compared.note]),
  ].join('; ');
  const slow = isSlow ? Math.min(HEAVIEST, (ratio - 1) / (slowLine - 1)) : 0;
  return { level, slow, value, usual, ratio, excess, against, reason };
}

function more(excess: number): string {
  return excess < 0 ? `${count(-excess)} fewer` : `${count(excess)} more`;
}

/** `Saturday 10:00`, or `10:00` where the week is not known yet. */
function timeOf({ wall }: SpikeInput, { from }: Usual): string {
  return from === 'week' ? `${wall.weekday} ${wall.time}` : wall.time;
}

/** What must be true beside the figure itself, at a ratio; null where it is. */
function companion(
  { figure, compared, dormant, pooled }: SpikeInput,
  excess: number,
): (ratio: number) => string | null {
  if (figure === 'dormant') {
    const usual = (pooled?.value ?? 0) * compared.share;
    return (ratio) =>
      compared.pooled >= usual * (1 + (ratio - 1) / 3)
        ? null
        : `active and dormant together, ${count(compared.pooled)}, are near their usual of ${count(usual)}: load fell, nobody came`;
  }
  const rise = compared.dormant - (dormant?.value ?? 0) * compared.share;
  return () => (rise < excess / 2 ? null : 'it is the dormant ones that rose: dormant-spike judges them');
}

/** An incomplete reading may say that it is more, never that it is over. */
function levelOf({ above, below, compared }: { above: boolean; below: boolean; compared: Compared }): ThresholdLevel {
  if (above) return 'above';
  if (!compared.isWhole) return 'unknown';
  return below ? 'below' : 'between';
}
