// Questions to the daemon. An error is a sentence for a person.

const PATIENCE = 10000;

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, {...options, signal: AbortSignal.timeout(options.patience || PATIENCE)});
  } catch {
    throw new Error('the daemon does not answer');
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  if (answer.status === 401) throw new Error('the daemon asks for a password: load this page again');
  throw new Error((body && body.error) || `the daemon answered ${answer.status}`);
}

const path = (name, query) => `${name}?${new URLSearchParams(query)}`;
