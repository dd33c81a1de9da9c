// Who gets an answer, and whether all in the channel may see it.

import { expect, test } from 'vitest';
import { type AskedIn, type Asker, mayAct, mayRead, type Readers } from '../../../src/core/base/permissions.ts';

const member: Asker = { id: 'U1', isForeign: false, isGuest: false, isPerson: true, groups: [] };
const channel: AskedIn = { id: 'C1', kind: 'channel', isShared: false };
const open: Readers = { users: [], groups: [], channels: [] };

const asked = (given: { person?: Partial<Asker>; channel?: Partial<AskedIn>; settings?: Partial<Readers> }) =>
  mayRead({
    person: { ...member, ...given.person },
    channel: { ...channel, ...given.channel },
    settings: { ...open, ...given.settings },
  });

test.each<[string, Parameters<typeof asked>[0], boolean]>([
  ['a full member, where nothing is configured', {}, true],
  ['a guest', { person: { isGuest: true } }, false],
  ['a guest who is listed', { person: { isGuest: true }, settings: { users: ['U1'] } }, true],
  ['a guest in a listed group', { person: { isGuest: true, groups: ['S1'] }, settings: { groups: ['S1'] } }, true],
  ['somebody of another organisation', { person: { isForeign: true } }, false],
  [
    'somebody of another organisation who is listed',
    { person: { isForeign: true }, settings: { users: ['U1'] } },
    false,
  ],
  ['a bot', { person: { isPerson: false } }, false],
  ['somebody of whom Slack tells nothing', { person: { isForeign: null, isGuest: null, isPerson: null } }, false],
  ['somebody who is perhaps a guest', { person: { isGuest: null } }, false],
  ['somebody who is not listed', { settings: { users: ['U2'] } }, false],
  ['somebody in no listed group', { person: { groups: ['S2'] }, settings: { groups: ['S1'] } }, false],
  ['somebody whose groups are unknown', { person: { groups: null }, settings: { groups: ['S1'] } }, false],
  [
    'a listed user whose groups are unknown',
    { person: { groups: null }, settings: { users: ['U1'], groups: ['S1'] } },
    true,
  ],
  ['a member in a listed channel', { settings: { channels: ['C1'] } }, true],
  ['a member in another channel', { settings: { channels: ['C2'] } }, false],
  ['a listed user in another channel', { settings: { users: ['U1'], channels: ['C2'] } }, false],
  ['somebody not listed in a listed channel', { settings: { users: ['U2'], channels: ['C1'] } }, false],
  ['a member in a direct message', { channel: { id: 'D1', kind: 'direct' } }, true],
  [
    'a direct message beside listed channels',
    { channel: { id: 'D1', kind: 'direct' }, settings: { channels: ['C1'] } },
    false,
  ],
  ['App Home', { channel: { id: null, kind: 'home' } }, true],
  ['App Home beside listed channels', { channel: { id: null, kind: 'home' }, settings: { channels: ['C1'] } }, false],
])('%s: %o → %s', (_, given, allowed) => {
  expect(asked(given).allowed).toBe(allowed);
});

test.each<[string, Partial<AskedIn>, boolean]>([
  ['a channel of this workspace alone', {}, true],
  ['a channel shared with another organisation', { isShared: true }, false],
  ['a channel of which Slack does not tell', { isShared: null }, false],
  ['a direct message', { id: 'D1', kind: 'direct', isShared: null }, true],
  ['App Home', { id: null, kind: 'home', isShared: null }, false],
])('in %s an answer may stand for all: %o → %s', (_, given, publicly) => {
  expect(asked({ channel: given })).toEqual({ allowed: true, publicly });
});

test('a refusal says why and names whom to ask', () => {
  expect(asked({ settings: { groups: ['S1'], channels: ['C2'] } })).toEqual({
    allowed: false,
    reason: 'You are not in a group that may read connections here.',
    ask: ['S1', 'C2'],
  });
});

test('members of another organisation learn nothing about this one', () => {
  expect(asked({ person: { isForeign: true }, settings: { users: ['U2'] } })).toMatchObject({
    allowed: false,
    ask: [],
  });
});

const acts = (given: {
  person?: Partial<Asker>;
  channel?: Partial<AskedIn>;
  read?: Partial<Readers>;
  act?: Partial<Readers>;
}) =>
  mayAct({
    person: { ...member, ...given.person },
    channel: { ...channel, ...given.channel },
    settings: { read: { ...open, ...given.read }, act: { ...open, ...given.act } },
  });

test.each<[string, Parameters<typeof acts>[0], boolean]>([
  ['whoever may read, where nobody is listed', {}, true],
  ['a guest, who may not read', { person: { isGuest: true }, act: { users: ['U1'] } }, false],
  ['a listed user', { act: { users: ['U1'] } }, true],
  ['a reader who is not listed', { act: { users: ['U2'] } }, false],
  ['somebody in a listed group', { person: { groups: ['S1'] }, act: { groups: ['S1'] } }, true],
  [
    'somebody in the group that may read alone',
    { person: { groups: ['S2'] }, read: { groups: ['S2'] }, act: { groups: ['S1'] } },
    false,
  ],
  ['somebody whose groups are unknown', { person: { groups: null }, act: { groups: ['S1'] } }, false],
  [
    'a listed user whose groups are unknown',
    { person: { groups: null }, act: { users: ['U1'], groups: ['S1'] } },
    true,
  ],
  ['somebody in another channel than the listed', { act: { channels: ['C2'] } }, false],
  ['somebody in a listed channel', { act: { channels: ['C1'] } }, true],
  [
    'somebody in App Home beside listed channels',
    { channel: { id: null, kind: 'home' }, act: { channels: ['C1'] } },
    false,
  ],
])('acting: %s', (_, given, allowed) => {
  expect(acts(given).allowed).toBe(allowed);
});

test('a refusal to act names whom to ask, but not to an outsider', () => {
  expect(acts({ act: { groups: ['S1'], users: ['U2'] } })).toEqual({
    allowed: false,
    reason: 'You are not in a group that may acknowledge or silence here.',
    ask: ['S1', 'U2'],
  });
  expect(acts({ person: { isForeign: true }, act: { groups: ['S1'] } })).toMatchObject({ allowed: false, ask: [] });
});
