// Who claimed which slot.

import type { Database } from './database.ts';
import { countIn, textIn } from './rows.ts';

export function claim(
  database: Database,
  { cluster, slot, instance }: { readonly cluster: string; readonly slot: number; readonly instance: string },
): boolean {
  const sql = 'INSERT INTO claim VALUES (:cluster, :slot, :instance) ON CONFLICT DO NOTHING';
  return database.run(sql, { cluster, slot, instance }) === 1;
}

export function lastClaim(
  database: Database,
  cluster: string,
): { readonly slot: number; readonly instance: string } | null {
  const sql = 'SELECT slot, instance FROM claim WHERE cluster = :cluster ORDER BY slot DESC LIMIT 1';
  const row = database.get(sql, { cluster });
  return row === null ? null : { slot: countIn(row, 'slot'), instance: textIn(row, 'instance') };
}
