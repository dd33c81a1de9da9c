// The report as JSON, schema atlas-conns/report/1: a public format. New fields go to the end of their object.

import type { Clients } from '../core/connections/clients.ts';
import { isRead } from '../core/connections/node-usage.ts';
import type { ConnectionReport, ReportNode } from '../core/connections/report.ts';
import type { ConnectionSource, Counts, DriverRow, HostRow, NamedRow } from '../core/connections/source.ts';

const SCHEMA = 'atlas-conns/report/1';
const NODES_SCHEMA = 'atlas-conns/nodes/1';

/** @returns the indented document, with its last line end */
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

/** Schema atlas-conns/nodes/1, a public format: the nodes of a report. */
export function nodesJson({ cluster, at, nodes, leftOut }: ConnectionReport): string {
  const document = {
    schema: NODES_SCHEMA,
    cluster,
    at,
    nodes: nodes.map((node) => (isRead(node) ? nodeJson(node) : { host: node.host, problem: node.problem })),
    leftOut,
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
    ...(source.peer && { peer: source.peer }),
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

/**
 * JSON keeps C1 controls and bidirectional marks, and a terminal would obey them. Escaping does not change the value.
 */
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
