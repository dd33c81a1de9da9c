// @ts-check
// Swaps only the entries that changed: scroll, focus, typed text and the order of tables stay.

import { showModal } from './modal.js';
import { arrange, showPage } from './table.js';

const { as, channel } = document.body.dataset;
const log = /** @type {HTMLElement} */ (document.getElementById('log'));

/** As the server wrote each entry: a sorted table must not look like a change. */
const written = new Map([...entries().children].map((entry) => [entry.id, entry.outerHTML]));
/** A click follows the end of a press at once, but of a finger's: a press that ends without one was a drag. */
const NO_CLICK_MS = 300;
/** Only ends what hangs: a press whose end the page never sees. */
const LONGEST_PRESS_MS = 60_000;
let fetching = false;
let stale = false;

/** A press ends on the entry that it began on: nothing is swapped between its down and its click. */
let pressed = Promise.resolve();
let release = () => {};
document.addEventListener('pointerdown', () => {
  release();
  pressed = new Promise((resolve) => {
    release = resolve;
    setTimeout(resolve, LONGEST_PRESS_MS);
  });
});
/** @param {number} ms */
const releaseAfter = (ms) => {
  const mine = release;
  setTimeout(mine, ms);
};
// The list of a select swallows the end of the press that opened it: what is chosen ends it.
for (const name of ['click', 'change', 'pointercancel']) document.addEventListener(name, () => releaseAfter(0), true);
document.addEventListener('pointerup', () => releaseAfter(NO_CLICK_MS), true);
document.addEventListener('pointermove', ({ pointerType, buttons }) => {
  if (pointerType === 'mouse' && buttons === 0) release();
});

async function untilReleased() {
  for (let last; last !== pressed; ) {
    last = pressed;
    await last;
  }
}

function entries() {
  return /** @type {HTMLElement} */ (document.getElementById('entries'));
}

export async function refresh() {
  stale = true;
  if (fetching) return;
  fetching = true;
  try {
    while (stale) {
      stale = false;
      const response = await fetch(`/fragment?${new URLSearchParams({ channel: channel ?? '', as: as ?? '' })}`);
      if (!response.ok) continue;
      const html = await response.text();
      await untilReleased();
      swap(html);
    }
  } catch {
    // The server is away; the event stream comes back by itself and asks again.
  } finally {
    fetching = false;
  }
}

/** @param {string} html */
function swap(html) {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  showModal(parsed.getElementById('modal-view'));
  const fresh = parsed.getElementById('entries');
  if (fresh === null) return;
  const following = seesLast();
  const coming = [...fresh.children];
  const ids = new Set(coming.map(({ id }) => id));
  for (const entry of [...entries().children]) if (!ids.has(entry.id)) entry.remove();
  coming.forEach((entry, at) => {
    const shown = document.getElementById(entry.id);
    const same = shown !== null && written.get(entry.id) === entry.outerHTML;
    written.set(entry.id, entry.outerHTML);
    const node = same ? shown : /** @type {Element} */ (document.importNode(entry, true));
    if (shown !== null && !same) carryOver(shown, node);
    const place = entries().children[at];
    if (place !== node) entries().insertBefore(node, place ?? null);
  });
  if (following && channel !== 'home') follow();
}

/** Whoever sees any of the last entry wants to see the next. */
function seesLast() {
  const last = entries().lastElementChild;
  return last === null || last.getBoundingClientRect().top < log.getBoundingClientRect().bottom;
}

/** The last entry to the end of the log; one that is taller than it by its beginning. */
function follow() {
  const last = entries().lastElementChild;
  if (last === null) return;
  last.scrollIntoView({ block: last.clientHeight > log.clientHeight ? 'start' : 'end' });
}

/**
 * Puts the new version of an entry where the old one stood.
 * @param {Element} old @param {Element} fresh
 */
function carryOver(old, fresh) {
  const active = old.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  const tables = [...old.querySelectorAll('table')];
  [...fresh.querySelectorAll('table')].forEach((table, at) => {
    const before = tables[at];
    if (before?.dataset.all !== undefined) table.dataset.all = '';
    const sorted = before?.querySelector('th:not([aria-sort="none"]) > [data-sort]');
    if (before && sorted) {
      const { sort } = /** @type {HTMLElement} */ (sorted).dataset;
      arrange(table, Number(sort), sorted.closest('th')?.getAttribute('aria-sort') ?? 'ascending');
    } else showPage(table);
  });
  if (old instanceof HTMLDetailsElement && fresh instanceof HTMLDetailsElement) {
    fresh.open = old.open;
    for (const input of fresh.querySelectorAll('input')) {
      input.value = /** @type {HTMLInputElement | null} */ (old.querySelector('input'))?.value ?? '';
    }
  }
  old.replaceWith(fresh);
  if (active === null) return;
  const same = [...fresh.querySelectorAll('[data-focus]')].find(
    (one) => /** @type {HTMLElement} */ (one).dataset.focus === active.dataset.focus,
  );
  if (!same) fresh.setAttribute('tabindex', '-1');
  /** @type {HTMLElement} */ (same ?? fresh).focus({ preventScroll: true });
}
