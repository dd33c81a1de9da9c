// What a person means by the name of a silence's target, and which silences a name means.

import { nearest } from '../base/fuzzy-match.ts';
import { type Findable, findSource } from '../connections/find-source.ts';
import type { KnownSource } from '../connections/source.ts';
import { RULE_NAMES } from '../detection/rules.ts';
import { formatIp, parseIp } from '../net/address.ts';
import { type CidrBlock, containsBlock, parseCidr } from '../net/cidr.ts';
import { appOfSource, sourceOfApp } from '../pools/look.ts';
import type { Silence } from './silence.ts';

/** Null matches all. */
export interface SilenceTarget extends Pick<Silence, 'cluster' | 'source' | 'node' | 'rule'> {
  /** In words, without the cluster. */
  readonly who: string;
}

export type TargetMatch =
  | { readonly kind: 'found'; readonly target: SilenceTarget }
  | { readonly kind: 'several'; readonly targets: readonly SilenceTarget[] }
  /** An address or a block that is no source itself: the sources that hold it, and the address alone in each cluster. */
  | {
      readonly kind: 'part';
      readonly address: string;
      readonly sources: readonly SilenceTarget[];
      /** Empty for a block, because alerts know single addresses. */
      readonly only: readonly SilenceTarget[];
    }
  | { readonly kind: 'none'; readonly nearest: string | null };

/** A cluster with the sources of its history, its nodes by `host:port`, and the apps that report their pools. */
export interface KnownCluster {
  readonly name: string;
  readonly sources: readonly (Pick<KnownSource, 'id' | 'name'> & {
    /** In the last report; left out when there is none. */
    readonly hosts?: readonly { readonly address: string }[];
  })[];
  readonly nodes: readonly { readonly host: string; readonly name: string }[];
  /** Names; left out where no app reports. */
  readonly apps?: readonly string[];
}

/**
 * @param within a named cluster. Null searches all clusters: then a rule matches in every cluster, and a source or node
 * in each cluster that has it.
 */
export function findSilenceTarget(
  query: string,
  known: { readonly clusters: readonly KnownCluster[]; readonly within: string | null },
): TargetMatch {
  const { clusters, within } = known;
  const searched = clusters.filter(({ name }) => within === null || name === within);
  const block = parseCidr(query.trim());
  const part = block === null ? null : partTarget(query, block, searched);
  if (part !== null) return part;
  const every = { cluster: within, source: null, node: null, rule: null };
  const whole = searched.map(({ name }) => ({ id: name, name, target: { ...every, cluster: name, who: EVERYTHING } }));
  const candidates = [
    // An address that no source holds is no part of another address.
    ...searched.flatMap((cluster) => targetsIn(block === null ? cluster : { ...cluster, sources: [] })),
    ...RULE_NAMES.map((rule) => ({ id: rule, name: rule, target: { ...every, rule, who: `rule ${rule}` } })),
    ...whole,
  ];
  const found = findSource(candidates, query);
  const match = found.kind === 'none' ? (findOfKind(candidates, query) ?? found) : found;
  const [only, ...others] = whole;
  const isWhole = isAll(query) || (within !== null && query.trim().toLowerCase() === 'cluster');
  if (match.kind !== 'found' && isWhole && only !== undefined)
    return others.length === 0
      ? { kind: 'found', target: only.target }
      : { kind: 'several', targets: whole.map(({ target }) => target) };
  switch (match.kind) {
    case 'found':
      return { kind: 'found', target: match.source.target };
    case 'several':
      return { kind: 'several', targets: match.candidates.map(({ target }) => target) };
    case 'none':
      return unknownApp(query, known) ?? match;
  }
}

/** `app:billing` is unambiguous: it may be silenced before its first report, unless it is nearly the name of another. */
function unknownApp(query: string, { clusters, within }: Parameters<typeof findSilenceTarget>[1]): TargetMatch | null {
  const app = appOfSource(query.trim());
  if (app === null || app === '') return null;
  const known = clusters.flatMap(({ apps = [] }) => apps.map(sourceOfApp));
  const near = nearest(query.trim(), known);
  if (near !== null) return { kind: 'none', nearest: near };
  return { kind: 'found', target: { cluster: within, node: null, rule: null, ...ofApp(app) } };
}

function ofApp(app: string): Pick<SilenceTarget, 'source' | 'who'> {
  return { source: sourceOfApp(app), who: `app ${app}` };
}

/** `node a`, `rule churn`, `source Billing API`, `app billing`: the word tells the kind. Null without such a word. */
function findOfKind<Candidate extends Findable & { readonly target: SilenceTarget }>(
  candidates: readonly Candidate[],
  query: string,
) {
  const [, kind, name] = /^(source|node|rule|cluster|app) (.+)$/i.exec(query.trim()) ?? [];
  if (kind === undefined || name === undefined) return null;
  const isOfKind = ({ target }: Candidate) => {
    const isApp = appOfSource(target.source) !== null;
    switch (kind.toLowerCase()) {
      case 'cluster':
        return isWholeCluster(target);
      case 'app':
        return isApp;
      case 'source':
        return target.source !== null && !isApp;
      default:
        return target[kind.toLowerCase() as 'node' | 'rule'] !== null;
    }
  };
  return findSource(candidates.filter(isOfKind), name);
}

const EVERYTHING = 'everything';

/** Whether a person means all that there is. */
export function isAll(query: string): boolean {
  return ['all', EVERYTHING, '*'].includes(query.trim().toLowerCase());
}

/** Whether a target is a whole cluster. */
export function isWholeCluster({ cluster, source, node, rule }: SilenceTarget): boolean {
  return cluster !== null && source === null && node === null && rule === null;
}

/** The sources that hold an address or a block, or are it. Null for none. */
function partTarget(query: string, block: CidrBlock, clusters: readonly KnownCluster[]): TargetMatch | null {
  const blockOf = (id: string) => parseCidr(id.slice(id.lastIndexOf(' ') + 1));
  const sources = clusters.flatMap(({ name: cluster, sources: known }) =>
    known.map(({ id, name, hosts = [] }) => {
      const holder = blockOf(id);
      const isHost = hosts.some(({ address }) => {
        const host = parseCidr(address);
        return host !== null && containsBlock(block, host);
      });
      const target = { cluster, source: id, node: null, rule: null, who: name };
      return { target, holder, isHost };
    }),
  );
  const exact = sources.filter(({ holder }) => holder?.text === block.text).map(({ target }) => target);
  const [first, ...more] = exact;
  if (first !== undefined)
    return more.length === 0 ? { kind: 'found', target: first } : { kind: 'several', targets: exact };
  const held = [...Map.groupBy(sources, ({ target }) => target.cluster).values()].flatMap((here) => {
    const inside = here.filter(({ isHost, holder }) => isHost || (holder !== null && containsBlock(block, holder)));
    if (inside.length > 0) return inside;
    // A client is attributed to the narrowest entry that contains it.
    const around = here.filter(({ holder }) => holder !== null && containsBlock(holder, block));
    const narrowest = Math.max(...around.map(({ holder }) => holder?.prefix ?? 0));
    return around.filter(({ holder }) => holder?.prefix === narrowest);
  });
  const ip = parseIp(query.trim());
  const address = ip === null ? block.text : formatIp(ip);
  const only =
    ip === null ? [] : held.map(({ target }) => ({ ...target, source: address, who: `${address} of ${target.who}` }));
  const apart = [...new Map(only.map((target) => [target.cluster, target])).values()];
  return held.length === 0 ? null : { kind: 'part', address, sources: held.map(({ target }) => target), only: apart };
}

function targetsIn({ name: cluster, sources, nodes, apps = [] }: KnownCluster) {
  const of = { cluster, source: null, node: null, rule: null };
  return [
    ...sources.map(({ id, name }) => ({ id, name, target: { ...of, source: id, who: name } })),
    ...apps.map((app) => ({ id: sourceOfApp(app), name: app, target: { ...of, ...ofApp(app) } })),
    ...nodes.map(({ host, name }) => ({ id: host, name, target: { ...of, node: host, who: `node ${host}` } })),
  ];
}

export type SilenceMatch =
  | { readonly kind: 'found'; readonly silences: readonly Silence[] }
  | { readonly kind: 'several'; readonly silences: readonly Silence[] }
  | { readonly kind: 'none'; readonly nearest: string | null };

/** Of these silences the ones that mute all that a target covers, the first to end first. */
export function silencesOver(target: Omit<SilenceTarget, 'who'>, silences: readonly Silence[]): readonly Silence[] {
  const fields = ['cluster', 'source', 'node', 'rule'] as const;
  return silences
    .filter((silence) => fields.every((field) => silence[field] === null || silence[field] === target[field]))
    .toSorted((a, b) => a.until - b.until);
}

/** The silences that match the query. All silences of one target count as found. */
export function findSilences(query: string, silences: readonly Silence[], within: string | null): SilenceMatch {
  const named = silences
    .filter(({ cluster }) => within === null || cluster === within)
    .map((silence) => ({
      id: silence.source ?? silence.node ?? silence.rule ?? silence.cluster ?? silence.who,
      name: silence.who,
      silence,
    }));
  const match = findSource(named, query);
  if (match.kind === 'none') return match;
  const found = match.kind === 'found' ? [match.source.silence] : match.candidates.map(({ silence }) => silence);
  return { kind: new Set(found.map(targetKey)).size === 1 ? 'found' : 'several', silences: found };
}

/** All silences of a source are one target, whatever their rule. */
function targetKey({ cluster, source, node, rule }: Silence): string {
  return JSON.stringify(source === null && node === null ? [cluster, rule] : [cluster, source, node]);
}
