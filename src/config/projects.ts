// Projects and their clusters: credentials, and which clusters to read.

import type { Problem } from '../core/base/problem.ts';
import type { FileProject } from './file.ts';
import type { Remarks } from './issues.ts';
import { clusterNameOf } from './schemas.ts';
import type { Values } from './variables.ts';

type AtlasCredentials =
  | { readonly kind: 'service-account'; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: 'api-key'; readonly publicKey: string; readonly privateKey: string };

interface DatabaseUser {
  readonly username: string;
  readonly password: string;
}

/** A cluster with its own connection string. */
interface OwnCluster {
  readonly name: string;
  readonly uri: string;
  /** The setting of the connection string, e.g. `projects[1].clusters[0].uri`. */
  readonly setting: string;
}

export interface ProjectConfig {
  /** 24 hex digits; null for clusters outside Atlas, or without the Admin API. */
  readonly id: string | null;
  readonly atlas: AtlasCredentials | null;
  readonly database: DatabaseUser | null;
  readonly connection: 'standard' | 'private' | 'private-endpoint';
  /** Names or patterns (`stage-*`) of clusters to find through the Admin API; null for all. */
  readonly clusters: readonly string[] | null;
  readonly ownClusters: readonly OwnCluster[];
}

type Field = 'clientId' | 'clientSecret' | 'publicKey' | 'privateKey' | 'username' | 'password';
/** The credentials. Each field has the name that its author used. */
interface Credentials {
  readonly value: Readonly<Partial<Record<Field, string | undefined>>>;
  readonly name: (field: Field) => string;
}

const VARIABLE_OF = {
  clientId: 'MONGODB_ATLAS_CLIENT_ID',
  clientSecret: 'MONGODB_ATLAS_CLIENT_SECRET',
  publicKey: 'MONGODB_ATLAS_PUBLIC_API_KEY',
  privateKey: 'MONGODB_ATLAS_PRIVATE_API_KEY',
  username: 'MONGODB_USERNAME',
  password: 'MONGODB_PASSWORD',
} as const satisfies Readonly<Record<Field, keyof Values>>;
/** Names of Terraform's provider for Atlas. */
const TERRAFORM_NAME_OF = {
  publicKey: 'MONGODB_ATLAS_PUBLIC_KEY',
  privateKey: 'MONGODB_ATLAS_PRIVATE_KEY',
} as const satisfies Readonly<Partial<Record<Field, keyof Values>>>;
const KEY = ['publicKey', 'privateKey'] as const;
const ATLAS: readonly Field[] = ['clientId', 'clientSecret', 'publicKey', 'privateKey'];
const DATABASE: readonly Field[] = ['username', 'password'];

/** The project in the environment; none if it is not set. */
export function projectOfEnvironment(values: Values, remarks: Remarks): readonly ProjectConfig[] {
  const uri = values.MONGODB_URI;
  const credentials = ofEnvironment(values);
  const atlas = atlasCredentials(credentials, remarks);
  const database = uri === undefined ? databaseUser(credentials, remarks) : null;
  const id = values.MONGODB_ATLAS_PROJECT_ID ?? null;
  const anything = [id, uri, ...Object.values(credentials.value)].some((value) => value != null);
  if (!anything) {
    remarks.problems.push({
      code: 'setting',
      text: 'No cluster is configured.',
      remedy:
        'Set MONGODB_URI to a connection string; or MONGODB_ATLAS_PROJECT_ID with MONGODB_ATLAS_CLIENT_ID and ' +
        'MONGODB_ATLAS_CLIENT_SECRET, MONGODB_USERNAME and MONGODB_PASSWORD; or ATLAS_CONNS_CONFIG to a file.',
    });
    return [];
  }
  if (uri === undefined) requireDiscovery({ id, credentials, remarks });
  else {
    if (DATABASE.some((field) => credentials.value[field] !== undefined))
      remarks.notices.push('MONGODB_URI is set: MONGODB_USERNAME and MONGODB_PASSWORD are not used.');
    if (id === null && ATLAS.some((field) => credentials.value[field] !== undefined))
      remarks.problems.push(
        missing('MONGODB_ATLAS_PROJECT_ID', 'Set it to the project whose access list names the clients.'),
      );
  }
  const ownClusters = uri === undefined ? [] : [{ name: clusterNameOf(uri), uri, setting: 'MONGODB_URI' }];
  return [{ id, atlas, database, connection: 'standard', clusters: uri === undefined ? null : [], ownClusters }];
}

/** A project in the file. Credentials that a project with an id does not set come from the environment. */
export function projectOfFile(input: {
  readonly project: FileProject;
  readonly index: number;
  readonly values: Values;
  readonly remarks: Remarks;
}): ProjectConfig {
  const { project, remarks } = input;
  const prefix = `projects[${input.index}]`;
  const own: Credentials = { value: project, name: (field) => `${prefix}.${field}` };
  const shared = ofEnvironment(project.id === undefined ? {} : input.values);
  const chosen = (fields: readonly Field[]) => (fields.some((field) => project[field] !== undefined) ? own : shared);

  const named = project.clusters?.filter((cluster) => typeof cluster === 'string') ?? null;
  const ownClusters = (project.clusters ?? []).flatMap((cluster, place) =>
    typeof cluster === 'string' ? [] : [{ ...cluster, setting: `${prefix}.clusters[${place}].uri` }],
  );
  const discovers = named === null || named.length > 0;
  if (discovers) {
    const fields = { ...chosen(ATLAS).value, ...pick(chosen(DATABASE).value, DATABASE) };
    requireDiscovery({
      id: project.id ?? null,
      credentials: { ...own, value: fields },
      remarks,
      idName: `${prefix}.id`,
    });
  }
  return {
    id: project.id ?? null,
    atlas: atlasCredentials(chosen(ATLAS), remarks),
    database: discovers ? databaseUser(chosen(DATABASE), remarks) : null,
    connection: project.connection ?? 'standard',
    clusters: named,
    ownClusters,
  };
}

/** Both halves of a key come from the same pair of variables. */
function ofEnvironment(values: Values): Credentials {
  const isSet = (names: Readonly<Record<(typeof KEY)[number], keyof Values>>) =>
    KEY.some((field) => values[names[field]] !== undefined);
  const names =
    isSet(TERRAFORM_NAME_OF) && !isSet(VARIABLE_OF) ? { ...VARIABLE_OF, ...TERRAFORM_NAME_OF } : VARIABLE_OF;
  const fields = [...ATLAS, ...DATABASE].map((field) => [field, values[names[field]]]);
  return { value: Object.fromEntries(fields), name: (field) => names[field] };
}

/** If both pairs are set and differ, reports which one is used. */
export function otherKeyNotices(values: Values): readonly string[] {
  return KEY.flatMap((field) => {
    const [ours, terraform] = [VARIABLE_OF[field], TERRAFORM_NAME_OF[field]];
    const other = values[terraform];
    if (other === undefined || other === values[ours] || !KEY.some((one) => values[VARIABLE_OF[one]] !== undefined))
      return [];
    return [`${terraform} is not used: ${VARIABLE_OF.publicKey} and ${VARIABLE_OF.privateKey} take precedence.`];
  });
}

function pick(value: Credentials['value'], fields: readonly Field[]): Credentials['value'] {
  return Object.fromEntries(fields.map((field) => [field, value[field]]));
}

/** Finding clusters needs a project, Atlas credentials and a database user. `pair` reports an incomplete pair. */
function requireDiscovery(input: {
  readonly id: string | null;
  readonly credentials: Credentials;
  readonly remarks: Remarks;
  readonly idName?: string;
}): void {
  const { credentials, remarks } = input;
  const { value, name } = credentials;
  if (input.id === null)
    remarks.problems.push(
      missing(input.idName ?? 'MONGODB_ATLAS_PROJECT_ID', 'Set it to the project whose clusters to read.'),
    );
  if (ATLAS.every((field) => value[field] === undefined)) {
    const pairs = `${name('clientId')} and ${name('clientSecret')}, or ${name('publicKey')} and ${name('privateKey')}`;
    remarks.problems.push(
      missing('Access to the Atlas Admin API', `Set ${pairs}. Clusters are found through this API.`),
    );
  }
  if (DATABASE.every((field) => value[field] === undefined)) {
    const pair = `${name('username')} and ${name('password')}`;
    remarks.problems.push(missing('The database user', `Set ${pair} to a user with the role clusterMonitor.`));
  }
}

function atlasCredentials(credentials: Credentials, remarks: Remarks): AtlasCredentials | null {
  const account = pair(credentials, ['clientId', 'clientSecret'], remarks);
  const key = pair(credentials, ['publicKey', 'privateKey'], remarks);
  if (account !== null && key !== null)
    remarks.notices.push(
      `${credentials.name('clientId')} and ${credentials.name('publicKey')} are both set: the service account is used.`,
    );
  if (account !== null) return { kind: 'service-account', clientId: account[0], clientSecret: account[1] };
  return key === null ? null : { kind: 'api-key', publicKey: key[0], privateKey: key[1] };
}

function databaseUser(credentials: Credentials, remarks: Remarks): DatabaseUser | null {
  const user = pair(credentials, ['username', 'password'], remarks);
  return user === null ? null : { username: user[0], password: user[1] };
}

/** Both values, or null; adds a problem if only one is set. */
function pair(
  { value, name }: Credentials,
  [first, second]: readonly [Field, Field],
  remarks: Remarks,
): readonly [string, string] | null {
  const [one, other] = [value[first], value[second]];
  if (one !== undefined && other !== undefined) return [one, other];
  const [there, absent] = one === undefined ? [second, first] : [first, second];
  if (one !== undefined || other !== undefined)
    remarks.problems.push(missing(name(absent), `${name(there)} is set: set both or neither.`));
  return null;
}

function missing(what: string, remedy: string): Problem {
  return { code: 'setting', text: `${what} is missing.`, remedy };
}
