// The nodes of a report: the nodes that were read, their usage, and their short names.

import { counted } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';
import { parseIp } from '../net/address.ts';
import type { ConnectionReport, ReportNode, UnreadNode } from './report.ts';

/** `connections unknown` when no node reports them. */
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

/** Nodes that were not read for one reason. Of several nodes, the problem says `each` instead of a host. */
export interface UnreadCause {
  readonly hosts: readonly string[];
  readonly problem: Problem;
}

/** One cause on nine nodes is one fact. In the order of the nodes. */
export function unreadByCause(unread: readonly UnreadNode[]): readonly UnreadCause[] {
  const causes = Map.groupBy(unread, ({ host, problem }) => JSON.stringify(ofEach(host, problem)));
  return [...causes.values()].flatMap((nodes) => {
    const [first] = nodes;
    if (first === undefined) return [];
    const { host, problem } = first;
    return [{ hosts: nodes.map((node) => node.host), problem: nodes.length === 1 ? problem : ofEach(host, problem) }];
  });
}

function ofEach(host: string, { code, text, remedy }: Problem): Problem {
  const rest = text.startsWith(`${host} `) ? `each ${text.slice(host.length + 1)}` : text;
  const each = (words: string) => words.replaceAll(host, 'each of them');
  return { code, text: each(rest), remedy: each(remedy) };
}

export interface Fullness {
  /** 0 to 1. */
  readonly ratio: number;
  readonly current: number;
  readonly limit: number;
}
export interface FullNode extends Fullness {
  readonly host: string;
}

type Usage = Pick<ReportNode, 'current' | 'limit'>;

/** Current connections from serverStatus against the limit; null when the server does not report them. */
export function fullness({ current, limit }: Usage): Fullness | null {
  return current === null || limit === null || limit <= 0 ? null : { ratio: current / limit, current, limit };
}

/** Nodes with a known usage, the fullest first. */
export function byFullness(report: ConnectionReport): readonly FullNode[] {
  return fullestOf(nodesRead(report));
}

/** The same for the nodes of a snapshot. */
export function fullestOf(nodes: readonly (Usage & { readonly host: string })[]): readonly FullNode[] {
  return nodes
    .flatMap((node) => {
      const found = fullness(node);
      return found === null ? [] : [{ ...found, host: node.host }];
    })
    .sort((a, b) => b.ratio - a.ratio);
}

/** The defaults of the rule `node-headroom`. */
export const TIGHT = 0.8;
const CRITICAL = 0.9;

/** Usage as a word, because colour alone must not carry meaning. */
export function headroomWord(ratio: number): 'fine' | 'tight' | 'critical' {
  if (ratio >= CRITICAL) return 'critical';
  return ratio >= TIGHT ? 'tight' : 'fine';
}

/** What tells Atlas's nodes of one cluster from each other, at the end of a first label such as `atlas-x1y2z3-shard-00-01`. */
const MEMBER = /(?:shard|config)-\d+-\d+$/;

/**
 * The shortest name that is unique among the nodes: `shard-00-01` of `atlas-x1y2z3-shard-00-01.ab1cd.mongodb.net:27017`,
 * else the first label, else the whole host.
 */
export function shortHosts(report: { readonly nodes: readonly { readonly host: string }[] }): (host: string) => string {
  const hosts = new Set(report.nodes.map(({ host }) => host));
  const label = (host: string) => {
    const name = host.replace(/:\d+$/, '');
    return parseIp(name.replace(/^\[|\]$/g, '')) !== null ? host : (name.split('.')[0] ?? host);
  };
  const member = (host: string) => MEMBER.exec(label(host))?.[0] ?? label(host);
  const isUnique = (name: (host: string) => string) => new Set([...hosts].map(name)).size === hosts.size;
  return [member, label].find(isUnique) ?? ((host) => host);
}
