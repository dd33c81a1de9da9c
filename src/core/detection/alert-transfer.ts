// Alerts that change hands: those of a source whose clients are called something else now go on there, told once; those
// of which nothing is judged any more end.

import type { SourceHistory } from '../baseline/source-history.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import { type AlertKey, keyOf, type RuleResult, type RuleState } from './alert-state.ts';
import { PLAIN } from './rule.ts';

type Alerts = Readonly<Record<string, RuleState>>;

interface Hands {
  /** Whoever took over most of the clients of a source, by its id. */
  readonly heirs: ReadonlyMap<string, string>;
  readonly pasts: Readonly<Record<string, SourceHistory>>;
}

/** What the heirs take over, by the key under which it goes on. */
export function carriedBy(heirs: Hands['heirs'], alerts: Alerts): ReadonlyMap<string, RuleState> {
  return new Map(
    Object.entries(alerts).flatMap(([key, alert]) => {
      const { rule, source, node } = alertKeyOf(key);
      const heir = source === null ? undefined : heirs.get(source);
      return heir === undefined ? [] : [[keyOf({ rule, source: heir, node }), alert]];
    }),
  );
}

/** Ends what goes on under another id, although the source is still there. */
export function handedOver(result: RuleResult, { heirs, pasts }: Hands): RuleResult {
  const heir = result.source === null ? undefined : heirs.get(result.source);
  return heir === undefined ? result : { ...result, ending: goesOn(heir, pasts) };
}

/**
 * Alerts whose rule was switched off, or whose subject is no more. What an incomplete reading does not speak of has not
 * ended by that.
 */
export function gone(
  results: readonly RuleResult[],
  now: Hands & { readonly alerts: Alerts; readonly snapshot: Snapshot; readonly before: Hands['pasts'] },
): readonly RuleResult[] {
  const { alerts, snapshot, heirs, pasts, before } = now;
  const judged = new Set(results.map(keyOf));
  return Object.entries(alerts).flatMap(([key, alert]) => {
    if (!alert.firing || judged.has(key)) return [];
    const found = alertKeyOf(key);
    const heir = found.source === null ? undefined : heirs.get(found.source);
    if (heir === undefined && !snapshot.complete) return [];
    const ending = heir === undefined ? 'it is judged no more' : goesOn(heir, pasts);
    return [last(found, { alert, ending, name: before[found.source ?? '']?.name ?? null })];
  });
}

function goesOn(heir: string, pasts: Hands['pasts']): string {
  const name = pasts[heir]?.name ?? heir;
  return `it goes on as ${name === heir ? heir : `${name} (${heir})`}`;
}

/** The reverse of `keyOf`. */
export function alertKeyOf(key: string): AlertKey {
  const [rule, source, node]: [RuleResult['rule'], string | null, string | null] = JSON.parse(key);
  return { rule, source, node };
}

function last(
  { rule, source, node }: AlertKey,
  end: { readonly alert: RuleState; readonly ending: string; readonly name: string | null },
): RuleResult {
  const { ending } = end;
  return {
    ...PLAIN,
    ...{ rule, source, node, severity: end.alert.severity, ending },
    who: end.name ?? source ?? node ?? rule,
    level: 'below',
    value: 0,
    readings: { needed: 1, of: 1 },
    what: ending,
    reason: ending,
    repeat: Number.POSITIVE_INFINITY,
  };
}
