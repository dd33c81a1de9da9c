// What is tried again, after how long, and when it ends.

import { expect, onTestFinished, test } from 'vitest';
import { openAtlasProject } from '../../src/atlas/project.ts';
import { decideRetry } from '../../src/atlas/request.ts';
import { apiError, rateLimited } from '../sandbox/atlas/fault.ts';
import { apiKeyOf, bench, NEVER, problemOf, targetsOf } from './fixture.ts';

const PROCESSES = /processes/;

test('a 429 is waited out for as long as Atlas asks, with jitter on top', async () => {
  const { atlas, waits, open } = await bench();
  atlas.faults.add(PROCESSES, rateLimited(7), 1);
  expect(await open().processes(NEVER)).toEqual([]);
  expect(waits).toEqual([7_125]);
});

test('without its own clock a project waits on the system clock', async () => {
  const { atlas } = await bench();
  atlas.faults.add(PROCESSES, rateLimited(0), 1);
  const project = openAtlasProject({
    baseUrl: atlas.url,
    projectId: atlas.scenario.project.id,
    credentials: apiKeyOf(atlas),
    now: () => new Date(),
    random: () => 0,
    userAgent: 'atlas-conns/test',
  });
  onTestFinished(() => project.close());
  expect(await project.processes(NEVER)).toEqual([]);
  expect(atlas.requests.map(({ status }) => status)).toEqual([429, 401, 200]);
});

test('server errors and cut connections are tried again, each time later', async () => {
  const { atlas, waits, open } = await bench();
  atlas.faults.add(PROCESSES, apiError(500, 'UNEXPECTED_ERROR'), 1);
  atlas.faults.add(PROCESSES, { kind: 'drop' }, 2);
  atlas.faults.add(PROCESSES, apiError(503, 'SERVICE_UNAVAILABLE'), 1);
  expect(await open().processes(NEVER)).toEqual([]);
  expect(waits).toEqual([375, 750, 1_500, 3_000]);
});

test('the token request is tried again like any other', async () => {
  const { atlas, waits, open } = await bench();
  atlas.faults.add(/oauth/, { kind: 'drop' }, 1);
  expect(await open().processes(NEVER)).toEqual([]);
  expect(waits).toHaveLength(1);
});

test.each([400, 403, 404, 406, 410])('a %i is never tried again', async (status) => {
  const { atlas, waits, open } = await bench();
  atlas.faults.add(PROCESSES, apiError(status, 'SOME_CODE'));
  await problemOf(open().processes(NEVER));
  expect(waits).toEqual([]);
  expect(targetsOf(atlas, PROCESSES)).toHaveLength(1);
});

test('a wait that would outlast the deadline is not begun', async () => {
  const { atlas, waits, open } = await bench();
  atlas.faults.add(PROCESSES, rateLimited(55));
  const { code, text } = await problemOf(open().processes(NEVER));
  expect(code).toBe('atlas-rate-limited');
  expect(text).toContain('(tried once) and asks to wait 55 s');
  expect(waits).toEqual([]);
});

test('a hung attempt ends within the deadline, and the next one may succeed', async () => {
  const { atlas, open } = await bench();
  atlas.faults.add(PROCESSES, { kind: 'hang' }, 1);
  expect(await open({ deadlineMs: 4_500 }).processes(NEVER)).toEqual([]);
  expect(targetsOf(atlas, PROCESSES)).toHaveLength(2);
});

test('an Atlas that never answers ends in a sentence that names it', async () => {
  const { atlas, open } = await bench();
  atlas.faults.add(PROCESSES, { kind: 'hang' });
  const { code, text } = await problemOf(open({ deadlineMs: 90 }).processes(NEVER));
  expect(code).toBe('atlas-timeout');
  expect(text).toMatch(/^127\.0\.0\.1:\d+ did not answer (in time|within 0\.1 s)\.$/);
});

test("a caller's own deadline ends in the same sentence", async () => {
  const { atlas, open } = await bench();
  atlas.faults.add(PROCESSES, { kind: 'hang' });
  const { code } = await problemOf(open().processes(AbortSignal.timeout(50)));
  expect(code).toBe('atlas-timeout');
});

test('a timeout between two attempts ends in the last answer of Atlas', async () => {
  const { atlas, open } = await bench();
  atlas.faults.add(PROCESSES, apiError(503, 'SERVICE_UNAVAILABLE'));
  const ending = new AbortController();
  const sleep = async (_ms: number, signal: AbortSignal) => {
    ending.abort(new DOMException('out of time', 'TimeoutError'));
    throw signal.reason;
  };
  const { code, text } = await problemOf(open({ sleep }).processes(ending.signal));
  expect(code).toBe('atlas-server-error');
  expect(text).toContain('tried once');
});

test('an abort rejects with its own reason, during a request and between two', async () => {
  const { atlas, open } = await bench();
  const during = new AbortController();
  atlas.faults.add(PROCESSES, { kind: 'hang' }, 1);
  const hanging = open().processes(during.signal);
  await atlas.arrived(PROCESSES);
  during.abort(new Error('changed my mind'));
  await expect(hanging).rejects.toThrow('changed my mind');

  const between = new AbortController();
  atlas.faults.clear();
  atlas.faults.add(PROCESSES, apiError(500, 'UNEXPECTED_ERROR'));
  const sleep = async (_ms: number, signal: AbortSignal) => {
    between.abort(new Error('and again'));
    throw signal.reason;
  };
  await expect(open({ sleep }).processes(between.signal)).rejects.toThrow('and again');
});

test('closing ends running requests without a retry', async () => {
  const { atlas, waits, open } = await bench();
  atlas.faults.add(PROCESSES, { kind: 'hang' });
  const project = open();
  const reading = project.processes(NEVER);
  reading.catch(() => {});
  await atlas.arrived(PROCESSES);
  await project.close();
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  expect(waits).toEqual([]);
});

const failure = { kind: 'answer', status: 500, retryAfterSeconds: null } as const;

test('delays double up to eight seconds, and half of each is jitter', () => {
  const delays = (random: number) =>
    [1, 2, 3, 4].map((tries) => decideRetry({ outcome: failure, tries, remainingMs: 60_000, random }));
  expect(delays(0)).toEqual([250, 500, 1_000, 2_000].map((afterMs) => ({ retry: true, afterMs })));
  expect(delays(0.999)).toEqual([500, 1_000, 1_999, 3_998].map((afterMs) => ({ retry: true, afterMs })));
});

test.each([
  [{ outcome: { ...failure, status: 200 }, tries: 1, remainingMs: 60_000 }, 'settled'],
  [{ outcome: { ...failure, status: 404 }, tries: 1, remainingMs: 60_000 }, 'settled'],
  [{ outcome: { kind: 'unanswered', permanent: true }, tries: 1, remainingMs: 60_000 }, 'settled'],
  [{ outcome: failure, tries: 5, remainingMs: 60_000 }, 'tries'],
  [{ outcome: failure, tries: 1, remainingMs: 250 }, 'deadline'],
] as const)('%j ends: %s', (input, reason) => {
  expect(decideRetry({ ...input, random: 0 })).toEqual({ retry: false, reason });
});
