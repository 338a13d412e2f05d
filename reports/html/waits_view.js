/* SPDX-License-Identifier: Apache-2.0 */
/* Threads, who waited for whom, and locks. */
function threadGroups() {
  const groups = groupBy(ofRun(session.threads), (thread) => thread.region ?? `\n${thread.name}`);
  return [...groups.values()].map((members) => {
    const sum = (metric) => members.reduce((total, thread) => total + (measured('thread', thread.id, metric) ?? 0), 0);
    const active = sum('active_seconds');
    const share = (metric) => (active ? members.reduce((total, thread) => total + (measured('thread', thread.id, metric) ?? 0) * (measured('thread', thread.id, 'active_seconds') ?? 0), 0) / active : 0);
    return {
      region: members[0].region, name: members[0].name, number: members.length, active,
      life: members.reduce((total, thread) => total + thread.seconds, 0) / members.length,
      voluntary: sum('switches.voluntary'), involuntary: sum('switches.involuntary'),
      split: { cpu: Math.max(share('cpu_share') - share('runqueue_share'), 0), queue: share('runqueue_share'), io_work: share('io_work_share'), io_wait: share('io_wait_share'), lock: share('lock_share') },
    };
  });
}

function threadsTable() {
  return makeTable({
    label: 'threads', rows: threadGroups(), sort: 2, descending: true, empty: 'No thread was seen.',
    columns: [
      { title: 'body or name', value: (row) => row.region ?? row.name, cell: (row) => (row.region ? regionLink(row.region) : row.name) },
      { title: 'threads', number: true, value: (row) => row.number },
      { title: 'active', number: true, value: (row) => row.active, cell: (row) => seconds(row.active) },
      { title: 'active time', value: (row) => row.split.cpu, cell: (row) => splitBar(row.split) },
      { title: 'mean life', number: true, value: (row) => row.life, cell: (row) => seconds(row.life) },
      { title: 'blocked', help: 'voluntary switches', number: true, value: (row) => row.voluntary, cell: (row) => count(row.voluntary) },
      { title: 'preempted', help: 'involuntary switches', number: true, value: (row) => row.involuntary, cell: (row) => count(row.involuntary) },
    ],
  }).node;
}

/* Waits of one kind of thread for another, on the same thing at the same place. */
function waitGroups(pass) {
  const keyOf = (wait) => [threadName(wait.waiter), wait.holder ? threadName(wait.holder) : wait.unknown_holder ? '?' : '', wait.lock ?? wait.cause, wait.file, wait.line].join('\n');
  return [...groupBy(waits.filter(pass), keyOf).values()].map((members) => ({
    ...members[0],
    waiter: threadName(members[0].waiter),
    holder: members[0].holder ? threadName(members[0].holder) : members[0].unknown_holder ? '?' : '–',
    seconds: members.reduce((total, wait) => total + wait.seconds, 0),
    count: members.reduce((total, wait) => total + wait.count, 0),
    longest: Math.max(...members.map((wait) => wait.longest_seconds ?? 0)),
  }));
}

function waitsTable() {
  const busy = (wait) => !wait.idle;
  const table = makeTable({
    label: 'waits', rows: waitGroups(busy), sort: 3, descending: true, empty: 'No wait was seen.',
    columns: [
      { title: 'waiter', value: (row) => row.waiter },
      { title: 'for', value: (row) => row.holder, cell: (row) => element('span', { title: row.unknown_holder }, row.holder) },
      { title: 'on', value: (row) => row.lock ?? row.cause, cell: (row) => (row.lock ? element('code', {}, row.lock) : words(row.cause)) },
      { title: 'waited', number: true, value: (row) => row.seconds, cell: (row) => seconds(row.seconds) },
      { title: 'times', number: true, value: (row) => row.count, cell: (row) => count(row.count) },
      { title: 'longest', number: true, value: (row) => row.longest, cell: (row) => seconds(row.longest) },
      { title: 'at', value: (row) => (row.file ? `${row.file}:${row.line}` : ''), cell: (row) => placeLink(row.file, row.line) ?? row.function ?? '' },
    ],
  });
  const idle = element('input', { type: 'checkbox', on: { change: () => table.setRows(waitGroups((wait) => idle.checked || busy(wait))) } });
  return [element('label', { class: 'check' }, idle, ' also waits for the next task'), table.node];
}

function locksTable() {
  const value = (metric) => (lock) => measured('lock', lock.id, metric);
  const rows = session.locks.filter((lock) => value('lock_wait_seconds')(lock) !== null || value('lock_acquisitions')(lock) !== null);
  const held = rows.some((lock) => value('lock_hold_seconds')(lock) !== null);
  return makeTable({
    label: 'locks', rows, sort: 2, descending: true, empty: 'No lock was waited for.',
    columns: [
      { title: 'lock', value: (row) => row.name, cell: (row) => element('code', {}, row.name) },
      { title: 'kind', value: (row) => row.kind },
      { title: 'waited', number: true, value: value('lock_wait_seconds'), cell: (row) => seconds(value('lock_wait_seconds')(row)) },
      { title: 'longest wait', number: true, value: value('lock_longest_wait_seconds'), cell: (row) => seconds(value('lock_longest_wait_seconds')(row)) },
      ...(held ? [{ title: 'held', number: true, value: value('lock_hold_seconds'), cell: (row) => seconds(value('lock_hold_seconds')(row)) }, { title: 'taken', number: true, value: value('lock_acquisitions'), cell: (row) => count(value('lock_acquisitions')(row)) }] : []),
      { title: 'declared', value: (row) => (row.file ? `${row.file}:${row.line}` : ''), cell: (row) => placeLink(row.file, row.line) ?? '' },
    ],
  }).node;
}

function waitsView() {
  if (!newestRun) return [element('h1', {}, 'Threads and waits'), note('Nothing was measured yet.')];
  return [element('h1', {}, 'Threads and waits'), section('Threads', 'grouped by what they run', threadsTable(), splitLegend()),
    section('Waits', 'who waited for whom', waitsTable()), section('Locks', 'as the source names them', locksTable())];
}
