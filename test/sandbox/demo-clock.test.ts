// The demo's clock: as fast as it is told, in every process that follows it, and nobody who waits is forgotten.

import { expect, test } from 'vitest';
import { createClock } from './demo/clock.ts';

const START = Date.parse('2026-11-21T10:00:00Z');
const never = new AbortController().signal;
const still = () => createClock({ real: Date.now(), simulated: START, speed: 0 });

test('it stands still until it is told to go, and a new speed begins where the old one ended', async () => {
  const clock = still();
  expect(clock.now().getTime()).toBe(START);
  clock.setSpeed(1000);
  await clock.wait(60_000, never);
  clock.setSpeed(0);
  await clock.wait(0, never);
  expect(clock.now().getTime()).toBeGreaterThanOrEqual(START + 60_000);
});

test('who waits is woken by the speed that comes, and by the signal at once', async () => {
  const clock = still();
  const hour = clock.wait(3_600_000, never);
  clock.setSpeed(1_000_000);
  await hour;
  const ending = new AbortController();
  const gone = still().wait(3_600_000, ending.signal);
  ending.abort();
  await gone;
});

test('another clock that follows the same pieces shows the same time', () => {
  const first = { real: Date.now() - 5_000, simulated: START, speed: 60 };
  const [one, other] = [createClock(first), createClock(first)];
  const piece = one.setSpeed(1440);
  other.follow(piece);
  expect(one.piece()).toEqual(first);
  expect(piece.simulated).toBe(START + (piece.real - first.real) * 60);
  const later = createClock(piece);
  for (const clock of [one, other]) clock.follow({ ...piece, real: Date.now() - 1 });
  expect(one.speed()).toBe(1440);
  expect(other.piece()).toMatchObject({ simulated: piece.simulated, speed: 1440 });
  expect(later.speed()).toBe(1440);
});
