// Clicks, choices and submitted modals in the shape in which Slack delivers them.

import { type Fields, isFields, textOf } from './answer.ts';
import { messageFields } from './chat-methods.ts';
import { APP, nameOf } from './payload.ts';
import type { Channel, Message, Person, Press } from './stand-in.ts';
import { viewFields } from './view-methods.ts';
import { type Block, BOT, TEAM, type View, type Workspace } from './workspace.ts';

interface Found {
  readonly block: Block;
  readonly element: Fields;
}

function elementsOf(block: Block): readonly Fields[] {
  const { elements, accessory, actions, element } = block;
  return [elements, accessory, actions, element].flat().filter(isFields);
}

/** Cards of a carousel and tables hold elements too. */
function interactive(blocks: readonly Block[]): readonly Found[] {
  return blocks.flatMap((block) => [
    ...elementsOf(block)
      .filter(({ action_id }) => action_id !== undefined)
      .map((element) => ({ block, element })),
    ...interactive(
      [block['child_blocks'], block['type'] === 'carousel' ? block['elements'] : []].flat().filter(isFields),
    ),
    ...cells(block).map((element) => ({ block, element })),
  ]);
}

function cells(block: Block): readonly Fields[] {
  const rows: readonly unknown[] = Array.isArray(block['rows']) ? block['rows'].flat() : [];
  return rows.flatMap((cell) => (isFields(cell) && isFields(cell['element']) ? [cell['element']] : []));
}

/** What was pressed; throws where the person's screen has no such thing. */
function find(blocks: readonly Block[], press: Press): Found {
  const all = interactive(blocks).filter(({ element }) => element['action_id'] === press.actionId);
  // The message may have been edited while the person pressed: then its blocks have other ids.
  const found = all.find(({ block }) => block['block_id'] === press.blockId) ?? all[0];
  if (found === undefined) throw new Error(`nothing with the action_id ${press.actionId} can be pressed there`);
  return found;
}

/** The whole option that was chosen, by its value or by what it says. */
function chosen(element: Fields, wanted: string): Fields {
  const groups = [element['option_groups']].flat().filter(isFields);
  const options = [element['options'], ...groups.map((group) => group['options'])].flat().filter(isFields);
  const option = options.find(({ value }) => value === wanted) ?? options.find((one) => labelOf(one) === wanted);
  if (option === undefined) throw new Error(`there is no option ${wanted} to choose`);
  return option;
}

function labelOf(option: Fields): string {
  return isFields(option['text']) ? textOf(option['text']['text']) : '';
}

function actionOf({ block, element }: Found, press: Press, ts: string): Fields {
  const { type, action_id, text, value, style, url } = element;
  const common = { type, action_id, block_id: block['block_id'], action_ts: ts };
  if (press.option !== undefined) return { ...common, selected_option: chosen(element, press.option) };
  if (type !== 'button') throw new Error(`${press.actionId} is a ${type}: one of its options has to be chosen`);
  return {
    ...common,
    text,
    ...(value !== undefined && { value }),
    ...(style !== undefined && { style }),
    ...(url !== undefined && { url }),
  };
}

/** What every select shows, after the choice. */
function stateOf(blocks: readonly Block[], action: Fields): Fields {
  const values: Record<string, Record<string, unknown>> = {};
  for (const { block, element } of interactive(blocks)) {
    if (element['type'] !== 'static_select') continue;
    const isThis = action['action_id'] === element['action_id'] && action['block_id'] === block['block_id'];
    const selected_option = (isThis ? action['selected_option'] : element['initial_option']) ?? null;
    const blockId = textOf(block['block_id']);
    values[blockId] = {
      ...values[blockId],
      [textOf(element['action_id'])]: { type: element['type'], selected_option },
    };
  }
  return values;
}

function who(person: Person): Fields {
  const team = person.team ?? TEAM.id;
  return {
    user: { id: person.id, username: person.name, name: person.name, team_id: team },
    ...APP,
    team: { id: TEAM.id, domain: TEAM.domain },
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** A click on a message; of an ephemeral one Slack tells where it stands, never what it says. */
export function messagePress(input: {
  readonly press: Press;
  readonly person: Person;
  readonly message: Message;
  readonly channel: Channel;
  readonly triggerId: string;
  readonly responseUrl: string;
  readonly ts: string;
}): Fields {
  const { press, message, channel } = input;
  const action = actionOf(find(message.blocks, press), press, input.ts);
  const isEphemeral = message.ephemeralTo !== null;
  return {
    type: 'block_actions',
    ...who(input.person),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: isEphemeral,
      ...(message.threadTs !== null && { thread_ts: message.threadTs }),
    },
    trigger_id: input.triggerId,
    channel: { id: channel.id, name: nameOf(channel) },
    ...(!isEphemeral && { message: messageFields(message) }),
    state: { values: stateOf(message.blocks, action) },
    response_url: input.responseUrl,
    actions: [action],
  };
}

/** A click in App Home or a modal, which have no response URL. */
export function viewPress(input: {
  readonly press: Press;
  readonly person: Person;
  readonly view: View;
  readonly triggerId: string;
  readonly workspace: Workspace;
}): Fields {
  const { view, press } = input;
  const action = actionOf(find(view.blocks, press), press, input.workspace.newTs());
  return {
    type: 'block_actions',
    ...who(input.person),
    container: { type: 'view', view_id: view.id },
    trigger_id: input.triggerId,
    view: viewFields(view, stateOf(view.blocks, action)),
    actions: [action],
  };
}

export function submission(person: Person, view: View, values: Fields, triggerId: string): Fields {
  return {
    type: 'view_submission',
    ...who(person),
    trigger_id: triggerId,
    view: { ...viewFields(view, values), bot_id: BOT.id },
    response_urls: [],
  };
}
