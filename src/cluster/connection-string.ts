// From a cluster's connection string to those of its single nodes: the same credentials and TLS, nothing else.

import { MongoClient } from 'mongodb';
import type { AtlasCluster } from '../core/ports.ts';
import { UserError } from '../errors.ts';

/** Which of its addresses Atlas is asked by. */
export type ConnectionKind = 'standard' | 'private' | 'private-endpoint';

/** What a connection string says; `srv` still stands for hosts that DNS tells. */
export interface Target {
  readonly uri: string;
  readonly srv: boolean;
  /** `host:port` each; for an SRV string empty. */
  readonly hosts: readonly string[];
  /** Only this one node is meant (`directConnection`): no others are looked for. */
  readonly direct: boolean;
  readonly user: string | null;
}

const SHAPE =
  /^mongodb(?<srv>\+srv)?:\/\/(?:(?<login>[^@/?]*)@)?(?<hosts>[^/?]+)(?:\/(?<path>[^?]*))?(?:\?(?<query>.*))?$/;

/** What a direct connection inherits; pools, time limits and read preferences are ours. */
const INHERITED = /^(tls|ssl|auth|proxy|compressors$|zlib)/i;

/** Throws UserError for a string that the driver does not understand; the string itself is not repeated. */
export function parseTarget({ uri, cluster }: { readonly uri: string; readonly cluster: string }): Target {
  try {
    const { srvHost, hosts, directConnection, credentials } = new MongoClient(uri).options;
    const srv = srvHost !== undefined;
    return {
      uri,
      srv,
      hosts: srv ? [] : hosts.map(String),
      direct: directConnection,
      user: credentials?.username || null,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown reason';
    throw new UserError(
      `The connection string of the cluster ${cluster} is not understood (${reason}).`,
      'Check its options: https://www.mongodb.com/docs/manual/reference/connection-string-options/',
      { cause: error },
    );
  }
}

/** The hosts behind an SRV name, and the authSource that its TXT record tells, by the driver. Rejects with its error. */
export async function resolveSrv({ uri }: Target): Promise<{ hosts: readonly string[]; authSource: string | null }> {
  // The driver resolves names on the way to a connection only. It need not arrive: the nodes get clients of their own.
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
export function directUri(target: Target, node: { readonly host: string; readonly authSource: string | null }): string {
  const { login, path = '', query = '' } = SHAPE.exec(target.uri)?.groups ?? {};
  const inherited = new URLSearchParams([...new URLSearchParams(query)].filter(([name]) => INHERITED.test(name)));
  if (target.srv && !/\b(tls|ssl)=/i.test(query)) inherited.set('tls', 'true');
  if (node.authSource !== null && !/\bauthSource=/i.test(query)) inherited.set('authSource', node.authSource);
  inherited.set('directConnection', 'true');
  return `mongodb://${login === undefined ? '' : `${login}@`}${node.host}/${path}?${inherited}`;
}

/** Why a cluster of the project is not read; null where it is. */
export function whyLeft({ paused, state, connectionStrings }: AtlasCluster): string | null {
  if (paused) return 'paused';
  if (state === 'CREATING' || state === 'DELETING') return state.toLowerCase();
  const { standard, standardSrv } = connectionStrings;
  return standard === null && standardSrv === null ? `without an address yet (${state.toLowerCase()})` : null;
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
