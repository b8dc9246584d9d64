// Keeps a page live. The server renders everything; this puts changed parts in place by their ids, shows times in the reader's
// zone, and adds keys. A page without it is complete, as of its time.
const $ = (id) => document.getElementById(id);
const two = (n) => String(n).padStart(2, '0');

// ---- times: the server writes UTC
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'local time';
const day_of = (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
const clock_of = (at) => `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
function localise(root) {
  for (const time of root.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const day = day_of(at);
    const clock = clock_of(at);
    const is_today = at.toDateString() === new Date().toDateString();
    const form = time.dataset.form;
    const fraction = `${clock}.${String(at.getMilliseconds()).padStart(3, '0')}`;
    time.textContent = form === 'since' ? `${clock} ${is_today ? 'today' : `on ${day}`}`
      : form === 'day' ? `${day} ${clock}` : form === 'date' ? day : form === 'minute' ? clock.slice(0, 5)
      : form === 'recent' ? (is_today ? clock : day.slice(5)) : form === 'millisecond' ? fraction : form === 'moment' ? `${day} ${fraction}` : clock;
    time.title = `${day} ${clock} ${zone}`;
  }
  for (const age of root.querySelectorAll('[data-since]')) {
    const at = new Date(age.dataset.since);
    if (!Number.isNaN(at.getTime())) age.title = `since ${day_of(at)} ${clock_of(at)} ${zone}`;
  }
  for (const place of root.querySelectorAll('.zone')) place.textContent = `times: ${zone}`;
}
// What holds, or can be done, on a live page only.
function show_scripted(root) {
  for (const element of root.querySelectorAll('[data-script]')) element.hidden = false;
  for (const element of root.querySelectorAll('[data-words]')) element.textContent = element.dataset.words;
}

// ---- parts
function put(id, html) {
  const old = $(id);
  const box = document.createElement('template');
  box.innerHTML = html;
  const fresh = box.content.firstElementChild;
  if (!fresh) return;
  localise(box.content);
  show_scripted(box.content);
  if (!old) {
    waiting.set(id, fresh);
    return;
  }
  if (old.classList.contains('at')) fresh.classList.add('at');
  if (fresh.isEqualNode(old)) return; // what is marked or typed there stays
  if (has_busy(old)) {
    held.set(id, html);
    if (id === 'config-value') $('meanwhile').hidden = false;
    return renew_around_busy(old, fresh);
  }
  held.delete(id);
  for (const folded of old.querySelectorAll('details:not([open])'))
    for (const same of fresh.querySelectorAll('details[open]'))
      if (same.firstElementChild.textContent === folded.firstElementChild.textContent) same.open = false;
  const path = old.contains(document.activeElement) ? path_to(document.activeElement, old) : null;
  old.replaceWith(fresh);
  if (path) path.reduce((at, i) => at?.children[i], fresh)?.focus({ preventScroll: true });
}
// While somebody fills in a form the rest of its part changes; all of it does once the form is folded away. A form is kept as a
// whole, with the version that it holds for.
const held = new Map();
const is_typed = (field) => (/^(radio|checkbox)$/.test(field.type) ? field.checked !== field.defaultChecked
  : field.type !== 'hidden' && !field.hidden && field.defaultValue !== undefined && field.value !== field.defaultValue);
const is_busy = (element) => element.matches('details[open]:has(form)') || is_typed(element)
  || (element.tagName === 'FORM' && [...element.querySelectorAll('input, textarea')].some(is_typed));
const has_busy = (element) => is_busy(element) || [...element.querySelectorAll('details, form, input, textarea')].some(is_busy);
function renew_around_busy(old, fresh) {
  if (is_busy(old)) return;
  if (!has_busy(old)) return old.replaceWith(fresh);
  old.className = fresh.className;
  const pieces = [...fresh.children];
  if (pieces.length === old.children.length) [...old.children].forEach((piece, i) => renew_around_busy(piece, pieces[i]));
}
document.addEventListener('toggle', (event) => {
  if (event.target.open) return type_in(event.target); // what is typed next is no shortcut
  for (const [id, html] of held) if ($(id)?.contains(event.target)) put(id, html);
}, true);
function type_in(details) {
  details.querySelector('form input:not([type=hidden])')?.focus();
}
function path_to(element, root) {
  const path = [];
  for (let at = element; at !== root; at = at.parentElement) path.unshift([...at.parentElement.children].indexOf(at));
  return path;
}

// ---- rows change in place; their order changes when the reader wants it to
const waiting = new Map();
let order = null;
function compare_order(ids) {
  order = ids;
  const rows = document.querySelector('[data-order]');
  if (!rows) return;
  const shown = [...rows.children].map((row) => row.id);
  const wanted = new Set(ids);
  const follows = 'follow' in rows.dataset;
  if (follows) return compare_lines(rows, ids);
  for (const row of rows.children) row.classList.toggle('gone', !wanted.has(row.id));
  for (const id of waiting.keys()) if (!wanted.has(id)) waiting.delete(id);
  const stay = shown.filter((id) => wanted.has(id));
  const places = new Map(ids.map((id, i) => [id, i]));
  const moved = stay.length - longest_ascent(stay.map((id) => places.get(id)));
  const added = ids.length - stay.length;
  const words = [];
  if (moved) words.push(`${moved} ${moved === 1 ? 'row has' : 'rows have'} moved`);
  if (added) words.push(`${added} new`);
  if (shown.length - stay.length) words.push(`${shown.length - stay.length} gone`);
  $('moved').hidden = words.length === 0;
  $('reorder').textContent = `${words.join(', ')}: put in order`;
}
// How many of these numbers may stay where they are while the others move: the length of their longest ascending subsequence.
function longest_ascent(numbers) {
  const ends = []; // the smallest end of an ascent of each length
  for (const n of numbers) {
    const at = ends.findIndex((end) => end >= n);
    ends[at < 0 ? ends.length : at] = n;
  }
  return ends.length;
}
function reorder() {
  const rows = document.querySelector('[data-order]');
  if ('follow' in rows.dataset) return put_lines(rows);
  const fresh = order.map((id) => $(id) ?? waiting.get(id));
  if (fresh.includes(undefined)) return location.reload();
  rows.replaceChildren(...fresh);
  waiting.clear();
  compare_order(order);
}

// ---- lines of the log: newer ones come on top of those that are shown, of which the oldest leave
const max_lines = 1000;
let left = 0; // lines that are no longer shown
let is_gap = false; // between the newest lines and those that are shown there are others
const number_of = (line) => Number(line.id.slice(1));
// What somebody reads, has marked or has the focus on never moves.
function is_at_newest(rows) {
  return rows.getBoundingClientRect().top > 0 && document.getSelection().isCollapsed && !rows.contains(document.activeElement);
}
function compare_lines(rows, ids) {
  for (const id of waiting.keys()) if ($(id)) waiting.delete(id);
  if (ids.length >= rows.dataset.follow && ids.every((id) => !seen.has(id))) is_gap = true; // more have come at once than a page tells
  seen = new Set(ids);
  for (const id of waiting.keys()) {
    if (waiting.size <= max_lines) break;
    waiting.delete(id);
    is_gap = true;
  }
  if (waiting.size && is_at_newest(rows)) return put_lines(rows);
  $('moved').hidden = waiting.size === 0;
  $('reorder').textContent = `${is_gap ? 'more than ' : ''}${waiting.size} new`;
}
let seen = new Set([...document.querySelectorAll('[data-follow] > *')].map((row) => row.id));
// A service has one colour on a page: that of its newest line.
function colour_alike(rows) {
  const colours = new Map();
  for (const name of rows.querySelectorAll('.s')) {
    const colour = colours.get(name.textContent) ?? name.className;
    colours.set(name.textContent, colour);
    name.className = colour;
  }
}
function put_lines(rows) {
  if (is_gap) {
    left += rows.children.length;
    rows.replaceChildren();
  }
  is_gap = false;
  rows.prepend(...[...waiting.values()].sort((a, b) => number_of(b) - number_of(a)));
  waiting.clear();
  colour_alike(rows);
  for (; rows.children.length > max_lines; left += 1) rows.lastElementChild.remove();
  $('moved').hidden = true;
  $('left').hidden = left === 0;
  $('left-count').textContent = left;
  const older = new URL(location.href);
  if (rows.lastElementChild) older.searchParams.set('before', number_of(rows.lastElementChild));
  $('left').querySelector('a').href = older;
}

// ---- the stream: one for a page, closed while nobody sees it. Where none is to be had the page is asked for again and again
// instead, and each time whether there is one by now.
const patience = { streaming: 2500, polling: 10_000 }; // without a word for so long, the page is no longer live
const poll_pause = 5000;
let stream = null;
let is_polling = false;
let asked_at = 0; // when the stream was asked for
let last_word = Date.now();
let next_poll = 0;
const live = document.body.dataset.live;
const is_tab_only = live?.startsWith('/live?page=tab&'); // of the page itself nothing changes
const called = { title: document.title, icon: $('icon').getAttribute('href') };
const with_tone = (tone) => called.icon.replace(/icon-\w+\.svg.*/, `icon-${tone}.svg`);
// What the tab says holds for as long as the page is live.
function show_tab(is_live) {
  document.title = is_live ? called.title : '? not live · distd';
  $('icon').href = is_live ? called.icon : with_tone('unknown');
}
function show_clock(at, is_live) {
  show_tab(is_live);
  if (is_tab_only) return;
  const clock = $('clock');
  clock.className = is_live ? 'now live' : 'now not-live';
  $('clock-words').textContent = is_live ? 'live ·' : 'not live, as of';
  if (at) clock.querySelector('time').dateTime = at;
  localise(clock);
  document.body.classList.toggle('stale', !is_live);
}
function take(page) {
  if (page.title !== undefined) {
    called.title = page.title;
    if (page.tone) called.icon = with_tone(page.tone);
  }
  for (const [id, html] of page.parts ?? []) put(id, html);
  if (page.order) compare_order(page.order);
}
function heard(at) {
  last_word = Date.now();
  show_clock(at, true);
}
function follow() {
  if (stream) return;
  asked_at = Date.now();
  stream = new EventSource(live);
  stream.addEventListener('page', (event) => take(JSON.parse(event.data)));
  stream.addEventListener('tick', (event) => {
    is_polling = false;
    heard(event.data);
  });
  stream.addEventListener('error', () => {
    if (stream.readyState === EventSource.CLOSED) stream = null; // refused: by itself it does not try again
    const is_lost = stream !== null; // perhaps nobody is there any more
    if (is_lost && !is_polling) show_clock(null, false);
    else if (is_lost || !is_polling) poll();
  });
}
// What a stream would send: elements with an id that lie in no other such, but for the rows of a list. The list itself, and what
// is said of its rows, are this script's, and the line that is read does not change.
function parts_of(main) {
  const is_part = (element) => {
    const holder = element.parentElement.closest('[id]');
    return holder === main || 'order' in holder.dataset;
  };
  return [...main.querySelectorAll('[id]:not([data-order], #moved, #left, #line, #meanwhile)')].filter(is_part);
}
function take_rendered(page) {
  called.title = page.title;
  called.icon = page.querySelector('#icon').getAttribute('href');
  if (is_tab_only) return;
  const rows = page.querySelector('[data-order]');
  for (const part of parts_of(page.querySelector('main'))) {
    const is_row = part.parentElement === rows;
    const is_line = is_row && 'follow' in rows.dataset; // lines do not change
    if ($(part.id) ? !is_line : is_row) put(part.id, part.outerHTML);
  }
  if (rows) compare_order([...rows.children].map((row) => row.id));
}
async function poll() {
  clearTimeout(next_poll);
  is_polling = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(poll_pause) });
    const text = await answer.text();
    if (!is_polling || document.hidden) return;
    if (!answer.ok || answer.redirected) throw new Error('it is no longer to be had');
    const page = new DOMParser().parseFromString(text, 'text/html');
    take_rendered(page);
    heard(page.querySelector('#clock time').dateTime);
  } catch {
    if (is_polling) show_clock(null, false);
  }
  clearTimeout(next_poll);
  next_poll = setTimeout(() => {
    if (!is_polling || document.hidden) return;
    follow();
    poll();
  }, poll_pause);
}
if (live) {
  document.addEventListener('visibilitychange', () => {
    clearTimeout(next_poll);
    if (!document.hidden) {
      follow();
      if (is_polling) poll();
      return;
    }
    stream?.close();
    stream = null;
  });
  setInterval(() => {
    if (document.hidden || Date.now() - last_word <= (is_polling ? patience.polling : patience.streaming)) return;
    show_clock(null, false);
    if (!is_polling && Date.now() - asked_at > patience.streaming) poll(); // something on the way may keep a stream back
  }, 250);
}

// ---- keys
let before = '';
function step(by) {
  const rows = [...document.querySelectorAll('[data-order] > *')];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains('at'));
  const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
  rows[at]?.classList.remove('at');
  next.classList.add('at');
  next.querySelector('a')?.focus();
}
// What the page offers under a key of its own: a link, a button, or a form that is folded away.
function does(key) {
  const offers = /^[a-z]$/.test(key) ? [...document.querySelectorAll(`[aria-keyshortcuts="${key}"]`)] : [];
  const offer = offers.find((one) => one.checkVisibility());
  if (!offer) return false;
  if (offer.tagName !== 'SUMMARY') offer.click();
  else {
    offer.parentElement.open = true;
    type_in(offer.parentElement);
  }
  return true;
}
// On a list, for the row that one is at: its page opens with the form. No address may do more than open a form.
function drains_row(key) {
  const link = key === 'd' && document.querySelector('[data-order] > .at a[href^="/services/"]');
  if (link) location.href = `${link.href}#drain`;
  return Boolean(link);
}
const places = { n: '/', l: '/logs', c: '/config', t: '/traffic', e: '/events', a: '/alerts' };
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  if (before === 'g' && places[event.key]) location.href = places[event.key];
  else if (event.key === '/') document.querySelector('.find input').select();
  else if (event.key === 'j') step(1);
  else if (event.key === 'k') step(-1);
  else if (does(event.key) || drains_row(event.key));
  else if (event.key === '?') location.href = '/find?q=%3F';
  else {
    before = event.key;
    return;
  }
  before = '';
  event.preventDefault();
});

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('button');
  const link = event.target.closest?.('[data-copy-link]');
  if (link && navigator.clipboard) {
    event.preventDefault();
    navigator.clipboard.writeText(link.href).then(() => { link.textContent = 'Copied'; });
  }
  if (button?.id === 'reorder') reorder();
  if (button?.dataset.copy) navigator.clipboard?.writeText(button.dataset.copy).then(() => { button.textContent = 'copied'; });
});

// ---- the histogram: a range is drawn with the pointer
let drawn_from = -1;
const column_of = (event) => {
  const cells = event.target.closest?.('.cells');
  return cells ? [cells, [...cells.children].indexOf(event.target)] : [null, -1];
};
document.addEventListener('pointerdown', (event) => { drawn_from = column_of(event)[1]; });
document.addEventListener('dragstart', (event) => { if (column_of(event)[0]) event.preventDefault(); });
document.addEventListener('pointerup', (event) => {
  const [cells, to] = column_of(event);
  if (!cells || drawn_from < 0 || to < 0 || to === drawn_from) return;
  const at = (column) => new Date(Date.parse(cells.dataset.from) + column * cells.dataset.step * 1000).toISOString();
  const there = new URL(location.href);
  for (const name of ['before', 'around']) there.searchParams.delete(name);
  there.searchParams.set('from', at(Math.min(drawn_from, to)));
  there.searchParams.set('to', at(Math.max(drawn_from, to) + 1));
  location.href = there;
});

localise(document);
if (location.hash === '#drain') does('d');
if (navigator.clipboard) for (const link of document.querySelectorAll('[data-copy-link]')) link.textContent = 'Copy link';
show_scripted(document);
if (live) {
  show_clock($('clock').querySelector('time').dateTime, true);
  if (!document.hidden) follow();
}
