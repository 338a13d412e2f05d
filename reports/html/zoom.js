/* SPDX-License-Identifier: Apache-2.0 */
/* Zoom and pan of a drawing by wheel, drag, buttons and keys: + and -, arrows, 0 for all of it. */
function makeZoom(drawn, label) {
  const box = drawn.viewBox.baseVal;
  const whole = { x: box.x, y: box.y, width: box.width, height: box.height };
  const view = { ...whole };
  const frame = element('div', { class: 'zoom', tabindex: 0, role: 'group', 'aria-label': `${label}: + and - zoom, arrows move, 0 shows all` }, drawn);
  const apply = () => drawn.setAttribute('viewBox', `${view.x} ${view.y} ${view.width} ${view.height}`);

  /* A point of the window in the drawing; it is fitted into the frame with its shape kept. */
  function pointAt(event) {
    const matrix = drawn.getScreenCTM();
    return matrix ? new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()) : { x: view.x + view.width / 2, y: view.y + view.height / 2 };
  }
  function zoomBy(factor, point = { x: view.x + view.width / 2, y: view.y + view.height / 2 }) {
    const width = Math.min(Math.max(view.width * factor, whole.width / 60), whole.width * 2);
    const real = width / view.width;
    view.x = point.x - (point.x - view.x) * real;
    view.y = point.y - (point.y - view.y) * real;
    view.width = width;
    view.height *= real;
    apply();
  }
  function moveBy(right, down) {
    view.x += right * view.width;
    view.y += down * view.height;
    apply();
  }
  function reset() {
    Object.assign(view, whole);
    apply();
  }
  const keys = { '+': () => zoomBy(0.8), '=': () => zoomBy(0.8), '-': () => zoomBy(1.25), 0: reset, ArrowLeft: () => moveBy(-0.1, 0), ArrowRight: () => moveBy(0.1, 0), ArrowUp: () => moveBy(0, -0.1), ArrowDown: () => moveBy(0, 0.1) };
  frame.addEventListener('keydown', (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  frame.addEventListener('wheel', (event) => {
    event.preventDefault();
    zoomBy(event.deltaY > 0 ? 1.15 : 1 / 1.15, pointAt(event));
  }, { passive: false });
  let from = null;
  frame.addEventListener('pointerdown', (event) => {
    from = event.target.closest('a') ? null : pointAt(event);
    if (from) frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener('pointermove', (event) => {
    if (!from) return;
    const now = pointAt(event);
    view.x += from.x - now.x;
    view.y += from.y - now.y;
    apply();
  });
  for (const end of ['pointerup', 'pointercancel']) frame.addEventListener(end, () => { from = null; });
  const button = (text, name, act) => element('button', { type: 'button', 'aria-label': name, title: name, on: { click: act } }, text);
  const buttons = element('div', { class: 'zoom-buttons' }, button('+', 'zoom in', () => zoomBy(0.7)), button('−', 'zoom out', () => zoomBy(1 / 0.7)), button('⤢', 'show all', reset));
  return element('div', { class: 'zoom-area' }, frame, buttons);
}
