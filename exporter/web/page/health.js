// Sources, jobs, receivers, models, database: what works, and what to do about the rest.

function check(first) {
  const mark = icon('yes'), word = make('span', {class: 'word'}, first.name), text = make('span', {class: 'text'});
  const meta = make('div', {class: 'meta text'});
  const node = make('li', {}, mark, make('div', {}, word, ' ', text, meta));
  return {node, update(c) {
    setIcon(mark, c.ok ? 'yes' : c.off ? 'off' : 'no');
    setAttribute(mark, 'aria-hidden', 'false');
    setAttribute(mark, 'role', 'img');
    setAttribute(mark, 'aria-label', c.ok ? 'works:' : c.off ? 'is not used:' : 'does not work:');
    setText(text, local(c.text));
    setOrHide(meta, local(c.meta));
  }};
}

const lastAndNext = (last, next) => [last ? `last ${ago(last)}` : '', next ? `next ${ahead(next)}` : ''].filter(Boolean).join(' · ');

function sources(o) {
  const running = new Map(o.collectors.map((c) => [c.name, c]));
  const listed = o.checklist.map((s) => {
    const c = running.get(s.source);
    running.delete(s.source);
    return {name: s.source, ok: s.ok, off: !s.ok && !c, text: s.detail, meta: c ? [lastAndNext(c.last_success, c.next_run), ...c.notes].join(' · ') : ''};
  });
  const others = [...running.values()].map((c) => ({name: c.name, ok: c.up, text: c.up ? 'answers' : c.error || 'has not answered yet',
                                                   meta: [lastAndNext(c.last_success, c.next_run), ...c.notes].join(' · ')}));
  return [...listed, ...others];
}

function receivers(o) {
  return o.receivers.map((r) => ({
    name: r.name, ok: r.up !== false, text: r.up === null ? 'has not been told anything yet' : r.up ? 'takes what it is told' : r.last_error,
    meta: r.last_success || r.next_send ? lastAndNext(r.last_success, r.next_send) : ''}));
}

function models(o) {
  const {loaded, entities, oldest} = o.models;
  const some = loaded === entities ? (entities === 1 ? 'is there' : 'all are there') : `${loaded} of ${entities} are there`;
  const text = loaded ? some : 'none yet: moving averages and facts judge until the first training';
  const known = o.entities.map((e) => e.coverage).filter((c) => c !== null);
  const coverage = known.length ? `coverage ${Math.round(100 * Math.min(...known))} %${known.length > 1 ? ' at least' : ''}` : '';
  return {name: 'models', ok: loaded > 0, off: true, text, meta: [oldest ? `trained ${ago(oldest)}` : '', coverage].filter(Boolean).join(' · ')};
}

function database(o) {
  const waiting = o.store.backlog ? `${plural(o.store.backlog, 'transaction')} wait · ` : '';
  return {name: 'database', ok: o.store.up, text: o.store.up ? 'takes everything' : o.store.error,
          meta: `${waiting}${human(o.store.database_bytes + o.store.wal_bytes, 'B')} · ${plural(o.store.samples, 'sample')}`};
}

// What /health says and no line of the list does.
function rest(o) {
  return o.reasons.filter((reason) => /^(job|the last reload)/.test(reason)).map((reason) => ({name: 'attention:', ok: false, text: reason, meta: ''}));
}

function showHealth(o) {
  const all = [...rest(o), ...sources(o), database(o), models(o), ...receivers(o)];
  all.sort((a, b) => (a.ok || a.off ? 1 : 0) - (b.ok || b.off ? 1 : 0));
  showAll($('checks'), all, (c) => c.name + (c.name === 'attention:' ? c.text : ''), check);
  const jobs = o.jobs.map((j) => ({name: j.name, ok: !j.last_run || (j.last_success !== null && j.last_success >= j.last_run),
      text: j.schedule, meta: [lastAndNext(j.last_run, j.next_run), j.last_result || ''].filter(Boolean).join(' · ')}));
  showAll($('jobs'), jobs, (j) => j.name, check);
  setText($('version'), `aiops_exporter ${o.version}, up ${span(now() - time(o.started_at))}`);
}
