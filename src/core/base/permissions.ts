// Permissions to read connections and to act on alerts, by person and place.
// Checked on every command, mention, click and modal.

/** The person who sends the request; null when Slack did not report it. */
export interface Asker {
  readonly id: string;
  /** A member of another organisation, through Slack Connect. */
  readonly isForeign: boolean | null;
  readonly isGuest: boolean | null;
  /** Deactivated, or a bot. */
  readonly isPerson: boolean | null;
  /** The configured user groups that the person is in; null when they could not be read. */
  readonly groups: readonly string[] | null;
  /** Of the person's profile: an IANA name that this machine knows; null when Slack did not report one. */
  readonly timeZone?: string | null;
}

/** The place of the request. App Home has no id. */
export interface AskedIn {
  readonly id: string | null;
  readonly kind: 'channel' | 'direct' | 'home';
  /** Shared with another organisation; null when Slack did not report it. */
  readonly isShared: boolean | null;
}

/** Ids of Slack; an empty list restricts nothing. */
export interface Readers {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly channels: readonly string[];
}

export type Permission =
  | {
      readonly allowed: true;
      /** Whether an answer may be visible to the channel. */
      readonly publicly: boolean;
    }
  | {
      readonly allowed: false;
      readonly reason: string;
      /** Ids of users, user groups and channels that can help; empty when none is configured. */
      readonly ask: readonly string[];
    };

/**
 * A request needs a listed person and a listed channel. A person is listed as a user or by a user group. A direct
 * message and App Home count as channels. Without a list every full member may read. Missing facts from Slack count
 * against the request.
 */
export function mayRead(input: {
  readonly person: Asker;
  readonly channel: AskedIn;
  readonly settings: Readers;
}): Permission {
  const { person, channel, settings } = input;
  const reason = personRefused(person, settings) ?? channelRefused(channel, settings);
  if (reason !== null) return { allowed: false, reason, ask: whomToAsk(person, settings) };
  return { allowed: true, publicly: channel.kind === 'direct' || channel.isShared === false };
}

/**
 * Acknowledging, silencing and ending silences need permission to read. The person and channel must also be on the
 * lists for actions, if there are such lists.
 */
export function mayAct(input: {
  readonly person: Asker;
  readonly channel: AskedIn;
  readonly settings: { readonly read: Readers; readonly act: Readers };
}): Permission {
  const { person, channel, settings } = input;
  const reading = mayRead({ person, channel, settings: settings.read });
  if (!reading.allowed) return reading;
  const reason = actorRefused(person, settings.act) ?? placeRefused(channel, settings.act);
  return reason === null ? reading : { allowed: false, reason, ask: whomToAsk(person, settings.act) };
}

function actorRefused({ id, groups: mine }: Asker, { users, groups }: Readers): string | null {
  if (users.length === 0 && groups.length === 0) return null;
  if (users.includes(id) || mine?.some((group) => groups.includes(group))) return null;
  if (groups.length > 0 && mine === null) {
    return 'I could not find out which user groups you are in, so I change nothing.';
  }
  return groups.length > 0
    ? 'You are not in a group that may acknowledge or silence here.'
    : 'You are not among those who may acknowledge or silence here.';
}

function placeRefused({ id }: AskedIn, { channels }: Readers): string | null {
  if (channels.length === 0 || (id !== null && channels.includes(id))) return null;
  return 'Alerts may be acknowledged and silenced in certain channels only.';
}

function personRefused(person: Asker, { users, groups }: Readers): string | null {
  // Other organisations are refused first: no list lets them in.
  if (person.isForeign === true) return 'Connections are shown to members of this workspace only.';
  if (person.isPerson === false) return 'Connections are shown to people only.';
  if (person.isForeign === null || person.isPerson === null) {
    return 'I could not find out who you are, so I show nothing. Try again in a minute.';
  }
  if (users.includes(person.id) || person.groups?.some((group) => groups.includes(group))) return null;
  if (groups.length > 0 && person.groups === null) {
    return 'I could not find out which user groups you are in, so I show nothing.';
  }
  if (groups.length > 0) return 'You are not in a group that may read connections here.';
  if (users.length > 0) return 'You are not among those who may read connections here.';
  return person.isGuest === false ? null : 'Guests may not read connections here.';
}

function channelRefused({ id, kind }: AskedIn, { channels }: Readers): string | null {
  if (channels.length === 0 || (id !== null && channels.includes(id))) return null;
  if (kind === 'home') return 'Connections may be read in certain channels only, and not in App Home.';
  if (kind === 'direct') return 'Connections may be read in certain channels only, and not in direct messages.';
  return 'Connections may not be read in this channel.';
}

/** Members of another organisation do not see who can help here. */
function whomToAsk({ isForeign }: Asker, { groups, users, channels }: Readers): readonly string[] {
  return isForeign === false ? [...groups, ...users, ...channels].slice(0, MOST_ASKED) : [];
}

const MOST_ASKED = 3;
