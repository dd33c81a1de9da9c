// `atlas-conns replay`: a timeline for people, JSON lines for programs, or every decision with its reasons.

import { counted } from '../core/figures.ts';
import type { Decision, Notification } from '../core/notification.ts';
import type { ReplayedReading } from '../core/replay.ts';
import type { Commands } from './commands.ts';
import { printable } from './printable.ts';
import { type Paint, painter, type Terminal } from './terminal.ts';

export interface ReplayOptions {
  readonly rules?: string;
  readonly json?: true;
  readonly explain?: true;
}

/** @returns the exit code; wrong input rejects */
export async function showReplay(input: {
  readonly path: string;
  readonly options: ReplayOptions;
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { path, options, commands, terminal, signal } = input;
  const paint = painter(terminal.colors);
  const line = options.json ? jsonLines : options.explain ? explained : timeline;
  let readings = 0;
  const counts = { firing: 0, worse: 0, repeat: 0, resolved: 0 };
  for await (const reading of commands.replay({ path, rulesPath: options.rules ?? null, signal })) {
    readings++;
    for (const { event } of reading.notifications) counts[event]++;
    const text = line(reading, paint);
    if (text !== '') terminal.out(text);
  }
  if (options.json) return 0;
  const { firing, worse, repeat, resolved } = counts;
  terminal.out(
    `${counted(readings, 'reading')}: ${firing} firing, ${worse} worse, ${repeat} repeated, ${resolved} ended.\n`,
  );
  return 0;
}

function jsonLines({ notifications }: ReplayedReading): string {
  return notifications.map((notification) => `${JSON.stringify(notification)}\n`).join('');
}

function timeline({ notifications }: ReplayedReading, paint: Paint): string {
  return notifications.map((notification) => `${told(notification, paint)}\n`).join('');
}

const STYLES = { firing: 'red', worse: 'red', repeat: 'yellow', resolved: 'green' } as const;

function told({ at, cluster, event, rule, text }: Notification, paint: Paint): string {
  const word = event === 'resolved' ? 'ended' : event;
  return `${minute(at)}  ${paint(STYLES[event], word.padEnd(6))}  ${printable(`${cluster}  ${rule}  ${text}`)}`;
}

function explained(reading: ReplayedReading, paint: Paint): string {
  const { at, cluster, remarks, decisions, names } = reading;
  const lines = [
    ...remarks.map((remark) => `${minute(at)}  ${printable(`${cluster}: ${remark}`)}`),
    ...decisions.map((decision) => decided(decision, names)),
  ];
  return `${lines.map((text) => `${text}\n`).join('')}${timeline(reading, paint)}`;
}

function decided({ at, source, node, rule, firing, reason }: Decision, names: ReadonlyMap<string, string>): string {
  const who = source === null ? (node ?? '') : `${names.get(source) ?? source} (${source})`;
  return printable(`${minute(at)}  ${firing ? 'firing' : 'quiet '}  ${who}  ${rule}: ${reason}`);
}

/** `2026-09-16 06:10Z` */
function minute(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)}Z`;
}
