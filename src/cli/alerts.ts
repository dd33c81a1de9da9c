// Alerts: those that are open (`alerts`), those of a schedule without Slack (`watch`), and those that a history would have
// raised (`replay`).

import type { AlertBoard, Commands } from '../app/commands/types.ts';
import type { Alert } from '../core/alerting/alert.ts';
import type { Silence } from '../core/alerting/silence.ts';
import { count, counted, span } from '../core/base/format.ts';
import type { ReplayedReading } from '../core/detection/evaluate.ts';
import type { Decision, Notification } from '../core/detection/findings.ts';
import { isAboutApp } from '../core/detection/rules.ts';
import { UserError } from '../errors.ts';
import { orEmpty } from './history.ts';
import { minute, type Paint, painter, printable, type TextPage, wrapped, zoneLine } from './layout.ts';
import { shownJson } from './report-export.ts';
import type { Terminal } from './terminal.ts';

// `atlas-conns alerts`: open alerts and silences, from the store.

const SCHEMA = 'atlas-conns/alerts/1';

/** @returns the exit code; rejects for an unknown cluster */
export async function showAlerts(input: {
  /** As typed; null for all. */
  readonly cluster: string | null;
  readonly options: { readonly json?: true };
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { cluster, options, commands, terminal, signal } = input;
  const list = () => commands.alerts({ cluster, signal });
  const empty = { at: Date.now(), clusters: [], alerts: [], silences: [] };
  const board = cluster === null ? await orEmpty(list, { empty, terminal }) : await list();
  const page = { width: terminal.columns, paint: painter(terminal.colors) };
  await terminal.out(options.json ? alertsJson(board) : alertsText(board, page));
  return 0;
}

/** Schema atlas-conns/alerts/1, a public format. New fields go to the end of their object. */
function alertsJson({ at, clusters, alerts, silences }: AlertBoard): string {
  const iso = (time: number) => new Date(time).toISOString();
  const known = (time: number | null) => (time === null ? null : iso(time));
  const document = {
    schema: SCHEMA,
    at: iso(at),
    clusters: clusters.map(({ name, lastReading }) => ({ name, lastReading: known(lastReading) })),
    alerts: alerts.map(({ lastAction, ...alert }) => {
      const { cluster, rule, source, node, who, state, severity, since, value, usual, peak, what, reason, notes } =
        alert;
      const handled = lastAction && { ...lastAction, at: iso(lastAction.at), until: known(lastAction.until) };
      const figures = { value, usual, peak, what, reason, notes };
      return { cluster, rule, source, node, who, state, severity, since: iso(since), ...figures, handling: handled };
    }),
    silences: silences.map(({ id, cluster, source, node, rule, who, by, reason, at: from, until, hold }) => {
      return { id, cluster, source, node, rule, who, by, reason, at: iso(from), until: iso(until), hold };
    }),
  };
  return `${shownJson(document, 2)}\n`;
}

/** Where nothing was read, nothing is known. */
function noneText({ clusters }: AlertBoard): string {
  return clusters.some(({ lastReading }) => lastReading !== null)
    ? 'Nothing is firing.'
    : 'Nothing was read yet, so no alert is known.';
}

function alertsText(board: AlertBoard, page: TextPage): string {
  const { alerts, silences, clusters } = board;
  const line = (text: string) => wrapped(text, { width: page.width, indent: 2 });
  const sections = [
    alerts.length === 0 ? [noneText(board)] : alerts.map((alert) => alertText(alert, { ...page, at: board.at })),
    silences.map((silence) => line(silenceText(silence))),
    // Alerts have the age of the last reading.
    clusters.map(({ name, lastReading }) =>
      lastReading === null
        ? line(`${printable(name)}: not read yet`)
        : line(
            `${printable(name)}: last read ${minute(lastReading)}, ${span(Math.max(0, board.at - lastReading))} ago`,
          ),
    ),
    alerts.length + silences.length + clusters.length === 0 ? [] : [line(zoneLine())],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

const STYLES = { firing: 'red', acknowledged: 'yellow', silenced: 'dim', ended: 'green' } as const;

function alertText(alert: Alert, { paint, width, at }: TextPage & { readonly at: number }): string {
  const { state, cluster, rule, who, what, since, peak, severity } = alert;
  const mark = paint(STYLES[state], severity === 'critical' ? `${state}, critical` : state);
  const lasted = `since ${minute(since)} (${span(Math.max(0, at - since))})`;
  const facts = [
    printable(cluster),
    rule,
    lasted,
    `peak ${isAboutApp(rule) ? counted(peak, 'process') : count(peak)}`,
    ...handled(alert),
  ].join(' · ');
  const first = wrapped(`${mark}  ${printable(`${who}: ${what}`)}`, { width, indent: 2 });
  return `${first}\n  ${wrapped(facts, { width: width - 2, indent: 2 })}`;
}

function handled({ lastAction }: Alert): readonly string[] {
  if (lastAction === null) return [];
  const { act, by, at, until, reason } = lastAction;
  const words = [
    `${act} ${minute(at)}`,
    ...(by === null ? [] : [`by ${by}`]),
    ...(until === null ? [] : [`until ${minute(until)}`]),
  ];
  return [printable(`${words.join(' ')}${reason === null ? '' : `: ${reason}`}`)];
}

function silenceText({ who, cluster, rule, until, by, reason }: Silence): string {
  const scope = [who, ...(cluster === null ? [] : [`in ${cluster}`]), ...(rule === null ? [] : [`(${rule})`])];
  const words = [`silence: ${scope.join(' ')} until ${minute(until)}`, ...(by === null ? [] : [`by ${by}`])];
  return printable(`${words.join(' ')}${reason === null ? '' : `: ${reason}`}`);
}

// One notification as a line: time, event, cluster, rule and sentence.

const EVENT_STYLES = { firing: 'red', worse: 'red', repeat: 'yellow', resolved: 'green' } as const;

/** Without a line end. */
function notificationLine({ at, cluster, event, rule, text }: Notification, paint: Paint): string {
  return `${minute(at)}  ${paint(EVENT_STYLES[event], event.padEnd(8))}  ${printable(`${cluster}  ${rule}  ${text}`)}`;
}

// `atlas-conns watch`: prints the notifications that the bot would post in Slack, until it is stopped.

/** @returns the exit code. JSON has only the lines of `replay --json`; remarks go to standard error. */
export async function showWatch(input: {
  readonly options: { readonly json?: true };
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { options, commands, terminal, signal } = input;
  const paint = painter(terminal.colors);
  let isZoneSaid = options.json === true;
  for await (const line of commands.watch({ signal })) {
    // Not above an error: a wrong setting ends it before its first line.
    if (!isZoneSaid) terminal.err(`${zoneLine()}\n`);
    isZoneSaid = true;
    if (line.kind === 'remark') terminal.err(`${minute(line.at)}  ${printable(line.text)}\n`);
    else {
      const text = options.json ? shownJson(line.notification) : notificationLine(line.notification, paint);
      await terminal.out(`${text}\n`);
    }
  }
  return 0;
}

// `atlas-conns replay`: a timeline for people, JSON lines for programs, or every decision with its reasons.

export interface ReplayOptions {
  readonly fromStore?: true;
  readonly rules?: string;
  readonly json?: true;
  readonly explain?: true;
}

interface ReplayInput {
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
export async function showReplay(input: ReplayInput): Promise<number> {
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

function checkSource({ path, cluster, options }: ReplayInput): void {
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
