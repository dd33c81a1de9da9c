// What people do in Slack, turned into deliveries to the app.

import { type Fields, isFields, type World } from './answer.ts';
import type { Receipt } from './courier.ts';
import type { Dispatch } from './delivery.ts';
import { escapeTyped } from './escape.ts';
import { messagePress, submission, viewPress } from './interaction.ts';
import { submittedState } from './modal-state.ts';
import { commandPayload, eventPayload, homeOpenedEvent, saidEvent } from './payload.ts';
import type { ResponseUrls } from './response-url.ts';
import type { Channel, Delivery, Message, Person, Press, SlackStandIn, Submitted } from './stand-in.ts';
import { answerSubmission } from './view-methods.ts';
import { BOT, directChannel, isMember, type Workspace } from './workspace.ts';

export interface Acts extends Pick<SlackStandIn, 'command' | 'say' | 'press' | 'openHome'> {
  /** Sends the modal this person sees; `values` by block_id and action_id. Rejects where Slack would not send them. */
  submit(user: string, values: Fields): Promise<Submitted>;
}

export interface ActsParts {
  readonly world: World;
  readonly dispatch: Dispatch;
  readonly responseUrls: ResponseUrls;
  /** With its slash. */
  readonly command: string;
}

/** Of Slack itself, telling a person what did not work. */
const SLACKBOT = 'USLACKBOT';

export function createActs(parts: ActsParts): Acts {
  const { world, dispatch, responseUrls } = parts;
  const { workspace, triggers } = world;
  const urlOf = (id: string) => `${world.url}/respond/${id}`;

  return {
    async command({ user, channel: channelId, text }) {
      const person = personOf(workspace, user);
      const channel = channelOf(workspace, channelId, user);
      const [command = '', ...words] = text.startsWith('/') ? text.split(' ') : [parts.command, text];
      if (command === '/invite') return invite(workspace, channel, words.join(' '));
      if (command !== parts.command) throw new Error(`the app has no command ${command}`);
      const response = responseUrls.issue({ channel: channel.id, user, original: null });
      const payload = commandPayload({
        person,
        channel,
        command,
        text: escapeTyped(words.join(' '), workspace, true).trim(),
        triggerId: triggers.issue(user),
        responseUrl: urlOf(response),
      });
      const receipt = await dispatch.send('slash_commands', payload);
      if (isFields(receipt.answer)) responseUrls.answer(response, receipt.answer);
      if (receipt.failure !== null) {
        const complaint = `${command} failed with the error "${receipt.failure}"`;
        workspace.post({ channel: channel.id, user: SLACKBOT, text: complaint, ephemeralTo: user });
      }
      return delivered(receipt);
    },

    async say({ user, channel: channelId, text, threadTs = null }) {
      const person = personOf(workspace, user);
      const channel = channelOf(workspace, channelId, user);
      const typed = text.replaceAll(`@${BOT.name}`, `<@${BOT.user}>`);
      const draft = { channel: channel.id, user, text: escapeTyped(typed, workspace, false), threadTs };
      const message = workspace.post(draft);
      const type = eventOf(message, channel, world.rights.scopes);
      if (type === null && mentionsBot(message) && !isMember(channel, BOT.user) && channel.kind !== 'direct') {
        const hint = `You mentioned <@${BOT.user}>, but they're not in this channel. To invite them, type \`/invite @${BOT.name}\`.`;
        workspace.post({ channel: channel.id, user: SLACKBOT, text: hint, ephemeralTo: user, threadTs });
      }
      if (type === null) return null;
      const event = saidEvent(message, person, type);
      return delivered(await dispatch.send('events_api', eventPayload(workspace, event, channel.shared)));
    },

    async press(press) {
      const person = personOf(workspace, press.user);
      const payload = press.message === null ? pressView(press, person) : pressMessage(press, person, press.message);
      return delivered(await dispatch.send('interactive', payload));
    },

    async openHome(user) {
      const direct = directChannel(workspace, personOf(workspace, user).id);
      const event = homeOpenedEvent(workspace, user, direct.id, workspace.homes.get(user) ?? null);
      return delivered(await dispatch.send('events_api', eventPayload(workspace, event)));
    },

    async submit(user, values) {
      const view = workspace.modals.get(user)?.at(-1);
      if (view === undefined) throw new Error(`${user} sees no modal`);
      const payload = submission(personOf(workspace, user), view, submittedState(view, values), triggers.issue(user));
      const receipt = await dispatch.send('interactive', payload);
      const refused = receipt.acknowledged ? answerSubmission(workspace, view, receipt.answer) : null;
      return { ...delivered(receipt), answer: receipt.answer, refused };
    },
  };

  function pressMessage(press: Press, person: Person, at: { readonly channel: string; readonly ts: string }): Fields {
    const channel = channelOf(workspace, at.channel, person.id);
    const message = workspace.message(at.channel, at.ts);
    const isSeen = message !== null && (message.ephemeralTo === null || message.ephemeralTo === person.id);
    if (!isSeen) throw new Error(`${person.name} sees no message ${at.ts}`);
    const response = responseUrls.issue({ channel: channel.id, user: person.id, original: message });
    const [triggerId, ts] = [triggers.issue(person.id), workspace.newTs()];
    return messagePress({ press, person, message, channel, triggerId, responseUrl: urlOf(response), ts });
  }

  /** In the modal on top, else in App Home. */
  function pressView(press: Press, person: Person): Fields {
    const view = workspace.modals.get(person.id)?.at(-1) ?? workspace.homes.get(person.id);
    if (view === undefined) throw new Error(`${person.name} sees neither a modal nor App Home`);
    return viewPress({ press, person, view, triggerId: triggers.issue(person.id), workspace });
  }
}

/** Slack's own command, for the app alone; its answer is the line that Slack writes into the channel. */
function invite(workspace: Workspace, channel: Channel, whom: string): Delivery {
  if (whom.trim() !== `@${BOT.name}`) throw new Error(`/invite @${BOT.name} is the only invitation here`);
  if (isMember(channel, BOT.user)) throw new Error(`${BOT.name} is in #${channel.name} already`);
  workspace.channels.set(channel.id, { ...channel, members: [...channel.members, BOT.user] });
  workspace.post({ channel: channel.id, user: BOT.user, text: 'joined the channel' });
  return { acknowledged: true, tookMs: 0 };
}

function delivered({ acknowledged, tookMs }: Receipt): Delivery {
  return { acknowledged, tookMs };
}

function personOf(workspace: Workspace, id: string): Person {
  const person = workspace.people.get(id);
  if (person === undefined) throw new Error(`there is no person ${id}`);
  return person;
}

/** A channel in which this person can write. */
function channelOf(workspace: Workspace, id: string, user: string): Channel {
  const channel = workspace.channels.get(id);
  if (channel === undefined) throw new Error(`there is no channel ${id}`);
  if (channel.kind !== 'public' && !isMember(channel, user)) throw new Error(`${user} is not in ${id}`);
  return channel;
}

/** Which event the bot is told of: what was said to it alone, or where it belongs and is named. */
function eventOf(message: Message, channel: Channel, scopes: ReadonlySet<string>): 'app_mention' | 'message' | null {
  if (!isMember(channel, BOT.user)) return null;
  if (channel.kind === 'direct') return scopes.has('im:history') ? 'message' : null;
  return mentionsBot(message) && scopes.has('app_mentions:read') ? 'app_mention' : null;
}

function mentionsBot({ text }: Message): boolean {
  return text.includes(`<@${BOT.user}>`);
}
