// A flood against the daemon: false processes with the right token, and requests that it must refuse unread.

import { gzipSync } from 'node:zlib';
import { type PutAnswer, poolReport, putReport } from '../http/pools-fixture.ts';
import { TOKEN } from '../reporter/daemon.ts';

export const FALSE_PROCESSES = 20_000;
/** That the daemon keeps. */
export const MOST_PROCESSES = 10_000;

export interface Flood {
  /** False processes that were taken. */
  readonly accepted: number;
  /** Those that were refused, with the time to wait and the reason. */
  readonly full: number;
  /** Of those. */
  readonly rated: number;
  readonly wrongTokens: number;
  readonly huge: number;
  readonly pauses: number;
  /** Answers that no client could understand. */
  readonly strange: readonly string[];
}

const AT_ONCE = 32;
const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024, 32));

/** @param input.pause called after every so many false processes */
export async function floodOf(input: {
  readonly port: number;
  readonly every: number;
  readonly pause: (index: number) => Promise<void>;
}): Promise<Flood> {
  const { port, every, pause } = input;
  const found = { accepted: 0, full: 0, rated: 0, wrongTokens: 0, huge: 0, pauses: 0, strange: [] as string[] };
  const expect = (answer: PutAnswer, status: number, says: RegExp) => {
    if (answer.status !== status || !says.test(answer.body)) found.strange.push(`${answer.status} ${answer.body}`);
  };
  const one = async (index: number) => {
    const taken = await putReport({ port, token: TOKEN, report: falseReport(index) });
    if (taken.status === 429) found.rated++;
    const isLater = taken.status === 429 || taken.status === 503;
    if (taken.status === 204 || taken.status === 200) found.accepted++;
    else if (isLater && Number(taken.headers['retry-after']) > 0 && /Try again in \d+ seconds/.test(taken.body))
      found.full++;
    else found.strange.push(`${taken.status} ${taken.body}`);
    if (index % 40 !== 0) return;
    const token = index % 80 === 0 ? null : TOKEN.replace(/.$/, 'x');
    expect(await putReport({ port, token, report: falseReport(index) }), 401, /Bearer/);
    found.wrongTokens++;
  };
  for (let start = 0; start < FALSE_PROCESSES; start += every) {
    let next = start;
    const worker = async () => {
      while (next < start + every) await one(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await pause(start + every);
    found.pauses++;
    for (const request of [
      { report: Buffer.alloc(80 * 1024, 32) },
      { report: bomb, headers: { 'content-encoding': 'gzip' } },
    ]) {
      const answer = await untilRead(() => putReport({ port, token: TOKEN, ...request }));
      expect(answer, 413, /too large/);
      found.huge++;
    }
  }
  return found;
}

/** Without those that had to wait because of the flood. */
async function untilRead(put: () => Promise<PutAnswer>): Promise<PutAnswer> {
  for (let attempt = 0; ; attempt++) {
    const answer = await put();
    if (answer.status !== 429 || attempt > 100) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function falseReport(index: number): object {
  const process = { id: `false-${index}`, pid: index, host: `false-${index}`, app: `false ${index % 3_000}` };
  return poolReport({ seq: 1, process });
}
