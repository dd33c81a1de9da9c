// @ts-check
// Sorts tables and shows their first page or all rows; the order is in the table itself.

/** @param {HTMLTableElement} table @param {number} column @param {string} direction */
export function arrange(table, column, direction) {
  const numeric = table.querySelector(`[data-sort="${column}"]`)?.getAttribute('data-numeric') === 'true';
  const sign = direction === 'ascending' ? 1 : -1;
  /** @param {HTMLTableRowElement} row */
  const value = (row) => Number(row.cells[column]?.dataset.value ?? 0);
  /** @param {HTMLTableRowElement} row */
  const words = (row) => row.cells[column]?.textContent ?? '';
  const body = table.tBodies[0];
  if (!body) return;
  const rows = [...body.rows].sort((a, b) => sign * (numeric ? value(a) - value(b) : words(a).localeCompare(words(b))));
  body.append(...rows);
  for (const [at, head] of [...(table.tHead?.rows[0]?.cells ?? [])].entries()) {
    head.setAttribute('aria-sort', at === column ? direction : 'none');
  }
  showPage(table);
}

/** @param {HTMLTableElement} table */
export function showPage(table) {
  if (table.dataset.page === undefined) return;
  const all = table.dataset.all !== undefined;
  for (const [at, row] of [...(table.tBodies[0]?.rows ?? [])].entries())
    row.hidden = !all && at >= Number(table.dataset.page);
  const more = /** @type {HTMLElement | null | undefined} */ (table.closest('.table')?.querySelector('[data-more]'));
  if (more) more.hidden = all;
}

/** @param {HTMLElement} header */
export function sortBy(header) {
  const now = header.closest('th')?.getAttribute('aria-sort');
  const first = header.dataset.numeric === 'true' ? 'descending' : 'ascending';
  const other = first === 'ascending' ? 'descending' : 'ascending';
  const table = header.closest('table');
  if (table) arrange(table, Number(header.dataset.sort), now === first ? other : first);
}
