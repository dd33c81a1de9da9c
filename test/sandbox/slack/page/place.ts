// Where somebody stands on the page: as whom, in which channel or in App Home.

import type { Channel, Person, SlackStandIn } from '../stand-in.ts';

export interface Place {
  readonly person: Person;
  /** Null in App Home. */
  readonly channel: Channel | null;
  /** What this person can go to. */
  readonly channels: readonly Channel[];
}

export const HOME = 'home';

/** What the query names, or the first of what there is; null where the stand-in has nobody in it. */
export function placeOf(standIn: SlackStandIn, query: URLSearchParams): Place | null {
  const person = standIn.people.find(({ id }) => id === query.get('as')) ?? standIn.people[0];
  if (person === undefined) return null;
  const channels = standIn.channels.filter((channel) => sees(person, channel));
  const wanted = query.get('channel');
  const channel = wanted === HOME ? null : (channels.find(({ id }) => id === wanted) ?? channels[0] ?? null);
  return { person, channel, channels };
}

function sees(person: Person, channel: Channel): boolean {
  const outside = person.guest === true || person.team !== undefined;
  return channel.members.includes(person.id) || (channel.kind === 'public' && !outside);
}

/** `# db-help`; a direct conversation by the names of the others in it, who are the app where nobody else is. */
export function titleOf(
  channel: Channel | null,
  seen: { by: Person; people: readonly Person[]; botName: string },
): string {
  if (channel === null) return 'App Home';
  if (channel.kind !== 'direct') return `# ${channel.name}`;
  const others = seen.people.filter(({ id }) => id !== seen.by.id && channel.members.includes(id));
  return others.map(({ name }) => name).join(', ') || seen.botName;
}

export function placeHref(place: { channel: string; as: string }): string {
  return `/?${new URLSearchParams({ channel: place.channel, as: place.as })}`;
}
