/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict page: what corewise says of the program, and what the run said of that. */
function modelSentence() {
  const { program } = session;
  if (!program) return element('p', { class: 'lead' }, 'Nothing was analysed: classes and advice are unknown.');
  const keep = program.current_model === program.suggested_model;
  const about = session.advice.find((advice) => advice.region === null);
  const verdict = about && adviceVerdicts.get(about.id);
  return element('p', { class: 'lead' },
    element('b', { class: 'model' }, program.current_model), ` today (${words(program.shape)}), `, keep ? '' : 'suggested: ', element('b', { class: 'model' }, keep ? 'keep it' : program.suggested_model), ' ',
    verdict ? verdictChip(verdict.verdict) : null, element('span', { class: 'dim' }, ` confidence ${percent(program.confidence)}`));
}

const tile = (value, label, help) =>
  element('div', { class: 'tile', title: help }, element('b', {}, value), element('span', {}, label));

function tallyOf(records) {
  const tally = new Map(verdictOrder.map((kind) => [kind, 0]));
  for (const record of records) tally.set(record.verdict, (tally.get(record.verdict) || 0) + 1);
  return tally;
}

function runTiles() {
  if (!newestRun) return note('Nothing was measured yet: corewise check -p BUILD_DIR -- COMMAND runs and judges it.');
  const value = (metric) => measured('program', null, metric);
  return element('div', { class: 'tiles' },
    tile(seconds(newestRun.seconds), 'duration', newestRun.command),
    tile(count(newestRun.cores), newestRun.cores === 1 ? 'core' : 'cores'),
    tile(value('parallelism') === null ? '–' : threeDigits(value('parallelism')), 'parallelism', metricOf('parallelism').summary),
    tile(count(value('threads_peak')), 'threads at once'),
    tile(seconds(value('cpu_seconds')), 'on the cores'),
    tile(count(newestRun.lost_events), 'lost events', 'Figures rest on all events when none was lost'));
}

const verdictWords = { confirmed: 'confirmed', refuted: 'refuted', inconclusive: 'inconclusive', unattributed: 'without a class' };
function coverageBar() {
  const { coverage } = session;
  if (!coverage || !coverage.active) return null;
  const parts = ['confirmed', 'refuted', 'inconclusive', 'unattributed'];
  const share = (part) => (coverage[part] || 0) / coverage.active;
  return section('Classes', 'by active time: how far the source told what the run did',
    element('div', { class: 'coverage', role: 'img', 'aria-label': parts.map((part) => `${percent(share(part))} ${verdictWords[part]}`).join(', ') },
      parts.map((part) => element('span', { class: `fill-${part}`, style: { width: `${share(part) * 100}%` } }))),
    element('p', { class: 'legend' }, parts.map((part) => element('span', {}, element('i', { class: `fill-${part}` }), `${percent(share(part))} ${verdictWords[part]}`))));
}

function programSplit() {
  const split = timeSplit('program', null);
  if (!split) return null;
  return section('Where active time went', `${seconds(split.active)} over all threads; ${percent(split.idle)} of all time was waiting for the next task`,
    element('div', { class: 'wide-split' }, splitBar(split)), splitLegend());
}

function actionsSection() {
  const actions = session.first_actions || [];
  if (!newestRun || !session.program) return null;
  if (!actions.length) return section('Do first', null, note('Nothing: no change that was advised or found would be felt in this run.'));
  return section('Do first', 'what the run says is worth most', element('ol', { class: 'actions' }, actions.map((action) =>
    element('li', {}, action.text, ' ', placeLink(action.file, action.line),
      element('span', { class: 'dim' },
        action.saved_seconds === null ? '' : ` · saves at most ${seconds(action.saved_seconds)}`,
        action.gain === null ? '' : ` · ${threeDigits(action.gain)} × as fast`,
        action.memory_gain === null ? '' : ` · ${threeDigits(action.memory_gain)} × less memory`,
        ` · ${words(action.basis)}`)))));
}

function predictionColumns() {
  const verdictOf = (prediction) => verdicts.get(prediction.id) || {};
  return [
    { title: 'verdict', value: (row) => verdictOrder.indexOf(verdictOf(row).verdict), cell: (row) => (verdictOf(row).verdict ? verdictChip(verdictOf(row).verdict) : 'no run') },
    { title: 'region', value: (row) => row.region ?? '', cell: (row) => regionLink(row.region) },
    { title: 'predicted', value: (row) => row.metric, cell: (row) => element('span', { class: 'whole', title: (metricOf(row.metric) || {}).summary }, `${row.metric} ${{ '>=': '≥', '<=': '≤' }[row.comparison] || row.comparison} ${quantity(row.metric, row.value)}`) },
    { title: 'measured', number: true, value: (row) => verdictOf(row).measured, cell: (row) => element('span', { title: verdictOf(row).why }, quantity(row.metric, verdictOf(row).measured)) },
    { title: '95 % interval', value: (row) => verdictOf(row).measured, cell: (row) => (verdictOf(row).measured === null || !verdictOf(row).verdict ? '' : intervalGlyph(row, verdictOf(row))) },
    { title: 'samples', number: true, value: (row) => verdictOf(row).samples, cell: (row) => count(verdictOf(row).samples) },
  ];
}

function predictionsSection() {
  if (!session.predictions.length) return null;
  const table = makeTable({ label: 'predictions', columns: predictionColumns(), rows: session.predictions, empty: 'No prediction passes the filter.' });
  const tally = tallyOf([...verdicts.values()]);
  const filter = makeFilter({
    label: 'predictions',
    textOf: (row) => `${row.id} ${row.metric}`,
    choices: [{ label: 'verdict', values: verdictOrder, valueOf: (row) => (verdicts.get(row.id) || {}).verdict }],
    changed: (pass) => table.setRows(session.predictions.filter(pass)),
  });
  const subtitle = newestRun ? verdictOrder.map((kind) => `${tally.get(kind)} ${words(kind)}`).join(', ') : 'never run';
  return section('Predictions', subtitle, filter, table.node);
}

function refutedSection() {
  const refuted = session.predictions.filter((prediction) => (verdicts.get(prediction.id) || {}).verdict === 'refuted');
  if (!refuted.length) return null;
  return section('Refuted', 'what the source promised and the run did not keep', refuted.slice(0, 12).map((prediction) => {
    const verdict = verdicts.get(prediction.id);
    const region = regions.get(prediction.region);
    const reason = region && region.evidence[region.evidence.length - 1];
    return element('div', { class: 'card refuted' }, element('div', { class: 'card-head' }, verdictChip('refuted'), regionLink(prediction.region), intervalGlyph(prediction, verdict)),
      element('p', {}, verdict.why),
      reason ? element('p', { class: 'dim' }, 'Predicted because of ', placeLink(reason.file, reason.line), `: ${reason.text}`) : null);
  }));
}

const overviewExtras = () => [gapsSection(), unitsSection()];
function gapsSection() {
  const gaps = ofRun(session.gaps);
  if (!gaps.length) return null;
  return section('Seen, and not foreseen', 'what the run saw and the analysis does not know', makeTable({
    label: 'gaps', rows: gaps, sort: 2, descending: true,
    columns: [
      { title: 'what', value: (row) => row.what },
      { title: 'name', value: (row) => row.name, cell: (row) => [row.name, ' ', placeLink(row.file, row.line)] },
      { title: 'time', number: true, value: (row) => row.seconds, cell: (row) => seconds(row.seconds) },
      { title: 'missing', value: (row) => row.missing },
    ],
  }).node);
}

function unitsSection() {
  const failed = session.units.failed;
  const unknown = session.unknown_functions;
  return [
    failed.length ? section('Units that could not be analysed', `${failed.length} of ${session.units.total}`,
      element('ul', {}, failed.map((unit) => element('li', {}, element('code', {}, unit.file), ` ${unit.error}`)))) : null,
    unknown.length ? section('Unknown library functions', 'no effects file tells what they do, which lowers the confidence',
      element('p', {}, unknown.slice(0, 60).map((each) => element('span', { class: 'unknown', title: plural(each.calls, 'call') }, element('code', {}, each.name), ' ', placeLink(each.file, each.line), ' ')))) : null,
  ];
}

function overviewView() {
  const { program } = session;
  return [
    element('div', { class: 'hero' }, element('h1', {}, program ? program.name : newestRun ? newestRun.command : 'Empty session'), modelSentence(),
      program && program.reasons.length ? element('ul', {}, program.reasons.map((reason) => element('li', {}, reason))) : null,
      newestRun ? element('p', { class: 'dim' }, 'Measured: ', element('code', {}, newestRun.command), ` on ${newestRun.host}`, newestRun.started ? `, ${newestRun.started.replace('T', ' ').replace(/\..*/, ' UTC')}` : '') : null),
    runTiles(), actionsSection(), programSplit(), coverageBar(), refutedSection(), predictionsSection(), overviewExtras(),
  ];
}
