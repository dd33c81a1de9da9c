// Progress and colour: only where there is a terminal, and gone before anything else is written.

import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { painter } from '../../src/cli/layout.ts';
import { createOut, createProgress } from '../../src/cli/terminal.ts';

function recorded(isTTY: boolean) {
  const written: string[] = [];
  return { written, progress: createProgress({ isTTY, write: (text) => void written.push(text) }) };
}

test('progress replaces its own line and erases it once', () => {
  const { written, progress } = recorded(true);
  progress.show('reading 1 of 3');
  progress.show('reading 2 of 3');
  progress.show(null);
  progress.show(null);
  const erase = '\r\u001b[2K';
  expect(written).toEqual([`${erase}reading 1 of 3`, `${erase}reading 2 of 3`, erase]);
});

test('without a terminal there is no progress', () => {
  const { written, progress } = recorded(false);
  progress.show('reading');
  progress.show(null);
  expect(written).toEqual([]);
});

test('outside text in progress cannot act on the terminal', () => {
  const { written, progress } = recorded(true);
  progress.show('reading a\u001b[2J\nb');
  expect(written[0]).toBe('\r\u001b[2Kreading a\\u{1b}[2J\\nb');
});

test('paint changes nothing where there are no colours', () => {
  expect(painter(false)('red', 'x')).toBe('x');
  expect(painter(true)('red', 'x')).toBe('\u001b[31mx\u001b[39m');
});

test('writing waits for a slow reader, but not once the reader is gone or the command is stopped', async () => {
  const taken: (() => void)[] = [];
  const stream = new Writable({ highWaterMark: 4, write: (_chunk, _encoding, done) => void taken.push(done) });
  stream.on('error', () => undefined);
  const stopping = new AbortController();
  const out = createOut(stream, stopping.signal);
  expect(out('ab')).toBeUndefined();
  const waiting = out('cdef');
  let isThrough = false;
  void Promise.resolve(waiting).then(() => {
    isThrough = true;
  });
  expect(waiting).toBeInstanceOf(Promise);
  expect(out('ghij'), 'all who wait share one wait').toBe(waiting);
  taken.shift()?.();
  await Promise.resolve();
  expect(isThrough).toBe(false);
  while (taken.length > 0) {
    taken.shift()?.();
    await new Promise(setImmediate);
  }
  await waiting;
  expect(isThrough).toBe(true);
  expect(out('k')).toBeUndefined();
  const again = out('lmnop');
  stream.destroy(new Error('gone'));
  await again;
  stopping.abort();
  await out('xyz');
});
