// @ts-check
// The modal that the app opened: shown, kept while somebody fills it in, sent or closed.

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById('modal'));
const CONTROLS = 'input, textarea, select';
const form = /** @type {HTMLFormElement} */ (dialog.querySelector('form'));

/** @param {Element | null} fresh what the server shows now */
export function showModal(fresh) {
  const shown = form.querySelector('#modal-view');
  if (!(fresh instanceof HTMLElement) || fresh.dataset.view === undefined) {
    form.replaceChildren();
    if (dialog.open) dialog.close();
    return;
  }
  const same = shown instanceof HTMLElement && shown.dataset.view === fresh.dataset.view;
  const html = fresh.outerHTML;
  if (same && form.dataset.written === html) return;
  const before = same ? new FormData(form) : null;
  const known = new Set([...form.querySelectorAll(CONTROLS)].map((control) => control.getAttribute('name')));
  const active = same ? document.activeElement : null;
  form.dataset.written = html;
  form.replaceChildren(document.importNode(fresh, true));
  if (before !== null) fill(before, known);
  if (!dialog.open) dialog.showModal();
  focusAgain(active);
  // What cannot be filled in is read from its beginning, not from its first button.
  if (form.querySelector(CONTROLS) !== null) return;
  dialog.focus();
  dialog.scrollTop = 0;
}

/**
 * Slack keeps what was entered in a field of the same ids when a view is drawn again.
 * @param {FormData} entered @param {Set<string | null>} known
 */
function fill(entered, known) {
  for (const control of form.querySelectorAll(CONTROLS)) {
    const input = /** @type {HTMLInputElement} */ (control);
    if (!known.has(input.name)) continue;
    if (/^(radio|checkbox)$/.test(input.type)) input.checked = entered.getAll(input.name).includes(input.value);
    else input.value = String(entered.get(input.name) ?? '');
  }
}

/** @param {unknown} one @returns {one is HTMLInputElement | HTMLTextAreaElement} */
const isField = (one) => one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement;

/** Whoever types goes on at the same place. @param {Element | null} left what had the focus */
function focusAgain(left) {
  if (!isField(left)) return;
  const same = [...form.querySelectorAll('input, textarea')]
    .filter(isField)
    .find(({ name, type, value }) => name === left.name && (!/^(radio|checkbox)$/.test(type) || value === left.value));
  same?.focus({ preventScroll: true });
  if (left.selectionStart !== null) same?.setSelectionRange(left.selectionStart, left.selectionEnd);
}

/** As Slack tells the state of a view. */
function values() {
  /** @type {Record<string, Record<string, unknown>>} */
  const state = {};
  for (const field of form.querySelectorAll('fieldset')) {
    const { blockId = '', actionId = '', type = '' } = field.dataset;
    state[blockId] = { [actionId]: { type, ...entered(field, type) } };
  }
  return state;
}

/** @param {HTMLFieldSetElement} field @param {string} type */
function entered(field, type) {
  const inputs = /** @type {HTMLInputElement[]} */ ([...field.querySelectorAll(CONTROLS)]);
  const chosen = inputs.filter(({ checked }) => checked).map(({ value }) => ({ value }));
  const [value = ''] = inputs.map((input) => input.value);
  if (type === 'radio_buttons') return { selected_option: chosen[0] ?? null };
  if (type === 'static_select') return { selected_option: value === '' ? null : { value } };
  if (type === 'checkboxes') return { selected_options: chosen };
  if (type === 'datetimepicker') return { selected_date_time: value === '' ? null : Date.parse(value) / 1000 };
  return { value: value === '' ? null : value };
}

/** @param {(path: string, body: Record<string, unknown>) => Promise<{ ok: boolean, errors?: Record<string, string> }>} post */
export function listenToModal(post) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const { errors = {} } = await post('/submit', { values: values() });
    for (const field of form.querySelectorAll('fieldset')) {
      const words = /** @type {HTMLElement} */ (field.querySelector('.wrong'));
      words.textContent = errors[field.dataset.blockId ?? ''] ?? '';
    }
  });
  form.addEventListener('click', async (event) => {
    if (/** @type {Element} */ (event.target).closest('[data-close]')) await post('/close', {});
  });
  dialog.addEventListener('cancel', async (event) => {
    event.preventDefault();
    await post('/close', {});
  });
}
