/* SPDX-License-Identifier: Apache-2.0 */
/* What every thread did when: a lane per thread, zoomed and moved like a graph. */
const laneHeight = 24, laneNames = 190, axisHeight = 24;

function stateColour(interval) {
  if (interval.activity === 'running') return 'cpu';
  if (interval.activity === 'runnable') return 'queue';
  if (['poll', 'accept', 'join'].includes(interval.cause)) return 'idle';
  return lockCauses.has(interval.cause) ? 'lock' : 'io';
}

function makeLanes() {
  const byThread = groupBy(timeline, (interval) => interval.thread);
  return ofRun(session.threads).filter((thread) => byThread.has(thread.id)).map((thread) => ({ thread, name: `${threadName(thread.id)} ${thread.tid}`, intervals: byThread.get(thread.id) }));
}

/* The last interval that begins at or before `time`; -1 before the first. */
function intervalBefore(intervals, time) {
  let low = 0, high = intervals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[middle].start_seconds <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function niceStep(span) {
  const rough = span / 8, power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

function makeTimeline(lanes, status) {
  const height = lanes.length * laneHeight + axisHeight;
  const canvas = element('canvas', { class: 'timeline', tabindex: 0, role: 'img', 'aria-label': 'states of the threads over time: + and - zoom, arrows move, 0 shows all' });
  const end = Math.max(...lanes.map(({ intervals }) => { const last = intervals[intervals.length - 1]; return last.start_seconds + last.seconds; }));
  const view = { start: 0, span: end };
  const width = () => canvas.clientWidth;
  const toX = (time) => laneNames + ((time - view.start) / view.span) * (width() - laneNames);
  const toTime = (x) => view.start + ((x - laneNames) / (width() - laneNames)) * view.span;

  function drawLane(context, lane, top, colours) {
    const { intervals } = lane;
    for (let i = Math.max(intervalBefore(intervals, view.start), 0); i < intervals.length && intervals[i].start_seconds < view.start + view.span; i++) {
      const left = Math.max(toX(intervals[i].start_seconds), laneNames);
      const right = Math.min(toX(intervals[i].start_seconds + intervals[i].seconds), width());
      const colour = stateColour(intervals[i]);
      const thin = colour === 'idle' ? 6 : colour === 'lock' || colour === 'io' ? 3 : 0;
      context.fillStyle = colours[colour];
      context.fillRect(left, top + 2 + thin, Math.max(right - left, 0.6), laneHeight - 4 - 2 * thin);
    }
    context.fillStyle = colours.text;
    const text = visible(lane.name);
    context.fillText(text.length > 28 ? `${text.slice(0, 14)}…${text.slice(-13)}` : text, 6, top + laneHeight / 2);
  }
  function draw() {
    const scale = window.devicePixelRatio || 1;
    canvas.style.setProperty('height', `${height}px`);
    canvas.width = Math.max(width(), 1) * scale;
    canvas.height = height * scale;
    const context = canvas.getContext('2d');
    const colours = { cpu: colourOf('cpu'), queue: colourOf('queue'), lock: colourOf('lock'), io: colourOf('io'), idle: colourOf('idle'), text: colourOf('text'), line: colourOf('line') };
    context.scale(scale, scale);
    context.font = '12px system-ui, sans-serif';
    context.textBaseline = 'middle';
    const step = niceStep(view.span);
    for (let time = Math.ceil(view.start / step) * step; time <= view.start + view.span; time += step) {
      context.fillStyle = colours.line;
      context.fillRect(toX(time), 0, 1, height - axisHeight);
      context.fillStyle = colours.text;
      context.fillText(seconds(Number(time.toPrecision(12))), toX(time) + 3, height - axisHeight / 2);
    }
    lanes.forEach((lane, index) => drawLane(context, lane, index * laneHeight, colours));
  }
  function zoomBy(factor, at = view.start + view.span / 2) {
    const span = Math.min(Math.max(view.span * factor, end / 1e6), end);
    view.start = Math.min(Math.max(at - ((at - view.start) * span) / view.span, 0), end - span);
    view.span = span;
    draw();
  }
  function moveBy(part) {
    view.start = Math.min(Math.max(view.start + part * view.span, 0), end - view.span);
    draw();
  }
  const keys = { '+': () => zoomBy(0.7), '=': () => zoomBy(0.7), '-': () => zoomBy(1 / 0.7), 0: () => zoomBy(1e9), ArrowLeft: () => moveBy(-0.15), ArrowRight: () => moveBy(0.15) };
  canvas.addEventListener('keydown', (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  canvas.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.shiftKey && lanes.length > 25) return;
    event.preventDefault();
    zoomBy(event.deltaY > 0 ? 1.2 : 1 / 1.2, toTime(event.offsetX));
  }, { passive: false });
  let dragged = null;
  canvas.addEventListener('pointerdown', (event) => { dragged = event.offsetX; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener('pointerup', () => { dragged = null; });
  canvas.addEventListener('pointermove', (event) => {
    if (dragged !== null) {
      moveBy((dragged - event.offsetX) / (width() - laneNames));
      dragged = event.offsetX;
    }
    const lane = lanes[Math.floor(event.offsetY / laneHeight)];
    const found = lane && lane.intervals[intervalBefore(lane.intervals, toTime(event.offsetX))];
    if (found) status.textContent = visible(`${lane.name}: ${found.activity}${found.cause ? ` on ${words(found.cause)}` : ''}${found.function ? ` in ${found.function}` : ''} for ${seconds(found.seconds)}, from ${seconds(found.start_seconds)}`);
  });
  new ResizeObserver(draw).observe(canvas);
  document.addEventListener('themechange', () => canvas.isConnected && draw());
  const button = (text, name, act) => element('button', { type: 'button', 'aria-label': name, title: name, on: { click: act } }, text);
  return element('div', {}, element('div', { class: 'zoom-row' }, button('+', 'zoom in', () => zoomBy(0.5)), button('−', 'zoom out', () => zoomBy(2)), button('⤢', 'show all', () => zoomBy(1e9))), canvas);
}

function timelineView() {
  const title = element('h1', {}, 'Timeline', element('small', {}, 'what every thread did when'));
  const lanes = makeLanes();
  if (!lanes.length) return [title, note('No timeline was recorded: corewise check --timeline 100000 … keeps one.')];
  const status = element('p', { class: 'status', 'aria-live': 'polite' }, 'Point at a lane to see what the thread did.');
  const left = measured('program', null, 'timeline_left_out');
  return [title, status, makeTimeline(lanes, status),
    element('p', { class: 'legend' }, [['cpu', 'on a core'], ['queue', 'waits for a core'], ['lock', 'waits for threads'], ['io', 'waits for I/O'], ['idle', 'poll, accept, join']].map(([name, word]) => element('span', {}, element('i', { class: `colour-${name}` }), word))),
    left ? note(`${count(left)} intervals were left out: more than --timeline asked for.`) : null];
}
