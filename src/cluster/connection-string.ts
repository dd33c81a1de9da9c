// Derives connection strings of single nodes from that of a cluster: same credentials and TLS, nothing else.

import { MongoClient } from 'mongodb';
import { type ConnectionString, printConnectionString } from '../core/lint/connection-string.ts';
import type { AtlasCluster } from '../core/ports/clusters.ts';
import { type Understood, understand } from '../driver/connection.ts';
import { UserError } from '../errors.ts';

/** The kind of address to use from Atlas. */
export type ConnectionKind = 'standard' | 'private' | 'private-endpoint';

/** A parsed connection string; with `srv`, DNS knows the hosts. */
export interface ConnectionTarget {
  readonly string: ConnectionString;
  readonly srv: boolean;
  /** `host:port` or the path of a Unix socket; empty for an SRV string. */
  readonly hosts: readonly string[];
  /** Read only this node (`directConnection`), and do not discover others. */
  readonly direct: boolean;
  readonly user: string | null;
  readonly ownFault: Understood['ownFault'];
  /** What was removed from or corrected in the string, one line each. */
  readonly remarks: readonly string[];
}

/** Options that a direct connection inherits. We set pools, time limits and read preferences ourselves. */
const INHERITED = /^(tls|ssl|auth|proxy|compressors$|zlib|family$|servername$)/i;

/** Throws UserError for an unusable string. The error contains nothing of it except option names. */
export function parseTarget(given: {
  readonly uri: string;
  readonly cluster: string;
  /** The setting of the string; default: the cluster's name. */
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

/** The hosts behind an SRV name and the authSource in its TXT record, from the driver. Rejects with its error. */
export async function resolveSrv({
  string,
}: ConnectionTarget): Promise<{ hosts: readonly string[]; authSource: string | null }> {
  // The driver reads TLS files before it resolves. This client never connects: nodes get their own clients.
  const options = new Map([...string.options].filter(([name]) => !/^tls.*file/i.test(name)));
  // The driver resolves names only when it connects.
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

/** Why a cluster of the project is not read; null if it is. */
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

/** The connection string of a cluster in the project. Throws UserError if it has none of this kind. */
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
