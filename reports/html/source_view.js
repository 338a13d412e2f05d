/* SPDX-License-Identifier: Apache-2.0 */
/* The source with what is known of it in the margin: classes, time on the core and blocked, findings, idle sites. */

/* file → line → seconds, of all stacks that pass the line; idle waits left out. Made when first needed. */
let lineTimes = null;
function timesOf(file) {
  if (!lineTimes) {
    lineTimes = new Map();
    for (const stack of callStacks) {
      if (stack.idle) continue;
      const seen = new Set();
      for (const frame of framesOf(stack)) {
        const key = `${frame.file}:${frame.line}`;
        if (!frame.file || !frame.line || seen.has(key)) continue;
        seen.add(key);
        if (!lineTimes.has(frame.file)) lineTimes.set(frame.file, new Map());
        const lines = lineTimes.get(frame.file);
        if (!lines.has(frame.line)) lines.set(frame.line, { running: 0, blocked: 0 });
        lines.get(frame.line)[stack.activity] += stack.seconds;
      }
    }
  }
  return lineTimes.get(file) || new Map();
}

function marginNotes(file) {
  const notes = new Map();
  const add = (line, node) => notes.set(line, [...(notes.get(line) || []), node]);
  for (const region of regionsOfFile.get(file) || []) {
    const split = timeSplit('region', region.id);
    const worst = worstPrediction(region.id);
    add(region.line, element('div', { class: 'margin region-note' }, classChip(region.class), element('a', { href: route('region', region.id) }, `${words(region.kind)} ${region.function}`),
      split ? [element('span', { class: 'dim' }, ` active ${seconds(split.active)} `), splitBar(split)] : null, worst && worst.verdict && worst.verdict.verdict !== 'not_exercised' ? verdictChip(worst.verdict.verdict) : null));
    for (const site of region.idle_sites)
      if (site.file === file) add(site.line, element('div', { class: 'margin' }, element('span', { class: 'chip' }, 'idle'), ` waits for the next task: ${site.text}`));
  }
  for (const finding of findingsOfFile.get(file) || []) {
    const verdict = findingVerdicts.get(finding.fingerprint);
    add(finding.line, element('div', { class: `margin severity-border-${finding.severity}` }, severityChip(finding.severity), element('b', {}, ` ${finding.rule} `), finding.message, verdict ? [' ', verdictChip(verdict.verdict)] : null));
  }
  return notes;
}

/* Which class each line belongs to: that of the smallest region around it. */
function classOfLines(file, total) {
  const classes = new Array(total + 2).fill(null);
  const sorted = [...(regionsOfFile.get(file) || [])].sort((a, b) => b.end_line - b.line - (a.end_line - a.line));
  for (const region of sorted)
    for (let line = region.line; line <= Math.min(region.end_line, total); line++) classes[line] = region;
  return classes;
}

const linesPerBlock = 100;

function sourceLines(file, text, marked) {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  const times = timesOf(file), notes = marginNotes(file), classes = classOfLines(file, lines.length);
  const most = Math.max(...[...times.values()].map((each) => Math.max(each.running, each.blocked)), 1e-9);
  const heat = (kind, value) => element('span', { class: `heat ${kind}`, title: value ? `${seconds(value)} ${kind === 'running' ? 'on the core' : 'blocked'} with this line on the stack` : null },
    value ? [element('i', { style: { width: `${(value / most) * 100}%` } }), element('b', {}, seconds(value))] : null);
  const code = element('div', { class: 'code', role: 'table', 'aria-label': file });
  let block = null, inside = false;
  lines.forEach((line, index) => {
    const number = index + 1;
    if (index % linesPerBlock === 0) {
      block = element('div', { class: 'block', role: 'rowgroup' });
      block.style.setProperty('contain-intrinsic-size', `auto ${linesPerBlock * 1.45}em`);
      code.appendChild(block);
    }
    const highlighted = highlightLine(line, inside);
    inside = highlighted.inside;
    for (const noted of notes.get(number) || []) block.appendChild(noted);
    const time = times.get(number) || {};
    const region = classes[number];
    block.appendChild(element('div', { class: number === marked ? 'line marked' : 'line', id: `L${number}`, role: 'row', 'data-line': number },
      element('a', { class: 'number', href: route('source', file, number), role: 'rowheader' }, number),
      element('span', { class: region ? `band class-${region.class}` : 'band', title: region ? `${region.class}: ${region.id}` : null }),
      times.size ? [heat('running', time.running), heat('blocked', time.blocked)] : null,
      element('code', { role: 'cell' }, highlighted.nodes)));
  });
  return code;
}

function fileWeights() {
  const active = new Map();
  for (const region of session.regions) active.set(region.file, Math.max(active.get(region.file) || 0, measured('region', region.id, 'active_seconds') ?? 0));
  return data.sources.map((source) => ({ ...source, active: active.get(source.file) || 0, findings: (findingsOfFile.get(source.file) || []).length }));
}

function fileList(current) {
  const list = element('ul', { class: 'files' });
  const files = fileWeights();
  const draw = (text) => list.replaceChildren(...files.filter((each) => each.file.toLowerCase().includes(text)).map((each) =>
    element('li', {}, element('a', { href: route('source', each.file), 'aria-current': each.file === current ? 'true' : null, class: each.missing ? 'missing' : null },
      element('b', { title: each.file }, each.file.replace(/^.*\//, '')), element('span', { class: 'folder' }, each.file.includes('/') ? ` ${each.file.replace(/\/[^/]*$/, '')}` : ''), each.findings ? [' ', element('span', { class: 'chip severity-warning', title: 'findings' }, plural(each.findings, 'finding'))] : null, each.active ? element('span', { class: 'dim' }, ` ${seconds(each.active)}`) : null))));
  const search = element('input', { type: 'search', class: 'search', placeholder: 'Search files', 'aria-label': 'Search files', on: { input: () => draw(search.value.toLowerCase()) } });
  draw('');
  return element('nav', { class: 'file-list', 'aria-label': 'source files' }, search, list);
}

function sourceView(file, lineText) {
  const first = file || (data.sources.find((source) => source.text !== null) || data.sources[0] || {}).file;
  if (!first) return [element('h1', {}, 'Source'), note('The session speaks of no file of the program.')];
  const source = sources.get(first), line = Number(lineText) || hottestLine(first);
  const title = element('h1', { class: 'file-title' }, first);
  const legend = callStacks.length ? element('p', { class: 'legend' }, workClasses.map((name) => element('span', {}, element('i', { class: `class-${name}` }), name)), element('span', {}, element('i', { class: 'part-cpu' }), 'seconds on the core'), element('span', {}, element('i', { class: 'part-lock' }), 'seconds blocked')) : null;
  const shown = source && source.text !== null ? [source.changed ? note('This file is not what was analysed any more: places may have moved.') : null, legend, sourceLines(first, source.text, line)]
    : note(`The text of ${first} is not in this page: ${source ? source.missing : 'it is not part of the program'}.`);
  return [element('div', { class: 'source' }, fileList(first), element('div', { class: 'source-text' }, title, shown))];
}

/* Where to begin in a file: at a finding, at what ran longest, or at its first region. */
function hottestLine(file) {
  const [finding] = findingsOfFile.get(file) || [];
  const [hottest] = [...timesOf(file)].sort((a, b) => b[1].running + b[1].blocked - a[1].running - a[1].blocked);
  const [region] = regionsOfFile.get(file) || [];
  return (finding || {}).line || (hottest || [])[0] || (region || {}).line || 1;
}

/* The line that was asked for, in the middle of the window. */
function scrollToLine() {
  const marked = document.querySelector('.line.marked');
  if (marked) marked.scrollIntoView({ block: 'center' });
}
