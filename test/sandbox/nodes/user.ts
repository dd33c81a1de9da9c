// Who may log in to a node, and what each may do.

import { type ScramSecret, scramSecret } from './scram.ts';

export type Privilege = 'inprog' | 'serverStatus';

/** A database user of `admin`, as in Atlas. */
export interface User {
  readonly user: string;
  readonly password: string;
  /** Built-in roles; those that this stand-in knows grant what they grant on a server, others nothing. */
  readonly roles: readonly string[];
  /** What a custom role of the user grants on the cluster resource. */
  readonly privileges?: readonly Privilege[];
}

export interface Account {
  readonly user: string;
  readonly secret: ScramSecret;
  readonly privileges: ReadonlySet<Privilege>;
}

const GRANTS: Readonly<Record<string, readonly Privilege[]>> = {
  clusterMonitor: ['inprog', 'serverStatus'],
  clusterAdmin: ['inprog', 'serverStatus'],
  atlasAdmin: ['inprog', 'serverStatus'],
  root: ['inprog', 'serverStatus'],
};

/** Derives the keys, once per user: members of one set share them. */
export function createAccounts(users: readonly User[]): ReadonlyMap<string, Account> {
  return new Map(
    users.map(({ user, password, roles, privileges = [] }) => {
      const granted = new Set([...privileges, ...roles.flatMap((role) => GRANTS[role] ?? [])]);
      return [user, { user, secret: scramSecret(password), privileges: granted }];
    }),
  );
}
