// A spike: one source's figure against its own usual, by margin, ratio and minimum; with the reason, fired or not.

import type { Standing } from './alert.ts';
import type { Usual } from './baseline.ts';
import { type Habit, habitual } from './habit.ts';
import type { SpikeRule } from './rule.ts';
import type { Compared } from './source-past.ts';

/** How many times the root of the usual, the noise of independent connections, is no news. */
const SIGMAS = 4;

export interface Measured {
  readonly standing: Standing;
  readonly isSlow: boolean;
  readonly value: number;
  readonly usual: number | null;
  readonly ratio: number | null;
  readonly heldBack: string | null;
  /** For people: value, usual, margin, ratio, minimum. */
  readonly reason: string;
}

export interface SpikeInput {
  readonly rule: SpikeRule;
  readonly at: number;
  readonly figure: 'dormant' | 'pooled';
  readonly compared: Compared;
  readonly dormant: Usual | null;
  readonly pooled: Usual | null;
  readonly habit: Habit;
  /** When the primary last changed; null for never. */
  readonly electedAt: number | null;
}

const SETTLING = 15 * 60_000;

export function measureSpike(input: SpikeInput): Measured {
  const { rule, figure, compared } = input;
  const value = compared[figure];
  const usual = input[figure]?.value ?? null;
  if (usual === null || compared.held !== null) {
    const reason = compared.held ?? 'waits: less than a day of history';
    return { standing: 'unknown', isSlow: false, value, usual: null, ratio: null, heldBack: null, reason };
  }
  const part = usual * compared.share;
  const ratio = value / Math.max(1, part);
  const margin = SIGMAS * Math.sqrt(Math.max(1, part));
  const excess = value - part;
  const isMore = excess >= rule.minimum && excess >= margin;
  const companion = besides(input, excess);
  const above = isMore && ratio >= rule.ratio;
  const isSlow = isMore && ratio >= rule.slow.ratio && companion(rule.slow.ratio) === null;
  const quiet = companion(rule.ratio);
  const standing = standingOf({
    above: above && quiet === null,
    below: ratio < rule.clear || excess < rule.minimum / 2,
    compared,
  });
  const reason = [
    `${value} against a usual of ${part.toFixed(0)} (same time of earlier ${input[figure]?.from ?? 'day'}s): ${ratio.toFixed(2)}× of ${rule.ratio}×`,
    `${excess.toFixed(0)} more, of ${rule.minimum} and a margin of ${margin.toFixed(0)}`,
    ...(isMore && quiet !== null ? [quiet] : []),
    ...(compared.note === null ? [] : [compared.note]),
  ].join('; ');
  return { standing, isSlow, value, usual: part, ratio, heldBack: heldBack(input, ratio), reason };
}

/** What must be true beside the figure itself; null where it is. */
function besides({ figure, compared, dormant, pooled }: SpikeInput, excess: number): (ratio: number) => string | null {
  if (figure === 'dormant') {
    const usual = (pooled?.value ?? 0) * compared.share;
    return (ratio) =>
      compared.pooled >= usual * (1 + (ratio - 1) / 3)
        ? null
        : `active and dormant together, ${compared.pooled}, are near their usual of ${usual.toFixed(0)}: load fell, nobody came`;
  }
  const more = compared.dormant - (dormant?.value ?? 0) * compared.share;
  return () => (more < excess / 2 ? null : 'it is the dormant ones that rose: dormant-spike judges them');
}

/** An incomplete reading may say that it is more, never that it is over. */
function standingOf({ above, below, compared }: { above: boolean; below: boolean; compared: Compared }): Standing {
  if (above) return 'above';
  if (!compared.isWhole) return 'unknown';
  return below ? 'below' : 'between';
}

function heldBack({ rule, at, electedAt, habit }: SpikeInput, ratio: number): string | null {
  if (electedAt !== null && at - electedAt <= SETTLING && ratio < 2 * rule.ratio)
    return 'an election less than 15 minutes ago: pools are rebuilt';
  return habitual(habit, at);
}
