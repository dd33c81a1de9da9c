// A store that is not there at the start: waited for where that helps, said once, and told to whoever asks for health.

import { expect, test } from 'vitest';
import { createStoreOpening } from '../../src/app/wait-for-store.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { UpstreamError, UserError } from '../../src/errors.ts';
import { clockAt } from './monitor/clock.ts';
import { memoryStore } from './monitor/memory-store.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function refused(code: string): UpstreamError {
  return new UpstreamError({ code, text: `It says ${code}.`, remedy: 'Look there.' });
}

/** An opening whose attempts take a second each, and fail with what `fails` says. */
function stage(fails: (attempt: number) => Error | null) {
  const clock = clockAt('2026-11-21T10:04:59Z');
  const stop = new AbortController();
  const lines: { readonly level: string; readonly message: string; readonly fields: object }[] = [];
  const say = (level: string) => (fields: object, message: string) => void lines.push({ level, message, fields });
  const store: Store = memoryStore();
  let attempts = 0;
  const opening = createStoreOpening({
    async open() {
      attempts += 1;
      const error = fails(attempts);
      await clock.wait(SECOND, new AbortController().signal);
      if (error !== null) throw error;
      return store;
    },
    now: clock.now,
    wait: clock.wait,
    random: () => 0.999,
    log: { info: say('info'), warn: say('warn') },
    signal: stop.signal,
  });
  return { clock, stop, lines, store, opening, attempts: () => attempts };
}

test.each(['store-dns', 'store-unreachable', 'store-no-primary', 'store-connection-lost', 'store-timeout'])(
  'a store that is out of reach (%s) is waited for, however long it takes, and said to be so once',
  async (code) => {
    const { clock, lines, store, opening, attempts } = stage((attempt) => (attempt < 200 ? refused(code) : null));
    const opened = opening.opened();
    expect(opening.trouble()).toBeNull();
    await clock.pass(60 * MINUTE);
    expect(opening.trouble()).toEqual({
      code,
      text: `The store cannot be reached since 2026-11-21 10:05 UTC: It says ${code}.`,
      remedy: 'Look there.',
    });
    // Growing to half a minute.
    expect(attempts()).toBeGreaterThan(110);
    expect(attempts()).toBeLessThan(130);
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'store not open yet, retrying',
        fields: { code, text: `It says ${code}.`, remedy: 'Look there.' },
      },
    ]);
    await clock.pass(60 * MINUTE);
    expect(await opened).toBe(store);
    expect(opening.trouble()).toBeNull();
    expect(lines.slice(1).map(({ level, message }) => `${level} ${message}`)).toEqual(['info store is open now']);
  },
);

test('another reason is said, too', async () => {
  const codes = ['store-dns', 'store-dns', 'store-no-primary'];
  const { clock, lines, store, opening } = stage((attempt) => {
    const code = codes[attempt - 1];
    return code === undefined ? null : refused(code);
  });
  const opened = opening.opened();
  await clock.pass(MINUTE);
  expect(await opened).toBe(store);
  expect(lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields)).toMatchObject([
    { code: 'store-dns' },
    { code: 'store-no-primary' },
  ]);
});

test('a file that another bot has is waited for half a minute, and then refused with who has it', async () => {
  const patient = stage((attempt) => (attempt < 5 ? refused('store-held') : null));
  const opened = patient.opening.opened();
  await patient.clock.pass(3 * SECOND);
  expect(patient.opening.trouble()?.text).toBe(
    'The store cannot be opened since 2026-11-21 10:05 UTC: It says store-held.',
  );
  await patient.clock.pass(27 * SECOND);
  expect(await opened).toBe(patient.store);

  const { clock, opening, lines } = stage(() => refused('store-held'));
  const ended = opening.opened().catch((error: unknown) => error);
  await clock.pass(2 * MINUTE);
  expect(await ended).toMatchObject({ problem: { code: 'store-held', text: 'It says store-held.' } });
  expect(lines).toMatchObject([{ fields: { code: 'store-held', waitsForSeconds: 30 } }]);
});

test.each([
  ...[
    'store-authentication-failed',
    'store-authentication-required',
    'store-missing-privilege',
    'store-standalone',
    'store-foreign',
    'store-newer',
    'store-not-primary',
    'store-corrupt',
    'store-cannot-open',
    'store-read-only',
    'store-full',
    'store-tls',
  ].map((code) => [code, refused(code)] as const),
  ['a connection string that is none', new UserError('It is not understood.', 'Write another.')] as const,
  ['a fault of ours', new TypeError('undefined is no function')] as const,
])('what waiting does not mend ends it at once: %s', async (_, error) => {
  const { clock, opening, lines, attempts } = stage(() => error);
  const ended = opening.opened().catch((reason: unknown) => reason);
  await clock.pass(SECOND);
  expect(await ended).toBe(error);
  expect(attempts()).toBe(1);
  expect(lines).toEqual([]);
});

test('a wrong password that shows once the server is reached ends it, too', async () => {
  const wrong = refused('store-authentication-failed');
  const { clock, opening } = stage((attempt) => (attempt < 3 ? refused('store-unreachable') : wrong));
  const ended = opening.opened().catch((reason: unknown) => reason);
  await clock.pass(MINUTE);
  expect(await ended).toBe(wrong);
});

test('who waits is stopped at once, between two attempts and in the midst of one', async () => {
  for (const ms of [SECOND + 100, 500]) {
    const { clock, stop, opening, attempts } = stage(() => refused('store-unreachable'));
    const opened = opening.opened();
    await clock.pass(ms);
    stop.abort();
    expect(await opened).toBeNull();
    expect(attempts()).toBe(1);
  }
});
