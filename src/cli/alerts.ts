// `atlas-conns alerts`: open alerts and silences, from the store.

import type { AlertBoard, Commands } from '../app/commands/types.ts';
import type { Alert } from '../core/alerting/alert.ts';
import type { Silence } from '../core/alerting/silence.ts';
import { count, span } from '../core/base/format.ts';
import type { Notification } from '../core/detection/findings.ts';
import { orEmpty } from './history.ts';
import { minute, type Paint, painter, printable, type TextPage, wrapped, zoneLine } from './layout.ts';
import { shownJson } from './report-export.ts';
import type { Terminal } from './terminal.ts';

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
  const facts = [printable(cluster), rule, lasted, `peak ${count(peak)}`, ...handled(alert)].join(' · ');
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
export function notificationLine({ at, cluster, event, rule, text }: Notification, paint: Paint): string {
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
