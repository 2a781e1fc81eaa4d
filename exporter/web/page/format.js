// How numbers and times are written for people.

const UNKNOWN = 'unknown';

const tiny = (negative) => negative ? '>\u22120.0001' : '<0.0001';

function digits(value) {
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-4) return tiny(value < 0);
  if (size >= 1e15) return Number(value.toPrecision(3)).toExponential();
  const decimals = size === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size)));
  return String(Number(value.toFixed(Math.min(decimals, 8)))).replace('-', '\u2212');
}

// As in messages: three digits, decimal prefixes for bytes, a unit.
function human(value, unit = '') {
  if (value === null || value === undefined) return UNKNOWN;
  const bytes = /^(B|bytes)(\/s)?$/.exec(unit);
  if (bytes && Math.abs(value) < 5e-3) value = 0;
  if (!bytes) return unit ? `${digits(value)}\u00a0${unit}` : digits(value);
  let i = 0;
  for (; Math.abs(value) >= 999.5 && i < 5; ++i) value /= 1000;
  return `${digits(value)}\u00a0${['', 'k', 'M', 'G', 'T', 'P'][i]}B${bytes[2] || ''}`;
}

// What was expected; a side that is never judged is not told.
function expected(lower, upper, unit, direction) {
  if (lower === null && upper === null) return '';
  if (upper === null || direction === 'down') return `expected at least ${human(lower, unit)}`;
  if (lower === null || (direction !== 'beyond' && lower < upper / 100) || direction === 'up') return `expected up to ${human(upper, unit)}`;
  return `expected ${human(lower, unit)} to ${human(upper, unit)}`;
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const dotted = (...parts) => parts.filter(Boolean).join(' \u00b7 ');
const plural = (n, noun) => `${n}\u00a0${noun}${n === 1 ? '' : 's'}`;

// The daemon's clock: this device's may be wrong.
let clockOffset = 0;
const now = () => Date.now() + clockOffset;
const time = (text) => text ? Date.parse(text) : null;

function span(ms) {
  const s = Math.round(Math.abs(ms) / 1000);
  if (s < 60) return `${s}\u00a0s`;
  if (s < 3600) return `${Math.floor(s / 60)}\u00a0min`;
  if (s < 86400) return `${Math.floor(s / 3600)}\u00a0h${s % 3600 >= 60 ? ` ${Math.floor(s % 3600 / 60)}\u00a0min` : ''}`;
  return plural(Math.floor(s / 86400), 'day');
}

function ago(text) {
  if (!text) return 'never';
  const passed = now() - time(text);
  return passed < 5000 ? 'just now' : `${span(passed)} ago`;
}

const ahead = (text) => time(text) - now() < 1000 ? 'now' : `in ${span(time(text) - now())}`;

const HOUR = {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'};
function clock(text, seconds = false) {
  const date = new Date(text);
  const hour = date.toLocaleTimeString('en', seconds ? {...HOUR, second: '2-digit'} : HOUR);
  if (date.toDateString() === new Date(now()).toDateString()) return hour;
  return `${date.toLocaleDateString('en-GB', {day: 'numeric', month: 'short'})}, ${hour}`;
}

// A sentence of the daemon's, with the times in it as the reader's clock shows them.
const local = (sentence) => sentence.replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, (text) => clock(text));
