/* SPDX-License-Identifier: Apache-2.0 */
/* What changed between two sessions, and whether it is more than chance. The rest of the page shows the later one. */
function changeGlyph(change) {
  if (change.low === null || change.high === null) return '';
  const width = 150, height = 18, middle = height / 2;
  const reach = Math.max(Math.abs(change.low), Math.abs(change.high), 1e-12) * 1.1;
  const at = (value) => width / 2 + (value / reach) * (width / 2 - 4);
  return drawing('svg', { class: `interval ${change.significant ? 'certain' : 'chance'}`, width, height, role: 'img', 'aria-label': `between ${quantity(change.metric, change.low)} and ${quantity(change.metric, change.high)}` },
    drawing('line', { class: 'axis', x1: 2, x2: width - 2, y1: middle, y2: middle }), drawing('line', { class: 'threshold', x1: width / 2, x2: width / 2, y1: 1, y2: height - 1 }),
    drawing('rect', { class: 'range', x: at(change.low), y: middle - 3, width: Math.max(at(change.high) - at(change.low), 1), height: 6, rx: 2 }), drawing('circle', { class: 'value', cx: at(change.difference), cy: middle, r: 4 }));
}

function sideCard(title, side) {
  return element('div', { class: 'card' }, element('h3', {}, title), element('p', {}, element('b', {}, side.program ?? 'not analysed'), side.current_model ? `: ${side.current_model} today, suggested ${side.suggested_model}` : ''),
    side.command ? element('code', {}, side.command) : note('never run'));
}

const changeSubject = (change) => (change.subject === 'program' ? 'program' : change.subject === 'region' ? regionLink(change.after_id) : element('code', {}, change.after_id));
const changeCertainty = (change) => (change.significant === null ? 'not judged' : change.significant ? 'certain' : 'may be chance');

function changesSection(difference) {
  const certain = difference.changes.filter((change) => change.significant);
  const table = makeTable({
    label: 'changes', rows: certain, sort: 4, empty: 'Nothing changed by more than chance.',
    columns: [
      { title: 'subject', value: (row) => row.after_id ?? 'program', cell: changeSubject },
      { title: 'metric', value: (row) => row.metric, cell: (row) => element('span', { title: (metricOf(row.metric) || {}).summary }, row.metric) },
      { title: 'before', number: true, value: (row) => row.before, cell: (row) => quantity(row.metric, row.before) },
      { title: 'after', number: true, value: (row) => row.after, cell: (row) => quantity(row.metric, row.after) },
      { title: 'change and its interval', value: (row) => -Math.abs(row.difference / (Math.abs(row.before) || 1)), cell: changeGlyph },
      { title: '', value: changeCertainty },
    ],
  });
  const filter = makeFilter({
    label: 'changes', textOf: (change) => `${change.after_id ?? 'program'} ${change.metric}`,
    choices: [{ label: 'subject', values: ['program', 'region', 'lock'], valueOf: (change) => change.subject }],
    changed: (pass) => { chosen = pass; draw(); },
  });
  let chosen = () => true;
  const all = element('input', { type: 'checkbox', on: { change: () => draw() } });
  const draw = () => table.setRows((all.checked ? difference.changes : certain).filter(chosen));
  filter.appendChild(element('label', { class: 'check' }, all, ' also what may be chance'));
  return section('Changes', `${count(certain.length)} of ${count(difference.changes.length)} values are more than chance, all of them together at 95 %`, filter, table.node);
}

function compareView() {
  const { difference } = data;
  if (!difference) return [element('h1', {}, 'Compare'), note('This page shows one session: corewise diff BEFORE.cw AFTER.cw --format html compares two.')];
  const lone = [...difference.only_before.map((each) => ({ ...each, only: 'before' })), ...difference.only_after.map((each) => ({ ...each, only: 'after' }))];
  const wall = difference.changes.find((change) => change.subject === 'program' && change.metric === 'wall_seconds');
  return [element('h1', {}, 'Before and after'), element('div', { class: 'columns' }, sideCard('before', difference.before), sideCard('after', difference.after)),
    wall && wall.before && wall.after ? element('p', { class: 'lead' }, `${seconds(wall.before)} before, ${seconds(wall.after)} after: `, element('b', {}, `${threeDigits(wall.before / wall.after)} times as fast`), '. One run each does not tell how much of that is chance.') : null,
    difference.verdicts.length ? section('Verdicts that changed', null, makeTable({
      label: 'changed verdicts', rows: difference.verdicts,
      columns: [
        { title: 'prediction', value: (row) => row.after_prediction },
        { title: 'before', value: (row) => row.before, cell: (row) => verdictChip(row.before) },
        { title: 'after', value: (row) => row.after, cell: (row) => verdictChip(row.after) },
        { title: 'why', value: (row) => row.why },
      ],
    }).node) : null,
    changesSection(difference),
    lone.length ? section('In one of the two only', null, makeTable({ label: 'in one only', rows: lone, columns: [{ title: 'only', value: (row) => row.only }, { title: 'what', value: (row) => row.what }, { title: 'name', value: (row) => row.id }] }).node) : null];
}
