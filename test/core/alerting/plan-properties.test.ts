// What holds of plans whatever happens: random readings, acts, silences and clocks.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Plan } from '../../../src/core/alerting/plan.ts';
import { isAbout, isInForce } from '../../../src/core/alerting/silence.ts';
import {
  advance,
  INITIAL_STATE,
  keyOf,
  type RuleResult,
  type RuleState,
} from '../../../src/core/detection/alert-state.ts';
import type { AlertTransition } from '../../../src/core/detection/findings.ts';
import { PLAIN } from '../../../src/core/detection/rule.ts';
import {
  acknowledge,
  applied,
  EMPTY,
  MINUTE,
  open,
  ROUTING,
  read,
  START,
  silence,
  silenceOf,
  transitionOf,
  unsilence,
  type World,
} from './plan-world.ts';

const KEYS = [
  { rule: 'dormant-spike', source: '203.0.113.0/24', node: null },
  { rule: 'pooled-spike', source: '203.0.113.0/24', node: null },
  { rule: 'dormant-spike', source: '198.51.100.0/24', node: null },
  { rule: 'node-headroom', source: null, node: 'a:27017' },
] as const;
const ONCE = { needed: 1, of: 1 };
const routing = { ...ROUTING, critical: { channel: 'C0CRITICAL', mention: 'S0DBA' } };

const figure = fc.record({ value: fc.constantFrom(0, 60, 95, 100, 105, 111, 200, 420), critical: fc.boolean() });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('reading' as const),
      after: fc.constantFrom(1, 5, 20, 45, 250),
      figures: fc.tuple(figure, figure, figure, figure),
    }),
  },
  fc.record({ kind: fc.constant('acknowledge' as const), by: fc.constantFrom('U1', 'U2') }),
  fc.record({
    kind: fc.constant('silence' as const),
    key: fc.option(fc.constantFrom(...KEYS), { nil: null }),
    minutes: fc.constantFrom(3, 60, 600),
    hold: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('unsilence' as const), which: fc.nat(5) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Course {
  readonly world: World;
  readonly judge: ReadonlyMap<string, RuleState>;
  readonly now: number;
}
/** One decision: what was before it, what it was made of, what it planned, what is after it. */
interface Decision {
  readonly before: World;
  readonly transitions: readonly AlertTransition[];
  readonly planned: Plan;
  readonly after: Course;
}

function judged(judge: Course['judge'], now: number, figures: Extract<Step, { kind: 'reading' }>['figures']) {
  const next = new Map(judge);
  const transitions = KEYS.flatMap((key, index) => {
    const { value = 0, critical = false } = figures[index] ?? {};
    const result: RuleResult = {
      ...PLAIN,
      ...key,
      who: 'Billing API',
      level: value >= 100 ? 'above' : 'below',
      value,
      severity: critical ? 'critical' : 'warning',
      readings: ONCE,
      ending: value === 0 ? 'the value is 0' : null,
      what: '',
      reason: '',
      repeat: 240 * MINUTE,
    };
    const { state, event } = advance(judge.get(keyOf(key)) ?? INITIAL_STATE, result, now);
    next.set(keyOf(key), state);
    const { firing, severity, since, returns } = state;
    const told = { ...key, value, event, firing, severity, since: since ?? now, returns };
    return firing || event !== null ? [transitionOf(told)] : [];
  });
  return { judge: next, transitions };
}

function decided({ world, judge, now }: Course, act: Step, number: number): Decision {
  const done = (planned: Plan, at = now, rest: Partial<Decision & Course> = {}): Decision => ({
    before: world,
    transitions: rest.transitions ?? [],
    planned,
    after: { world: applied(world, planned), judge: rest.judge ?? judge, now: at },
  });
  if (act.kind === 'reading') {
    const at = now + act.after * MINUTE;
    const { judge: next, transitions } = judged(judge, at, act.figures);
    return done(read(world, at, transitions, { routing }), at, { judge: next, transitions });
  }
  if (act.kind === 'acknowledge') return done(acknowledge(world, now, act.by, routing));
  if (act.kind === 'unsilence') return done(unsilence(world, now, [`S${act.which}`], routing));
  const { source, node, rule } = act.key ?? { source: null, node: null, rule: null };
  const until = now + act.minutes * MINUTE;
  return done(
    silence(world, now, silenceOf({ id: `S${number}`, source, node, rule, at: now, until, hold: act.hold }), routing),
  );
}

/** Every decision, and between any two of them that of the clock, which ends silences. */
function course(steps: readonly Step[]): readonly Decision[] {
  const decisions: Decision[] = [];
  let at: Course = { world: EMPTY, judge: new Map(), now: START };
  for (const [number, act] of steps.entries()) {
    const decision = decided(at, act, number);
    const planned = unsilence(decision.after.world, decision.after.now, null, routing);
    const after = { ...decision.after, world: applied(decision.after.world, planned) };
    decisions.push(decision, { before: decision.after.world, transitions: [], planned, after });
    at = after;
  }
  return decisions;
}

const holds = (property: (decisions: readonly Decision[]) => void, numRuns = 100) =>
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => property(course(steps))),
    { numRuns },
  );

test('the same course gives the same bytes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      expect(JSON.stringify(course(steps))).toBe(JSON.stringify(course(steps)));
    }),
    { numRuns: 50 },
  );
});

test('a planned reading gives an empty plan', () => {
  holds((decisions) => {
    for (const { transitions, after } of decisions) {
      const again = read(after.world, after.now, transitions, { routing });
      expect(again).toEqual({ alerts: [], groups: [], silences: [], deliveries: [] });
    }
  });
});

test('replies and notes are planned once, in the order of their numbers, and only below a message', () => {
  holds((decisions) => {
    const said = new Map<string | null, string[]>();
    for (const { id, kind, about } of decisions.flatMap(({ planned }) => planned.deliveries)) {
      const earlier = said.get(about) ?? [];
      said.set(about, [...earlier, id]);
      if (kind === 'message') continue;
      expect(earlier).toContain(`${about}/message`);
      expect(earlier).not.toContain(id);
      const [alert = ''] = id.split('/reply/');
      const replies = earlier.filter((one) => one.startsWith(`${alert}/reply/`));
      if (kind === 'reply') expect(id).toBe(`${alert}/reply/${replies.length + 1}`);
    }
  });
});

test('every delivery has a cause', () => {
  holds((decisions) => {
    for (const { before, planned, transitions } of decisions)
      for (const { id: delivery, about, kind } of planned.deliveries) {
        const shown = planned.alerts.filter(({ id, lead }) =>
          kind === 'message' ? [lead, id].includes(about) : delivery.startsWith(`${id}/`),
        );
        const hasCause = shown.some((record) => {
          const earlier = before.alerts.get(record.id);
          const event = transitions.find((one) => keyOf(one) === keyOf(record))?.event ?? null;
          const hasJoined = record.lead !== earlier?.lead;
          const isOther = hasJoined || record.state !== earlier?.state || record.lastAction !== earlier?.lastAction;
          const isShown = kind === 'message' && record.shownAt !== earlier?.shownAt;
          return event !== null || isOther || isShown;
        });
        expect([delivery, hasCause]).toEqual([delivery, true]);
      }
  });
});

test('an alert that starts silenced gets its message when the silence ends', () => {
  holds((decisions) => {
    const fired = new Set<string | null>();
    for (const { planned } of decisions) {
      for (const { id, state } of planned.alerts) if (state === 'firing') fired.add(id);
      for (const { about } of planned.deliveries) expect(fired).toContain(about);
    }
  });
});

test('a firing rule state has one open alert, and every other alert has ended', () => {
  holds((decisions) => {
    for (const { after } of decisions) {
      const firing = [...after.judge].filter(([, alert]) => alert.firing).map(([key]) => key);
      expect(open(after.world).map(keyOf).toSorted()).toEqual(firing.toSorted());
    }
  });
});

test('every state follows from a rule state, an acknowledgement or a silence in force', () => {
  holds((decisions) => {
    for (const [index, { after }] of decisions.entries()) {
      if (index % 2 === 0) continue;
      const inForce = [...after.world.silences.values()].filter((one) => isInForce(one, after.now));
      for (const alert of after.world.alerts.values()) {
        const about = inForce.filter((one) => isAbout(one, alert));
        if (alert.state === 'silenced') expect(about.map(({ at }) => at)).toContain(alert.lastAction?.at);
        if (alert.state === 'firing' && alert.severity === 'warning') expect(about).toEqual([]);
        if (alert.state === 'firing') expect([alert.lastAction, about.filter(({ hold }) => hold)]).toEqual([null, []]);
        if (alert.state === 'acknowledged') expect(alert.lastAction).toMatchObject({ act: 'acknowledged' });
        if (alert.state === 'ended') expect(alert.endedAt).not.toBeNull();
        expect(alert.peak).toBeGreaterThanOrEqual(alert.value);
      }
    }
  });
});
