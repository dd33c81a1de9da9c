// Moves and ends alerts after a change of the access list. The alerts of a source continue at the source that took over
// its clients. Alerts without a subject end. The alerts of apps are left to the looks at their pools.

import type { SourceHistory } from '../baseline/source-history.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import { type AlertKey, keyOf, type RuleResult, type RuleState } from './alert-state.ts';
import { PLAIN } from './rule.ts';
import { isAboutApp } from './rules.ts';

type Alerts = Readonly<Record<string, RuleState>>;

interface AlertTransfer {
  /** By id of a source: the id of the source that took over most of its clients. */
  readonly mergedInto: ReadonlyMap<string, string>;
  readonly histories: Readonly<Record<string, SourceHistory>>;
}

/** The states that continue at another source, by their new key. */
export function inheritedAlerts(
  mergedInto: AlertTransfer['mergedInto'],
  alerts: Alerts,
): ReadonlyMap<string, RuleState> {
  return new Map(
    Object.entries(alerts).flatMap(([key, alert]) => {
      const { rule, source, node } = alertKeyOf(key);
      const successor = source === null ? undefined : mergedInto.get(source);
      return successor === undefined ? [] : [[keyOf({ rule, source: successor, node }), alert]];
    }),
  );
}

/** Ends an alert that continues at another source while its own source still exists. */
export function endTransferred(result: RuleResult, { mergedInto, histories }: AlertTransfer): RuleResult {
  const successor = result.source === null ? undefined : mergedInto.get(result.source);
  return successor === undefined ? result : { ...result, ending: continuesAs(successor, histories) };
}

/**
 * Ends alerts when their rule is turned off or their subject is gone. An incomplete reading ends no alert, because the
 * subject may be missing from it.
 */
export function orphanedAlerts(
  results: readonly RuleResult[],
  now: AlertTransfer & {
    readonly alerts: Alerts;
    readonly snapshot: Snapshot;
    readonly before: AlertTransfer['histories'];
  },
): readonly RuleResult[] {
  const { alerts, snapshot, mergedInto, histories, before } = now;
  const evaluated = new Set(results.map(keyOf));
  return Object.entries(alerts).flatMap(([key, alert]) => {
    if (!alert.firing || evaluated.has(key)) return [];
    const found = alertKeyOf(key);
    if (isAboutApp(found.rule)) return [];
    const successor = found.source === null ? undefined : mergedInto.get(found.source);
    if (successor === undefined && !snapshot.complete) return [];
    const ending = successor === undefined ? 'it is judged no more' : continuesAs(successor, histories);
    return [closingResult(found, { alert, ending, name: before[found.source ?? '']?.name ?? null })];
  });
}

function continuesAs(successor: string, histories: AlertTransfer['histories']): string {
  const name = histories[successor]?.name ?? successor;
  return `it goes on as ${name === successor ? successor : `${name} (${successor})`}`;
}

/** The reverse of `keyOf`. */
export function alertKeyOf(key: string): AlertKey {
  const [rule, source, node]: [RuleResult['rule'], string | null, string | null] = JSON.parse(key);
  return { rule, source, node };
}

/** Ends an alert that no rule evaluates any more. `name` is the one of its source, where it is known. */
export function closingResult(
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
