// The rules about sources: spikes of dormant and pooled connections, a threshold, client leaks, and newcomers.

import { settled, usualAt } from './baseline.ts';
import { DAY } from './duration.ts';
import { type Habit, lived } from './habit.ts';
import type { Verdict } from './judged.ts';
import type { Rules, SpikeRule } from './rule.ts';
import type { Held, Snapshot, SnapshotSource } from './snapshot.ts';
import { type Compared, compare, remembered, type SourcePast } from './source-past.ts';
import { measureSpike } from './spike.ts';

export interface SourceLook {
  readonly source: SnapshotSource;
  readonly past: SourcePast;
  readonly snapshot: Snapshot;
  readonly rules: Rules;
  /** Since when the cluster is watched. */
  readonly watchedSince: number;
  readonly electedAt: number | null;
  readonly isFiring: (rule: Verdict['rule']) => boolean;
}

type SpikeName = 'dormant-spike' | 'pooled-spike';

export function judgeSource(look: SourceLook): { readonly verdicts: readonly Verdict[]; readonly past: SourcePast } {
  const { source, snapshot, rules } = look;
  const compared = compare(look.past, source, snapshot);
  const spikes = (['dormant-spike', 'pooled-spike'] as const).map((name) => spike(look, compared, name));
  const isUnusual = spikes.some((found) => found.isUnusual);
  const habits = Object.fromEntries(spikes.map(({ name, habit }) => [name, habit]));
  const base = { ...look.past, habits: { ...look.past.habits, ...habits } };
  const ends = spikes.some(({ verdict }) => verdict?.ending != null);
  const clients = clientLeak(look, compared);
  const verdicts = [
    ...spikes.map(({ verdict }) => verdict),
    threshold(look, compared),
    clients,
    newSource(look, compared),
  ].filter((verdict) => verdict !== null);
  const learned = remembered(base, source, {
    snapshot,
    compared,
    isUnusual: isUnusual || (rules.clients !== null && clients?.standing === 'above'),
  });
  if (!ends) return { verdicts, past: learned };
  return {
    verdicts,
    past: {
      ...learned,
      dormant: settled(learned.dormant) ?? learned.dormant,
      pooled: settled(learned.pooled) ?? learned.pooled,
    },
  };
}

interface SpikeFound {
  readonly name: SpikeName;
  readonly habit: Habit;
  readonly isUnusual: boolean;
  readonly verdict: Verdict | null;
}

function spike(look: SourceLook, compared: Compared, name: SpikeName): SpikeFound {
  const { past, snapshot, electedAt } = look;
  const { at } = snapshot;
  const rule: SpikeRule | null = look.rules[name];
  const figure = name === 'dormant-spike' ? 'dormant' : 'pooled';
  const habit = past.habits[name];
  if (rule === null) return { name, habit, isUnusual: false, verdict: null };
  const usuals = { dormant: usualAt(past.dormant, at), pooled: usualAt(past.pooled, at) };
  const input = { rule, at, figure, compared, ...usuals, electedAt } as const;
  const first = measureSpike({ ...input, habit });
  const isUnusual = first.standing === 'above' || first.isSlow;
  const next =
    first.ratio === null || !compared.isWhole
      ? habit
      : lived(habit, { at, isUnusual, ratio: first.ratio, value: first.value });
  const { standing, isSlow, value, usual, heldBack, reason } = measureSpike({ ...input, habit: next });
  const isOld = look.isFiring(name) && settled(past[figure]) !== null && standing !== 'below' && compared.isWhole;
  const ending = isOld ? `${value} ${figure} connections for a day: this is its usual now` : null;
  const verdict: Verdict = {
    ...blank(look),
    rule: name,
    standing,
    isSlow,
    value,
    usual,
    readings: rule.readings,
    slowReadings: rule.slow.readings,
    heldBack,
    ending,
    what: `${value} ${figure} connections${usual === null ? '' : `, usually ${Math.round(usual)}`}`,
    reason,
    notes: notesOf(look, compared),
  };
  return { name, habit: next, isUnusual, verdict };
}

function blank({
  source,
  rules,
}: SourceLook): Omit<Verdict, 'rule' | 'standing' | 'value' | 'what' | 'reason' | 'readings'> {
  return {
    source: source.id,
    node: null,
    who: source.name,
    isSlow: false,
    usual: null,
    severity: 'warning',
    slowReadings: null,
    heldBack: null,
    ending: null,
    notes: [],
    repeat: rules.repeat,
  };
}

function notesOf({ source, electedAt, snapshot }: SourceLook, { note }: Compared): readonly string[] {
  const biggest = (held: readonly Held[]) =>
    held.toSorted((one, other) => other.active + other.dormant - one.active - one.dormant)[0]?.name ?? null;
  const [node, app, host] = [biggest(source.nodes), biggest(source.apps), biggest(source.hosts)];
  const most = [node && `on ${node}`, app && `app ${app}`, host && `host ${host}`].filter(
    (word) => word !== null && word !== '',
  );
  return [
    ...(most.length === 0 ? [] : [`Most of them: ${most.join(', ')}.`]),
    ...(note === null ? [] : [`Judged ${note}.`]),
    ...(electedAt !== null && snapshot.at - electedAt <= 3_600_000
      ? ['There was an election in the last hour: this may be a storm after it.']
      : []),
    'Try: reuse one MongoClient, lower maxPoolSize, set maxIdleTimeMS.',
  ];
}

function threshold(look: SourceLook, compared: Compared): Verdict | null {
  const rule = look.rules['dormant-threshold'];
  if (rule === null) return null;
  const value = look.source.dormant;
  const isBelow = value < 0.9 * rule.limit;
  const standing = value >= rule.limit ? 'above' : !compared.isWhole ? 'unknown' : isBelow ? 'below' : 'between';
  const what = `${value} dormant connections of at most ${rule.limit}`;
  return { ...blank(look), rule: 'dormant-threshold', standing, value, readings: rule.readings, what, reason: what };
}

function clientLeak(look: SourceLook, compared: Compared): Verdict | null {
  const { rules, source, past, snapshot } = look;
  const rule = rules.clients;
  if (rule === null) return null;
  const usual = past.clients === null ? null : usualAt(past.clients, snapshot.at);
  const value = source.clients ?? 0;
  const told = { ...blank(look), rule: 'clients', value, readings: rule.readings } as const;
  if (source.clients === null || usual === null || !compared.isWhole) {
    const reason = 'waits: clients are not known, or less than a day of history';
    return { ...told, standing: 'unknown', what: reason, reason };
  }
  const more = value - usual.value;
  const isAbove = more >= rule.minimum && value >= rule.ratio * usual.value;
  const standing = isAbove
    ? 'above'
    : more < rule.minimum / 2 || value < (1 + (rule.ratio - 1) / 2) * usual.value
      ? 'below'
      : 'between';
  const what = `${value} MongoClient instances, usually ${Math.round(usual.value)}`;
  const ending =
    look.isFiring('clients') && past.clients !== null && settled(past.clients) !== null
      ? `${value} instances are its usual now`
      : null;
  const heldBack =
    look.isFiring('dormant-spike') || look.isFiring('pooled-spike') ? 'a spike of this source is already told' : null;
  return {
    ...told,
    usual: usual.value,
    standing,
    ending,
    heldBack,
    what,
    reason: what,
    notes: ['Try: one MongoClient per process, closed when it ends.'],
  };
}

function newSource(look: SourceLook, compared: Compared): Verdict | null {
  const { past, snapshot, watchedSince } = look;
  const rule = look.rules['new-source'];
  if (rule === null) return null;
  const { pooled: value } = compared;
  const isNew = past.firstSeen - watchedSince >= DAY && past.inherits === null;
  const age = snapshot.at - past.firstSeen;
  const isKnown = age >= DAY;
  const what = `a new source with ${value} connections`;
  const isAbove = isNew && !isKnown && value >= rule.minimum;
  const standing = isAbove ? 'above' : compared.isWhole ? 'below' : 'unknown';
  const reason =
    isNew && !isKnown
      ? `${what} (told from ${rule.minimum})`
      : past.inherits === null
        ? 'it is known'
        : `it goes on from ${past.inherits}`;
  const ending = look.isFiring('new-source') && isKnown ? 'it is known for a day now' : null;
  return { ...blank(look), rule: 'new-source', standing, value, readings: rule.readings, ending, what, reason };
}
