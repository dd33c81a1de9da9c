import { expect, test } from 'vitest';
import { type Chunked, runToEnd } from '../../../src/core/base/cooperative.ts';
import { buildReport, type ReportInput, reportInChunks } from '../../../src/core/connections/report.ts';
import { evaluate, evaluateInChunks } from '../../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { snapshotOf } from '../../../src/core/snapshots/from-report.ts';
import { readNode } from '../arbitrary.ts';
import { connections, now } from '../fixtures.ts';

/** Unlisted addresses, a source each: pooled connections and a heartbeat, whose sockets are to be told apart. */
function input(addresses: number, first = 0): ReportInput {
  const at = new Date(now.getTime() + first * 60_000).toISOString();
  const groups = Array.from({ length: addresses }, (_, index) => `10.${first}.${index >> 8}.${index & 255}`).flatMap(
    (client, index) => [
      connections(client, { user: null, count: 1 + (index % 5) }),
      connections(client, { user: null, app: 'search', count: 2 }),
      connections(client, { user: null, activity: 'heartbeat', count: 1 + (index % 2) }),
    ],
  );
  return {
    reading: {
      ...{ cluster: 'prod', at, tookMs: 12, leftOut: [], problems: [] },
      nodes: ['a:27017', 'b:27017'].map((host) => ({ ...readNode(host), groups, idleUsersTold: false })),
    },
    accessList: { entries: [], complete: true, readAt: at, problems: [] },
    ...{ networks: null, labels: [], problems: [], now },
  };
}

function counted<Result>(steps: Chunked<Result>): { readonly result: Result; readonly steps: number } {
  for (let count = 0; ; count++) {
    const step = steps.next();
    if (step.done === true) return { result: step.value, steps: count };
  }
}

test('two interleaved reports are equal to those made at once', () => {
  const [one, other] = [input(300), input(500, 1)];
  const making = [reportInChunks(one), reportInChunks(other)] as const;
  const made: unknown[] = [];
  for (let turn = 0; made.length < 2; turn++) {
    const step = making[turn % 2 === 0 ? 0 : 1].next();
    if (step.done === true && step.value !== undefined) made.push(step.value);
  }
  expect(made).toEqual([buildReport(one), buildReport(other)]);
});

test('two interleaved evaluations are equal to those made alone', () => {
  const readings = [0, 1].map((minute) => snapshotOf(buildReport(input(120, minute)), { before: null }));
  const [first, second] = readings;
  if (first === undefined || second === undefined) throw new Error('two readings are needed');
  const { state } = evaluate(null, first, DEFAULT_BOOK);
  const judging = [
    evaluateInChunks(null, second, DEFAULT_BOOK),
    evaluateInChunks(state, second, DEFAULT_BOOK),
  ] as const;
  const judged: unknown[] = [];
  for (let turn = 0; judged.length < 2; turn++) {
    const step = judging[turn % 2 === 0 ? 0 : 1].next();
    if (step.done === true && step.value !== undefined) judged.push(step.value);
  }
  expect(judged).toHaveLength(2);
  expect(judged).toContainEqual(evaluate(null, second, DEFAULT_BOOK));
  expect(judged).toContainEqual(evaluate(state, second, DEFAULT_BOOK));
});

test('larger reports have more chunks, not longer ones; a small one has none', () => {
  const stepsOf = (addresses: number) => {
    const report = counted(reportInChunks(input(addresses)));
    const snapshot = snapshotOf(report.result, { before: null });
    return { report: report.steps, judge: counted(evaluateInChunks(null, snapshot, DEFAULT_BOOK)).steps };
  };
  expect(stepsOf(10)).toEqual({ report: 0, judge: 0 });
  const [some, more] = [stepsOf(400), stepsOf(1_600)];
  expect(some.report).toBeGreaterThan(10);
  expect(more.report).toBeGreaterThanOrEqual(3.5 * some.report);
  expect(more.judge).toBeGreaterThanOrEqual(3.5 * some.judge);
});

test('running to the end returns the result of the last step', () => {
  function* steps(): Chunked<number> {
    yield;
    yield;
    return 3;
  }
  expect(runToEnd(steps())).toBe(3);
});
