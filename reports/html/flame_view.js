/* SPDX-License-Identifier: Apache-2.0 */
/* Time by call stack: callers above, callees below, widths by time. On the core, frames are coloured by class; blocked, by cause. */
const lockCauses = new Set(['mutex', 'condition', 'rwlock', 'semaphore', 'barrier', 'futex', 'kernel_lock', 'join']);

/* The region of the whole function, not of a loop in it: a frame stands for all its lines. */
function regionOfFrame(frame) {
  const parts = ['loop', 'critical_section', 'parallel_region'];
  return (regionsOfFile.get(frame.file) || []).find((region) => region.function === frame.function && !parts.includes(region.kind)) || null;
}

/* One tree of all stacks that pass; the last frame of a wait is its cause. */
function flameTree(pass) {
  const root = { name: 'all', value: 0, self: 0, count: 0, children: new Map(), parent: null, depth: 0, kind: 'root' };
  const enter = (node, key, make) => {
    if (!node.children.has(key)) node.children.set(key, { value: 0, self: 0, count: 0, children: new Map(), parent: node, depth: node.depth + 1, ...make() });
    return node.children.get(key);
  };
  for (const stack of callStacks.filter(pass)) {
    const path = [root];
    const group = regions.has(stack.thread_group) ? regions.get(stack.thread_group).function : stack.thread_group ?? 'several groups';
    path.push(enter(root, `group\n${stack.thread_group}`, () => ({ name: `threads: ${group}`, kind: 'group' })));
    const frames = framesOf(stack);
    for (const frame of frames)
      path.push(enter(path[path.length - 1], `${frame.function}\n${frame.file}`, () => ({ name: frame.function, frame, region: regionOfFrame(frame), kind: sources.has(frame.file) ? 'program' : 'library' })));
    if (!frames.length)
      path.push(enter(path[path.length - 1], `unknown ${stack.merged > 0}`, () => ({ name: stack.merged ? 'lighter stacks' : 'stack unknown', kind: 'unknown' })));
    if (stack.activity === 'blocked')
      path.push(enter(path[path.length - 1], `cause\n${stack.cause}\n${stack.idle}`, () => ({ name: `${stack.idle ? 'idle: ' : ''}${words(stack.cause)}`, kind: 'cause', cause: stack.cause, idle: stack.idle })));
    for (const node of path) {
      node.value += stack.seconds;
      node.count += stack.count;
    }
    path[path.length - 1].self += stack.seconds;
  }
  return root;
}

/* Neighbours of one class stay apart by a shade that belongs to the name. */
function shadeOf(name) {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.charCodeAt(0)) % 997;
  return ((sum % 8) / 8) * 0.34;
}

function flameClass(node, activity) {
  if (node.kind === 'cause') return node.idle ? 'flame-idle' : lockCauses.has(node.cause) ? 'part-lock' : 'part-io_wait';
  if (node.kind === 'program') return node.region && activity === 'running' ? `class-${node.region.class}` : 'flame-program';
  return `flame-${node.kind}`;
}

function makeFlame(activity, status) {
  const canvas = element('div', { class: 'flame', role: 'tree', tabindex: 0, 'aria-label': 'call stacks: arrows move, Enter zooms, Escape shows all' });
  let root = null, top = null, selected = null, search = '';
  const rows = 22, least = 0.0012;
  const say = (node) => {
    const place = node.frame && node.frame.file ? `${node.frame.file}:${node.frame.line}` : node.frame && node.frame.module ? node.frame.module : '';
    status.replaceChildren(element('b', {}, node.name), ` ${seconds(node.value)} (${percent(node.value / (root.value || 1), 1)} of all, ${seconds(node.self)} itself), ${count(node.count)} ${activity === 'running' ? 'samples' : 'waits'} `,
      placeLink(node.frame && node.frame.file, node.frame && node.frame.line) || element('span', { class: 'dim' }, place), ...(node.region ? [' in ', regionLink(node.region.id)] : []));
  };
  function place(node, left, width, line) {
    const found = search && node.name.toLowerCase().includes(search);
    const box = element('div', { class: `frame ${flameClass(node, activity)}${found ? ' found' : ''}${node === selected ? ' selected' : ''}`, role: 'treeitem', 'aria-label': `${node.name} ${seconds(node.value)}`, title: `${node.name}\n${seconds(node.value)}`,
      style: { left: `${left * 100}%`, width: `${width * 100}%`, top: `${line * rows}px`, '--shade': shadeOf(node.name) }, on: { click: () => { selected = node; zoomTo(node); }, pointerenter: () => say(node) } }, width > 0.02 ? node.name : '');
    node.box = box;
    canvas.appendChild(box);
    let at = left, deepest = line;
    for (const child of [...node.children.values()].sort((a, b) => b.value - a.value)) {
      const part = node.value ? (child.value / node.value) * width : 0;
      if (part >= least) deepest = Math.max(deepest, place(child, at, part, line + 1));
      at += part;
    }
    return deepest;
  }
  function draw() {
    canvas.replaceChildren();
    const callers = [];
    for (let node = top.parent; node; node = node.parent) callers.unshift(node);
    callers.forEach((node, line) => {
      node.box = element('div', { class: 'frame caller', role: 'treeitem', style: { left: '0%', width: '100%', top: `${line * rows}px` }, on: { click: () => zoomTo(node), pointerenter: () => say(node) } }, node.name);
      canvas.appendChild(node.box);
    });
    const deepest = place(top, 0, 1, callers.length);
    canvas.style.setProperty('height', `${(deepest + 1) * rows + 2}px`);
  }
  function zoomTo(node) {
    top = node;
    selected = node;
    draw();
    say(node);
  }
  const biggest = (node) => [...node.children.values()].sort((a, b) => b.value - a.value);
  function move(node) {
    if (!node) return;
    selected = node;
    draw();
    say(node);
    if (node.box && node.box.isConnected) node.box.scrollIntoView({ block: 'nearest' });
  }
  canvas.addEventListener('keydown', (event) => {
    const brothers = selected.parent ? biggest(selected.parent) : [selected];
    const keys = {
      ArrowDown: () => move(biggest(selected)[0]), ArrowUp: () => move(selected.parent),
      ArrowRight: () => move(brothers[brothers.indexOf(selected) + 1]), ArrowLeft: () => move(brothers[brothers.indexOf(selected) - 1]),
      Enter: () => zoomTo(selected), Escape: () => zoomTo(root),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  return {
    canvas,
    show(pass) {
      root = flameTree(pass);
      zoomTo(root);
    },
    find(text) {
      search = text.toLowerCase();
      draw();
    },
  };
}

function flameView(activityText) {
  const activity = activityText === 'blocked' ? 'blocked' : 'running';
  const tabs = element('div', { class: 'tabs', role: 'tablist' }, [['running', 'on the core'], ['blocked', 'blocked']].map(([name, title]) => element('a', { role: 'tab', href: route('stacks', name), 'aria-selected': name === activity ? 'true' : 'false' }, title)));
  const title = element('h1', {}, 'Call stacks', element('small', {}, activity === 'running' ? 'where time on the core was spent' : 'where threads waited, and for what'));
  const own = callStacks.filter((stack) => stack.activity === activity);
  if (!own.length) return [title, tabs, note(newestRun ? 'No stack was recorded.' : 'Nothing was measured yet.')];
  const status = element('p', { class: 'status', 'aria-live': 'polite' });
  const flame = makeFlame(activity, status);
  const groups = [...new Set(own.map((stack) => stack.thread_group))];
  const group = element('select', { 'aria-label': 'threads' }, element('option', { value: '' }, 'all threads'), groups.map((name, index) => element('option', { value: index + 1 }, regions.has(name) ? regions.get(name).function : name ?? 'several groups')));
  const idle = element('input', { type: 'checkbox' });
  const find = element('input', { type: 'search', class: 'search', placeholder: 'Search functions', 'aria-label': 'Search functions', on: { input: () => flame.find(find.value) } });
  const show = () => flame.show((stack) => stack.activity === activity && (idle.checked || !stack.idle) && (!group.value || stack.thread_group === groups[group.value - 1]));
  group.addEventListener('change', show);
  idle.addEventListener('change', show);
  show();
  const legend = activity === 'running' ? workClasses.map((name) => element('span', {}, element('i', { class: `class-${name}` }), name))
    : [['flame-program', 'the program, waiting for what stands at the end:'], ['part-io_wait', 'outside of it'], ['part-lock', 'other threads'], ['flame-idle', 'next task']].map(([name, word]) => element('span', {}, element('i', { class: name }), word));
  return [title, tabs, element('div', { class: 'filter' }, find, group, activity === 'blocked' ? element('label', { class: 'check' }, idle, ' waits for the next task too') : null), status, flame.canvas, element('p', { class: 'legend' }, legend, element('span', {}, element('i', { class: 'flame-library' }), 'library or unknown'))];
}
