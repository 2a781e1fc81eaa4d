// What is watched: a row each, its features and curves when it is opened and in sight.

const FEW = 3;             // are opened from the start
const MOST_OFTEN = 5000;   // between two looks at the same curves
const LEAST_OFTEN = 60000;

const inSight = new WeakSet();
const opened = new WeakMap();  // row -> what loads it
const sight = new IntersectionObserver((changes) => {
  for (const change of changes) {
    if (!change.isIntersecting) inSight.delete(change.target);
    else {
      inSight.add(change.target);
      opened.get(change.target)();
    }
  }
}, {rootMargin: '200px'});

function bandText(f) {
  if (f.value === null) return 'its source has no value';
  if (f.lower === null && f.upper === null) return 'learning what is usual';
  // The side that is never judged is told only of what is beyond it.
  const beyond = (f.direction === 'up' && f.value < f.lower) || (f.direction === 'down' && f.value > f.upper);
  return expected(f.lower, f.upper, f.unit, beyond ? 'beyond' : f.direction);
}

function featureRow(first) {
  const help = `${first.feature}: ${first.help} (${first.source})`;
  const name = make('div', {class: 'text', title: help}, named(first.feature));
  const value = make('div', {class: 'value'});
  const band = make('span', {class: 'band-text'});
  const mark = icon('warning'), remark = make('span');
  const flag = make('span', {}, mark, remark);
  const drawn = curve();
  const node = make('li', {}, name, drawn.node, value, make('div', {class: 'band-box'}, flag, band));
  return {node, update({feature, hours}) {
    setAttribute(node, 'class', feature.anomalous ? 'feature is-unusual' : 'feature');
    setAttribute(value, 'class', feature.value === null ? 'value is-unknown' : 'value');
    setText(value, human(feature.value, feature.unit));
    setAttribute(value, 'title', feature.value === null ? '' : feature.value);
    setText(band, bandText(feature));
    const gravity = feature.anomalous ? 'warning' : 'log_only';
    setIcon(mark, gravity);
    setAttribute(flag, 'class', `flag is-${gravity}`);
    setText(remark, feature.remark || '');
    show(flag, Boolean(feature.remark));
    drawn.update(feature, hours);
  }};
}

function entityBody(entity) {
  const history = strip();
  const from = make('span'), until = make('span'), error = make('p', {class: 'error', hidden: true});
  const features = make('ul', {class: 'features'});
  const box = make('div', {}, history.node, make('div', {class: 'strip-label'}, from, until));
  const node = make('div', {class: 'body'}, box, features, error);
  async function load() {
    try {
      const series = await ask(path('series', {entity: entity.entity, scope: entity.scope}));
      const hours = `last ${span(series.verdicts.length * series.step_seconds * 1000)}`;
      show(history.node, series.verdicts.some((verdict) => verdict !== null));
      history.update(series.verdicts);
      setText(from, `curves since ${clock(series.from)}`);
      const seconds = series.interval_seconds < 60;
      setText(until, series.sampled_at ? `values of ${clock(series.sampled_at, seconds)}` : 'no values yet');
      showAll(features, series.features.map((feature) => ({feature, hours})), (f) => f.feature.feature,
              (f) => featureRow(f.feature));
      setOrHide(error, '');
      return Math.min(Math.max(series.interval_seconds * 1000, MOST_OFTEN), LEAST_OFTEN);
    } catch (failed) {
      if (features.childElementCount === 0) setOrHide(error, `No curves: ${failed.message}.`);
      return MOST_OFTEN;
    }
  }
  return {node, load};
}

// Of a verdict without an open anomaly: what it was about has ended within the round.
const isOver = (e, o) => (e.verdict === 'warning' || e.verdict === 'critical') && o.open.length === o.open_total &&
    !o.open.some((a) => a.entity === e.entity && a.scope === e.scope);

function remark(e) {
  if (e.reason) return worded(e.reason);
  return e.unusual.length ? `unusual: ${e.unusual.map(named).join(', ')}` : '';
}

function entityRow({e: first}, openIt) {
  const mark = icon(first.verdict), word = make('span', {class: 'word'}), note = make('span', {class: 'text'});
  const judged = make('span'), until = make('span'), over = make('span'), scope = make('span', {class: 'text'});
  const learnt = make('progress', {max: 1, 'aria-label': 'warm-up'});
  const body = entityBody(first);
  const node = make('details', {class: 'card entity', open: openIt},
      make('summary', {}, mark, make('div', {class: 'head'},
          make('bdi', {class: 'name', title: first.entity}, first.entity),
          make('div', {class: 'meta'}, word, over, scope, note, until, judged), learnt)),
      body.node);
  const row = make('li', {}, node);
  let next = 0, busy = false;
  async function look() {
    if (!node.open || busy || Date.now() < next || !inSight.has(row)) return;
    busy = true;
    next = Date.now() + await body.load();
    busy = false;
  }
  opened.set(row, look);
  sight.observe(row);
  node.addEventListener('toggle', () => { next = 0; look(); });
  return {node: row, gone: () => sight.unobserve(row), update({e, over: ended, scopes}) {
    setAttribute(node, 'data-state', e.verdict);
    setIcon(mark, e.verdict);
    setAttribute(word, 'class', `word is-${e.verdict}`);
    setText(word, VERDICTS[e.verdict]);
    setOrHide(over, ended ? 'over by now' : '');
    setOrHide(scope, scopes > 1 ? e.scope : '');
    setOrHide(note, remark(e));
    const learning = e.verdict === 'unknown' && e.ready_at !== null && e.warmup < 1;
    setOrHide(until, learning ? `judges from ${clock(e.ready_at)}, ${ahead(e.ready_at)}` : '');
    show(learnt, learning);
    if (learning && learnt.value !== e.warmup) learnt.value = e.warmup;
    setText(judged, e.judged_at ? `judged ${ago(e.judged_at)}` : 'not judged yet');
    look();
  }};
}

const COUNTED = ['critical', 'warning', 'unknown', 'log_only', 'normal'];

function showCounts(o) {
  const some = o.total > FEW ? COUNTED.filter((verdict) => o.counts[verdict] > 0) : [];
  showAll($('counts'), some.map((verdict) => ({verdict, count: o.counts[verdict]})), (c) => c.verdict, ({verdict}) => {
    const text = make('span');
    return {node: make('span', {class: `word is-${verdict}`}, icon(verdict), text),
            update: ({count}) => setText(text, `${count} ${VERDICTS[verdict]}`)};
  });
}

function showEntities(o, asked) {
  show($('tools'), o.total > FEW);
  setAttribute($('entities'), 'class', o.total > FEW ? 'entities dense' : 'entities');
  showCounts(o);
  const openAll = o.total <= FEW;
  const scopes = new Set(o.entities.map((e) => e.scope)).size;
  const rows = o.entities.map((e) => ({e, over: isOver(e, o), scopes}));
  showAll($('entities'), rows, ({e}) => `${e.scope}\u0000${e.entity}`, (row) => entityRow(row, openAll));
  setOrHide($('none'), o.entities.length ? '' : asked.search ? `Nobody here matches “${asked.search}”.` :
      'Nothing is watched yet: below is what each source says.');
  const left = o.matching - o.entities.length;
  show($('more'), left > 0);
  setText($('more'), `Show more (${left} left)`);
  if (o.total === 1 && o.entities.length && !$('why-entity').value) $('why-entity').value = o.entities[0].entity;
  const first = o.entities.slice(0, 200);
  showAll($('why-entities'), first, (e) => e.entity, (e) => fixed(make('option', {value: e.entity})));
}
