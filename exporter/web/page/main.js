// The page: asks every few seconds while somebody looks, and says when nobody answers.

const EVERY = 5000;
const RETRIES = [2000, 5000, 10000, 20000, 40000, 60000];
const CHUNK = 30;

const asked = {sort: 'worst', limit: CHUNK};
let newest = null;       // the last overview
let failures = 0;
let timer = 0;
let retryAt = 0;
let round = 0;           // answers to older questions are dropped

const TITLES = {normal: '\u2713', unknown: '?', warning: '\u25b2', degraded: '\u25c6', critical: '\u2716', lost: '\u2300', loading: '\u2026'};
const SHAPES = new Map();  // state -> its favicon
// Directions of text from outside must not turn the browser's title around.
const plain = (text) => text.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');

function favicon(state) {
  if (!SHAPES.has(state)) {
    const color = getComputedStyle($('headline-icon')).color;
    const shape = $(`icon-${state}`).cloneNode(true);
    shape.querySelectorAll('.dashed').forEach((part) => part.setAttribute('stroke-dasharray', '4 3'));
    SHAPES.set(state, `data:image/svg+xml,${encodeURIComponent(
        `<svg xmlns="${SVG}" viewBox="0 0 24 24" fill="none" stroke="${color}" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">${shape.innerHTML}</svg>`)}`);
  }
  setAttribute($('favicon'), 'href', SHAPES.get(state));
}

function say(state, what, when, detail, sub) {
  setAttribute(document.body, 'data-state', state);
  setAttribute($('headline-icon').firstElementChild, 'href', `#icon-${state}`);
  setText($('what'), what);
  setText($('when'), when);
  setOrHide($('detail'), detail);
  setText($('sub'), sub);
  const title = plain(`${TITLES[state]} ${what}${when} · aiops`);
  if (document.title !== title) document.title = title;
  favicon(state);
}

function sayNewest() {
  const h = newest.headline;
  const when = h.since ? ` since ${clock(h.since)}` : h.until ? `, judges from ${clock(h.until)}` : '';
  const detect = newest.jobs.find((job) => job.name === 'detect');
  const soon = detect && detect.next_run && time(detect.next_run) - now() > 3000;
  const entities = newest.total === 1 ? '1 entity watched' : `${newest.total} entities watched`;
  const sub = [newest.last_round ? `Judged ${ago(newest.last_round)}` : 'Not judged yet',
               soon ? `next ${ahead(detect.next_run)}` : '', entities];
  say(h.state, h.what, when, h.state === 'normal' || !h.detail ? '' : local(h.detail), sub.filter(Boolean).join(' · '));
}

function sayLost(error) {
  const since = newest ? ` since ${clock(newest.now)}` : '';
  const wait = Math.max(0, retryAt - Date.now());
  const sub = `${newest ? 'What you see below is of then. ' : ''}Trying again ${wait < 1000 ? 'now' : `in ${span(wait)}`}.`;
  say('lost', 'No answer', since, error ? `${error.message[0].toUpperCase()}${error.message.slice(1)}.` : $('detail').textContent, sub);
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
    failures = 0;
    show($('retry'), false);
    showEverything();
    await showAnomalies(o, look).then(openWorst);
  } catch (error) {
    if (mine !== round) return;
    ++failures;
    retryAt = Date.now() + RETRIES[Math.min(failures, RETRIES.length) - 1];
    if (failures > 1 || !newest) sayLost(error);
  }
  if (mine === round && !document.hidden) timer = setTimeout(look, failures ? retryAt - Date.now() : pause());
}

function showEverything() {
  sayNewest();
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
$('past-more').addEventListener('click', () => showOlder(look).catch(sayLost));
$('retry').addEventListener('click', look);
addEventListener('hashchange', () => follow(look));
document.addEventListener('visibilitychange', () => document.hidden || look());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { SHAPES.clear(); newest && sayNewest(); });
// Ages grow between two answers.
setInterval(() => document.hidden || (failures > 1 ? sayLost() : newest && sayNewest()), 1000);
askWhy();
look();
