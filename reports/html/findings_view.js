/* SPDX-License-Identifier: Apache-2.0 */
/* Hazards found in the source, with the path of places that leads to each, and what the run saw of them. */
const severities = ['error', 'warning', 'note'];

function findingCard(finding) {
  const verdict = findingVerdicts.get(finding.fingerprint);
  return element('div', { class: `card finding severity-border-${finding.severity}` },
    element('div', { class: 'card-head' }, severityChip(finding.severity), element('b', {}, finding.rule), placeLink(finding.file, finding.line), verdict ? verdictChip(verdict.verdict) : null, finding.suppressed ? element('span', { class: 'chip' }, 'suppressed') : null),
    element('p', {}, finding.message),
    verdict && verdict.why ? element('p', {}, element('b', {}, 'The run says: '), verdict.why) : null,
    finding.justification ? element('p', { class: 'dim' }, `Suppressed: ${finding.justification}`) : null,
    finding.path.length ? placesList(finding.path) : null);
}

function findingsView() {
  const list = element('div', { class: 'cards' });
  const rank = (finding) => (finding.suppressed ? 10 : 0) + severities.indexOf(finding.severity) - ((findingVerdicts.get(finding.fingerprint) || {}).verdict === 'seen' ? 5 : 0);
  const sorted = [...session.findings].sort((a, b) => rank(a) - rank(b));
  const draw = (shown) => list.replaceChildren(...(shown.length ? shown.slice(0, 300).map(findingCard) : [note('No finding passes the filter.')]), ...(shown.length > 300 ? [note(`${count(shown.length - 300)} more: narrow the search.`)] : []));
  if (!sorted.length) return [element('h1', {}, 'Findings'), note(session.program ? 'None: corewise lint tells more of the rules that were tried.' : 'No source was analysed.')];
  const filter = makeFilter({
    label: 'findings',
    textOf: (finding) => `${finding.rule} ${finding.message} ${finding.file}:${finding.line} ${finding.function ?? ''}`,
    choices: [
      { label: 'severity', values: severities, valueOf: (finding) => finding.severity },
      { label: 'rule', values: [...new Set(sorted.map((finding) => finding.rule))].sort(), valueOf: (finding) => finding.rule },
    ],
    changed: (pass) => draw(sorted.filter(pass)),
  });
  draw(sorted);
  return [element('h1', {}, 'Findings', element('small', {}, plural(sorted.length, 'hazard'))), filter, list];
}
