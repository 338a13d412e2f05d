/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the page from elements and text only: no string ever becomes markup, and no link leaves the page. */

/* Control characters, format characters (bidirectional overrides among them) and separators become visible. */
const invisible = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ufff9-\ufffb]/g;
function visible(text) {
  return String(text ?? '').replace(invisible, (character) => {
    const code = character.codePointAt(0);
    const short = { 9: '\\t', 10: '\\n', 13: '\\r' }[code];
    return short || (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`);
  });
}

function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(visible(child)));
  }
  return parent;
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name === 'style') for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else if (name === 'href' && !value.startsWith('#')) throw new Error('a link out of the page');
    else node.setAttribute(name, value === true ? '' : visible(value));
  }
  return append(node, children);
}

const element = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
const drawing = (name, attributes, ...children) =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

const route = (...parts) => `#/${parts.map((part) => encodeURIComponent(part)).join('/')}`;

/* `file:line` that leads to the source view. */
function placeLink(file, line) {
  if (!file) return null;
  const text = line ? `${file}:${line}` : file;
  if (!sources.has(file)) return element('span', { class: 'place' }, text);
  return element('a', { class: 'place', href: route('source', file, line || 1) }, text);
}

/* A region's name that leads to its page; its place stands behind it. */
function regionLink(id) {
  const region = regions.get(id);
  if (!region) return element('span', {}, id ?? 'program');
  return element('a', { class: 'region', href: route('region', id), title: id }, region.function,
    element('span', { class: 'dim' }, ` ${region.file}:${region.line}`));
}

const words = (text) => text.replace(/_/g, ' ');
const classChip = (name) => element('span', { class: `chip class-${name}` }, name);
const verdictMarks = { confirmed: '✓', refuted: '✗', inconclusive: '?', not_exercised: '–', seen: '!', not_seen: '✓', not_observable: '–' };
const verdictChip = (name) =>
  element('span', { class: `chip verdict-${name}` }, `${verdictMarks[name] || ''} ${words(name)}`);
const severityChip = (name) => element('span', { class: `chip severity-${name}` }, name);
const note = (text) => element('p', { class: 'note' }, text);
const section = (title, subtitle, ...children) =>
  element('section', {}, element('h2', {}, title, subtitle ? element('small', {}, subtitle) : null), children);

/* The parts of active time as one bar; what it shows is said in words, too. */
const splitParts = [
  ['cpu', 'on core'], ['queue', 'waits for a core'], ['io_work', 'I/O work'], ['io_wait', 'I/O wait'], ['lock', 'waits for threads'],
];
function splitBar(split) {
  const said = splitParts.filter(([part]) => split[part] >= 0.005).map(([part, word]) => `${word} ${percent(split[part])}`);
  const bar = element('span', { class: 'split', role: 'img', 'aria-label': said.join(', '), title: said.join('\n') });
  for (const [part] of splitParts)
    if (split[part] > 0) bar.appendChild(element('span', { class: `part-${part}`, style: { width: `${split[part] * 100}%` } }));
  return bar;
}
const splitLegend = () =>
  element('p', { class: 'legend' }, splitParts.map(([part, word]) => element('span', {}, element('i', { class: `part-${part}` }), word)));

/* A predicted half-line, the threshold, and the measured value with its interval, on one scale. */
function intervalGlyph(prediction, verdict) {
  const width = 150, height = 18, middle = height / 2;
  const share = (metricOf(prediction.metric) || {}).share;
  const values = [prediction.value, verdict.measured, verdict.high].filter((value) => value !== null && value !== undefined);
  const top = share ? 1 : Math.max(...values, 1e-9) * 1.2;
  const at = (value) => 2 + Math.min(Math.max(value / top, 0), 1) * (width - 4);
  const upward = prediction.comparison.startsWith('>');
  const begin = upward ? at(prediction.value) : at(0), end = upward ? at(top) : at(prediction.value);
  const said = `predicted ${prediction.comparison} ${quantity(prediction.metric, prediction.value)}, measured ${quantity(prediction.metric, verdict.measured)}`;
  const glyph = drawing('svg', { class: `interval verdict-${verdict.verdict}`, width, height, role: 'img', 'aria-label': said },
    drawing('title', {}, said),
    drawing('rect', { class: 'promised', x: begin, y: 2, width: Math.max(end - begin, 1), height: height - 4 }),
    drawing('line', { class: 'axis', x1: 2, x2: width - 2, y1: middle, y2: middle }),
    drawing('line', { class: 'threshold', x1: at(prediction.value), x2: at(prediction.value), y1: 1, y2: height - 1 }));
  if (verdict.measured !== null) {
    if (verdict.low !== null)
      glyph.appendChild(drawing('rect', { class: 'range', x: at(verdict.low), y: middle - 3, width: Math.max(at(verdict.high) - at(verdict.low), 1), height: 6, rx: 2 }));
    glyph.appendChild(drawing('circle', { class: 'value', cx: at(verdict.measured), cy: middle, r: 4 }));
  }
  return glyph;
}
