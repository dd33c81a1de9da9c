// Converts stored records to current types, for both kinds of store. A renamed field keeps its stored name. Fields that
// an older version lacks are filled in; fields of a later version are kept.

import type { Alert, AlertGroup, AlertState, UserAction } from '../core/alerting/alert.ts';
import type { Delivery } from '../core/alerting/delivery.ts';
import type { Silence } from '../core/alerting/silence.ts';
import type { RuleState } from '../core/detection/alert-state.ts';
import type { AcceptedLevel } from '../core/detection/cluster-state.ts';
import type { Severity } from '../core/detection/rule.ts';
import type { RuleName } from '../core/detection/rules.ts';
import type {
  AlertEvidence,
  Culprit,
  ExhaustedProcess,
  Findings,
  Grown,
  NodeImpact,
  PoolImpact,
  ShutOut,
} from '../core/evidence/evidence.ts';
import type { ClusterHead } from '../core/ports/store.ts';

/** Plain stored data. */
export type StoredRecord = Readonly<Record<string, unknown>>;

export interface RecordKind<Typed extends object> {
  /** For people, e.g. `an alert`. */
  readonly name: string;
  /** Throws TypeError for a damaged record, naming the field. */
  decode(stored: unknown): Typed;
  encode(record: Typed): StoredRecord;
}

type Check<Value> = (value: unknown) => value is Value;
type Checks<Typed> = { readonly [Field in keyof Typed]-?: Check<Typed[Field]> };

interface History<Typed> {
  /** Stored names of renamed fields. */
  readonly storedAs?: { readonly [Field in keyof Typed]?: string };
  /** Defaults of fields that an older version did not write. A nullable field becomes null. */
  readonly missing?: Partial<Typed>;
}

function recordKind<Typed extends object>(
  name: string,
  checks: Checks<Typed>,
  { storedAs = {}, missing = {} }: History<Typed> = {},
): RecordKind<Typed> {
  const fields = Object.entries<Check<unknown>>(checks);
  const storedNames = new Map(Object.entries({ ...storedAs }).map(([field, stored]) => [field, String(stored)]));
  const typedNames = new Map([...storedNames].map(([field, stored]) => [stored, field]));
  const defaults: StoredRecord = { ...missing };
  /** Keeps the order of the fields. */
  const renamed = (record: object, names: ReadonlyMap<string, string>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(record).map(([field, value]) => [names.get(field) ?? field, value]));
  const isWhole = (record: Record<string, unknown>): record is Record<string, unknown> & Typed => {
    for (const [field, check] of fields) {
      if (record[field] === undefined && !check(undefined)) record[field] = defaults[field] ?? null;
      if (!check(record[field])) throw new TypeError(`the field ${storedNames.get(field) ?? field} of ${name}`);
    }
    return true;
  };
  return {
    name,
    decode(stored) {
      const record = isObject(stored) ? renamed(stored, typedNames) : null;
      if (record === null || !isWhole(record)) throw new TypeError(`${name} is no object`);
      return record;
    },
    encode: (record) => renamed(record, storedNames),
  };
}

const isObject: Check<StoredRecord> = (value): value is StoredRecord => typeof value === 'object' && value !== null;
const isText: Check<string> = (value): value is string => typeof value === 'string';
const isNumber: Check<number> = (value): value is number => typeof value === 'number';
const isFlag: Check<boolean> = (value): value is boolean => typeof value === 'boolean';
const isTexts = listOf(isText);
/** A later version may have more rules: their alerts must not prevent this version from reading the others. */
const isRule = (value: unknown): value is RuleName => typeof value === 'string';

function listOf<Value>(check: Check<Value>): Check<readonly Value[]> {
  return (value): value is readonly Value[] => Array.isArray(value) && value.every(check);
}

function orNull<Value>(check: Check<Value>): Check<Value | null> {
  return (value): value is Value | null => value === null || check(value);
}

function orLeftOut<Value>(check: Check<Value>): Check<Value | undefined> {
  return (value): value is Value | undefined => value === undefined || check(value);
}

function oneOf<Value extends string>(...values: readonly Value[]): Check<Value> {
  return (value): value is Value => values.some((known) => known === value);
}

function mapOf<Value>(check: Check<Value>): Check<Readonly<Record<string, Value>>> {
  return (value): value is Readonly<Record<string, Value>> => isObject(value) && Object.values(value).every(check);
}

function shapeOf<Typed>(checks: Checks<Typed>): Check<Typed> {
  const fields = Object.entries<Check<unknown>>(checks);
  return (value): value is Typed => isObject(value) && fields.every(([field, check]) => check(value[field]));
}

const isSeverity = oneOf<Severity>('warning', 'critical');
const isAction = shapeOf<UserAction>({
  act: oneOf('acknowledged', 'silenced', 'accepted'),
  by: orNull(isText),
  at: isNumber,
  until: orNull(isNumber),
  reason: orNull(isText),
});

const isGrown = shapeOf<Grown>({
  kind: oneOf('app', 'address', 'driver', 'node'),
  name: isText,
  now: isNumber,
  usual: orNull(isNumber),
  more: isNumber,
});
const isCulprit = shapeOf<Culprit>({
  source: isText,
  name: isText,
  now: isNumber,
  usual: orNull(isNumber),
  more: isNumber,
  grown: listOf(isGrown),
  clients: orNull(shapeOf({ now: isText, usual: orNull(isText) })),
});
const isShutOut = shapeOf<ShutOut>({ source: isText, name: isText, now: isNumber, usual: isNumber });
const findings: Checks<Findings> = {
  readAt: orNull(isNumber),
  culprits: listOf(isCulprit),
  changed: isTexts,
  shutOut: listOf(isShutOut),
  doNow: isTexts,
  thenFix: isTexts,
};
const exhaustion = {
  inUse: isNumber,
  capacity: orNull(isNumber),
  waiting: isNumber,
  meanWaitMs: orNull(isNumber),
  timeouts: isNumber,
};
const isEvidence = shapeOf<AlertEvidence>({
  ...findings,
  node: orNull(
    shapeOf<NodeImpact>({
      host: isText,
      short: isText,
      role: orNull(isText),
      current: isNumber,
      limit: isNumber,
      at: isNumber,
      perMinute: orNull(isNumber),
      refused: orNull(shapeOf({ count: isNumber, since: isNumber, last: isNumber })),
    }),
  ),
  hurt: listOf(isShutOut),
  pools: orLeftOut(
    shapeOf<PoolImpact>({
      app: isText,
      processes: isNumber,
      exhausted: isNumber,
      checkouts: isNumber,
      at: isNumber,
      since: isNumber,
      cause: isText,
      sources: orLeftOut(listOf(shapeOf({ id: isText, name: isText }))),
      whole: orLeftOut(shapeOf({ timeouts: isNumber, since: isNumber })),
      worst: listOf(shapeOf<ExhaustedProcess>({ host: isText, pid: isNumber, ...exhaustion })),
      ...exhaustion,
    }),
  ),
});

export const ALERT = recordKind<Alert>(
  'an alert',
  {
    id: isText,
    version: isNumber,
    cluster: isText,
    rule: isRule,
    source: orNull(isText),
    node: orNull(isText),
    who: isText,
    state: oneOf<AlertState>('firing', 'acknowledged', 'silenced', 'ended'),
    severity: isSeverity,
    since: isNumber,
    endedAt: orNull(isNumber),
    refires: isNumber,
    value: isNumber,
    usual: orNull(isNumber),
    peak: isNumber,
    shown: orNull(isNumber),
    postedAt: orNull(isNumber),
    shownAt: orNull(isNumber),
    channel: orNull(isText),
    what: isText,
    reason: isText,
    notes: isTexts,
    evidence: orNull(isEvidence),
    endReason: orNull(isText),
    lastAction: orNull(isAction),
    judgedAt: isNumber,
    unreadSince: orNull(isNumber),
    calmSince: orNull(isNumber),
    group: orNull(isText),
    lead: orNull(isText),
    previous: orNull(isText),
    replies: isNumber,
  },
  {
    storedAs: { refires: 'returns', endReason: 'ending', lastAction: 'handling' },
    missing: { refires: 0, notes: [], replies: 0 },
  },
);

export const GROUP = recordKind<AlertGroup>('a group of alerts', {
  id: isText,
  version: isNumber,
  cluster: isText,
  since: isNumber,
  lead: orNull(isText),
  alerts: isTexts,
  cause: orNull(isText),
});

export const SILENCE = recordKind<Silence>(
  'a silence',
  {
    id: isText,
    version: isNumber,
    cluster: orNull(isText),
    source: orNull(isText),
    node: orNull(isText),
    rule: orNull(isRule),
    who: isText,
    by: orNull(isText),
    reason: orNull(isText),
    at: isNumber,
    until: isNumber,
    hold: isFlag,
    endedAt: orNull(isNumber),
  },
  { missing: { hold: false } },
);

export const DELIVERY = recordKind<Delivery>(
  'a delivery',
  {
    id: isText,
    kind: oneOf('message', 'reply', 'note'),
    about: orNull(isText),
    cluster: isText,
    channel: orNull(isText),
    text: orNull(isText),
    broadcast: isFlag,
    mentions: isTexts,
    at: isNumber,
    refresh: orNull(isSeverity),
  },
  { missing: { broadcast: false, mentions: [] } },
);

const isMark = shapeOf<RuleState['marks'][number]>({ at: isNumber, above: isFlag, slow: isNumber });

export const HEAD = recordKind<ClusterHead>('the state', {
  version: isNumber,
  since: isNumber,
  at: isNumber,
  interval: orNull(isNumber),
  primary: orNull(isText),
  electedAt: orNull(isNumber),
  alerts: mapOf(
    shapeOf<RuleState>({
      marks: (value): value is RuleState['marks'] => Array.isArray(value) && value.every(isMark),
      below: isNumber,
      belowSince: orNull(isNumber),
      firing: isFlag,
      since: orNull(isNumber),
      endedAt: orNull(isNumber),
      returns: isNumber,
      severity: isSeverity,
      told: isNumber,
      toldAt: isNumber,
    }),
  ),
  rejected: mapOf(shapeOf({ count: isNumber, at: isNumber })),
  accepted: orLeftOut(listOf(shapeOf<AcceptedLevel>({ source: isText, at: isNumber, since: isNumber }))),
  findings: orLeftOut(mapOf(shapeOf<Findings>(findings))),
});
