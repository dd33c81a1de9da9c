// views.*: App Home and modals, with hashes against lost updates and triggers that end.

import {
  type Answer,
  blocksIn,
  type Fields,
  isFields,
  type Method,
  type Refusal,
  refuse,
  refuseParts,
  textOf,
  type World,
} from './answer.ts';
import { checkHome, checkModal } from './limits/limits.ts';
import { BOT, TEAM, type View, type Workspace, withIds } from './workspace.ts';

const MAX_STACK = 3;

/** A view as methods and payloads tell it. */
export function viewFields(view: View, values: Fields = {}): Fields {
  return {
    private_metadata: '',
    callback_id: '',
    ...view.given,
    id: view.id,
    team_id: TEAM.id,
    type: view.type,
    blocks: view.blocks,
    state: { values },
    hash: view.hash,
    root_view_id: view.rootId,
    previous_view_id: view.previousId,
    app_id: BOT.app,
    app_installed_team_id: TEAM.id,
    bot_id: BOT.id,
  };
}

function refusedView(view: unknown): Refusal | null {
  if (!isFields(view))
    return refuse('invalid_arguments', { response_metadata: { messages: ['[ERROR] missing view'] } });
  const violations = view['type'] === 'home' ? checkHome(view) : checkModal(view);
  const tooLarge = violations.find(({ error }) => error === 'view_too_large');
  if (tooLarge !== undefined) return refuse(tooLarge.error);
  return violations.length === 0 ? null : refuseParts(violations, 'invalid_arguments');
}

interface Origin {
  readonly user: string;
  readonly old: View | null;
  readonly below: View | null;
}

function nextView(input: Fields, workspace: Workspace, origin: Origin): View {
  const given = isFields(input['view']) ? input['view'] : {};
  const { old, below, user } = origin;
  const id = old?.id ?? workspace.newId('V');
  return {
    id,
    type: textOf(given['type']),
    hash: `${workspace.newTs()}.hash`,
    version: (old?.version ?? 0) + 1,
    user,
    blocks: withIds(blocksIn(given), workspace),
    given,
    rootId: old?.rootId ?? below?.rootId ?? id,
    previousId: old?.previousId ?? below?.id ?? null,
  };
}

function publish(input: Fields, { workspace }: World): Answer | Refusal {
  const user = textOf(input['user_id']);
  if (!workspace.people.has(user)) return refuse('user_not_found');
  const refused = refusedView(input['view']);
  if (refused !== null) return refused;
  if (isFields(input['view']) && input['view']['type'] !== 'home') return refuse('invalid_arguments');
  const old = workspace.homes.get(user) ?? null;
  if (input['hash'] !== undefined && old !== null && input['hash'] !== old.hash) return refuse('hash_conflict');
  const view = nextView(input, workspace, { user, old, below: null });
  workspace.homes.set(user, view);
  workspace.changed();
  return { ok: true, view: viewFields(view) };
}

function refusedModal(view: unknown): Refusal | null {
  const refused = refusedView(view);
  if (refused !== null) return refused;
  return isFields(view) && view['type'] === 'modal' ? null : refuse('invalid_arguments');
}

function add(input: Fields, world: World, isNew: boolean): Answer | Refusal {
  const { workspace, triggers } = world;
  const refused = refusedModal(input['view']);
  if (refused !== null) return refused;
  const trigger = triggers.use(input['trigger_id']);
  if ('error' in trigger) return refuse(trigger.error);
  const { user } = trigger;
  const below = isNew ? [] : (workspace.modals.get(user) ?? []);
  if (below.length >= MAX_STACK) return refuse('push_limit_reached');
  const view = nextView(input, workspace, { user, old: null, below: below.at(-1) ?? null });
  workspace.modals.set(user, [...below, view]);
  workspace.changed();
  return { ok: true, view: viewFields(view) };
}

function update(input: Fields, { workspace }: World): Answer | Refusal {
  const id = textOf(input['view_id']);
  const external = textOf(input['external_id']);
  const open = [...workspace.homes.values(), ...[...workspace.modals.values()].flat()];
  const old = open.find((view) => view.id === id || (external !== '' && view.given['external_id'] === external));
  if (old === undefined) return refuse('not_found');
  const refused = refusedView(input['view']);
  if (refused !== null) return refused;
  if (input['hash'] !== undefined && input['hash'] !== old.hash) return refuse('hash_conflict');
  return { ok: true, view: viewFields(replaceView(workspace, old, input)) };
}

/** Puts the view of `input` in the place of an open one. */
function replaceView(workspace: Workspace, old: View, input: Fields): View {
  const view = nextView(input, workspace, { user: old.user, old, below: null });
  if (workspace.homes.get(old.user)?.id === old.id) workspace.homes.set(old.user, view);
  else {
    const stack = workspace.modals.get(old.user) ?? [];
    workspace.modals.set(
      old.user,
      stack.map((one) => (one.id === old.id ? view : one)),
    );
  }
  workspace.changed();
  return view;
}

/**
 * What the acknowledgement of a submitted modal asks for; without an action the modal closes. Where Slack refuses it, the
 * person reads of trouble, and the modal stays as it is.
 */
export function answerSubmission(workspace: Workspace, view: View, answer: unknown): Refusal | null {
  const input = isFields(answer) ? answer : {};
  const action = input['response_action'];
  const stack = workspace.modals.get(view.user) ?? [];
  switch (action) {
    case 'errors':
      return refusedErrors(view, input['errors']);
    case 'update':
    case 'push': {
      if (action === 'push' && stack.length >= MAX_STACK) return refuse('push_limit_reached');
      const refused = refusedModal(input['view']);
      if (refused !== null) return refused;
      if (action === 'update') replaceView(workspace, view, input);
      else {
        const pushed = nextView(input, workspace, { user: view.user, old: null, below: view });
        workspace.modals.set(view.user, [...stack, pushed]);
      }
      break;
    }
    case 'clear':
    case undefined:
      workspace.modals.set(view.user, action === 'clear' ? [] : stack.filter((one) => one.id !== view.id));
      break;
    default:
      return refuse('invalid_arguments');
  }
  workspace.changed();
  return null;
}

/** Words beside fields that the modal has. */
function refusedErrors(view: View, errors: unknown): Refusal | null {
  const inputs = new Set(view.blocks.filter(({ type }) => type === 'input').map((block) => block['block_id']));
  const given = isFields(errors) ? Object.entries(errors) : [];
  const isRight = ([id, words]: readonly [string, unknown]) => inputs.has(id) && textOf(words) !== '';
  return given.length > 0 && given.every(isRight) ? null : refuse('invalid_arguments');
}

export const VIEW_METHODS: Readonly<Record<string, Method>> = {
  'views.publish': { token: 'bot', scopes: [], run: publish },
  'views.open': { token: 'bot', scopes: [], run: (input, world) => add(input, world, true) },
  'views.push': { token: 'bot', scopes: [], run: (input, world) => add(input, world, false) },
  'views.update': { token: 'bot', scopes: [], run: update },
};
