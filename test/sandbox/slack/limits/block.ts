// Every kind of block, and which surface takes it.

import { dataVisualization } from './chart.ts';
import { id, image, link, plain, words } from './composition.ts';
import { accessory, actionElement, button, contextAction, contextElement, inputElement } from './element.ts';
import { richText } from './rich-text.ts';
import {
  anything,
  byType,
  type Check,
  every,
  flag,
  isFields,
  list,
  number,
  oneOf,
  shape,
  someOf,
  text,
  unique,
} from './shape.ts';
import { dataTable, table } from './table.ts';

export type Surface = 'message' | 'home' | 'modal';

const actionIdOf = (item: unknown) => (isFields(item) ? item['action_id'] : undefined);
const actionIdsDiffer = unique(actionIdOf, '`action_id` already exists');

function block(type: string, fields: Readonly<Record<string, Check>>): Check {
  return shape({ type: oneOf(type), 'block_id?': id, ...fields });
}

const section = every(
  block('section', {
    'text?': words({ max: 3000 }),
    'fields?': list(words({ max: 2000 }), { max: 10 }),
    'accessory?': accessory,
    'expand?': flag,
  }),
  someOf('text', 'fields'),
);

const header = block('header', { text: plain({ max: 150 }), 'level?': number({ min: 1, max: 4 }) });
const context = block('context', { elements: list(contextElement, { max: 10 }) });
const actions = block('actions', { elements: every(list(actionElement, { max: 25 }), actionIdsDiffer) });

const picture = every(
  block('image', {
    'image_url?': link,
    'slack_file?': anything,
    alt_text: text({ max: 2000 }),
    'title?': plain({ max: 2000 }),
  }),
  someOf('image_url', 'slack_file'),
);

const input = block('input', {
  label: plain({ max: 2000 }),
  element: inputElement,
  'hint?': plain({ max: 2000 }),
  'optional?': flag,
  'dispatch_action?': flag,
});

const card = every(
  block('card', {
    'hero_image?': image,
    'icon?': image,
    'slack_icon?': anything,
    'title?': words({ max: 150 }),
    'subtitle?': words({ max: 150 }),
    'body?': words({ max: 200 }),
    'subtext?': words({ max: 200 }),
    'actions?': every(list(button, { max: 3 }), actionIdsDiffer),
  }),
  someOf('hero_image', 'title', 'body', 'actions'),
);

const video = block('video', {
  alt_text: text({ max: 2000 }),
  title: plain({ max: 200 }),
  thumbnail_url: link,
  video_url: link,
  'title_url?': link,
  'author_name?': text({ max: 50 }),
  'description?': plain({ max: 200 }),
  'provider_icon_url?': link,
  'provider_name?': text(),
});

const task = block('task_card', {
  task_id: text(),
  title: text(),
  'status?': oneOf('pending', 'in_progress', 'complete', 'error'),
  'details?': richText,
  'output?': richText,
  'sources?': list(anything),
});

const markdown = block('markdown', { text: text({ max: 12_000 }) });
const divider = block('divider', {});
const alert = block('alert', {
  text: words({ max: 200 }),
  'level?': oneOf('default', 'info', 'warning', 'error', 'success'),
});
const contextActions = block('context_actions', { elements: every(list(contextAction, { max: 5 }), actionIdsDiffer) });
const plan = block('plan', { title: text(), 'tasks?': list(task) });
const carousel = block('carousel', { elements: list(card, { max: 10 }) });

const contained = { actions, context, divider, header, image: picture, input, rich_text: richText, section, table };
const container = every(
  block('container', {
    'title?': words({ max: 150 }),
    'rich_text_title?': richText,
    child_blocks: list(byType({ ...contained, video }), { max: 10 }),
    'subtitle?': words({ max: 150 }),
    'icon?': image,
    'width?': anything,
    'is_collapsible?': flag,
    'default_collapsed?': flag,
    'has_header_divider?': flag,
  }),
  someOf('title', 'rich_text_title'),
);

const everywhere = { section, header, divider, context, actions, image: picture, input, rich_text: richText, video };

/** A file block is only ever read, so no surface takes one. */
const SURFACES: Readonly<Record<Surface, Check>> = {
  message: byType({
    ...everywhere,
    markdown,
    table,
    data_table: dataTable,
    data_visualization: dataVisualization,
    card,
    carousel,
    container,
    context_actions: contextActions,
    plan,
    task_card: task,
  }),
  home: byType({ ...everywhere, table, data_table: dataTable, card, carousel }),
  modal: byType({ ...everywhere, card, alert }),
};

export function blockOf(surface: Surface): Check {
  return SURFACES[surface];
}
