// Several schedules at once: most of their time they wait for a disk or a wire.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Outcome, runSchedule } from './run.ts';
import type { Schedule } from './schedule.ts';
import { fileShelf } from './shelf.ts';

/** Works through all of them, `most` at a time. */
export async function pooled<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: most }, worker));
  return results;
}

/** On a file of its own, which is gone afterwards. */
export async function runOnFile(schedule: Schedule): Promise<Outcome> {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-chaos-'));
  try {
    return await runSchedule(schedule, (now) => fileShelf(directory, now));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
