// Waits for what must come true, by asking again; a bound ends what never does.

import { setTimeout as pause } from 'node:timers/promises';

const attempts = 600;
const between = 100;

/** Rejects with `what` after about a minute. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await holds()) return;
    await pause(between);
  }
  throw new Error(`never came true: ${what}`);
}
