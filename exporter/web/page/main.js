// The page: asks every few seconds while somebody looks, and says when nobody answers.

const EVERY = 5000;
const RETRIES = [2000, 5000, 10000, 20000, 40000, 60000];
const CHUNK = 30;

const asked = {sort: 'worst', limit: CHUNK};
let newest = null;       // the last overview
let failures = 0;
let complaint = '';      // of the last failure
let timer = 0;
let retryAt = 0;
let round = 0;           // answers to older questions are dropped

const SIGNS = {
  normal: '\u2713', unknown: '?', warning: '\u25b2', degraded: '\u25c6', critical: '\u2716', lost: '\u2300'};
const icons = new Map();  // state -> its favicon
// Directions of text from outside must not turn the browser's title around.
const plain = (text) => text.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');

// The headline's icon, in its colour.
function favicon(state) {
  if (!icons.has(state)) {
    const shape = svg('svg', {viewBox: '0 0 24 24', fill: 'none', 'stroke-width': 3,
                              stroke: getComputedStyle($('headline-icon')).color},
                      ...$(`icon-${state}`).cloneNode(true).children);
    icons.set(state, `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(shape))}`);
  }
  setAttribute($('favicon'), 'href', icons.get(state));
}

function say(state, what, when, detail, sub) {
  setAttribute(document.body, 'data-state', state);
  setAttribute($('headline-icon').firstElementChild, 'href', `#icon-${state}`);
  setText($('what'), what);
  setText($('when'), when);
  setOrHide($('detail'), detail);
  setText($('sub'), sub);
  setText($('told'), dotted(what, detail));
  const title = plain(`${SIGNS[state]} ${what}${when} · aiops`);
  if (document.title !== title) document.title = title;
  favicon(state);
}

function sayNewest() {
  const h = newest.headline;
  const when = h.since ? ` for ${span(now() - time(h.since))}` : h.until ? `, judges from ${clock(h.until)}` : '';
  const detect = newest.jobs.find((job) => job.name === 'detect');
  const soon = detect && detect.next_run && time(detect.next_run) - now() > 3000;
  const watched = `${newest.total}\u00a0${newest.total === 1 ? 'entity' : 'entities'} watched`;
  const sub = dotted(h.since && `since ${clock(h.since)}`,
                     newest.last_round ? `judged ${ago(newest.last_round)}` : 'not judged yet',
                     soon && `next ${ahead(detect.next_run)}`, watched);
  say(h.state, h.what, when, h.state === 'normal' ? '' : worded(h.detail || ''), capital(sub));
}

function sayLost() {
  const since = newest ? ` for ${span(now() - time(newest.now))}` : '';
  const wait = Math.max(0, retryAt - Date.now());
  const again = `Trying again ${wait < 1000 ? 'now' : `in ${span(wait)}`}.`;
  const sub = newest ? `What you see below is of ${clock(newest.now, true)}. ${again}` : again;
  say('lost', 'No answer', since, complaint, sub);
  show($('retry'), true);
}

// Long lists are asked for less often.
const pause = () => EVERY * Math.max(1, newest.entities.length / 500);

async function look() {
  clearTimeout(timer);
  const mine = ++round;
  try {
    const begun = Date.now();
    const o = await ask(path('overview', asked));
    if (mine !== round) return;
    clockOffset = time(o.now) - (begun + Date.now()) / 2;
    newest = o;
    hear(o.open.flatMap((a) => [a.fact, ...a.contributions.map((c) => c.feature)]));
    hear(o.entities.flatMap((e) => e.unusual));
    failures = 0;
    show($('retry'), false);
    refresh();
    showParts();
    await showAnomalies(o, look).then(openWorst);
  } catch (error) {
    if (mine !== round) return;
    ++failures;
    retryAt = Date.now() + RETRIES[Math.min(failures, RETRIES.length) - 1];
    complaint = `${capital(error.message)}.`;
    refresh();
    if (newest) showParts();  // their ages grow
  }
  if (mine === round && !document.hidden) timer = setTimeout(look, failures ? retryAt - Date.now() : pause());
}

// One failure is a restart, or a tunnel.
function refresh() {
  if (failures > 1 || !newest && failures) sayLost();
  else if (newest) sayNewest();
}

// Who reads "all quiet" should know that somebody asked for silence.
function silenceLine(s) {
  const what = s.kind === 'mute' ? 'Muted' : 'Maintenance';
  const whom = s.entity || (s.scope && `scope ${s.scope}`) || 'everything';
  const said = dotted(s.by && `by ${s.by}`, s.why);
  return fixed(make('li', {class: 'text'}, `${what}: ${whom} until ${clock(s.ends_at)}${said && ` (${said})`}`));
}

// "214 of 3,000 entities of pod", below it "all az="b"".
function groupLine() {
  const count = make('b'), scope = make('span', {class: 'text'}), shared = make('p', {class: 'soft text'});
  const node = make('li', {}, count, ' of ', scope, shared);
  return {node, update(g) {
    const [, many, rest] = /^(.*? entities)(?:, )?(.*)$/.exec(g.text);
    setText(count, many);
    setText(scope, g.scope);
    setOrHide(shared, rest);
  }};
}

function showParts() {
  showAll($('silences'), newest.silences, (s) => JSON.stringify(s), silenceLine);
  show($('silences'), newest.silences.length > 0);
  showAll($('groups'), newest.groups, (g) => g.scope, groupLine);
  show($('groups'), newest.groups.length > 0);
  show($('tryout'), newest.tryout);
  showEntities(newest, asked);
  showHealth(newest);
}

// Whoever comes because something is wrong need not open it first.
let openedWorst = false;
async function openWorst(cards) {
  if (openedWorst) return;
  openedWorst = true;
  if (/^#anomaly-/.test(location.hash)) return follow(look);
  const [worst] = cards.values();
  if (worst) worst.node.open = true;
}

function search() {
  if ($('search').value) asked.search = $('search').value;
  else delete asked.search;
  asked.sort = $('sort').value;
  asked.limit = CHUNK;
  look();
}

let typed = 0;
$('search').addEventListener('input', () => {
  clearTimeout(typed);
  typed = setTimeout(search, 150);
});
$('sort').addEventListener('change', search);
$('more').addEventListener('click', () => {
  asked.limit *= 4;
  look();
});
$('past-more').addEventListener('click', () => showOlder(look).catch(pastFailed));
$('retry').addEventListener('click', look);
addEventListener('hashchange', () => follow(look));
document.addEventListener('visibilitychange', () => document.hidden || look());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { icons.clear(); refresh(); });
// Ages grow between two answers.
setInterval(() => document.hidden || refresh(), 1000);
askWhy();
look();
