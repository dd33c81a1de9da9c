// Slots: exactly one caller gets each, because the id of a claim is its cluster and slot.

import { ObjectId } from 'mongodb';
import type { Store } from '../../core/ports/store.ts';
import type { Connection } from './connection.ts';
import type { Collections } from './documents.ts';
import { isDuplicate } from './problems.ts';

export function claimsIn({ call }: Connection, { claims }: Collections): Pick<Store, 'claim' | 'lastClaim'> {
  return {
    async claim({ cluster, slot, instance }) {
      const id = { cluster, slot: new Date(slot) };
      const token = new ObjectId();
      return call(async () => {
        try {
          await claims.insertOne({ _id: id, ...id, instance, token });
          return true;
        } catch (error) {
          if (!isDuplicate(error)) throw error;
          // It may be our own, of an attempt whose answer was lost.
          return (await claims.findOne({ _id: id, token })) !== null;
        }
      });
    },
    async lastClaim(cluster) {
      const last = await call(({ signal }) => claims.findOne({ cluster }, { sort: { slot: -1 }, signal }));
      return last === null ? null : { slot: last.slot.getTime(), instance: last.instance };
    },
  };
}
