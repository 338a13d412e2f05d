/* SPDX-License-Identifier: Apache-2.0 */
/* The graphs that Graphviz has laid out. Its SVG holds names of the watched program, so only shapes and text are taken over from it. */
const shapeNames = new Set(['svg', 'g', 'path', 'polygon', 'polyline', 'ellipse', 'circle', 'rect', 'line', 'text', 'tspan', 'title', 'defs', 'linearGradient', 'radialGradient', 'stop']);
const shapeAttributes = new Set(('viewBox transform d points x y x1 x2 y1 y2 cx cy r rx ry width height fill stroke stroke-width stroke-dasharray stroke-opacity fill-opacity opacity ' +
  'text-anchor font-family font-size font-weight font-style text-decoration class offset stop-color stop-opacity gradientUnits').split(' '));

/* Parsing is no drawing, but browsers guard it: this is the one place that may. */
const parsePolicy = window.trustedTypes ? window.trustedTypes.createPolicy('corewise', { createHTML: (text) => text }) : { createHTML: (text) => text };

const linkNames = 'http://www.w3.org/1999/xlink';

/* The place that a link of the graph, `#LINE/FILE`, leads to; null when its source is not in the page. */
function placeOf(link) {
  const parts = /^#(\d+)\/(.*)$/.exec(link || '');
  const file = parts && decodeURIComponent(parts[2]);
  return sources.has(file) ? { file, line: Number(parts[1]) } : null;
}

function copyShape(original) {
  const name = original.localName;
  if (name === 'a') {
    const tip = original.getAttributeNS(linkNames, 'title') || '';
    const place = placeOf(original.getAttributeNS(linkNames, 'href'));
    const children = [...original.children].map(copyShape);
    return drawing(place ? 'a' : 'g', place ? { href: route('source', place.file, place.line) } : {}, tip ? drawing('title', {}, tip) : null, children);
  }
  if (!shapeNames.has(name)) return null;
  const copy = drawing(name, {});
  for (const attribute of original.attributes)
    if (shapeAttributes.has(attribute.name) && !/url|script|:/i.test(attribute.value)) copy.setAttribute(attribute.name, attribute.value);
  for (const child of original.childNodes) {
    if (child.nodeType === Node.TEXT_NODE && (name === 'text' || name === 'tspan' || name === 'title')) append(copy, [child.nodeValue]);
    const shape = child.nodeType === Node.ELEMENT_NODE && child.localName !== 'title' ? copyShape(child) : null;
    if (shape) copy.appendChild(shape);
  }
  return copy;
}

function drawGraph(graph) {
  const svg = isDark() ? graph.dark : graph.light;
  if (svg === null) return note(`This graph could not be drawn: ${graph.problem}`);
  const parsed = new DOMParser().parseFromString(parsePolicy.createHTML(svg), 'image/svg+xml');
  const copy = parsed.documentElement.localName === 'svg' ? copyShape(parsed.documentElement) : null;
  if (!copy || !copy.getAttribute('viewBox')) return note('This graph could not be read.');
  const size = copy.viewBox.baseVal;
  copy.removeAttribute('width');
  copy.removeAttribute('height');
  copy.setAttribute('role', 'img');
  copy.setAttribute('aria-label', graph.summary);
  const area = makeZoom(copy, graph.kind);
  area.style.setProperty('--shape', `${size.width} / ${size.height}`);
  return area;
}

/* The graph in the colours of the page, also when these change. */
function graphArea(graph) {
  const area = element('div', {}, drawGraph(graph));
  let dark = isDark();
  const change = () => {
    if (!area.isConnected) document.removeEventListener('themechange', change);
    else if (dark !== isDark()) area.replaceChildren(drawGraph(graph));
    dark = isDark();
  };
  document.addEventListener('themechange', change);
  return area;
}

function graphsView(kind) {
  if (!data.graphs.length) return [element('h1', {}, 'Graphs'), note('There is no graph.')];
  const shown = data.graphs.find((graph) => graph.kind === kind) || data.graphs[0];
  return [element('h1', {}, 'Graphs', element('small', {}, shown.summary)),
    element('div', { class: 'tabs', role: 'tablist' }, data.graphs.map((graph) => element('a', { role: 'tab', href: route('graphs', graph.kind), 'aria-selected': graph === shown ? 'true' : 'false' }, words(graph.kind)))),
    graphArea(shown)];
}
