// A spike: one source's figure against its own usual, by margin, ratio and minimum; with the reason, fired or not.

import { count } from './base/format.ts';
import type { Usual } from './baseline/baseline.ts';
import type { Compared } from './baseline/source-history.ts';
import type { Line } from './detection/alert-state.ts';
import type { SpikeRule } from './detection/rules.ts';

/** How many times the root of the usual, the noise of independent connections, is no news. */
const SIGMAS = 4;
/** What a day of the week is like is known after a week; until then a Monday is held against a Sunday. */
const DOUBT = 1.4;
/** However far above the slow line, a reading counts no more than this: what lasts needs a few of them. */
const HEAVIEST = 2;

export interface Measured {
  readonly standing: Line;
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

export interface SpikeInput {
  readonly rule: SpikeRule;
  readonly figure: 'dormant' | 'pooled';
  readonly compared: Compared;
  readonly dormant: Usual | null;
  readonly pooled: Usual | null;
  /** What the clock on the wall shows. */
  readonly wall: { readonly weekday: string; readonly time: string };
}

export function measureSpike(input: SpikeInput): Measured {
  const { rule, figure, compared } = input;
  const value = compared[figure];
  const known = input[figure];
  if (known === null || compared.held !== null) {
    const reason = compared.held ?? 'it waits: less than a day of history';
    return { standing: 'unknown', slow: 0, value, usual: null, ratio: null, excess: 0, against: null, reason };
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
  const standing = standingOf({
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
  return { standing, slow, value, usual, ratio, excess, against, reason };
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
function standingOf({ above, below, compared }: { above: boolean; below: boolean; compared: Compared }): Line {
  if (above) return 'above';
  if (!compared.isWhole) return 'unknown';
  return below ? 'below' : 'between';
}
