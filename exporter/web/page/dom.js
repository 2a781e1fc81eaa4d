// Elements, made and kept up to date in place. Text from outside becomes text nodes only, never markup.

const $ = (id) => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';

// make('p', {class: 'soft', hidden: true, onclick: f}, 'text', child, ...)
function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// Setters that touch nothing that is as it should be: no flicker, no lost selection.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

// A text of its own line or none.
function setOrHide(node, text) {
  show(node, Boolean(text));
  setText(node, text || '');
}

// Decorative: a word always stands beside it.
function icon(name) {
  const node = svg('svg', {class: `icon is-${name}`, 'aria-hidden': 'true', focusable: 'false'}, svg('use'));
  setIcon(node, name);
  return node;
}

function setIcon(node, name) {
  setAttribute(node, 'class', `icon is-${name}`);
  setAttribute(node.firstElementChild, 'href', `#icon-${name}`);
}

// A part that never changes.
const fixed = (node) => ({node, update() {}});

// Shows `items` in `list`, one node each, known again by `key`. `create(item)` makes {node, update(item)}. While the
// focus is inside, nothing that is there moves.
const parts = new WeakMap();  // list -> Map of key -> part
function showAll(list, items, key, create) {
  const known = parts.get(list) || new Map();
  parts.set(list, known);
  const wanted = new Map(items.map((item) => [key(item), item]));
  for (const [name, part] of known) {
    if (wanted.has(name)) continue;
    part.node.remove();
    if (part.gone) part.gone();
    known.delete(name);
  }
  const still = list.contains(document.activeElement);
  let before = null;
  for (const [name, item] of wanted) {
    let part = known.get(name);
    const fresh = !part;
    if (fresh) known.set(name, part = create(item));
    part.update(item);
    const next = before ? before.nextSibling : list.firstChild;
    if (part.node !== next && (fresh || !still)) list.insertBefore(part.node, next);
    before = part.node;
  }
  return known;
}
