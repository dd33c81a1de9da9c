// @ts-check
// Keeps the page fresh and sends what a person does.

import { showClock } from './clock.js';
import { complete } from './completion.js';
import { refresh } from './entries.js';
import { listenToModal } from './modal.js';
import { showPage, sortBy } from './table.js';

const { as, channel, command } = document.body.dataset;
const log = /** @type {HTMLElement} */ (document.getElementById('log'));
const composer = /** @type {HTMLFormElement | null} */ (document.getElementById('composer'));

/**
 * @param {string} path @param {Record<string, unknown>} body
 * @returns {Promise<{ ok: boolean, errors?: Record<string, string> }>}
 */
async function post(path, body) {
  try {
    const response = await fetch(path, { method: 'POST', body: JSON.stringify({ as, channel, ...body }) });
    const answer = await response.json();
    if (!answer.ok) toast(answer.note);
    return answer;
  } catch {
    toast('The stand-in Slack does not answer. Is it still running?');
    return { ok: false };
  }
}

/** @param {string} text */
function toast(text) {
  const note = document.createElement('p');
  const words = document.createElement('span');
  words.textContent = text;
  const close = document.createElement('button');
  close.type = 'button';
  close.textContent = 'Dismiss';
  close.addEventListener('click', () => note.remove());
  note.append(words, close);
  document.getElementById('toasts')?.append(note);
}

/** @param {HTMLElement} control */
async function press(control) {
  if (control.getAttribute('aria-busy') === 'true' || !(await agreed(control))) return reset(control);
  const option = control instanceof HTMLSelectElement ? control.value : '';
  control.setAttribute('aria-busy', 'true');
  const message = /** @type {HTMLElement | null} */ (control.closest('[data-ts]'));
  await post('/press', {
    ts: message?.dataset.ts ?? '',
    actionId: control.dataset.action,
    blockId: control.dataset.block ?? '',
    option,
  });
  control.removeAttribute('aria-busy');
  reset(control);
}

/** A select goes back to what the app sent: choosing the same again must say so again. @param {HTMLElement} control */
function reset(control) {
  if (!(control instanceof HTMLSelectElement)) return;
  const sent = [...control.options].findIndex((option) => option.defaultSelected);
  control.selectedIndex = Math.max(0, sent);
}

/** @param {HTMLElement} control @returns {Promise<boolean>} */
async function agreed(control) {
  if (control.dataset.confirm === undefined) return true;
  const asked = JSON.parse(control.dataset.confirm);
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById('confirm'));
  const [title, words] = [dialog.querySelector('h2'), dialog.querySelector('p')];
  const [deny, confirm] = dialog.querySelectorAll('button');
  if (!title || !words || !deny || !confirm) return false;
  title.textContent = asked.title;
  words.textContent = asked.text;
  deny.textContent = asked.deny || 'Cancel';
  confirm.textContent = asked.confirm || 'Yes';
  dialog.returnValue = '';
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
  return dialog.returnValue === 'confirm';
}

/** @param {HTMLInputElement} input @param {string} [threadTs] */
async function send(input, threadTs) {
  const text = input.value.trim();
  if (text === '') return;
  const slash = text.startsWith('/');
  if (slash && threadTs !== undefined) return toast('Slack takes no commands in threads; mention the app instead.');
  if (slash && text !== command && !text.startsWith(`${command} `) && !text.startsWith('/invite ')) {
    return toast(`${text.split(' ')[0]} is not a command here. ${command} is.`);
  }
  input.value = '';
  const { ok } = await post(slash ? '/command' : '/say', { text, ...(threadTs !== undefined && { threadTs }) });
  if (!ok && input.value === '') input.value = text;
}

document.addEventListener('click', async (event) => {
  const control = /** @type {Element} */ (event.target).closest('button, summary');
  if (!(control instanceof HTMLElement)) return;
  const { sort, more, action, control: id, fill } = control.dataset;
  if (sort !== undefined) sortBy(control);
  else if (more !== undefined) {
    const table = control.closest('.table')?.querySelector('table');
    if (!table) return;
    table.dataset.all = '';
    showPage(table);
  } else if (action !== undefined) await press(control);
  else if (id !== undefined) await post('/control', { id });
  else if (fill !== undefined && composer) {
    const input = /** @type {HTMLInputElement} */ (composer.elements.namedItem('text'));
    input.value = fill;
    input.focus();
  }
});

document.addEventListener('change', async (event) => {
  const select = event.target;
  if (!(select instanceof HTMLSelectElement)) return;
  if (select.dataset.go !== undefined) location.assign(select.value);
  else if (select.dataset.action !== undefined) await press(select);
});

document.addEventListener('submit', async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method === 'dialog') return;
  event.preventDefault();
  const input = form.elements.namedItem('text');
  if (input instanceof HTMLInputElement) await send(input, form.dataset.thread);
});

if (composer) complete(composer);
listenToModal(post);
showClock();
// From here on nothing that a person does is lost.
document.body.inert = false;
// On a phone the list of what can happen would cover the messages.
if (matchMedia('(width <= 700px)').matches) document.querySelector('.controls details')?.removeAttribute('open');
log.scrollTop = channel === 'home' ? 0 : log.scrollHeight;
const events = new EventSource('/events');
events.addEventListener('change', refresh);
// What changed between the page and the open stream has no event of its own.
events.addEventListener('open', () => {
  document.body.dataset.live = '';
  refresh();
});
if (channel === 'home') post('/home', {});
