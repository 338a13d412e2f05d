/* SPDX-License-Identifier: Apache-2.0 */
/* The data of the page and look-ups into it. Nothing in it is trusted: names come from the watched program. */
const data = JSON.parse(document.getElementById('data').textContent);
const session = data.session;
const newestRun = session.runs.find((run) => run.id === data.run) || null;

const ofRun = (records) => (records || []).filter((record) => record.run === data.run);
const byKey = (records, key) => new Map(records.map((record) => [record[key], record]));
const groupBy = (records, keyOf) => {
  const groups = new Map();
  for (const record of records) {
    const key = keyOf(record);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(record);
  }
  return groups;
};

const regions = byKey(session.regions, 'id');
const locks = byKey(session.locks, 'id');
const threads = byKey(session.threads, 'id');
const predictions = byKey(session.predictions, 'id');
const sources = byKey(data.sources, 'file');
const regionsOfFile = groupBy(session.regions, (region) => region.file);
const findingsOfFile = groupBy(session.findings, (finding) => finding.file);
const findingVerdicts = byKey(ofRun(session.finding_verdicts), 'finding');
const adviceVerdicts = byKey(ofRun(session.advice_verdicts), 'advice');
const waits = ofRun(session.waits);
const timeline = ofRun(session.timeline);
const callStacks = ofRun(session.call_stacks);
const callFrames = session.call_frames || [];

/* Of each prediction what the newest run says, or why no run says anything. */
const verdicts = new Map();
for (const verdict of session.verdicts)
  if (verdict.run === data.run || verdict.run === null) verdicts.set(verdict.prediction, verdict);
const predictionsOfRegion = groupBy(session.predictions, (prediction) => prediction.region);

const measurements = new Map();
const measurementKey = (kind, subject, metric) => `${kind}\n${metric}\n${subject ?? ''}`;
for (const each of ofRun(session.measurements)) {
  const kind = ['region', 'thread', 'lock'].find((name) => name in each) || 'program';
  measurements.set(measurementKey(kind, each[kind], each.metric), each);
}

/* null when the newest run did not measure it. */
function measured(kind, subject, metric) {
  const found = measurements.get(measurementKey(kind, subject, metric));
  return found ? found.value : null;
}

/* Bad news first: which of a region's verdicts a reader must see. */
const verdictOrder = ['refuted', 'inconclusive', 'confirmed', 'not_exercised'];
function worstPrediction(region) {
  let worst = null;
  for (const prediction of predictionsOfRegion.get(region) || []) {
    const verdict = verdicts.get(prediction.id);
    const rank = verdict ? verdictOrder.indexOf(verdict.verdict) : verdictOrder.length;
    if (!worst || rank < worst.rank) worst = { prediction, verdict, rank };
  }
  return worst;
}

/* Where the active time of a subject went, in parts of it; null when it was not measured. */
function timeSplit(kind, subject) {
  const share = (metric) => measured(kind, subject, metric) ?? 0;
  if (measured(kind, subject, 'active_seconds') === null || measured(kind, subject, 'cpu_share') === null) return null;
  return {
    active: measured(kind, subject, 'active_seconds'),
    cpu: Math.max(share('cpu_share') - share('runqueue_share'), 0),
    queue: share('runqueue_share'),
    io_work: share('io_work_share'),
    io_wait: share('io_wait_share'),
    lock: share('lock_share'),
    idle: share('idle_share'),
  };
}

/* What people call a thread: the function that it runs, else its own name. */
function threadName(id) {
  const thread = threads.get(id);
  if (!thread) return id;
  const body = regions.get(thread.region);
  return body ? body.function : thread.name;
}

/* The frames of a call stack, outermost first. */
function framesOf(stack) {
  const frames = [];
  let number = stack.frame;
  while (number && callFrames[number - 1]) {
    const frame = callFrames[number - 1];
    frames.push(frame);
    if (frame.caller >= number) break;
    number = frame.caller;
  }
  return frames.reverse();
}
