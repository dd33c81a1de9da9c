// `atlas-conns replay`: a timeline for people, JSON lines for programs, or every decision with its reasons.

import type { Commands } from '../app/commands/types.ts';
import { counted } from '../core/base/format.ts';
import type { ReplayedReading } from '../core/detection/evaluate.ts';
import type { Decision } from '../core/detection/findings.ts';
import { UserError } from '../errors.ts';
import { notificationLine } from './alerts.ts';
import { minute, type Paint, painter, printable, zoneLine } from './layout.ts';
import { shownJson } from './report-export.ts';
import type { Terminal } from './terminal.ts';

export interface ReplayOptions {
  readonly fromStore?: true;
  readonly rules?: string;
  readonly json?: true;
  readonly explain?: true;
}

interface Input {
  /** Null with --from-store. */
  readonly path: string | null;
  /** With --from-store, as typed; null for all. */
  readonly cluster: string | null;
  readonly options: ReplayOptions;
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** @returns the exit code; wrong input rejects */
export async function showReplay(input: Input): Promise<number> {
  const { path, cluster, options, commands, terminal, signal } = input;
  checkSource(input);
  const { rules: rulesPath = null } = options;
  const paint = painter(terminal.colors);
  const line = options.json ? jsonLines : options.explain ? explainedLines : timeline;
  let readings = 0;
  const counts = { firing: 0, worse: 0, repeat: 0, resolved: 0 };
  for await (const reading of commands.replay({ path, cluster, rulesPath, signal })) {
    readings++;
    for (const { event } of reading.notifications) counts[event]++;
    const text = line(reading, paint);
    if (text !== '') await terminal.out(text);
  }
  if (options.json) return 0;
  const { firing, worse, repeat, resolved } = counts;
  await terminal.out(
    `${counted(readings, 'reading')}: ${firing} firing, ${worse} worse, ${repeat} repeated, ${resolved} resolved. ${zoneLine()}\n`,
  );
  return 0;
}

function checkSource({ path, cluster, options }: Input): void {
  if (path === null && options.fromStore !== true)
    throw new UserError(
      'replay needs a history.',
      'Give a file of snapshots, or use --from-store for the configured store.',
    );
  if (path !== null && cluster !== null)
    throw new UserError('--cluster needs --from-store.', 'Leave it out: a file is replayed as a whole.');
}

function jsonLines({ notifications }: ReplayedReading): string {
  return notifications.map((notification) => `${shownJson(notification)}\n`).join('');
}

function timeline({ notifications }: ReplayedReading, paint: Paint): string {
  return notifications.map((notification) => `${notificationLine(notification, paint)}\n`).join('');
}

function explainedLines(reading: ReplayedReading, paint: Paint): string {
  const { at, cluster, remarks, decisions, names } = reading;
  const lines = [
    ...remarks.map((remark) => `${minute(at)}  ${printable(`${cluster}: ${remark}`)}`),
    ...decisions.map((decision) => decisionLine(decision, names)),
  ];
  return `${lines.map((text) => `${text}\n`).join('')}${timeline(reading, paint)}`;
}

function decisionLine(
  { at, cluster, source, node, rule, firing, reason }: Decision,
  names: ReadonlyMap<string, string>,
): string {
  const who = source === null ? (node ?? cluster) : `${names.get(source) ?? source} (${source})`;
  return printable(`${minute(at)}  ${(firing ? 'firing' : 'quiet').padEnd(8)}  ${who}  ${rule}: ${reason}`);
}
