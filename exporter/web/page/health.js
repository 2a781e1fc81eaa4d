// Sources, jobs, receivers, models, database: what works, and what to do about the rest.

function check(first) {
  const mark = icon('yes'), word = make('span', {class: 'word', title: first.title}, first.name), text = make('span', {class: 'text'});
  const meta = make('div', {class: 'meta text'});
  const node = make('li', {}, mark, make('div', {}, word, ' ', text, meta));
  return {node, update(c) {
    setIcon(mark, c.ok ? 'yes' : c.off ? 'off' : 'no');
    setAttribute(mark, 'aria-hidden', 'false');
    setAttribute(mark, 'role', 'img');
    setAttribute(mark, 'aria-label', c.ok ? 'works:' : c.waits ? 'was not asked yet:' :
        c.off ? 'is not used:' : 'does not work:');
    setText(text, worded(c.text));
    setOrHide(meta, worded(c.meta));
  }};
}

const lastAndNext = (did, last, next) => dotted(last && `${did} ${ago(last)}`, next && `next ${ahead(next)}`);

const running = (c) => dotted(lastAndNext('answered', c.last_success, c.next_run), ...c.notes);

// The checklist, and collectors that it does not name.
function sources(o) {
  const collectors = new Map(o.collectors.map((c) => [c.name, c]));
  const listed = o.checklist.map((s) => {
    const c = collectors.get(s.source);
    collectors.delete(s.source);
    const waits = s.state === 'waits';
    return {name: SOURCES[s.source] || named(s.source), title: s.source, ok: s.ok, off: waits || s.state === 'off', waits, text: s.detail, meta: c ? running(c) : ''};
  });
  const others = [...collectors.values()].map((c) => {
    const text = c.up ? 'answers' : c.error || 'has not answered yet';
    const waits = !c.up && !c.error;
    return {name: SOURCES[c.name] || named(c.name), title: c.name, ok: c.up, off: waits, waits, text, meta: running(c)};
  });
  return [...listed, ...others];
}

function receivers(o) {
  return o.receivers.map((r) => {
    const text = r.up === null ? 'has not been told anything yet' : r.up ? 'takes what it is told' : r.last_error;
    return {name: named(r.name), title: r.name, ok: r.up !== false, text, meta: lastAndNext('told', r.last_success, r.next_send)};
  });
}

function models(o) {
  const {loaded, entities, oldest} = o.models;
  const text = loaded === 0 ? 'none yet: moving averages and facts judge until the first training' :
      entities === 1 ? 'the model is there' : `${loaded} of ${entities} entities have one`;
  const known = o.entities.map((e) => e.coverage).filter((c) => c !== null);
  const least = known.length && Math.round(100 * Math.min(...known));
  const coverage = known.length && `${known.length > 1 && least < 100 ? 'at least ' : ''}${least} % of the features have values`;
  return {name: 'Models', ok: loaded > 0, off: true, text, meta: dotted(oldest && `trained ${ago(oldest)}`, coverage)};
}

function database({store}) {
  return {name: 'Database', ok: store.up, text: store.up ? 'takes everything' : store.error,
          meta: dotted(store.backlog && `${plural(store.backlog, 'transaction')} wait`,
                       human(store.database_bytes + store.wal_bytes, 'B'), plural(store.samples, 'sample'))};
}

// What /health says and no line of the list does.
function rest(o) {
  const others = o.reasons.filter((reason) => /^(job|the last reload)/.test(reason));
  return others.map((text) => ({name: 'Attention:', ok: false, text, meta: ''}));
}

// Said of those that are asked, as the marks beside them say it.
function answers(o) {
  const asked = sources(o).filter((s) => s.title !== 'history' && !s.off);
  const failed = asked.filter((s) => !s.ok);
  if (asked.length === 0) return '';
  if (asked.length === 1) return failed.length ? 'the source does not work' : 'the source answered';
  return failed.length ? `${failed.length} of ${asked.length} sources ${failed.length === 1 ? 'does' : 'do'} not work` :
      `all ${asked.length} sources answered`;
}

function jobs(o) {
  return o.jobs.map((j) => ({
    name: JOBS[j.name] || named(j.name), title: j.name, text: schedule(j.schedule),
    ok: !j.last_run || (j.last_success !== null && j.last_success >= j.last_run),
    meta: dotted(lastAndNext('last', j.last_run, j.next_run), j.name === 'collect' ? answers(o) : j.last_result)}));
}

function showHealth(o) {
  const all = [...rest(o), ...sources(o), database(o), models(o), ...receivers(o)];
  all.sort((a, b) => (a.ok || a.off ? 1 : 0) - (b.ok || b.off ? 1 : 0));
  showAll($('checks'), all, (c) => c.name + (c.name === 'Attention:' ? c.text : ''), check);
  showAll($('jobs'), jobs(o), (j) => j.name, check);
  setText($('version'), `aiops_exporter ${o.version}, up ${span(now() - time(o.started_at))}`);
}
