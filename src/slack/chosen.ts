// What a button carries that silences one of several targets: all that was asked for, so that nothing is kept meanwhile.

import { isRuleName } from '../core/detection/rules.ts';
import type { SilenceTarget } from '../core/silence-target.ts';
import { listIn } from './blockkit/json.ts';

export interface Chosen {
  readonly target: SilenceTarget;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly reason: string | null;
  readonly hold: boolean;
}

/** Of a button's value. */
const LONGEST = 2_000;

/** Null where a name is so long that no button takes it. */
export function chosenValue({ target, until, reason, hold }: Chosen): string | null {
  const { cluster, source, node, rule, who } = target;
  const value = JSON.stringify([cluster, source, node, rule, who, until, hold, reason]);
  return value.length <= LONGEST ? value : null;
}

/** Null for what we never wrote. */
export function readChosen(value: string): Chosen | null {
  const [cluster, source, node, rule, who, until, hold, reason] = listIn(value);
  const texts = [cluster, source, node, reason].map(textOrNull);
  const [inCluster, ofSource, ofNode, why] = texts;
  if (typeof who !== 'string' || typeof until !== 'number' || typeof hold !== 'boolean') return null;
  const ofRule = typeof rule === 'string' && isRuleName(rule) ? rule : null;
  if (inCluster === undefined || ofSource === undefined || ofNode === undefined || why === undefined) return null;
  // A rule that is no more would leave a silence of everything.
  if (rule !== null && ofRule === null) return null;
  return {
    target: { cluster: inCluster, source: ofSource, node: ofNode, rule: ofRule, who },
    until,
    reason: why,
    hold,
  };
}

/** Undefined for what is neither. */
function textOrNull(value: unknown): string | null | undefined {
  return value === null || typeof value === 'string' ? value : undefined;
}
