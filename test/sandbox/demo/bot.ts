// The real bot in a process of its own, with the environment that an operator would give it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { StandInProject } from '../project.ts';
import type { SlackStandIn } from '../slack/stand-in.ts';

export interface RunningBot {
  /** Everything it logged, a JSON line each. */
  readonly log: readonly string[];
  /** Resolves when the process is gone, with its exit code. */
  readonly ended: Promise<number | null>;
  /** SIGTERM, and the end of the process. */
  close(): Promise<void>;
}

const main = new URL('../../../src/main.ts', import.meta.url).pathname;

/** Resolves when the bot is ready; rejects with its log when it ends before. */
export async function startBot(input: {
  /** None where `env` tells what to read. */
  readonly project?: StandInProject;
  readonly slack: SlackStandIn;
  /** Undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}): Promise<RunningBot> {
  const { project, slack } = input;
  const env = {
    ...process.env,
    ...project?.env,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    ...input.env,
  };
  const child = spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'inherit', 'pipe'] });
  // However this process goes, the bot goes with it.
  const follow = () => void child.kill();
  process.once('exit', follow);
  const log: string[] = [];
  const ended = once(child, 'exit').then(([code]) => {
    process.off('exit', follow);
    return typeof code === 'number' ? code : null;
  });
  const ready = new Promise<void>((resolve, reject) => {
    createInterface(child.stderr).on('line', (line) => {
      log.push(line);
      if (line.includes('the bot is ready')) resolve();
    });
    ended.then((code) => reject(new Error(`the bot ended with ${code}:\n${log.join('\n')}`)));
  });
  await ready;
  return {
    log,
    ended,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
