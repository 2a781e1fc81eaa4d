// What is or was wrong: an episode each, with its story, its causes and who looks after it.

const WHO = 'aiops.who';
const LEAST_SHARE = 0.005;  // less is written as 0 %
const JSON_BODY = {'Content-Type': 'application/json'};

function remembered() {
  try {
    return localStorage.getItem(WHO) || '';
  } catch {
    return '';  // storage may be forbidden
  }
}

function remember(who) {
  try {
    localStorage.setItem(WHO, who);
  } catch { /* then it is typed again */ }
}

function acknowledgement(id, done) {
  const who = make('input', {type: 'text', required: true, maxlength: 100, autocomplete: 'name'});
  const why = make('input', {type: 'text', maxlength: 400, autocomplete: 'off'});
  const send = make('button', {type: 'submit'}, 'Acknowledge');
  const error = make('p', {class: 'error', role: 'alert', hidden: true});
  const form = make('form', {class: 'ack', hidden: true},
      make('label', {}, make('span', {class: 'label'}, 'Your name'), who),
      make('label', {}, make('span', {class: 'label'}, 'Why (if you know)'), why),
      error, make('div', {class: 'actions'}, send, make('button', {type: 'button', onclick: close}, 'Cancel')));
  const open = make('button', {type: 'button', 'aria-expanded': 'false', onclick: () => {
    who.value = remembered();
    toggle(true);
    (who.value ? why : who).focus();
  }}, 'Acknowledge');
  function toggle(visible) {
    show(form, visible);
    show(open, !visible);
    setAttribute(open, 'aria-expanded', visible);
  }
  function close() {
    setOrHide(error, '');
    toggle(false);
    open.focus();
  }
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    send.disabled = true;
    try {
      remember(who.value);
      const body = JSON.stringify({by: who.value, why: why.value});
      await ask(`anomalies/${id}/acknowledge`, {method: 'POST', headers: JSON_BODY, patience: 40000, body});
      setOrHide(error, '');
      toggle(false);
      done();
    } catch (failed) {
      setOrHide(error, `Not acknowledged: ${failed.message}.`);
    }
    send.disabled = false;
  });
  return {open, form};
}

function contribution(first) {
  const value = make('span', {class: 'value'}), meta = make('span', {class: 'meta text'});
  const part = svg('rect', {height: 6});
  const bar = svg('svg', {class: 'bar', preserveAspectRatio: 'none', viewBox: '0 0 100 6', 'aria-hidden': 'true'},
                  svg('rect', {width: 100, height: 6}), part);
  const node = make('li', {class: 'share'}, make('span', {class: 'text'}, named(first.feature)), value, bar, meta);
  return {node, update(c) {
    setText(value, human(c.value, c.unit));
    setAttribute(part, 'width', Math.max(1, 100 * c.share).toFixed(1));
    const inside = c.lower !== null && c.upper !== null && c.value >= c.lower && c.value <= c.upper;
    const band = inside ? 'within its band' : expected(c.lower, c.upper, c.unit, 'both');
    setText(meta, [`${Math.round(100 * c.share)} % of the evidence`, band, c.remark].filter(Boolean).join(', '));
  }};
}

function storyLine(step) {
  const at = make('time', {datetime: step.time}, clock(step.time, true));
  return fixed(make('li', {class: `is-${step.kind}`}, at, make('span', {class: 'text'}, worded(step.text))));
}

// A heading and a list under it, shown when there is something.
function titled(title, list) {
  return make('div', {hidden: true}, make('h4', {}, title), list);
}

function anomalyBody(id, changed) {
  const moves = make('ol', {class: 'story'});
  const shares = make('ul', {class: 'shares'}), evidence = make('ul', {class: 'evidence'});
  const gap = make('p', {class: 'soft', hidden: true});
  const story = titled('What moved first', moves);
  const evident = titled('Its source adds', evidence), causes = titled('What speaks for it, at its worst', shares);
  const cause = make('p', {class: 'text', hidden: true}), known = make('p', {class: 'text', hidden: true});
  const marked = make('p', {class: 'text', hidden: true});
  const error = make('p', {class: 'error', hidden: true});
  const ack = acknowledgement(id, changed);
  const node = make('div', {class: 'body'}, cause, story, gap, causes, evident, known, marked, error, ack.form,
      make('div', {class: 'actions'}, ack.open, make('a', {href: `#anomaly-${id}`}, `Link to #${id}`)));
  async function load() {
    try {
      const told = await ask(`anomalies/${id}`);
      hear(told.story.flatMap((step) => [step.feature, step.fact]));
      showAll(moves, told.story, (step) => JSON.stringify(step), storyLine);
      show(story, told.story.length > 0);
      setOrHide(gap, told.story_gap && worded(told.story_gap));
      setOrHide(error, '');
    } catch (failed) {
      setOrHide(error, `No story: ${failed.message}.`);
    }
  }
  return {node, load, update(a) {
    setOrHide(cause, a.root_cause && a.root_cause.root_cause && worded(a.root_cause.root_cause));
    const telling = a.contributions.filter((c) => c.share >= LEAST_SHARE);
    showAll(shares, telling, (c) => c.feature, contribution);
    show(causes, telling.length > 0);
    const found = (a.evidence || []).filter((e) => e.text);
    showAll(evidence, found, (e) => e.id + e.text, (e) => fixed(make('li', {class: 'text'}, e.text)));
    show(evident, found.length > 0);
    setOrHide(known, a.acknowledged_at ? said('Acknowledged', a.acknowledged_by, a.acknowledged_at, a.acknowledged_why) : '');
    setOrHide(marked, a.mark ? said(`Marked as ${MARKS[a.mark]}`, a.marked_by, a.marked_at, a.marked_why) : '');
    if (a.acknowledged_at) [ack.open, ack.form].forEach((part) => show(part, false));
  }};
}

// "Acknowledged by Ann, 21:03: known work."
function said(what, by, at, why) {
  return `${what}${by ? ` by ${by}` : ''}${at ? `, ${clock(at)}` : ''}${why ? `: ${why}` : ''}`;
}

function lasted(a) {
  const end = a.state === 'open' ? now() : time(a.ended_at);
  const when = a.state === 'open' ? `since ${clock(a.started_at)}` : `${clock(a.started_at)} to ${clock(a.ended_at)}`;
  return `${when}, ${span(end - time(a.started_at))}`;
}

function anomalyCard(first, changed) {
  const mark = icon(first.severity), word = make('span', {class: 'word'}), when = make('span');
  const what = make('span', {class: 'text'}), known = make('span'), marked = make('span');
  const kind = make('span', {}, KINDS[first.kind]);
  const body = anomalyBody(first.id, changed);
  const node = make('details', {id: `anomaly-${first.id}`},
      make('summary', {}, mark, make('div', {class: 'head'},
          make('bdi', {class: 'name', title: first.entity}, first.entity), make('h3', {}, what),
          make('div', {class: 'meta'}, word, when, kind, known, marked))),
      body.node);
  let told = '';
  node.addEventListener('toggle', () => node.open && body.load());
  return {node, update(a) {
    hear([a.fact, ...a.contributions.map((c) => c.feature)]);
    const open = a.state === 'open';
    const shape = `card anomaly${open ? ' is-open' : ''}${location.hash === `#${node.id}` ? ' is-target' : ''}`;
    setAttribute(node, 'class', shape);
    setAttribute(node, 'data-state', a.severity);
    setIcon(mark, a.severity);
    setAttribute(word, 'class', `word is-${a.severity}`);
    setText(word, open ? a.severity : `was ${a.severity}`);
    setText(what, worded(a.summary));
    setText(when, lasted(a));
    setOrHide(known, a.acknowledged_at ? 'acknowledged' : '');
    setOrHide(marked, a.mark ? `marked as ${MARKS[a.mark]}` : '');
    body.update(a);
    const version = [a.last_seen_at, a.ended_at, a.acknowledged_at, a.marked_at].join();
    if (node.open && told && told !== version) body.load();
    told = version;
  }};
}

// Closed ones change seldom: they are read when one ended, and once a minute.
const PAST = {hours: 168, state: 'closed', limit: 10};
const past = {shown: [], pinned: null, next: null, open: '', due: 0};

async function readPast(query) {
  const page = await ask(path('anomalies', query));
  past.next = page.next;
  return page.anomalies;
}

function showPast(changed) {
  const pinned = past.pinned && !past.shown.some((a) => a.id === past.pinned.id) ? [past.pinned] : [];
  const list = [...pinned, ...past.shown];
  showAll($('past-list'), list, (a) => a.id, (a) => anomalyCard(a, changed));
  setOrHide($('past-none'), list.length ? '' : past.open ? 'Nothing else was wrong.' : 'Nothing was wrong.');
  show($('past-more'), past.next !== null);
}

async function showAnomalies(o, changed) {
  const cards = showAll($('open-list'), o.open, (a) => a.id, (a) => anomalyCard(a, changed));
  show($('open'), o.open.length > 0);
  const left = o.open_total - o.open.length;
  setOrHide($('open-more'), left > 0 ? `And ${left} more, less grave.` : '');
  const open = o.open.map((a) => a.id).join();
  if (open === past.open && Date.now() < past.due) return cards;
  past.open = open;
  past.due = Date.now() + 60000;
  try {
    if (past.shown.length <= PAST.limit) past.shown = await readPast(PAST);
    showPast(changed);
  } catch (failed) {
    past.due = 0;
    pastFailed(failed);
  }
  return cards;
}

function pastFailed(error) {
  setOrHide($('past-none'), `Nobody can tell: ${error.message}.`);
}

async function showOlder(changed) {
  past.shown = past.shown.concat(await readPast({...PAST, cursor: past.next}));
  showPast(changed);
}

// #anomaly-12 opens that card, wherever it is.
async function follow(changed) {
  const id = /^#anomaly-(\d+)$/.exec(location.hash);
  document.querySelectorAll('.is-target').forEach((card) => card.classList.remove('is-target'));
  if (!id) return;
  if (!$(`anomaly-${id[1]}`)) {
    past.pinned = await ask(`anomalies/${id[1]}`).catch(() => null);
    if (past.pinned) showPast(changed);
  }
  const card = $(`anomaly-${id[1]}`);
  if (!card) return;
  card.classList.add('is-target');
  card.open = true;
  card.scrollIntoView({block: 'start'});
  card.querySelector('summary').focus({preventScroll: true});
}
