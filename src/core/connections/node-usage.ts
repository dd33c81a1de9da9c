// What a report's nodes say together: which were read, how full they are, what they are called.

import { counted } from '../base/format.ts';
import { parseIp } from '../net/address.ts';
import type { ConnectionReport, ReportNode, UnreadNode } from './report.ts';

/** Null is what no node told. */
export function connectionsOf({ totals: { connections } }: ConnectionReport): string {
  return connections === null ? 'connections unknown' : counted(connections, 'connection');
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

export interface Fullness {
  /** 0 to 1. */
  readonly ratio: number;
  readonly current: number;
  readonly limit: number;
}

/** How full a node is: serverStatus's current against its limit; null where the server did not tell. */
export function fullness({ current, limit }: ReportNode): Fullness | null {
  return current === null || limit === null || limit <= 0 ? null : { ratio: current / limit, current, limit };
}

/** Nodes that told how full they are, the fullest first. */
export function byFullness(report: ConnectionReport): readonly (Fullness & { readonly host: string })[] {
  return nodesRead(report)
    .flatMap((node) => {
      const found = fullness(node);
      return found === null ? [] : [{ ...found, host: node.host }];
    })
    .sort((one, other) => other.ratio - one.ratio);
}

/** From here on a node is tight, and critical: the lines of the rule `node-headroom`. */
export const TIGHT = 0.8;
const CRITICAL = 0.9;

/** How full, in a word: no meaning by colour alone. */
export function headroomWord(ratio: number): 'fine' | 'tight' | 'critical' {
  if (ratio >= CRITICAL) return 'critical';
  return ratio >= TIGHT ? 'tight' : 'fine';
}

/** The first label of a host, where that tells the nodes apart; the whole host else. */
export function shortHosts(report: { readonly nodes: readonly { readonly host: string }[] }): (host: string) => string {
  const hosts = report.nodes.map(({ host }) => host);
  const label = (host: string) => {
    const name = host.replace(/:\d+$/, '');
    return parseIp(name.replace(/^\[|\]$/g, '')) !== null ? host : (name.split('.')[0] ?? host);
  };
  return new Set(hosts.map(label)).size === new Set(hosts).size ? label : (host) => host;
}
