// Finds the entries in an access list file and their positions, in the formats that people use.

import { type Fields, isFields, jsonIn, listOf, textOf } from '../core/base/json.ts';
import { UserError } from '../errors.ts';
import { type AtlasPage, decodePage } from './decode.ts';

export interface SavedItem {
  readonly value: unknown;
  /** For people, e.g. `line 3`, `item 2 of results`. */
  readonly where: string;
}

/** A page of the Admin API, or another group of entries. */
export interface SavedPart {
  readonly items: readonly SavedItem[];
  readonly totalCount: number | null;
  /** Addresses of this page and the next; null if the page has none. */
  readonly self: string | null;
  readonly next: string | null;
}

const EXPECTED =
  'Expected what `atlas accessLists list --limit 500 -o json` prints: { "results": [ … ] }; or entries as an array or one ' +
  'a line, a Terraform state as JSON, or a resource of Atlas Kubernetes Operator.';

/** @throws UserError if the file has other content */
export function savedParts(path: string, text: string): readonly SavedPart[] {
  const documents = documentsIn(path, text.replace(/^\uFEFF/, ''));
  if (documents.length === 0) throw new UserError(`${path} is empty.`, EXPECTED);
  const entries: SavedItem[] = [];
  const parts = documents.flatMap(({ value, where }) => {
    if (isFields(value) && isEntry(value)) entries.push({ value, where });
    else return partsOf(path, value);
    return [];
  });
  return entries.length === 0 ? parts : [...parts, partOf(entries)];
}

/** JSON values in sequence: one in a file, one per line, or as `jq` and `cat` write them. */
function documentsIn(path: string, text: string): readonly SavedItem[] {
  const whole = jsonIn(text);
  if (whole !== undefined) return [{ value: whole, where: 'line 1' }];
  const documents: SavedItem[] = [];
  let line = 1;
  for (const piece of pieces(text)) {
    const begins = line + lineEnds(/^\s*/.exec(piece)?.[0] ?? '');
    line += lineEnds(piece);
    if (piece.trim() === '') continue;
    const document = jsonIn(piece);
    if (document === undefined) {
      // The error of JSON.parse would quote the file.
      const where = begins === 1 ? '' : `, line ${begins}`;
      throw new UserError(`${path}${where} is not JSON, or is cut off.`, EXPECTED);
    }
    documents.push({ value: document, where: `line ${begins}` });
  }
  return documents;
}

function lineEnds(text: string): number {
  return text.split('\n').length - 1;
}

/** Cuts the text after each outermost `}` or `]`. */
function pieces(text: string): readonly string[] {
  const found: string[] = [];
  let [start, depth] = [0, 0];
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]+|\\.)*(?:"|\\?$)|[{}[\]]/gs)) {
    if (token.startsWith('"')) continue;
    depth += token === '{' || token === '[' ? 1 : -1;
    if (depth > 0) continue;
    found.push(text.slice(start, index + 1));
    [start, depth] = [index + 1, 0];
  }
  return [...found, text.slice(start)];
}

function partsOf(path: string, value: unknown): readonly SavedPart[] {
  const parts = partsIn(value);
  if (parts !== null) return parts;
  const code = isFields(value) ? errorIn(value) : null;
  if (code !== null)
    throw new UserError(`${path} contains an Atlas error (${code}) instead of an access list.`, EXPECTED);
  throw new UserError(`${path} is not an access list.`, EXPECTED);
}

/** Atlas's code of a refusal that was saved instead of the list. */
function errorIn(value: Fields): string | null {
  const refusal = isFields(value['content']) ? value['content'] : value;
  const code = textOf(refusal['errorCode']);
  return code !== null && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : null;
}

/** Null if it contains no access list. */
function partsIn(value: unknown): readonly SavedPart[] | null {
  if (Array.isArray(value)) {
    // `jq -s` creates an array of pages.
    const pages = value.flatMap((item) => pageIn(item) ?? []);
    if (pages.length > 0 && pages.length === value.length) return pages;
    return [partOf(value.map((item, index) => ({ value: item, where: `item ${index + 1}` })))];
  }
  if (!isFields(value)) return null;
  const page = pageIn(value);
  return page === null ? (kubernetesParts(value) ?? terraformParts(value)) : [page];
}

/** A page, or a page inside `envelope=true`. */
function pageIn(value: unknown): SavedPart | null {
  const page = isFields(value) && isFields(value['content']) ? value['content'] : value;
  return isFields(page) && Array.isArray(page['results']) ? pageOf(decodePage(page, 'the file')) : null;
}

function pageOf({ items, totalCount, links }: AtlasPage): SavedPart {
  return {
    items: items.map((item, index) => ({ value: item, where: `item ${index + 1} of results` })),
    totalCount,
    self: links?.get('self') ?? null,
    next: links?.get('next') ?? null,
  };
}

function partOf(items: readonly SavedItem[]): SavedPart {
  return { items, totalCount: null, self: null, next: null };
}

const OF_AN_ENTRY = ['cidrBlock', 'ipAddress', 'awsSecurityGroup', 'cidr_block', 'ip_address', 'aws_security_group'];

function isEntry(value: Fields): boolean {
  return OF_AN_ENTRY.some((name) => name in value);
}

/** `kubectl get -o json`: AtlasIPAccessList has `entries`, AtlasProject `projectIpAccessList`; a List has several. */
function kubernetesParts(value: Fields): readonly SavedPart[] | null {
  const resources = value['kind'] === 'List' ? listOf(value['items']).filter(isFields) : [value];
  const parts = resources.flatMap(({ spec }) => {
    const field = isFields(spec) ? ['entries', 'projectIpAccessList'].find((name) => Array.isArray(spec[name])) : null;
    if (!isFields(spec) || field == null) return [];
    return [
      partOf(listOf(spec[field]).map((item, index) => ({ value: item, where: `item ${index + 1} of ${field}` }))),
    ];
  });
  return parts.length === 0 ? null : parts;
}

const TERRAFORM_TYPE = /^mongodbatlas_project_ip_(?:access_list|whitelist)$/;

/** `terraform show -json` (of a state, or of a plan with the prior state), and the state file itself. */
function terraformParts(value: Fields): readonly SavedPart[] | null {
  const prior = isFields(value['prior_state']) ? value['prior_state'] : value;
  const values = prior['values'];
  const root = isFields(values) ? values['root_module'] : undefined;
  const items = isFields(root) ? shownResources(root) : stateResources(value);
  return items.length === 0 ? null : [partOf(items)];
}

function shownResources(root: Fields): readonly SavedItem[] {
  const modules = [root];
  // Grows during the loop: each module adds its child modules.
  for (const module of modules) modules.push(...listOf(module['child_modules']).filter(isFields));
  return modules.flatMap(accessListsIn).map((resource) => ({
    value: resource['values'],
    where: textOf(resource['address']) ?? String(resource['name']),
  }));
}

function stateResources(state: Fields): readonly SavedItem[] {
  return accessListsIn(state).flatMap((resource) =>
    listOf(resource['instances'])
      .filter(isFields)
      .map(({ attributes, index_key: key }) => ({
        value: attributes,
        where: `${resource['type']}.${resource['name']}${key === undefined ? '' : `[${JSON.stringify(key)}]`}`,
      })),
  );
}

function accessListsIn(module: Fields): readonly Fields[] {
  const resources = listOf(module['resources']).filter(isFields);
  return resources.filter(({ type }) => typeof type === 'string' && TERRAFORM_TYPE.test(type));
}
