// Reads the access list from files: pages of the Admin API and of `atlas accessLists list -o json`, and other formats
// in use.

import { isFields } from '../core/base/json.ts';
import type { Problem } from '../core/base/problem.ts';
import type { AccessList, AccessListEntry } from '../core/connections/access-list.ts';
import { parseCidr } from '../core/net/cidr.ts';
import { accessListEntryOf } from './decode.ts';
import { type SavedItem, type SavedPart, savedParts } from './saved-parts.ts';

export interface SavedPage {
  readonly path: string;
  readonly text: string;
}

const SAVE = 'save the list with `atlas accessLists list --limit 500 -o json`';

/**
 * Combines all files into one list. An entry that cannot be parsed is a problem and makes the list incomplete. So does
 * a missing page.
 * @throws UserError if a file is not an access list
 */
export function readSavedAccessList(files: readonly SavedPage[], readAt: Date): AccessList {
  const read = files.flatMap(({ path, text }) => savedParts(path, text).map((part) => ({ path, part })));
  const parts = read.map(({ path, part }) => ({ path, part, ...entriesOf(path, part.items) }));
  const problems = [...parts.flatMap((part) => part.problems), ...missingPages(parts)];
  return {
    entries: withoutRepeats(parts.map(({ entries }) => entries)),
    complete: problems.length === 0,
    readAt: readAt.toISOString(),
    problems,
  };
}

interface ReadPart {
  readonly path: string;
  readonly part: SavedPart;
  readonly entries: readonly AccessListEntry[];
  readonly problems: readonly Problem[];
}

/** Many entries with the same fault in a file give one problem, which names the first. */
function entriesOf(path: string, items: readonly SavedItem[]): Pick<ReadPart, 'entries' | 'problems'> {
  const entries: AccessListEntry[] = [];
  const faults = new Map<string, { readonly first: string; readonly says: string; count: number }>();
  for (const { value, where } of items) {
    const entry = isFields(value) ? accessListEntryOf(value) : null;
    const fault = faultOf(value, entry);
    if (fault === null && entry !== null) entries.push(entry);
    if (fault === null) continue;
    const known = faults.get(fault.kind) ?? { first: where, says: fault.says, count: 0 };
    faults.set(fault.kind, { ...known, count: known.count + 1 });
  }
  const problems = [...faults.values()].map(({ first, says, count }) => ({
    code: 'access-list-entry',
    text: `${path}, ${first}: ${says}.${count > 1 ? ` ${count === 2 ? '1 more entry of the file has' : `${count - 1} more entries of the file have`} this fault.` : ''}`,
    remedy: `Correct it, or ${SAVE}.`,
  }));
  return { entries, problems };
}

function faultOf(
  value: unknown,
  entry: AccessListEntry | null,
): { readonly kind: string; readonly says: string } | null {
  if (!isFields(value)) return { kind: 'form', says: 'this is not an access list entry' };
  if (entry === null) return { kind: 'fields', says: 'the entry has no cidrBlock, ipAddress or awsSecurityGroup' };
  if (entry.kind !== 'range' || parseCidr(entry.cidrBlock) !== null) return null;
  const written = ['cidrBlock', 'cidr_block', 'ipAddress', 'ip_address'].find((name) =>
    String(value[name] ?? '').trim(),
  );
  return { kind: `address ${written}`, says: `${written} is not an IP address or CIDR block` };
}

/** Pages overlap if the list changed between them. A duplicate entry within one page is a finding. */
function withoutRepeats(pages: readonly (readonly AccessListEntry[])[]): readonly AccessListEntry[] {
  const [only = []] = pages;
  if (pages.length < 2) return only;
  const seen = new Set<string>();
  return pages.flatMap((entries) => {
    const fresh = entries.filter((entry) => !seen.has(JSON.stringify(entry)));
    for (const entry of entries) seen.add(JSON.stringify(entry));
    return fresh;
  });
}

/** Pages belong to the same list if their links start with the same address. */
function missingPages(parts: readonly ReadPart[]): readonly Problem[] {
  const lists = Map.groupBy(parts, ({ part }) => addressOf(part.self ?? part.next)?.list ?? '');
  return [...lists.values()].flatMap((pages) => {
    const announced = pages.reduce((most, { part }) => Math.max(most, part.totalCount ?? 0), 0);
    const present = new Set(pages.flatMap(({ entries }) => entries.map(subjectOf))).size + faultsIn(pages);
    const answered = new Set(pages.flatMap(({ part }) => addressOf(part.self)?.page ?? []));
    // Pages of a different size also count, if one of them is the last.
    const isWhole = announced > 0 && present >= announced && pages.some(({ part }) => part.next === null);
    const isOpen = ({ next }: SavedPart) => next !== null && !isWhole && !answered.has(addressOf(next)?.page ?? '');
    const open = pages.find(({ part }) => isOpen(part));
    const short = announced > present ? pages[0] : undefined;
    const page = short ?? open;
    if (page === undefined) return [];
    const files = [...new Set(pages.map(({ path }) => path))].join(', ');
    const text =
      short === undefined
        ? `${page.path} names a next page, which is not among the files.`
        : `${files} ${pages.length > 1 ? 'contain' : 'contains'} ${present} of the ${announced} entries of the access list.`;
    const remedy = `Give every page with --access-list, or ${SAVE}.`;
    return [{ code: 'access-list-page-missing', text, remedy }];
  });
}

/** The addresses that the entry allows: its comment may differ on the next page. */
function subjectOf(entry: AccessListEntry): string {
  return entry.kind === 'range' ? (parseCidr(entry.cidrBlock)?.text ?? entry.cidrBlock) : entry.securityGroup;
}

/** Number of entries that exist but could not be parsed. */
function faultsIn(pages: readonly ReadPart[]): number {
  return pages.reduce((sum, { part, entries }) => sum + part.items.length - entries.length, 0);
}

function addressOf(href: string | null): { readonly list: string; readonly page: string } | null {
  if (href === null || !URL.canParse(href, 'https://cloud.mongodb.com')) return null;
  const { pathname, searchParams } = new URL(href, 'https://cloud.mongodb.com');
  const page = `${searchParams.get('pageNum') ?? '1'} of ${searchParams.get('itemsPerPage') ?? '100'}`;
  return { list: pathname, page };
}
