/* SPDX-License-Identifier: Apache-2.0 */
/* All regions as a table, and a page of each. */
const regionKinds = [...new Set(session.regions.map((region) => region.kind))].sort();
const workClasses = ['cpu', 'io', 'lock', 'mixed', 'light'];

function regionVerdictCell(region) {
  const worst = worstPrediction(region.id);
  if (worst && worst.verdict) return [verdictChip(worst.verdict.verdict), element('span', { class: 'dim' }, worst.verdict.measured === null ? '' : ` ${quantity(worst.prediction.metric, worst.verdict.measured)}`)];
  const class_ = data.measured_classes[region.id];
  return class_ ? element('span', { class: 'dim' }, `measured ${class_}`) : '';
}

function regionColumns() {
  const value = (metric) => (region) => measured('region', region.id, metric);
  const columns = [
    { title: 'region', value: (region) => region.id, cell: (region) => regionLink(region.id) },
    { title: 'kind', value: (region) => region.kind, cell: (region) => words(region.kind) },
    { title: 'class', help: 'predicted from the source', value: (region) => region.class, cell: (region) => classChip(region.class) },
    { title: 'sure', help: 'confidence of the class', number: true, value: (region) => region.confidence, cell: (region) => percent(region.confidence) },
  ];
  if (newestRun)
    columns.push(
      { title: 'active', help: metricOf('active_seconds').summary, number: true, value: value('active_seconds'), cell: (region) => seconds(value('active_seconds')(region)) },
      { title: 'self', help: metricOf('self_cpu_seconds').summary, number: true, value: value('self_cpu_seconds'), cell: (region) => seconds(value('self_cpu_seconds')(region)) },
      { title: 'active time', help: 'on core, run queue, I/O, locks', value: value('cpu_share'), cell: (region) => { const split = timeSplit('region', region.id); return split ? splitBar(split) : ''; } },
      { title: 'idle', help: metricOf('idle_share').summary, number: true, value: value('idle_share'), cell: (region) => percent(value('idle_share')(region)) },
      { title: 'verdict', value: (region) => { const worst = worstPrediction(region.id); return worst && worst.verdict ? worst.rank : null; }, cell: regionVerdictCell });
  else
    columns.push({ title: 'because', value: (region) => (region.evidence.length ? region.evidence[region.evidence.length - 1].text : ''), cell: (region) => { const place = region.evidence[region.evidence.length - 1]; return place ? [placeLink(place.file, place.line), ` ${place.text}`] : ''; } });
  return columns;
}

function regionsView() {
  if (!session.regions.length) return [element('h1', {}, 'Regions'), note('No source was analysed: corewise check -p BUILD_DIR -- COMMAND reads it as well.')];
  const table = makeTable({ label: 'regions', columns: regionColumns(), rows: session.regions, sort: newestRun ? 4 : 3, descending: true, empty: 'No region passes the filter.' });
  const ran = (region) => (measured('region', region.id, 'active_seconds') > 0 ? 'ran' : 'did_not_run');
  const filter = makeFilter({
    label: 'regions',
    textOf: (region) => `${region.id} ${words(region.kind)}`,
    choices: [
      { label: 'class', values: workClasses, valueOf: (region) => region.class },
      { label: 'kind', values: regionKinds, valueOf: (region) => region.kind },
      { label: 'verdict', values: verdictOrder, valueOf: (region) => ((worstPrediction(region.id) || {}).verdict || {}).verdict },
      ...(newestRun ? [{ label: 'activity', values: ['ran', 'did_not_run'], valueOf: ran }] : []),
    ],
    changed: (pass) => table.setRows(session.regions.filter(pass)),
  });
  return [element('h1', {}, 'Regions', element('small', {}, `${count(session.regions.length)} pieces of code with a class`)), filter, table.node, newestRun ? splitLegend() : null];
}

const placesList = (places) => element('ol', { class: 'path' }, places.map((place) =>
  element('li', {}, placeLink(place.file, place.line), ' ', place.text, place.thread ? element('span', { class: 'dim' }, ` (${place.thread})`) : null)));

function estimateRows(region) {
  const rows = [['on the core', region.seconds.cpu], ['of it I/O work', region.seconds.io_work]];
  for (const [cause, estimate] of Object.entries(region.seconds.blocked)) rows.push([`blocked: ${words(cause)}`, estimate]);
  return rows.filter(([, estimate]) => estimate).map(([part, estimate]) => element('tr', {}, element('th', { scope: 'row' }, part),
    ['low', 'typical', 'high'].map((bound) => element('td', { class: 'number' }, seconds(estimate[bound])))));
}

function regionMeasurements(id) {
  const rows = ofRun(session.measurements).filter((each) => each.region === id && each.value !== 0);
  return rows.length === 0 ? null : section('Measured', null, makeTable({
    label: 'measurements', rows,
    columns: [
      { title: 'metric', value: (row) => row.metric },
      { title: 'value', number: true, value: (row) => row.value, cell: (row) => quantity(row.metric, row.value) },
      { title: 'samples', number: true, value: (row) => row.samples, cell: (row) => count(row.samples) },
      { title: 'is', value: (row) => (metricOf(row.metric) || {}).summary ?? '' },
    ],
  }).node);
}

function regionView(id) {
  const region = regions.get(id);
  if (!region) return [element('h1', {}, 'No such region'), note(id)];
  const split = timeSplit('region', id);
  const own = predictionsOfRegion.get(id) || [];
  const found = session.findings.filter((finding) => finding.region === id);
  const estimates = estimateRows(region);
  return [
    element('p', { class: 'crumbs' }, element('a', { href: '#/regions' }, 'Regions'), ' › ', words(region.kind)),
    element('h1', {}, region.function, ' ', placeLink(region.file, region.line)),
    element('p', {}, classChip(region.class), ` predicted, ${percent(region.confidence)} sure`, data.measured_classes[id] ? [' · measured ', classChip(data.measured_classes[id])] : null, region.lock ? [' · holds ', element('code', {}, region.lock)] : null),
    split ? [element('div', { class: 'wide-split' }, splitBar(split)), splitLegend()] : newestRun ? note('It did not run, or too briefly to be seen.') : null,
    own.length ? section('Predictions', null, makeTable({ label: 'predictions', columns: predictionColumns().filter((column) => column.title !== 'region'), rows: own }).node) : null,
    own.map((prediction) => verdicts.get(prediction.id)).filter((verdict) => verdict && verdict.why).map((verdict) => note(verdict.why)),
    region.evidence.length ? section('Why this class', 'the path to what decides it', placesList(region.evidence)) : null,
    region.idle_sites.length ? section('Waits for the next task at', null, placesList(region.idle_sites)) : null,
    estimates.length ? section('Estimated time of one call', 'from the source, idle time excluded', element('table', { class: 'estimates' }, element('thead', {}, element('tr', {}, ['', 'at least', 'typically', 'at most'].map((title) => element('th', { scope: 'col' }, title)))), element('tbody', {}, estimates))) : null,
    found.length ? section('Findings', null, found.map(findingCard)) : null,
    regionMeasurements(id),
  ];
}
