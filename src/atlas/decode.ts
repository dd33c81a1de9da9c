// The only file with Atlas's field names: decodes answers of the Admin API from `unknown` to our types. A missing field
// is reported by name; an unknown field is ignored.

import { isIP } from 'node:net';
import { type Fields, fieldsOf, flagOf, isFields, jsonIn, listOf, numberOf, textOf } from '../core/base/json.ts';
import type { Problem } from '../core/base/problem.ts';
import type {
  AccessListEntry,
  NetworkContainer,
  PeeredNetwork,
  PrivateEndpointService,
} from '../core/connections/access-list.ts';
import type { AtlasCluster, AtlasProcess, ConnectionStrings } from '../core/ports/clusters.ts';
import { UpstreamError } from '../errors.ts';

export type Provider = 'AWS' | 'AZURE' | 'GCP';
export const PROVIDERS: readonly Provider[] = ['AWS', 'AZURE', 'GCP'];

/** `GROUP_NOT_FOUND` or OAuth's `invalid_client`. Any other text may be an echo of our request. */
const ERROR_CODE = /^(?:[A-Z][A-Z0-9_]+|[a-z_]+)$/;

/** The machine-readable reason of a refusal by Atlas. */
export interface Refusal {
  /** Whether the body has the form of Atlas's errors. Otherwise a proxy or a login page may have refused. */
  readonly isOfAtlas: boolean;
  readonly errorCode: string | null;
  readonly parameters: readonly string[];
}

/** Decodes errors of Atlas and of OAuth. Any other body is a refusal without a reason. */
export function decodeRefusal(body: string): Refusal {
  const answer = jsonIn(body);
  const fields = fieldsOf(answer);
  const code = textOf(fields['errorCode']) ?? textOf(fields['error']);
  return {
    isOfAtlas: isFields(answer),
    errorCode: code !== null && ERROR_CODE.test(code) ? code : null,
    parameters: listOf(fields['parameters']).flatMap((parameter) => textOf(parameter) ?? []),
  };
}

export function decodeToken(value: unknown): { readonly value: string; readonly lifetimeMs: number } {
  const fields = object(value, 'the token');
  return {
    value: text(fields, 'access_token', 'the token'),
    lifetimeMs: number(fields, 'expires_in', 'the token') * 1_000,
  };
}

/** A list that is not paged. */
export function decodeArray(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw missing('the list', what);
  return value;
}

export interface AtlasPage {
  readonly items: readonly unknown[];
  /** Size of the whole list, as Atlas counts it; null if the page does not contain it. */
  readonly totalCount: number | null;
  /** Addresses of this page and the next, by `rel`; null if the page has no links. */
  readonly links: ReadonlyMap<string, string> | null;
}

export function decodePage(value: unknown, what: string): AtlasPage {
  const fields = object(value, what);
  if (!Array.isArray(fields['results'])) throw missing('results', what);
  const { links } = fields;
  const named = listOf(links).filter(isFields);
  return {
    items: fields['results'],
    totalCount: numberOf(fields['totalCount']),
    links: Array.isArray(links)
      ? new Map(named.map((link) => [String(link['rel']), textOf(link['href']) ?? '']))
      : null,
  };
}

/** Decodes each item separately: an item without a field becomes a problem, and the others stay. */
export function decodeEach<T>(
  items: readonly unknown[],
  decode: (item: unknown) => T,
): { readonly values: readonly T[]; readonly problems: readonly Problem[] } {
  const values: T[] = [];
  const problems: Problem[] = [];
  for (const item of items) {
    try {
      values.push(decode(item));
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      problems.push(error.problem);
    }
  }
  return { values, problems };
}

export function decodeProject(value: unknown): { readonly id: string; readonly name: string } {
  const fields = object(value, 'a project');
  return { id: text(fields, 'id', 'a project'), name: text(fields, 'name', 'a project') };
}

export function decodeAccessListEntry(value: unknown): AccessListEntry {
  const of = 'an entry of the IP access list';
  const entry = accessListEntryOf(object(value, of));
  if (entry === null) throw missing('cidrBlock, ipAddress or awsSecurityGroup', of);
  return entry;
}

/**
 * Null if the entry allows no address. A single address has both `cidrBlock` and `ipAddress`. Files also have
 * Terraform's names, a block in `ipAddress` (Atlas Kubernetes Operator), and empty strings for missing values.
 */
export function accessListEntryOf(fields: Fields): AccessListEntry | null {
  const comment = filled(fields, 'comment', 'comment');
  const cidrBlock = filled(fields, 'cidrBlock', 'cidr_block') ?? filled(fields, 'ipAddress', 'ip_address');
  if (cidrBlock !== null) {
    const block = cidrBlock.includes('/') ? cidrBlock : `${cidrBlock}/${isIP(cidrBlock) === 6 ? 128 : 32}`;
    const deleteAfterDate = filled(fields, 'deleteAfterDate', 'delete_after_date');
    return { kind: 'range', cidrBlock: block, comment, deleteAfterDate };
  }
  const securityGroup = filled(fields, 'awsSecurityGroup', 'aws_security_group');
  return securityGroup === null ? null : { kind: 'security-group', securityGroup, comment };
}

function filled(fields: Fields, ...names: readonly string[]): string | null {
  const values = names.map((name) => textOf(fields[name])?.trim());
  return values.find((value) => value !== undefined && value !== '') ?? null;
}

export function decodeCluster(value: unknown): AtlasCluster {
  const name = text(object(value, 'a cluster'), 'name', 'a cluster');
  const of = `cluster ${name}`;
  const fields = object(value, of);
  const type = text(fields, 'clusterType', of);
  if (type !== 'REPLICASET' && type !== 'SHARDED' && type !== 'GEOSHARDED') throw unexpected('clusterType', type, of);
  return { name, type, tier: tierOf(fields), ...stateOf(fields, of) };
}

export function decodeFlexCluster(value: unknown): AtlasCluster {
  const name = text(object(value, 'a Flex cluster'), 'name', 'a Flex cluster');
  const of = `Flex cluster ${name}`;
  // Flex clusters cannot be paused, so their documents have no such field.
  return { name, type: 'FLEX', tier: 'FLEX', ...stateOf({ paused: false, ...object(value, of) }, of) };
}

function stateOf(fields: Fields, of: string): Pick<AtlasCluster, 'state' | 'paused' | 'version' | 'connectionStrings'> {
  return {
    state: text(fields, 'stateName', of),
    paused: flagOf(fields['paused']) ?? lacks('paused', of),
    version: textOf(fields['mongoDBVersion']),
    connectionStrings: connectionStringsOf(fields['connectionStrings']),
  };
}

/** A cluster that is being created has no connection string yet. */
function connectionStringsOf(value: unknown): ConnectionStrings {
  const fields = fieldsOf(value);
  return {
    standard: textOf(fields['standard']),
    standardSrv: textOf(fields['standardSrv']),
    private: textOf(fields['private']),
    privateSrv: textOf(fields['privateSrv']),
    privateEndpoints: listOf(fields['privateEndpoint'])
      .filter(isFields)
      .map((endpoint) => ({
        connectionString: textOf(endpoint['connectionString']),
        srv: textOf(endpoint['srvConnectionString']),
      })),
  };
}

/** Prefers the current specs (`effectiveReplicationSpecs`: auto-scaling) to the requested ones. */
function tierOf(cluster: Fields): string | null {
  const specs = [...listOf(cluster['effectiveReplicationSpecs']), ...listOf(cluster['replicationSpecs'])].filter(
    isFields,
  );
  const electable = specs
    .flatMap((spec) => listOf(spec['regionConfigs']))
    .filter(isFields)
    .map((region) => region['electableSpecs'])
    .filter(isFields);
  // For a shared tier, `instanceSize` is the original name, and the other field the current one.
  const sizes = electable.map((spec) => textOf(spec['effectiveInstanceSize']) ?? textOf(spec['instanceSize']));
  return sizes.find((size) => size !== null) ?? null;
}

/** `hostname` is Atlas's internal name; `userAlias` is the name in connection strings and `hello`. */
export function decodeProcess(value: unknown): AtlasProcess {
  const fields = object(value, 'a process');
  const name = textOf(fields['userAlias']) ?? text(fields, 'hostname', 'a process');
  return {
    host: `${name}:${number(fields, 'port', `process ${name}`)}`,
    type: text(fields, 'typeName', `process ${name}`),
    replicaSet: textOf(fields['replicaSetName']),
    version: textOf(fields['version']),
  };
}

/** Null for a container without a network yet: its block may belong to another network. */
export function decodeContainer(value: unknown): NetworkContainer | null {
  const of = 'a network container';
  const fields = object(value, of);
  if (fields['provisioned'] === false) return null;
  const name = text(fields, 'providerName', of);
  const provider = PROVIDERS.find((known) => known === name);
  if (provider === undefined) throw unexpected('providerName', name, of);
  const regions = listOf(fields['regions']).flatMap((name) => textOf(name) ?? []);
  const region = textOf(fields['regionName']) ?? textOf(fields['region']);
  return { provider, cidrBlock: text(fields, 'atlasCidrBlock', of), region: region ?? (regions.join(', ') || null) };
}

/** Only AWS reports the block of the peered network. */
export function decodePeer(provider: Provider, value: unknown): PeeredNetwork {
  const of = `a peering connection of ${provider}`;
  const fields = object(value, of);
  const status = textOf(fields['statusName']) ?? textOf(fields['status']);
  const named = (network: string, owner: string, kind: string) =>
    `${text(fields, network, of)} (${kind} ${text(fields, owner, of)})`;
  if (provider === 'AZURE') {
    return { provider, cidrBlock: null, name: named('vnetName', 'azureSubscriptionId', 'subscription'), status };
  }
  if (provider === 'GCP') {
    return { provider, cidrBlock: null, name: named('networkName', 'gcpProjectId', 'project'), status };
  }
  const cidrBlock = text(fields, 'routeTableCidrBlock', of);
  return { provider, cidrBlock, name: named('vpcId', 'awsAccountId', 'account'), status };
}

/** The name of a service is missing during its setup; GCP services have none. */
export function decodeEndpointService(provider: Provider, value: unknown): PrivateEndpointService {
  const of = `a private endpoint service of ${provider}`;
  const fields = object(value, of);
  const named = textOf(fields['endpointServiceName']) ?? textOf(fields['privateLinkServiceName']);
  const attached = { AWS: 'interfaceEndpoints', AZURE: 'privateEndpoints', GCP: 'endpointGroupNames' }[provider];
  const name = named ?? text(fields, 'id', of);
  return { provider, name, endpoints: listOf(fields[attached]).length };
}

// Required fields of an answer: a missing one throws an UpstreamError that names the field and its object.

function object(value: unknown, of: string): Fields {
  if (isFields(value)) return value;
  throw missing('every field', of);
}

function text(fields: Fields, field: string, of: string): string {
  return textOf(fields[field]) ?? lacks(field, of);
}

function number(fields: Fields, field: string, of: string): number {
  return numberOf(fields[field]) ?? lacks(field, of);
}

function lacks(field: string, of: string): never {
  throw missing(field, of);
}

/** Atlas's own values are shorter. */
const LONGEST_VALUE = 40;
const REMEDY = 'Atlas may have changed its API: update atlas-conns. Otherwise check MONGODB_ATLAS_BASE_URL.';

function missing(field: string, of: string): UpstreamError {
  const text = `The answer from Atlas lacks ${field} in ${of}.`;
  return new UpstreamError({ code: 'atlas-field-missing', text, remedy: REMEDY });
}

function unexpected(field: string, value: string, of: string): UpstreamError {
  const text = `The answer from Atlas has an unknown ${field} in ${of}: ${value.slice(0, LONGEST_VALUE)}.`;
  return new UpstreamError({ code: 'atlas-field-unknown', text, remedy: REMEDY });
}
