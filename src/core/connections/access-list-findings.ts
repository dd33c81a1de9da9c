// Findings about the access list, with their evidence in the text.

import { type Chunked, isChunkEnd } from '../base/cooperative.ts';
import { count, counted, span } from '../base/format.ts';
import { isUnspecified } from '../net/address.ts';
import { type CidrBlock, parseCidr } from '../net/cidr.ts';
import { type PrefixTable, prefixTableInChunks } from '../net/prefix-table.ts';
import type { AccessList, AccessListEntry } from './access-list.ts';
import type { ListedBlock } from './address-book.ts';
import { PEERED } from './attribute.ts';
import type { JudgeQuiet, TimedText } from './entry-use.ts';
import { type ConnectionSource, sizeOf } from './source.ts';

export type FindingKind =
  | 'ends-soon'
  | 'unused-entry'
  | 'unseen-entry'
  | 'no-comment'
  | 'shadowed-entry'
  | 'duplicate-entry'
  | 'security-group'
  | 'open-to-all'
  | 'unlisted-client'
  | 'invalid-entry';

export interface AccessListFinding {
  readonly kind: FindingKind;
  /** The entry (canonical block or security group); the address for `unlisted-client`. */
  readonly entry: string;
  /** With times as ISO 8601 in UTC. */
  readonly text: string;
  /** The same text in parts, if it has times. */
  readonly timed?: TimedText;
  /** A report shows warnings; notices are in the view of the access list only. */
  readonly severity: 'warning' | 'notice';
}

export interface HygieneInput {
  /** Null when it was not read. Then there are no findings. */
  readonly accessList: AccessList | null;
  /** Its ranges, parsed. */
  readonly listed: readonly ListedBlock[];
  readonly sources: readonly ConnectionSource[];
  /** Judges an entry that holds no connection. The table has the entries except /0. */
  readonly judge: (table: PrefixTable<ListedBlock>) => JudgeQuiet | Chunked<JudgeQuiet>;
  readonly now: Date;
}

/** Worst first. A malformed entry comes before them, because it may be why clients are unlisted. */
const KINDS: readonly FindingKind[] = [
  'invalid-entry',
  'unlisted-client',
  'ends-soon',
  'open-to-all',
  'duplicate-entry',
  'shadowed-entry',
  'security-group',
  'unused-entry',
  'unseen-entry',
  'no-comment',
];

const CHUNK = 500;

export function* accessListFindingsInChunks(input: HygieneInput): Chunked<readonly AccessListFinding[]> {
  if (input.accessList === null) return [];
  const { entries, complete } = input.accessList;
  const { listed } = input;
  const precise = listed.filter(({ block }) => block.prefix > 0);
  const table = yield* prefixTableInChunks(precise.map((row) => ({ block: row.block, value: row })));
  const { containing } = table;
  const judging = input.judge(table);
  const judge = typeof judging === 'function' ? judging : yield* judging;
  const connections = connectionsByEntry(
    input.sources,
    (block) => containing(block, { itself: true })?.block.text ?? null,
  );
  const findings = [
    ...(complete ? unlistedClients(input.sources) : []),
    ...openToAll(listed, connections),
    ...invalidEntries(entries),
    ...duplicates(listed),
  ];
  for (const [index, row] of listed.entries()) {
    if (isChunkEnd(index, CHUNK)) yield;
    findings.push(...endsSoon(row, connections, input.now), ...quiet(row, connections, judge));
    findings.push(...shadowed(row, row.block.prefix === 0 ? null : containing(row.block, { itself: false })));
  }
  for (const [index, entry] of entries.entries()) {
    if (isChunkEnd(index, CHUNK)) yield;
    findings.push(...securityGroup(entry), ...withoutComment(entry));
  }
  return KINDS.flatMap((kind) => findings.filter((finding) => finding.kind === kind));
}

const plural = (many: number): string => counted(many, 'connection');
const titled = ({ entry }: ListedBlock): string =>
  entry.comment?.trim() ? `${entry.cidrBlock} (${entry.comment})` : entry.cidrBlock;

/**
 * Connections that each entry lets in, by its canonical block. A peered network is its own source, but its clients may
 * use an entry too.
 */
function connectionsByEntry(
  sources: readonly ConnectionSource[],
  entryContaining: (block: CidrBlock) => string | null,
): ReadonlyMap<string, number> {
  const connections = new Map<string, number>();
  for (const source of sources) {
    const peered = source.class === 'peering' ? parseCidr(source.id.slice(PEERED.length)) : null;
    const block = source.entry?.cidrBlock ?? (peered && entryContaining(peered));
    if (block !== null) connections.set(block, (connections.get(block) ?? 0) + sizeOf(source));
  }
  return connections;
}

function unlistedClients(sources: readonly ConnectionSource[]): readonly AccessListFinding[] {
  const connections = new Map<string, number>();
  for (const source of sources)
    if (source.class === 'unlisted') connections.set(source.id, (connections.get(source.id) ?? 0) + sizeOf(source));
  return [...connections].map(([id, many]) => ({
    kind: 'unlisted-client',
    entry: id,
    severity: 'warning',
    text: `${id} holds ${plural(many)} but no access list entry lets it in: an entry was removed or ran out while it stayed.`,
  }));
}

function endsSoon(row: ListedBlock, connections: ReadonlyMap<string, number>, now: Date): readonly AccessListFinding[] {
  const count = connections.get(row.block.text) ?? 0;
  const ends = row.entry.deleteAfterDate === null ? Number.NaN : Date.parse(row.entry.deleteAfterDate);
  if (count === 0 || Number.isNaN(ends)) return [];
  const left = ends - now.getTime();
  const when = left <= 0 ? 'has run out' : `ends in ${span(left)}`;
  return [
    {
      kind: 'ends-soon',
      entry: row.block.text,
      severity: 'warning',
      text: `${titled(row)} ${when} and holds ${plural(count)}: after that its clients cannot connect again. Extend it or move them.`,
    },
  ];
}

function openToAll(
  listed: readonly ListedBlock[],
  connections: ReadonlyMap<string, number>,
): readonly AccessListFinding[] {
  const precise = listed.filter(({ block }) => block.prefix > 0).length;
  return listed
    .filter(({ block }) => block.prefix === 0)
    .map((row) => ({
      kind: 'open-to-all',
      entry: row.block.text,
      severity: 'warning',
      text: `${titled(row)} lets every address in.${redundantWords(precise)} ${onlyWords(connections.get(row.block.text) ?? 0)}`,
    }));
}

function redundantWords(many: number): string {
  return many === 0 ? '' : ` It makes ${count(many)} narrower ${many === 1 ? 'entry' : 'entries'} redundant.`;
}

function onlyWords(many: number): string {
  return `${plural(many)} ${many === 1 ? 'matches' : 'match'} only this entry.`;
}

function invalidEntries(entries: readonly AccessListEntry[]): readonly AccessListFinding[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'range') return [];
    const text = whyInvalid(entry.cidrBlock);
    return text === null ? [] : [{ kind: 'invalid-entry', entry: entry.cidrBlock, severity: 'warning', text }];
  });
}

function whyInvalid(cidrBlock: string): string | null {
  const block = parseCidr(cidrBlock);
  if (block === null) return `${cidrBlock} is no address or CIDR block: no source can be named after it.`;
  const isOne = block.prefix === (block.family === 4 ? 32 : 128);
  if (!isOne || !isUnspecified({ family: block.family, words: block.first })) return null;
  const all = block.family === 4 ? '0.0.0.0/0' : '::/0';
  return `${block.text} is one address that no client has. Write ${all} if every address was meant.`;
}

function duplicates(listed: readonly ListedBlock[]): readonly AccessListFinding[] {
  const first = new Map<string, ListedBlock>();
  return listed.flatMap((row) => {
    const before = first.get(row.block.text);
    if (before === undefined) {
      first.set(row.block.text, row);
      return [];
    }
    const text = `${titled(row)} is on the list twice; its clients are named after the first: ${titled(before)}.`;
    return [{ kind: 'duplicate-entry' as const, entry: row.block.text, severity: 'notice' as const, text }];
  });
}

function shadowed(row: ListedBlock, containing: ListedBlock | null): readonly AccessListFinding[] {
  if (containing === null) return [];
  const text = `${titled(row)} is covered by ${titled(containing)}: it gives a name, but lets no other address in.`;
  return [{ kind: 'shadowed-entry', entry: row.block.text, severity: 'notice', text }];
}

function securityGroup(entry: AccessListEntry): readonly AccessListFinding[] {
  if (entry.kind !== 'security-group') return [];
  const text = `${entry.securityGroup} is an AWS security group: its clients come from the peered network and cannot be distinguished by it.`;
  return [{ kind: 'security-group', entry: entry.securityGroup, severity: 'notice', text }];
}

function quiet(
  row: ListedBlock,
  connections: ReadonlyMap<string, number>,
  judge: JudgeQuiet,
): readonly AccessListFinding[] {
  if ((connections.get(row.block.text) ?? 0) > 0 || row.block.prefix === 0) return [];
  const judged = judge(row, titled(row));
  if (judged === null) return [];
  const { kind, text } = judged;
  const isTimed = text.some((part) => typeof part !== 'string');
  const said = text.map((part) =>
    typeof part === 'string' ? part : `${new Date(part.at).toISOString().slice(0, 16)}Z`,
  );
  const finding = { kind, entry: row.block.text, severity: 'notice', text: said.join('') } as const;
  return [isTimed ? { ...finding, timed: text } : finding];
}

function withoutComment(entry: AccessListEntry): readonly AccessListFinding[] {
  if (entry.comment?.trim()) return [];
  const name = entry.kind === 'range' ? (parseCidr(entry.cidrBlock)?.text ?? entry.cidrBlock) : entry.securityGroup;
  return [
    {
      kind: 'no-comment',
      entry: name,
      severity: 'notice',
      text: `${name} has no comment: its owner is unknown.`,
    },
  ];
}
