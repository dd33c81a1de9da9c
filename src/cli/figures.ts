// Figures and hosts in words: thousands separators, percentages, the short name of a node.

import { isIP } from 'node:net';
import type { ConnectionReport, ReportNode, UnreadNode } from '../core/report.ts';

/** `1,234,567` */
export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `1 node`, `3 nodes` */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** `31 %`; below 1 % one decimal, so that little is not shown as nothing. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  return value > 0 && value < 1 ? `${Math.max(0.1, value).toFixed(1)} %` : `${Math.round(value)} %`;
}

export function isRead(node: ReportNode | UnreadNode): node is ReportNode {
  return !('problem' in node);
}

export function nodesRead(report: ConnectionReport): readonly ReportNode[] {
  return report.nodes.filter(isRead);
}

export function nodesUnread(report: ConnectionReport): readonly UnreadNode[] {
  return report.nodes.flatMap((node) => (isRead(node) ? [] : [node]));
}

/** How full a node is: serverStatus's current against its limit; null where the server did not tell. */
export function fullness(
  node: ReportNode,
): { readonly ratio: number; readonly current: number; readonly limit: number } | null {
  const { current, limit } = node;
  return current === null || limit === null || limit <= 0 ? null : { ratio: current / limit, current, limit };
}

/** The first label of a host, where that tells the nodes apart; the whole host else. */
export function shortHosts(hosts: readonly string[]): (host: string) => string {
  const label = (host: string) => {
    const name = host.replace(/:\d+$/, '');
    return isIP(name.replace(/^\[|\]$/g, '')) > 0 ? host : (name.split('.')[0] ?? host);
  };
  const areDistinct = new Set(hosts.map(label)).size === new Set(hosts).size;
  return areDistinct ? label : (host) => host;
}
