// The report as JSON, schema atlas-conns/report/1: a public format. New fields go to the end of their object.

import type { Clients } from '../core/connections/clients.ts';
import { type Dimension, groupReport } from '../core/connections/group-by.ts';
import { isRead } from '../core/connections/node-usage.ts';
import type { ConnectionReport, ReportNode } from '../core/connections/report.ts';
import type { ConnectionSource, Counts, DriverRow, HostRow, NamedRow } from '../core/connections/source.ts';
import { printable } from './terminal.ts';

const SCHEMA = 'atlas-conns/report/1';

/** @returns the document, indented, its end of line included */
export function reportJson(report: ConnectionReport): string {
  const { cluster, at, tookMs, complete, totals, nodes, sources, findings, problems, leftOut, accessList } = report;
  const { connections, active, dormant, monitors, internal, own, threads } = totals;
  const document = {
    schema: SCHEMA,
    cluster,
    at,
    tookMs,
    complete,
    totals: { connections, active, dormant, monitors, internal, own, threads },
    nodes: nodes.map((node) => (isRead(node) ? nodeJson(node) : { host: node.host, problem: node.problem })),
    sources: sources.map(sourceJson),
    findings: findings.map(({ kind, entry, text, severity }) => ({ kind, entry, text, severity })),
    problems,
    leftOut,
    accessList,
  };
  return `${shownJson(document, 2)}\n`;
}

function nodeJson(node: ReportNode): object {
  const { host, role, connections, current, available, limit, totalCreated, version, rejected, clients, threads } =
    node;
  return {
    ...{ host, role, connections, current, available, limit, totalCreated, version, rejected, clients, threads },
    ...bound(node),
  };
}

function sourceJson(source: ConnectionSource): object {
  const { id, name, class: kind, entry, active, dormant, monitors, clients, share, estimated } = source;
  return {
    id,
    name,
    class: kind,
    entry,
    active,
    dormant,
    monitors,
    clients,
    share,
    nodes: source.nodes.map(({ host, ...row }) => ({ host, ...counts(row) })),
    apps: source.apps.map(namedJson),
    hosts: source.hosts.map(hostJson),
    drivers: source.drivers.map(driverJson),
    users: source.users.map(namedJson),
    estimated,
    ...bound(source),
  };
}

function bound({ clientsAtLeast }: Clients): object {
  return clientsAtLeast === true ? { clientsAtLeast } : {};
}

function counts({ active, dormant, monitors }: Counts): Counts {
  return { active, dormant, monitors };
}

function namedJson({ name, active, dormant, monitors }: NamedRow): object {
  return { name, active, dormant, monitors };
}

function hostJson(row: HostRow): object {
  const { address, active, dormant, clients, monitors } = row;
  return { address, active, dormant, clients, monitors, ...bound(row) };
}

function driverJson({ name, version, platform, active, dormant, monitors }: DriverRow): object {
  return { name, version, platform, active, dormant, monitors };
}

// JSON on its way to a terminal.

/** JSON leaves C1 controls and bidirectional marks as they are; a terminal would obey them. The value stays the same. */
export function shownJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n'
      ? character
      : character
          .split('')
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}

// Rows as CSV (RFC 4180), with nothing that a spreadsheet would run or a terminal would obey.

export type CsvCell = string | number | null;

/** @returns the row, ended by CR LF */
export function csvRow(cells: readonly CsvCell[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** Figures of ours stay figures; unknown is an empty cell. */
function cell(value: CsvCell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = defused(safe(value));
  return /[",\r\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What begins a formula, in Excel full-width as well; https://owasp.org/www-community/attacks/CSV_Injection. */
const begins = /^\s*[=+\-@＝＋－＠\t\r]/;
/** The same behind what another program, or another country's spreadsheet, takes for the end of a cell. */
const goesOn = /([,;|\t\r\n]"*[^\S\t\r\n]*)(?=[=+\-@＝＋－＠])/g;

/** A text that a spreadsheet would run as a formula is made a text by an apostrophe. Blanks before it change nothing. */
function defused(text: string): string {
  const body = text.trimStart();
  const blank = text.slice(0, text.length - body.length);
  return `${begins.test(text) ? "'" : ''}${blank}${body.replace(goesOn, "$1'")}`;
}

/** Tabs and ends of line are data here; every other control character would act on the terminal. */
function safe(text: string): string {
  return text
    .split(/([\t\r\n])/)
    .map((part) => (/^[\t\r\n]$/.test(part) ? part : printable(part)))
    .join('');
}

// The report as CSV (RFC 4180): one row a source, or a row of the turned report.

/** @returns the rows with their head, each ended by CR LF */
export function reportCsv(report: ConnectionReport, by: Dimension): string {
  const [head, rows] = by === 'source' ? bySource(report) : turned(report, by);
  return [head, ...rows].map(csvRow).join('');
}

function bySource({ sources }: ConnectionReport): readonly [readonly CsvCell[], readonly (readonly CsvCell[])[]] {
  const head = ['id', 'name', 'class', 'entry', 'comment', 'active', 'dormant', 'monitors', 'clients', 'share'];
  const rows = sources.map((source) => [
    source.id,
    source.name,
    source.class,
    source.entry?.cidrBlock ?? null,
    source.entry?.comment ?? null,
    source.active,
    source.dormant,
    source.monitors,
    source.clients,
    source.share,
  ]);
  return [head, rows];
}

function turned(
  report: ConnectionReport,
  by: Exclude<Dimension, 'source'>,
): readonly [readonly CsvCell[], readonly (readonly CsvCell[])[]] {
  const rows = groupReport(report, by).map((row) => [
    row.name,
    row.active,
    row.dormant,
    row.monitors,
    row.clients,
    row.sources.join('; '),
  ]);
  return [[by, 'active', 'dormant', 'monitors', 'clients', 'sources'], rows];
}
