"""What the test of the page runs in its browser: bodies of functions."""

# Text, and icons beside it, against the colour behind them (WCAG 2.2, 1.4.3 and 1.4.11).
CONTRAST = """
const channels = (color) => color.match(/[\\d.]+/g).map(Number);
const light = (color) => {
  const linear = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const [r, g, b] = channels(color).map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (node) => {
  for (; node; node = node.parentElement) {
    const color = getComputedStyle(node).backgroundColor;
    if ((channels(color)[3] ?? 1) === 1) return color;
  }
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(0,0,0)' : 'rgb(255,255,255)';
};
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const poor = [];
let looked = 0;
for (const node of document.body.querySelectorAll('*')) {
  const says = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  const draws = node.matches('svg.icon');
  if (!(says || draws || node.matches('input')) || !node.checkVisibility() || node.closest('.sprite, option')) continue;
  const style = getComputedStyle(node);
  const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
  ++looked;
  const found = ratio(style.color, ground(node));
  const name = `${node.tagName}.${node.getAttribute('class')}`;
  if (found < (draws || large ? 3 : 4.5)) poor.push(`${found.toFixed(2)} ${name}: ${node.textContent.slice(0, 40)}`);
}
return [looked, poor];
"""

# What reaches beyond the screen, is cut, or would have to be scrolled sideways.
CUT = """
const cut = [];
for (const node of document.body.querySelectorAll('*')) {
  if (!node.checkVisibility() || node.closest('svg, .unseen, .skip, option')) continue;
  const hides = getComputedStyle(node).overflowX !== 'visible' && !node.matches('input, select');
  if (node.getBoundingClientRect().right > document.documentElement.clientWidth + 1 || hides && node.scrollWidth > node.clientWidth + 1)
    cut.push(`${node.tagName}.${node.getAttribute('class')}: ${node.textContent.slice(0, 40)}`);
}
return cut;
"""

# Of a reader, the visible and what only a screen reader says. Names in titles are for whoever configures them.
READ = """
return [document.body.innerText, document.title,
        ...[...document.querySelectorAll('[aria-label]')].map((node) => node.getAttribute('aria-label'))].join('\\n');
"""

# From now on one verdict is of something that has ended within the round.
OVER = """
const real = fetch;
window.fetch = async (path, options) => {
  const answer = await real(path, options);
  if (!String(path).startsWith('overview')) return answer;
  const body = await answer.json();
  body.entities[0].verdict = 'warning';
  Object.assign(body.headline, {state: 'warning', what: 'Quiet again',
                                detail: 'nas: warning within the last round, over by now'});
  return new Response(JSON.stringify(body));
};
"""

# From now on every command is refused.
REFUSING = """
const refused = () => new Response(JSON.stringify({error: 'the <b>database</b> is full'}), {status: 503});
window.real = fetch;
window.fetch = async (path, options) => options.method ? refused() : real(path, options);
"""

# From now on a value is outside its band without being unusual.
HELD_BACK = """
const real = fetch;
window.fetch = async (path, options) => {
  const answer = await real(path, options);
  if (!String(path).startsWith('series')) return answer;
  const body = await answer.json();
  const {upper} = body.features[0];
  Object.assign(body.features[0], {value: 1.4 * upper, remark: 'outside, but by less than counts'});
  return new Response(JSON.stringify(body));
};
"""

# How many curves have a line and a band.
CURVES = """
return [...document.querySelectorAll('.spark')].filter((curve) =>
  curve.querySelector('.line').getAttribute('d').includes('L') &&
  Number(curve.querySelector('.band').getAttribute('height')) > 0).length
"""

# When so many rows were there and laid out.
DRAWN = """
const times = [];
window.drawn = (wanted) => (times.find(([rows]) => rows >= wanted) || [0, 0])[1];
new MutationObserver(() => {
  const rows = document.querySelectorAll('#entities > li').length;
  if (rows > (times.length ? times.at(-1)[0] : 0)) requestAnimationFrame(() => times.push([rows, performance.now()]));
}).observe(document, {childList: true, subtree: true});
"""
