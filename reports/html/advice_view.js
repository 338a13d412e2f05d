/* SPDX-License-Identifier: Apache-2.0 */
/* Where another model would pay, and what the run says of it: predicted time and memory of all six. */
function modelBars(advice) {
  const verdict = adviceVerdicts.get(advice.id);
  const again = new Map(((verdict || {}).models || []).map((model) => [model.model, model]));
  const longest = (models) => Math.max(...models.map((model) => model.predicted_seconds ?? 0), 1e-12);
  const most = { estimated: longest(advice.models), 'from-run': longest([...again.values()]) };
  const bar = (model, kind) => (model && model.predicted_seconds !== null
    ? element('div', { class: `model-bar ${kind}` }, element('span', { style: { width: `${Math.max((model.predicted_seconds / most[kind]) * 65, 0.5)}%` } }), element('em', {}, seconds(model.predicted_seconds)))
    : null);
  return element('table', { class: 'models', 'aria-label': 'predicted time and memory of the six models' },
    element('thead', {}, element('tr', {}, ['model', 'time, estimated from the source', again.size ? 'time, from the measured work' : null, 'memory', ''].filter((title) => title !== null).map((title) => element('th', { scope: 'col' }, title)))),
    element('tbody', {}, advice.models.map((model) => {
      const marks = [model.model === advice.current_model ? 'today' : null, model.model === advice.suggested_model ? 'suggested' : null].filter(Boolean);
      return element('tr', { class: model.ruled_out ? 'ruled-out' : null },
        element('th', { scope: 'row' }, model.model, marks.map((mark) => element('span', { class: `chip mark-${mark}` }, mark))),
        element('td', { class: 'bar-cell' }, bar(model, 'estimated') || element('span', { class: 'dim' }, '–')),
        again.size ? element('td', { class: 'bar-cell' }, bar(again.get(model.model), 'from-run') || element('span', { class: 'dim' }, '–')) : null,
        element('td', { class: 'number' }, bytes(model.predicted_bytes)),
        element('td', {}, model.ruled_out ? element('span', { class: 'chip' }, 'ruled out') : ''));
    })));
}

function workText(work) {
  if (!work) return null;
  const parts = [`${count(work.tasks)} tasks`, `${count(work.in_flight)}${work.unbounded ? ' or more' : ''} in flight`, `${seconds(work.cpu_seconds)} on the core each`];
  if (work.wait_seconds > 1e-6) parts.push(`${seconds(work.wait_seconds)} waiting`);
  if (work.stop_seconds > 1e-6) parts.push(`${seconds(work.stop_seconds)} blocked on what no event loop can watch`);
  if (work.serial_seconds > 1e-6) parts.push(`${seconds(work.serial_seconds)} under a shared lock`);
  return parts.join(', ');
}

function adviceCard(advice) {
  const verdict = adviceVerdicts.get(advice.id);
  const keep = advice.current_model === advice.suggested_model;
  return element('div', { class: 'card advice' },
    element('div', { class: 'card-head' }, element('h3', {}, keep ? `keep ${advice.current_model}` : `${advice.current_model} → ${advice.suggested_model}`), verdict ? verdictChip(verdict.verdict) : null,
      advice.region ? regionLink(advice.region) : element('span', {}, 'the program'), element('span', { class: 'dim' }, `confidence ${percent(advice.confidence)}`)),
    element('ul', {}, advice.reasons.map((reason) => element('li', {}, reason))),
    verdict ? element('p', {}, element('b', {}, 'The run says: '), verdict.why, verdict.measured_gain === null ? '' : ` (${threeDigits(verdict.measured_gain)} × as fast by the measured work)`) : null,
    modelBars(advice),
    advice.models.filter((model) => model.ruled_out).map((model) => element('p', { class: 'dim' }, element('b', {}, model.model), ` is ruled out: ${model.ruled_out}`)),
    advice.work ? element('p', { class: 'dim' }, `Estimated work: ${workText(advice.work)}.`) : null,
    verdict && verdict.work ? element('p', { class: 'dim' }, `Measured work: ${workText(verdict.work)}.`) : null,
    advice.changes && advice.changes.length ? element('details', { open: !keep }, element('summary', {}, 'What would have to change'),
      element('ul', {}, advice.changes.map((place) => element('li', {}, placeLink(place.file, place.line), ` ${place.text}`)))) : null);
}

function adviceView() {
  const order = (advice) => (advice.current_model === advice.suggested_model ? 1 : 0);
  const sorted = [...session.advice].sort((a, b) => order(a) - order(b));
  return [element('h1', {}, 'Advice'), sorted.length ? sorted.map(adviceCard) : note('There is no site at which a model could be chosen.'), hostNote()];
}

function hostNote() {
  const { host } = session;
  if (!host) return null;
  const machine = host.name ? `measured on ${host.name} (${host.processor ?? 'unknown processor'}, kernel ${host.kernel}), ${host.measured_at}` : 'defaults: corewise calibrate measures this host';
  return element('details', {}, element('summary', {}, `Costs of concurrency that the advice reckons with: ${machine}`), makeTable({
    label: 'costs of the host', rows: host.costs,
    columns: [
      { title: 'cost', value: (row) => row.name, cell: (row) => words(row.name) },
      { title: 'value', number: true, value: (row) => row.value, cell: (row) => (row.unit === 's' ? seconds(row.value) : row.unit === 'ns' ? seconds(row.value / 1e9) : row.unit === 'B' ? bytes(row.value) : threeDigits(row.value)) },
      { title: 'repetitions', number: true, value: (row) => row.samples, cell: (row) => (row.samples ? count(row.samples) : 'default') },
    ],
  }).node);
}
