// The real bot in a process of its own, with the environment that an operator would give it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { StandInProject } from '../project.ts';
import type { SlackStandIn } from '../slack/stand-in.ts';
import type { Piece } from './clock.ts';

export interface RunningBot {
  /** Everything it logged, a JSON line each. */
  readonly log: readonly string[];
  /** Resolves when the process is gone, with its exit code. */
  readonly ended: Promise<number | null>;
  /** What its clock is to follow, where it has one of ours. */
  follow(piece: Piece): void;
  /** At once, as when the machine goes. */
  kill(): Promise<void>;
  /** SIGTERM, and the end of the process. */
  close(): Promise<void>;
}

export interface BotStart {
  /** None where `env` tells what to read. */
  readonly project?: StandInProject;
  readonly slack: SlackStandIn;
  /** Undefined takes a variable away. Without a data directory it has one of its own, which goes with it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Of the simulated clock; the machine's own unless told. */
  readonly clock?: Piece;
}

const pathOf = (file: string) => new URL(file, import.meta.url).pathname;
const main = pathOf('../../../src/main.ts');
const simulated = pathOf('bot-main.ts');

/** Resolves when the bot is ready; rejects with its log when it ends before. */
export async function startBot(input: BotStart): Promise<RunningBot> {
  const own = input.env?.['ATLAS_CONNS_DATA_DIR'] === undefined ? await mkdtemp(join(tmpdir(), 'atlas-conns-')) : null;
  const child = spawned(input, own);
  // However this process goes, the bot goes with it.
  const follow = () => void child.kill();
  process.once('exit', follow);
  const log: string[] = [];
  const ended = once(child, 'exit').then(async ([code]) => {
    process.off('exit', follow);
    if (own !== null) await rm(own, { recursive: true, force: true });
    return typeof code === 'number' ? code : null;
  });
  await readiness(child, log, ended);
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    await ended;
  };
  return {
    log,
    ended,
    follow: (piece) => void child.send(piece),
    kill: () => end('SIGKILL'),
    close: () => end('SIGTERM'),
  };
}

function spawned({ project, slack, env: given, clock }: BotStart, dataDir: string | null): ChildProcess {
  const env = {
    ...process.env,
    ...project?.env,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    ...(dataDir !== null && { ATLAS_CONNS_DATA_DIR: dataDir }),
    ...given,
  };
  if (clock === undefined)
    return spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'inherit', 'pipe'] });
  const args = [simulated, JSON.stringify(clock)];
  return spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
}

function readiness(child: ChildProcess, log: string[], ended: Promise<number | null>): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    if (child.stderr === null) throw new Error('the bot has no log');
    createInterface(child.stderr).on('line', (line) => {
      log.push(line);
      if (line.includes('bot is ready')) resolve();
    });
    ended.then((code) => reject(new Error(`the bot ended with ${code}:\n${log.join('\n')}`)));
  });
}
