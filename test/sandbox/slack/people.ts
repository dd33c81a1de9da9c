// Who is there when nobody else was named: one of each kind that the bot must tell apart.

import type { Channel, Person } from './stand-in.ts';
import { BOT } from './workspace.ts';

export const ANNA: Person = { id: 'U0000ANNA1', name: 'anna' };
export const BEN: Person = { id: 'U00000BEN1', name: 'ben' };
export const GUEST: Person = { id: 'U00000GUS1', name: 'gus', guest: true };
export const STRANGER: Person = { id: 'U0000FIL01', name: 'fil', team: 'T0000OTHER' };

export const PEOPLE: readonly Person[] = [ANNA, BEN, GUEST, STRANGER];

export const CHANNELS: readonly Channel[] = [
  { id: 'C0000DBOPS', name: 'db-ops', kind: 'public', members: [ANNA.id, BEN.id, GUEST.id, BOT.user] },
  { id: 'C000RANDOM', name: 'random', kind: 'public', members: [ANNA.id, BEN.id] },
  { id: 'C000SECRET', name: 'secret', kind: 'private', members: [ANNA.id, BOT.user] },
  {
    id: 'C000SHARED',
    name: 'with-partner',
    kind: 'public',
    shared: true,
    members: [ANNA.id, STRANGER.id, BOT.user],
  },
  { id: 'D0000ANNA1', name: 'anna', kind: 'direct', members: [ANNA.id, BOT.user] },
  { id: 'D00000BEN1', name: 'ben', kind: 'direct', members: [BEN.id, BOT.user] },
];
