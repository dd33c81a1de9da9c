// Text objects, options and confirmations: what blocks and elements are made of.

import { type Bounds, type Check, every, flag, list, oneOf, shape, someOf, text } from './shape.ts';

/** Of block_id and action_id. */
export const id = text({ max: 255 });
export const link = text({ max: 3000 });

/** `plain_text` only. */
export function plain(bounds: Bounds): Check {
  return shape({ type: oneOf('plain_text'), text: text(bounds), 'emoji?': flag });
}

/** `plain_text` or `mrkdwn`. */
export function words(bounds: Bounds): Check {
  return shape({ type: oneOf('plain_text', 'mrkdwn'), text: text(bounds), 'emoji?': flag, 'verbatim?': flag });
}

export const confirm = shape({
  title: plain({ max: 100 }),
  text: words({ max: 300 }),
  confirm: plain({ max: 30 }),
  deny: plain({ max: 30 }),
  'style?': oneOf('primary', 'danger'),
});

/** Newer documents allow a value of 150 characters; the types say 75. */
export const option = shape({ text: plain({ max: 75 }), value: text({ max: 75 }), 'description?': plain({ max: 75 }) });

/** Of checkboxes and radio buttons, which may be marked up. */
export const markedOption = shape({
  text: words({ max: 75 }),
  value: text({ max: 75 }),
  'description?': words({ max: 75 }),
});

export const overflowOption = shape({
  text: plain({ max: 75 }),
  value: text({ max: 75 }),
  'description?': plain({ max: 75 }),
  'url?': link,
});

export const optionGroup = shape({ label: plain({ max: 75 }), options: list(option, { max: 100 }) });

export const image = shape({
  type: oneOf('image'),
  'image_url?': link,
  'slack_file?': every(shape({ 'id?': text(), 'url?': link }), someOf('id', 'url')),
  alt_text: text({ max: 2000 }),
});
