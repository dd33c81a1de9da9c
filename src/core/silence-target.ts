// What a silence is to be about: the source, node, rule or cluster that a person means.

import type { Silence } from './alerting/silence.ts';
import { findSource } from './connections/find-source.ts';
import { RULE_NAMES } from './detection/rules.ts';
import type { KnownSource } from './ports/store.ts';

/** Null fits all. */
export interface SilenceTarget extends Pick<Silence, 'cluster' | 'source' | 'node' | 'rule'> {
  /** In words, without the cluster. */
  readonly who: string;
}

export type TargetMatch =
  | { readonly kind: 'found'; readonly target: SilenceTarget }
  | { readonly kind: 'several'; readonly targets: readonly SilenceTarget[] }
  | { readonly kind: 'none'; readonly nearest: string | null };

/** What is known of a cluster: its sources as long as the history knows them, its nodes by `host:port`. */
export interface KnownCluster {
  readonly name: string;
  readonly sources: readonly Pick<KnownSource, 'id' | 'name'>[];
  readonly nodes: readonly { readonly host: string; readonly name: string }[];
}

/**
 * @param within the one cluster that was named; null fits all: a rule is then meant in every cluster, a source or node in
 * whichever has it
 */
export function findSilenceTarget(
  wanted: string,
  known: { readonly clusters: readonly KnownCluster[]; readonly within: string | null },
): TargetMatch {
  const { clusters, within } = known;
  const looked = clusters.filter(({ name }) => within === null || name === within);
  const every = { cluster: within, source: null, node: null, rule: null };
  const match = findSource(
    [
      ...looked.flatMap(targetsIn),
      ...RULE_NAMES.map((rule) => ({ id: rule, name: rule, target: { ...every, rule, who: `rule ${rule}` } })),
      ...looked.map(({ name }) => ({ id: name, name, target: { ...every, cluster: name, who: 'everything' } })),
    ],
    wanted,
  );
  switch (match.kind) {
    case 'found':
      return { kind: 'found', target: match.source.target };
    case 'several':
      return { kind: 'several', targets: match.candidates.map(({ target }) => target) };
    case 'none':
      return match;
  }
}

function targetsIn({ name: cluster, sources, nodes }: KnownCluster) {
  const of = { cluster, source: null, node: null, rule: null };
  return [
    ...sources.map(({ id, name }) => ({ id, name, target: { ...of, source: id, who: name } })),
    ...nodes.map(({ host, name }) => ({ id: host, name, target: { ...of, node: host, who: `node ${host}` } })),
  ];
}

export type SilenceMatch =
  | { readonly kind: 'found'; readonly silences: readonly Silence[] }
  | { readonly kind: 'several'; readonly silences: readonly Silence[] }
  | { readonly kind: 'none'; readonly nearest: string | null };

/** The silences that a person means: several of one target are all meant. */
export function findSilences(wanted: string, silences: readonly Silence[], within: string | null): SilenceMatch {
  const named = silences
    .filter(({ cluster }) => within === null || cluster === within)
    .map((silence) => ({
      id: silence.source ?? silence.node ?? silence.rule ?? silence.cluster ?? silence.who,
      name: silence.who,
      silence,
    }));
  const match = findSource(named, wanted);
  if (match.kind === 'none') return match;
  const found = match.kind === 'found' ? [match.source.silence] : match.candidates.map(({ silence }) => silence);
  return { kind: new Set(found.map(targetKey)).size === 1 ? 'found' : 'several', silences: found };
}

/** A source's silences are one target, whichever of its rules they are about. */
function targetKey({ cluster, source, node, rule }: Silence): string {
  return JSON.stringify(source === null && node === null ? [cluster, rule] : [cluster, source, node]);
}
