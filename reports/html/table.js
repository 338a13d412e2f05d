/* SPDX-License-Identifier: Apache-2.0 */
/* A table that sorts by any column. A column is { title, help, number, value(row), cell(row) }: `value` is sorted by, `cell` is shown
 * (the value itself without one). Long tables show their first rows and offer the rest. */
const rowsShown = 100;

function compareValues(left, right) {
  const missing = (value) => value === null || value === undefined || value === '';
  if (missing(left) || missing(right)) return missing(left) - missing(right);
  return typeof left === 'number' ? left - right : String(left).localeCompare(String(right), 'en', { numeric: true });
}

function makeTable({ columns, rows, sort = 0, descending = false, empty = 'Nothing to show.', label, rowClass }) {
  const body = element('tbody');
  const more = element('button', { class: 'more', type: 'button' });
  const heads = columns.map((column, index) => {
    const button = element('button', { type: 'button', title: column.help, on: { click: () => sortBy(index) } }, column.title);
    return element('th', { scope: 'col', class: column.number ? 'number' : null }, button);
  });
  const table = element('table', { 'aria-label': label }, element('thead', {}, element('tr', {}, heads)), body);
  const nothing = note(empty);
  const node = element('div', { class: 'table' }, table, more, nothing);
  let shown = rowsShown;

  function draw() {
    const sorted = rows.map((row, index) => ({ row, index, value: columns[sort].value(row) }));
    const missing = ({ value }) => value === null || value === undefined || value === '';
    sorted.sort((a, b) => {
      const order = compareValues(a.value, b.value);
      return (missing(a) || missing(b) ? order : descending ? -order : order) || a.index - b.index;
    });
    heads.forEach((head, index) =>
      head.setAttribute('aria-sort', index !== sort ? 'none' : descending ? 'descending' : 'ascending'));
    body.replaceChildren(...sorted.slice(0, shown).map(({ row }) =>
      element('tr', { class: rowClass ? rowClass(row) : null }, columns.map((column) =>
        element('td', { class: column.number ? 'number' : null }, column.cell ? column.cell(row) : column.value(row) ?? '')))));
    more.hidden = rows.length <= shown;
    more.textContent = `Show all ${count(rows.length)} rows`;
    table.hidden = rows.length === 0;
    nothing.hidden = rows.length > 0;
  }
  function sortBy(index) {
    descending = index === sort ? !descending : Boolean(columns[index].number);
    sort = index;
    draw();
  }
  more.addEventListener('click', () => {
    shown = Infinity;
    draw();
  });
  draw();
  return {
    node,
    setRows(newRows) {
      rows = newRows;
      shown = rowsShown;
      draw();
    },
  };
}

/* A search field and choices above a table; `changed` gets a function that tells whether a record passes. */
function makeFilter({ label, textOf, choices, changed }) {
  const search = element('input', { type: 'search', placeholder: `Search ${label}`, 'aria-label': `Search ${label}`, class: 'search' });
  const selects = choices.map((choice) =>
    element('select', { 'aria-label': choice.label }, element('option', { value: '' }, `any ${choice.label}`),
      choice.values.map((value) => element('option', { value }, words(value)))));
  function pass(record) {
    const text = textOf(record).toLowerCase();
    return search.value.toLowerCase().split(/\s+/).every((word) => text.includes(word)) &&
      selects.every((select, index) => !select.value || choices[index].valueOf(record) === select.value);
  }
  const tell = () => changed(pass);
  search.addEventListener('input', tell);
  for (const select of selects) select.addEventListener('change', tell);
  return element('div', { class: 'filter', role: 'search' }, search, selects);
}
