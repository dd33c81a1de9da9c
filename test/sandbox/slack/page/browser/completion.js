// @ts-check
// Completes the slash command: a combobox with a listbox, as WAI-ARIA describes it.

/** @param {HTMLFormElement} form */
export function complete(form) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem('text'));
  const list = /** @type {HTMLElement} */ (form.querySelector('[role=listbox]'));
  const options = /** @type {HTMLElement[]} */ ([...list.children]);
  const visible = () => options.filter((option) => !option.hidden);
  /** @param {HTMLElement | undefined} chosen */
  const mark = (chosen) => {
    for (const option of options) option.setAttribute('aria-selected', String(option === chosen));
    if (chosen) input.setAttribute('aria-activedescendant', chosen.id);
    else input.removeAttribute('aria-activedescendant');
  };
  /** @param {boolean} open */
  const show = (open) => {
    list.hidden = !open;
    input.setAttribute('aria-expanded', String(open));
    if (!open) mark(undefined);
  };
  const offer = () => {
    const text = input.value;
    for (const option of options) option.hidden = text === '' || !option.dataset.fill?.startsWith(text);
    show(text.startsWith('/') && visible().length > 0);
  };
  /** @param {HTMLElement} option */
  const take = (option) => {
    input.value = `${option.dataset.fill} `;
    input.focus();
    show(false);
  };
  input.addEventListener('input', offer);
  input.addEventListener('blur', () => show(false));
  form.addEventListener('submit', () => show(false));
  // Not click: the input would lose its focus first.
  list.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    const option = /** @type {Element} */ (event.target).closest('[role=option]');
    if (option instanceof HTMLElement) take(option);
  });
  input.addEventListener('keydown', (event) => {
    if (list.hidden) return;
    const shown = visible();
    const at = shown.findIndex((option) => option.getAttribute('aria-selected') === 'true');
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const chosen = shown[at] ?? (event.key === 'Tab' ? shown[0] : undefined);
    if (step !== 0) mark(shown[(at + step + shown.length) % shown.length] ?? shown[0]);
    else if (event.key === 'Escape') show(false);
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) take(chosen);
    else return;
    event.preventDefault();
  });
}
