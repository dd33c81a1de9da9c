// What is being answered: counted, so that stopping can wait for it; ended, when it does not end by itself.

export interface Work {
  /** Runs a task with a signal that ends it; what comes when no more is taken is left undone. */
  run(task: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Takes no more, and waits for what runs: so long, and once more a little while after having ended it. */
  finish(waitMs: number): Promise<void>;
}

/** How long ended work may take to say so to whoever waits for it. */
const LAST_WORDS_MS = 2_000;

export function createWork(): Work {
  const ending = new AbortController();
  const running = new Set<Promise<void>>();
  let isClosed = false;
  return {
    async run(task) {
      if (isClosed) return;
      const work = task(ending.signal);
      running.add(work);
      try {
        await work;
      } finally {
        running.delete(work);
      }
    },
    async finish(waitMs) {
      isClosed = true;
      await settled(running, waitMs);
      ending.abort();
      await settled(running, LAST_WORDS_MS);
    },
  };
}

async function settled(running: ReadonlySet<Promise<void>>, waitMs: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, waitMs);
  await Promise.race([Promise.allSettled(running), late.promise]);
  clearTimeout(timer);
}
