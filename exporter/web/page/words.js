// What the daemon's own names are called here. The names themselves stay in titles, for whoever configures them.

const VERDICTS = {critical: 'critical', warning: 'warning', unknown: 'unknown', log_only: 'slightly unusual', normal: 'normal'};
const KINDS = {fact: 'known fault', learned: 'out of the usual'};
const MARKS = {real: 'a real problem', expected: 'expected'};
const SOURCES = {host: 'This machine', nginx_log: 'Nginx log', prometheus: 'Prometheus', docker: 'Docker', history: 'History'};
const JOBS = {collect: 'Collecting', detect: 'Judging', train: 'Training', retention: 'Deleting old data'};
const DAYS = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays'];
const PARTS = {avg: 'average', cpu: 'CPU', io: 'I/O', ip: 'IP', ips: 'IPs', rx: 'received', tx: 'sent'};

// "network_rx" is "network received". The unit says that it is a percentage.
const named = (name) => name.replace(/_percent$/, '').split('_').map((part) => PARTS[part] || part).join(' ');

// Names that stand within sentences of the daemon's: those of features and facts come with its answers.
const inSentences = new Map([['log_only', VERDICTS.log_only], ['nginx_log', SOURCES.nginx_log]]);
function hear(names) {
  for (const name of names) if (name && name.includes('_') && !inSentences.has(name)) inSentences.set(name, named(name));
}
hear(['container_down', 'container_unhealthy', 'container_restart_loop', 'container_oom_killed', 'target_down',
      'filesystem_full', 'filesystem_filling', 'filesystem_readonly', 'site_only_errors']);

// A sentence of the daemon's: its names as words, its times by the reader's clock.
function worded(sentence) {
  return local(sentence).replace(/\w+/g, (word) => inSentences.get(word) || word);
}

// "every 1m30s" is "every 1 min 30 s", "0 3 * * 0 Asia/Seoul" is "Sundays at 03:00 (Asia/Seoul)".
function schedule(text) {
  const units = {h: 'h', m: 'min', s: 's'};
  if (/^every \d/.test(text)) return text.replace(/(\d+)([hms])/g, (_, n, unit) => ` ${n}\u00a0${units[unit]}`).replace('  ', ' ');
  const [, minute, hour, day, zone] = /^(\d+) (\d+) \* \* ([*0-7])(?: (\S+))?$/.exec(text) || [];
  if (!minute) return text;
  const at = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}${zone ? ` (${zone})` : ''}`;
  return `${day === '*' ? 'every day' : DAYS[day]} at ${at}`;
}
