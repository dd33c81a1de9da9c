// The document around the messages: places, person, demo controls and the box to type in.

import { createElement as h, type ReactElement, type ReactNode } from 'react';
import { COMMANDS } from '../../../../src/core/commands/commands.ts';
import type { Channel, Person } from '../stand-in.ts';
import type { Control } from './page.ts';
import { HOME, type Place, placeHref, titleOf } from './place.ts';

/** In this order: the phone's rules come last. */
export const STYLES = ['page.css', 'frame.css', 'message.css', 'block.css', 'table.css', 'modal.css', 'phone.css'];
/** The first brings in the others. */
export const SCRIPTS = ['browser.js', 'clock.js', 'completion.js', 'entries.js', 'modal.js', 'table.js'];

export interface Layout {
  readonly place: Place;
  readonly people: readonly Person[];
  readonly controls: readonly Omit<Control, 'run'>[];
  /** `/atlas-conns`. */
  readonly command: string;
  readonly botName: string;
  /** Whether time is simulated, and is to be shown. */
  readonly hasClock: boolean;
}

export function page(layout: Layout, log: ReactNode): ReactElement {
  const { place } = layout;
  return h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { charSet: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      h('meta', { name: 'color-scheme', content: 'light dark' }),
      h('title', null, `${title(layout, place.channel)} · stand-in Slack`),
      STYLES.map((name) => h('link', { key: name, rel: 'stylesheet', href: `/${name}` })),
      h('link', { rel: 'icon', href: 'data:,' }),
      h('script', { src: `/${SCRIPTS[0]}`, type: 'module' }),
    ),
    h(
      'body',
      {
        'data-as': place.person.id,
        'data-channel': place.channel?.id ?? HOME,
        'data-command': layout.command,
        // Until the script listens: a press before it would be lost, and a form would leave the page.
        inert: true,
      },
      sidebar(layout),
      h(
        'main',
        null,
        h('header', { className: 'top' }, h('h1', null, title(layout, place.channel)), h('p', null, about(layout))),
        log,
        place.channel === null ? null : composer(layout, place.channel),
      ),
      h('div', { id: 'toasts', role: 'status' }),
      confirmation(),
      h('dialog', { id: 'modal', tabIndex: -1, 'aria-labelledby': 'modal-title' }, h('form')),
    ),
  );
}

/** The part that is fetched again after each change. */
export function logOf(place: Place, children: readonly ReactElement[], layout: Layout): ReactElement {
  const live = place.channel === null ? {} : { role: 'log', 'aria-label': 'Messages' };
  const nothing = children.length === 0 ? welcome(layout) : null;
  return h('div', { id: 'log', tabIndex: -1, ...live }, h('div', { id: 'entries' }, nothing, children));
}

function title({ place, people, botName }: Layout, channel: Channel | null): string {
  return titleOf(channel, { by: place.person, people, botName });
}

function about({ place, botName }: Layout): string {
  const { channel } = place;
  if (channel === null) return `What ${botName} shows to ${place.person.name}`;
  if (channel.kind === 'direct') return 'Direct messages';
  const members = `${channel.members.length} ${channel.members.length === 1 ? 'member' : 'members'}`;
  const kind = channel.kind === 'private' ? 'private, ' : '';
  return `${kind}${members}${channel.shared ? ', shared with another organisation' : ''}`;
}

type Group = { readonly name: string; readonly places: readonly { readonly id: string; readonly label: string }[] };

function sidebar(layout: Layout): ReactElement {
  const { place, people, controls, botName } = layout;
  const named = (direct: boolean) => namedIn(layout, (channel) => (channel.kind === 'direct') === direct);
  const groups = [
    { name: 'App', places: [{ id: HOME, label: `${botName} Home` }] },
    { name: 'Channels', places: named(false) },
    { name: 'Direct messages', places: named(true) },
  ].filter(({ places }) => places.length > 0);
  return h(
    'aside',
    null,
    h('p', { className: 'brand' }, 'Stand-in Slack'),
    goTo(place, groups),
    youAre(place, people),
    links(place, groups),
    controls.length === 0 ? null : demo(layout),
  );
}

function hrefIn(place: Place, channel: string): string {
  return placeHref({ channel, as: place.person.id });
}

function here(place: Place): string {
  return place.channel?.id ?? HOME;
}

/** The places on a phone. */
function goTo(place: Place, groups: readonly Group[]): ReactElement {
  const options = groups.map(({ name, places }) =>
    h(
      'optgroup',
      { key: name, label: name },
      places.map(({ id, label }) => h('option', { key: id, value: hrefIn(place, id) }, label)),
    ),
  );
  const select = { id: 'place', 'data-go': '', defaultValue: hrefIn(place, here(place)) };
  return h('div', { className: 'goto' }, h('label', { htmlFor: 'place' }, 'Go to'), h('select', select, options));
}

function youAre(place: Place, people: readonly Person[]): ReactElement {
  const channel = here(place);
  const options = people.map((person) =>
    h('option', { key: person.id, value: placeHref({ channel, as: person.id }) }, described(person)),
  );
  const select = { id: 'person', 'data-go': '', defaultValue: hrefIn(place, channel) };
  return h('div', { className: 'who' }, h('label', { htmlFor: 'person' }, 'You are'), h('select', select, options));
}

function links(place: Place, groups: readonly Group[]): ReactElement {
  const link = ({ id, label }: { id: string; label: string }) =>
    h(
      'li',
      { key: id },
      h('a', { href: hrefIn(place, id), 'aria-current': id === here(place) ? 'page' : undefined }, label),
    );
  return h(
    'nav',
    { 'aria-label': 'Channels and direct messages' },
    groups.map(({ name, places }) => h('section', { key: name }, h('h2', null, name), h('ul', null, places.map(link)))),
  );
}

function demo({ controls, hasClock }: Layout): ReactElement {
  return h(
    'section',
    { className: 'controls', 'aria-labelledby': 'controls' },
    hasClock ? h('p', { id: 'clock' }) : null,
    h(
      'details',
      { open: true },
      h('summary', { id: 'controls' }, 'Make something happen'),
      controls.map(({ id, label, expect }) =>
        h('button', { key: id, type: 'button', 'data-control': id }, h('strong', null, label), h('span', null, expect)),
      ),
    ),
  );
}

function namedIn(layout: Layout, wanted: (channel: Channel) => boolean): Group['places'] {
  return layout.place.channels.filter(wanted).map((channel) => {
    const written = title(layout, channel);
    const mark = channel.kind === 'private' ? written.replace('#', '🔒') : written;
    return { id: channel.id, label: channel.shared ? `${mark} (shared)` : mark };
  });
}

function described(person: Person): string {
  if (person.team !== undefined) return `${person.name} (another workspace)`;
  return person.guest ? `${person.name} (guest)` : person.name;
}

function welcome({ command, botName }: Layout): ReactElement {
  const examples = [command, `${command} nodes`, `${command} help`];
  return h(
    'div',
    { className: 'empty', id: 'welcome' },
    h('p', null, `Nothing here yet. Ask ${botName} with a command, or mention it:`),
    h(
      'p',
      { className: 'actions' },
      examples.map((text) => h('button', { key: text, type: 'button', 'data-fill': text }, text)),
    ),
  );
}

function composer(layout: Layout, channel: Channel): ReactElement {
  const { command, botName } = layout;
  const forms = Object.entries(COMMANDS).map(([name, { usage, help }]) => ({
    fill: name === 'report' ? command : `${command} ${name}`,
    usage,
    help,
  }));
  return h(
    'form',
    { id: 'composer', autoComplete: 'off' },
    h(
      'ul',
      { id: 'forms', role: 'listbox', 'aria-label': 'Commands', hidden: true },
      forms.map(({ fill, usage, help }, at) =>
        h(
          'li',
          { key: usage, id: `form-${at}`, role: 'option', 'aria-selected': false, 'data-fill': fill },
          h('code', null, `${command} ${usage}`),
          h('span', null, help),
        ),
      ),
    ),
    h('label', { htmlFor: 'text', className: 'unseen' }, `Message to ${title(layout, channel)}`),
    h('input', {
      id: 'text',
      name: 'text',
      role: 'combobox',
      'aria-expanded': false,
      'aria-controls': 'forms',
      'aria-autocomplete': 'list',
      'aria-describedby': 'hint',
      placeholder: `Message ${title(layout, channel)}`,
    }),
    h('button', { type: 'submit', className: 'primary' }, 'Send'),
    h(
      'p',
      { id: 'hint' },
      h('code', null, command),
      ` asks for yourself; `,
      h('code', null, `@${botName}`),
      ' answers for all.',
    ),
  );
}

/** Filled and opened by browser.js for what asks "are you sure". */
function confirmation(): ReactElement {
  return h(
    'dialog',
    { id: 'confirm', 'aria-labelledby': 'confirm-title' },
    h(
      'form',
      { method: 'dialog' },
      h('h2', { id: 'confirm-title' }),
      h('p'),
      h(
        'div',
        { className: 'actions' },
        h('button', { type: 'submit', value: 'deny' }),
        h('button', { type: 'submit', value: 'confirm', className: 'primary' }),
      ),
    ),
  );
}
