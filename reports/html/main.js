/* SPDX-License-Identifier: Apache-2.0 */
/* The frame around the views: navigation, addresses behind #, keys. */
const views = [
  ...(data.difference ? [{ name: 'compare', title: 'Compare', show: compareView }] : []),
  { name: 'overview', title: 'Verdicts', show: overviewView },
  { name: 'advice', title: 'Advice', show: adviceView, number: session.advice.length },
  { name: 'regions', title: 'Regions', show: regionsView, number: session.regions.length },
  { name: 'findings', title: 'Findings', show: findingsView, number: session.findings.length },
  { name: 'source', title: 'Source', show: sourceView, after: scrollToLine },
  { name: 'waits', title: 'Threads and waits', show: waitsView },
  { name: 'graphs', title: 'Graphs', show: graphsView },
  { name: 'stacks', title: 'Call stacks', show: flameView },
  { name: 'timeline', title: 'Timeline', show: timelineView },
];
const hidden = [{ name: 'region', show: regionView, within: 'regions' }];

const content = element('main', { id: 'content', tabindex: -1 });
const links = views.map((view, index) => element('a', { href: route(view.name) }, element('kbd', {}, index + 1 === 10 ? 0 : index + 1), element('span', {}, view.title), view.number ? element('small', {}, count(view.number)) : null));
const help = element('dialog', { class: 'help', 'aria-label': 'keys' }, element('h2', {}, 'Keys'),
  element('dl', {}, [['1 … 9', 'the views, in order'], ['/', 'search'], ['+ − 0 and arrows', 'zoom and move graphs, stacks and the timeline'], ['Enter, Escape', 'zoom into a call stack, and out'], ['t', 'colours: as the system has them, light, dark'], ['?', 'these keys']].map(([key, word]) => [element('dt', {}, element('kbd', {}, key)), element('dd', {}, word)])),
  element('button', { type: 'button', on: { click: () => help.close() } }, 'Close'));
const theme = makeThemeButton();

function wanted() {
  let parts = [];
  try {
    parts = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  } catch {
    /* an address that somebody mistyped */
  }
  const view = [...views, ...hidden].find((each) => each.name === parts[0]) || views[0];
  return { view, parts: parts.slice(1) };
}

function show() {
  const { view, parts } = wanted();
  content.replaceChildren();
  content.dataset.address = location.hash;
  append(content, [view.show(...parts)]);
  links.forEach((link, index) => {
    if (views[index].name === (view.within || view.name)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  });
  document.title = visible(`${view.title || parts[0]} · ${session.program ? session.program.name : 'corewise'}`);
  window.scrollTo(0, 0);
  if (view.after) view.after();
}

document.addEventListener('keydown', (event) => {
  const typing = event.target.closest('input, select, textarea');
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape' && typing) typing.blur();
  if (typing) return;
  const index = '1234567890'.indexOf(event.key);
  if (index >= 0 && views[index]) location.hash = route(views[index].name);
  else if (event.key === '/') (content.querySelector('.search') || links[0]).focus();
  else if (event.key === 't') theme.click();
  else if (event.key === '?') help.showModal();
  else return;
  event.preventDefault();
});
window.addEventListener('hashchange', () => {
  show();
  content.focus({ preventScroll: true });
});

append(document.getElementById('page'), [
  element('a', { class: 'skip', href: '#/', on: { click: (event) => { event.preventDefault(); content.focus(); } } }, 'Skip to the content'),
  element('header', {}, element('a', { class: 'brand', href: '#/' }, element('b', {}, 'corewise'), element('span', {}, session.program ? session.program.name : 'session')),
    element('nav', { 'aria-label': 'views' }, links),
    element('div', { class: 'tools' }, theme, element('button', { type: 'button', on: { click: () => help.showModal() } }, '? keys'), element('button', { type: 'button', on: { click: () => window.print() } }, 'print'))),
  content, help,
  element('footer', {}, `corewise ${session.corewise}`, session.root ? [' · root ', element('code', {}, session.root)] : null, ' · this file loads nothing and sends nothing'),
]);
show();
