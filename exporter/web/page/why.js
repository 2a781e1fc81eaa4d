// "Why was it quiet at ...?"

function localNow() {
  const at = new Date(now());
  return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function askWhy() {
  const answer = $('why-answer');
  $('why-at').value = localNow();
  $('why-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const at = new Date($('why-at').value).toISOString().replace('.000Z', 'Z');
    try {
      const why = await ask(path('why', {entity: $('why-entity').value, at}));
      setAttribute(answer, 'class', 'answer text');
      hear(why.scopes.flatMap((scope) => [...scope.missing, ...scope.open.map((a) => a.fact),
                                          ...(scope.judgement ? scope.judgement.features.map((f) => f.feature) : [])]));
      setOrHide(answer, worded(why.scopes.map((scope) => scope.words).join(' ')));
    } catch (failed) {
      setAttribute(answer, 'class', 'answer text is-no');
      setOrHide(answer, `No answer: ${failed.message}.`);
    }
  });
}
