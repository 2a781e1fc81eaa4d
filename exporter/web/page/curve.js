// A feature's last hours as a small curve, the expected band behind it.

const HEIGHT = 32;

function runs(feature) {
  const found = [];
  let run = null;
  feature.low.forEach((low, i) => {
    if (low === null) run = null;
    else if (run) run.push([i, low, feature.high[i]]);
    else found.push(run = [[i, low, feature.high[i]]]);
  });
  return found;
}

function scale(feature) {
  const values = [...feature.low, ...feature.high, feature.lower, feature.upper, feature.value]
      .filter((v) => v !== null);
  let [least, most] = [Math.min(...values), Math.max(...values)];
  if (feature.lower !== null && feature.lower < 0 && feature.low.every((v) => v === null || v >= 0)) {
    least = Math.min(0, ...values.filter((v) => v !== feature.lower));
  }
  if (most - least < 1e-12 * Math.max(1, Math.abs(most))) [least, most] = [least - 1, most + 1];
  most += 0.12 * (most - least);  // so that the band's edge is seen
  return (v) => HEIGHT - 2 - (HEIGHT - 4) * (Math.min(Math.max(v, least), most) - least) / (most - least);
}

function line(run, y) {
  let d = '';
  run.forEach(([x, low, high], i) => {
    d += `${i ? 'L' : 'M'}${x} ${y(low).toFixed(1)}`;
    if (high !== low) d += `L${x} ${y(high).toFixed(1)}`;
  });
  return run.length === 1 ? `${d}h.01` : d;
}

function curve() {
  const band = svg('rect', {class: 'band', x: 0});
  const path = svg('path', {class: 'line'});
  const last = svg('path', {class: 'last'});
  const node = svg('svg', {class: 'spark', role: 'img', preserveAspectRatio: 'none'}, band, path, last);
  return {node, update(feature, hours) {
    const found = runs(feature), width = Math.max(1, feature.low.length - 1);
    const known = [...feature.low, ...feature.high].filter((v) => v !== null);
    setAttribute(node, 'aria-label', known.length === 0 ? 'no values yet' :
      `${hours}: ${human(Math.min(...known), feature.unit)} to ${human(Math.max(...known), feature.unit)}`);
    setAttribute(node, 'viewBox', `0 0 ${width} ${HEIGHT}`);
    const y = scale(feature), banded = feature.lower !== null && feature.upper !== null;
    const [top, bottom] = banded ? [y(feature.upper), y(feature.lower)] : [0, 0];
    setAttribute(band, 'width', width);
    setAttribute(band, 'y', (top - 1.5).toFixed(1));
    setAttribute(band, 'height', banded ? (bottom - top + 3).toFixed(1) : 0);
    setAttribute(path, 'd', found.map((run) => line(run, y)).join(''));
    // The value itself, at the end of its curve.
    const ends = found.length && found.at(-1).at(-1)[0] === feature.low.length - 1 && feature.value !== null;
    setAttribute(last, 'd', ends ? `M${feature.low.length - 1} ${y(feature.value).toFixed(1)}h.001` : '');
  }};
}

// The worst verdict of each step, side by side.
function strip() {
  const node = svg('svg', {class: 'strip', role: 'img', preserveAspectRatio: 'none'});
  const stretches = (verdicts) => verdicts.reduce((found, verdict, i) => {
    if (i && verdict === verdicts[i - 1]) ++found.at(-1).width;
    else found.push({verdict, i, width: 1});
    return found;
  }, []);
  return {node, update(verdicts) {
    setAttribute(node, 'viewBox', `0 0 ${verdicts.length} 1`);
    const bad = verdicts.filter((v) => v === 'warning' || v === 'critical').length;
    setAttribute(node, 'aria-label', bad ? `unusual in ${bad} of ${verdicts.length} steps` : 'nothing unusual');
    showAll(node, stretches(verdicts).filter(({verdict}) => verdict !== null), ({i}) => i, () => {
      const rect = svg('rect', {height: 1, y: 0});
      return {node: rect, update({verdict, i, width}) {
        setAttribute(rect, 'x', i);
        setAttribute(rect, 'width', width);
        setAttribute(rect, 'class', `is-${verdict}`);
      }};
    });
  }};
}
