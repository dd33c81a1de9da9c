// The bot as an operator starts it, `src/main.ts serve` with the image's own options for Node and its metrics open; and
// what can be done to its process.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CHANNEL } from '../chaos/bot.ts';
import { type Family, parseExposition } from '../http/exposition.ts';
import { environmentOf, instructionsOf } from '../image/dockerfile.ts';
import { freePort } from '../sandbox/free-port.ts';
import type { StandInProject } from '../sandbox/project.ts';
import type { SlackStandIn } from '../sandbox/slack/stand-in.ts';
import type { Inside } from './inside.ts';

export interface SoakedBot {
  readonly pid: number;
  readonly ended: Promise<number | null>;
  /** How often each warning or error was logged, by its message. */
  readonly complaints: ReadonlyMap<string, number>;
  tell(inside: Inside): void;
  /** As a machine that sleeps. */
  sleep(): void;
  wake(): void;
  /** Null where it does not answer in time. */
  metrics(): Promise<readonly Family[] | null>;
  /** Whether `/livez` says so; null while it is made to sleep. */
  isAlive(): Promise<boolean | null>;
  /** Open files, sockets and all. */
  handles(): Promise<number>;
  close(): Promise<void>;
}

export interface BotInput {
  readonly project: StandInProject;
  readonly slack: SlackStandIn;
  /** For its settings, its store and its log. */
  readonly directory: string;
  /** A cron expression, with seconds. */
  readonly schedule: string;
}

const pathOf = (file: string) => new URL(file, import.meta.url).pathname;
const PATIENCE_MS = 5_000;

/** Resolves when it is ready. */
export async function startSoakedBot(input: BotInput): Promise<SoakedBot> {
  const { project, slack, directory } = input;
  const port = await freePort();
  const config = join(directory, 'settings.yaml');
  await writeFile(config, settingsOf(input.schedule));
  const { NODE_OPTIONS } = environmentOf(instructionsOf(await readFile(pathOf('../../Dockerfile'), 'utf8')));
  const env = {
    ...process.env,
    ...project.env,
    NODE_OPTIONS,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_ALERT_CHANNEL: CHANNEL,
    ATLAS_CONNS_CONFIG: config,
    ATLAS_CONNS_DATA_DIR: join(directory, 'data'),
    HEALTH_PORT: String(port),
  };
  const child = spawn(process.execPath, ['--import', pathOf('inside.ts'), pathOf('../../src/main.ts'), 'serve'], {
    env,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const follow = () => void child.kill('SIGKILL');
  process.once('exit', follow);
  const ended = once(child, 'exit').then(([code]) => {
    process.off('exit', follow);
    return typeof code === 'number' ? code : null;
  });
  const complaints = new Map<string, number>();
  await ready(child, complaints, ended);
  const { pid = 0 } = child;
  let isAsleep = false;
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return {
    pid,
    ended,
    complaints,
    tell: (inside) => void child.send(inside),
    sleep() {
      isAsleep = true;
      child.kill('SIGSTOP');
    },
    wake() {
      isAsleep = false;
      child.kill('SIGCONT');
    },
    async metrics() {
      try {
        const answer = await ask('/metrics');
        return answer.ok ? parseExposition(await answer.text()) : null;
      } catch {
        return null;
      }
    },
    async isAlive() {
      const wasAsleep = isAsleep;
      const answer = await ask('/livez').catch(() => null);
      return wasAsleep || isAsleep ? null : answer?.ok === true;
    },
    handles: async () => (await readdir(`/proc/${pid}/fd`)).length,
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The first reading in which the loud source is loud is enough. */
function settingsOf(schedule: string): string {
  return `
schedule: "${schedule}"
projects:
  - id: \${MONGODB_ATLAS_PROJECT_ID}
    clientId: \${MONGODB_ATLAS_CLIENT_ID}
    clientSecret: \${MONGODB_ATLAS_CLIENT_SECRET}
    username: \${MONGODB_USERNAME}
    password: \${MONGODB_PASSWORD}
rules:
  dormant-threshold: { limit: 120, readings: "1 of 1" }
`;
}

function ready(child: ChildProcess, complaints: Map<string, number>, ended: Promise<number | null>): Promise<void> {
  return new Promise((resolve, reject) => {
    if (child.stderr === null) throw new Error('the bot has no log');
    const all: string[] = [];
    let isReady = false;
    createInterface(child.stderr).on('line', (line) => {
      if (!isReady) all.push(line);
      if (line.includes('bot is ready')) {
        isReady = true;
        resolve();
      }
      const complaint = complaintIn(line);
      if (complaint !== null) complaints.set(complaint, (complaints.get(complaint) ?? 0) + 1);
    });
    ended.then((code) => reject(new Error(`the bot ended with ${code}:\n${all.join('\n')}`)));
  });
}

const WARN = 40;

/** Null for what is none; a line that is no JSON is one. */
function complaintIn(line: string): string | null {
  try {
    const { level, msg, err } = JSON.parse(line);
    const isHigh = typeof level === 'number' ? level >= WARN : /warn|error|fatal/i.test(String(level));
    return isHigh ? `${level} ${msg}${err === undefined ? '' : ` (${err.message ?? err})`}` : null;
  } catch {
    return line;
  }
}
