// Opens the store that the settings name. Each kind is loaded only when it is used.

import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseTarget, resolveSrv } from '../cluster/connection-string.ts';
import type { Config } from '../config/config.ts';
import type { Store } from '../core/ports/store.ts';
import type { StorePlace } from './commands/check-dependencies.ts';

export interface OpenStoreInput {
  readonly settings: Config['store'];
  readonly now: () => Date;
  /** Reads while another bot writes, and creates nothing. */
  readonly readOnly?: boolean;
}

const ANALYSIS_URI = 'ANALYSIS_URI';

/** @throws UpstreamError if the store cannot be used, UserError if there is no store to read */
export async function openStore({ settings, now, readOnly = false }: OpenStoreInput): Promise<Store> {
  const { uri, setting = ANALYSIS_URI, dataDir: directory, keep } = settings;
  if (uri !== null) {
    const { openMongoStore } = await import('../store/mongodb/store.ts');
    return openMongoStore({ uri, setting, keep, now, readOnly });
  }
  const { openSqliteStore } = await import('../store/sqlite/store.ts');
  return openSqliteStore({ directory, keep, now, readOnly });
}

/** An empty store that ends with the process. */
export async function openStandIn({ settings, now }: Omit<OpenStoreInput, 'readOnly'>): Promise<Store> {
  const { openSqliteStore } = await import('../store/sqlite/store.ts');
  return openSqliteStore({ directory: ':memory:', keep: settings.keep, now });
}

/** Servers of the store's own MongoDB, `host:port` each; empty for the embedded store. */
export async function hostsOfStore({ uri, setting = ANALYSIS_URI }: Config['store']): Promise<readonly string[]> {
  if (uri === null) return [];
  const target = parseTarget({ uri, cluster: 'the store', setting });
  return target.srv ? (await resolveSrv(target)).hosts : target.hosts;
}

/** What was removed from or corrected in the store's connection string. Throws UserError for an unusable one. */
export function remarksOfStore({ uri, setting = ANALYSIS_URI }: Config['store']): readonly string[] {
  return uri === null ? [] : parseTarget({ uri, cluster: 'the store', setting }).remarks;
}

/** Null if the store is not a file, or the file does not exist. */
export async function placeOfStore({ uri, dataDir }: Config['store']): Promise<StorePlace | null> {
  if (uri !== null) return null;
  const { fileOf } = await import('../store/sqlite/store.ts');
  const { holderOf } = await import('../store/sqlite/file-lock.ts');
  const file = fileOf(dataDir);
  try {
    const { bavail, bsize } = await statfs(dirname(file));
    return { isThere: existsSync(file), free: bavail * bsize, holder: holderOf(file) };
  } catch {
    // Opening the store reports this failure.
    return null;
  }
}
