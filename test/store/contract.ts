// What both kinds of store keep: one suite, run on files, in memory and on a real mongod.

import { claimsContract } from './contract/claims.ts';
import type { OpenFresh } from './contract/fresh.ts';
import { outboxContract } from './contract/outbox.ts';
import { outboxOrderContract } from './contract/outbox-order.ts';
import { outboxRefreshContract } from './contract/outbox-refresh.ts';
import { readingsContract } from './contract/readings.ts';
import { recordsContract } from './contract/records.ts';
import { nodeSeriesContract, seriesContract } from './contract/series.ts';
import { shownContract } from './contract/shown.ts';
import { tidyContract } from './contract/tidy.ts';

export type { OpenFresh } from './contract/fresh.ts';

/** @param kind stands before every title @param open makes a store on data of its own, empty at first */
export function storeContract(kind: string, open: OpenFresh): void {
  for (const part of [
    claimsContract,
    recordsContract,
    readingsContract,
    seriesContract,
    nodeSeriesContract,
    shownContract,
    outboxContract,
    outboxOrderContract,
    outboxRefreshContract,
    tidyContract,
  ])
    part(kind, open);
}
