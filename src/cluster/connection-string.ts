// From a cluster's connection string to those of its single nodes: the same credentials and TLS, nothing else.

import { MongoClient } from 'mongodb';
import { type ConnectionString, printConnectionString } from '../core/lint/connection-string.ts';
import type { AtlasCluster } from '../core/ports/clusters.ts';
import { type Understood, understand } from '../driver/connection.ts';
import { UserError } from '../errors.ts';

/** Which of its addresses Atlas is asked by. */
export type ConnectionKind = 'standard' | 'private' | 'private-endpoint';

/** What a connection string says; `srv` still stands for hosts that DNS tells. */
export interface ConnectionTarget {
  readonly string: ConnectionString;
  readonly srv: boolean;
  /** `host:port` or the path of a Unix socket; for an SRV string empty. */
  readonly hosts: readonly string[];
  /** Only this one node is meant (`directConnection`): no others are looked for. */
  readonly direct: boolean;
  readonly user: string | null;
  readonly ownFault: Understood['ownFault'];
  /** What was left out of the string or put right, each in a line for people. */
  readonly remarks: readonly string[];
}

/** What a direct connection inherits; pools, time limits and read preferences are ours. */
const INHERITED = /^(tls|ssl|auth|proxy|compressors$|zlib|family$|servername$)/i;

/** Throws UserError for a string that cannot be used; nothing of it is repeated but names of options. */
export function parseTarget(given: {
  readonly uri: string;
  readonly cluster: string;
  /** Where the string stands; without one, it is the cluster's. */
  readonly setting?: string;
}): ConnectionTarget {
  const { uri, setting = `the connection string of the cluster ${given.cluster}` } = given;
  const { string, parsed, remarks, ownFault } = understand({ uri, setting });
  const { hosts, directConnection: direct, credentials } = parsed;
  return {
    string,
    srv: string.srv,
    hosts: string.srv ? [] : hosts.map(String),
    direct,
    user: credentials?.username || null,
    ownFault,
    remarks,
  };
}

/** The hosts behind an SRV name, and the authSource that its TXT record tells, by the driver. Rejects with its error. */
export async function resolveSrv({
  string,
}: ConnectionTarget): Promise<{ hosts: readonly string[]; authSource: string | null }> {
  // The driver reads the files of TLS before it resolves, and it need not arrive: nodes get clients of their own.
  const options = new Map([...string.options].filter(([name]) => !/^tls.*file/i.test(name)));
  // The driver resolves names on the way to a connection only.
  const uri = printConnectionString({ ...string, options });
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1, maxPoolSize: 1 });
  try {
    await client.connect();
  } catch (error) {
    if (client.options.hosts.length === 0) throw error;
  } finally {
    await client.close();
  }
  return { hosts: client.options.hosts.map(String), authSource: client.options.credentials?.source ?? null };
}

/** The connection string of one node. */
export function directUri(
  target: ConnectionTarget,
  node: { readonly host: string; readonly authSource: string | null },
): string {
  const { string } = target;
  const inherited = new Map([...string.options].filter(([name]) => INHERITED.test(name)));
  if (target.srv && !inherited.has('tls') && !inherited.has('ssl')) inherited.set('tls', 'true');
  if (node.authSource !== null && !inherited.has('authSource')) inherited.set('authSource', node.authSource);
  inherited.set('directConnection', 'true');
  return printConnectionString({ ...string, srv: false, hosts: [node.host], options: inherited });
}

/** Why a cluster of the project is not read; null where it is. */
export function whyLeft({ paused, state, connectionStrings }: AtlasCluster): string | null {
  if (paused) return 'paused';
  if (state === 'CREATING' || state === 'DELETING') return state.toLowerCase();
  const { standard, standardSrv } = connectionStrings;
  return standard === null && standardSrv === null ? `no address yet (${state.toLowerCase()})` : null;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** The connection string of a cluster that was found in the project. Throws UserError where it has none of the kind. */
export function connectionStringOf(cluster: AtlasCluster, by: Login & { readonly connection: ConnectionKind }): string {
  const { standard, standardSrv, private: peered, privateSrv, privateEndpoints } = cluster.connectionStrings;
  const [endpoint] = privateEndpoints;
  const bare = {
    standard: standardSrv ?? standard,
    private: privateSrv ?? peered,
    'private-endpoint': endpoint?.srv ?? endpoint?.connectionString ?? null,
  }[by.connection];
  if (bare === null) {
    throw new UserError(
      `The cluster ${cluster.name} has no ${by.connection} connection string.`,
      'Set `connection` to what Atlas offers under Connect: standard, private or private-endpoint.',
    );
  }
  const login = `${encodeURIComponent(by.username)}:${encodeURIComponent(by.password)}`;
  return bare.replace('://', `://${login}@`);
}
