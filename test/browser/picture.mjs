// The pictures of the console in the README and the documents: real services behind a real registry and log, in front of which the
// hours are filled in that a test cannot wait for: ages, health and traffic.
//
//   node picture.mjs PATH-OF-DISTD DIR
import { createServer } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { row } from './console_exam.mjs';
import { endAll, makeDataDir, start, until } from './processes.mjs';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const machines = ['127.0.0.6', '127.0.0.7', '127.0.0.8'];

// What the last hour was like, and since when: the last bucket is now. Rates are requests per second.
const cast = {
  cart: { on: [0, 1, 2], version: '1.8.2', age: 3 * hour, rate: 41, p95: 118, failed: 0.021, tags: ['gateway'], outage: '54w3l2w1l', requires: ['sessions'] },
  search: { on: [2, 0], version: '3.1', age: 6 * day, rate: 8, p95: 22, tags: ['gateway'], outage: '40w20d' },
  BookService: { on: [0, 1], version: '1', age: 4 * day, rate: 12, p95: 4, tags: ['gateway'] },
  invoice: { on: [2], version: '2.0.1', age: 38 * minute, rate: 1.1, p95: 61, tags: ['gateway'], all: '22u38w' },
  mailer: { on: [2], version: '1.2.9', age: 9 * day, rate: 0.2, p95: 230, tags: ['gateway'], all: '20w1l39w' },
  reports: { on: [1], version: '0.4', age: 4000, rate: 0, tags: [], all: '60u', isStarting: true },
  sessions: { on: [0, 1, 2], version: '3.3.0', age: 20 * day, rate: 310, p95: 1, tags: ['gateway'] },
};
const ofOurs = { Portald: { age: 12 * day, rate: 0 }, LogService: { age: 12 * day, rate: 0 }, Console: { age: 5 * day, rate: 0 } };
const known = (name) => cast[name] ?? ofOurs[name] ?? { age: 12 * day, rate: 0 };

const listen = (server, host, port = 0) => new Promise((resolve) => { server.listen(port, host, () => resolve(`http://${host}:${server.address().port}`)); });
const send = async (url, method, body, headers = {}) => {
  const answer = await fetch(url, { method, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
};

// The same drawing for the same seed.
function* waves(seed) {
  for (let x = seed * 7919; ; x = (x * 1103515245 + 12345) % 2147483648) yield 0.8 + (0.4 * x) / 2147483648;
}

function history() {
  const services = Object.entries(cast).filter(([, c]) => c.rate > 0).map(([name, c], seed) => {
    const wave = waves(seed + 1);
    const requests = Array.from({ length: 60 }, () => Math.round(c.rate * 60 * wave.next().value));
    const failures = requests.map((n) => Math.round(n * (c.failed ?? 0)));
    const all = (us) => requests.map(() => Math.round(us * wave.next().value));
    const sum = (list) => list.reduce((a, b) => a + b, 0);
    const us = c.p95 * 1000;
    return { name, in_flight: Math.ceil(c.rate / 40), requests, failures, retries: failures, p50_us: all(us / 4), p95_us: all(us), p99_us: all(us * 2),
      total: { requests: sum(requests), failures: sum(failures), retries: sum(failures), p50_us: us / 4, p95_us: us, p99_us: us * 2 }, instances: [] };
  });
  return { range: '1h', step_seconds: 60, until: new Date().toISOString(), services };
}

async function startGateway(registry) {
  const server = createServer((q, a) => {
    const answers = { '/gateway/history': history, '/gateway/status': () => ({ routes: [], services: [], errors: [], registry: { reachable: true } }) };
    a.setHeader('Content-Type', 'application/json');
    a.end(JSON.stringify((answers[new URL(q.url, 'http://x').pathname] ?? (() => ({})))()));
  });
  const url = await listen(server, '127.0.0.1');
  await send(`${registry}/services`, 'POST', { ServiceName: 'Portald', ServiceURL: url, HeartbeatURL: `${url}/heartbeat`, Version: '0.1.0' });
}

async function startCast(registry, names) {
  const started = {};
  for (const [name, c] of names.map((name) => [name, cast[name]]))
    for (const at of c.on) {
      const one = { name };
      const server = createServer((q, a) => {
        q.resume();
        if (c.isStarting) return;
        a.statusCode = one.status ?? 200;
        a.end('{}');
      });
      one.url = await listen(server, machines[at]);
      one.end = () => { server.closeAllConnections(); server.close(); };
      await send(`${registry}/services`, 'POST', { ServiceName: name, ServiceURL: one.url, HeartbeatURL: `${one.url}/heartbeat`, HeartbeatInterval: '300ms',
        HeartbeatTimeout: c.isStarting ? '60s' : '300ms', DeregisterAfter: '1h', Version: c.version, Tags: c.tags, RequiredServices: c.requires });
      (started[name] ??= []).push(one);
    }
  return started;
}

const eventsOf = async (registry) => (await fetch(`${registry}/events`)).json();

// What happens, in this order; the pictures' events are these, at the times of `happenedAgo`.
async function play(registry, late) {
  const has = (type, name) => until(`${name} ${type}`, async () => (await eventsOf(registry)).some((e) => e.Type === type && e.Name === name));
  const limits = (max) => send(`${registry}/config/cart/limits`, 'PUT', { max }, { 'Content-Type': 'application/json', 'X-Distd-Actor': 'ana' });
  for (let max = 1; max <= 7; max += 1) await limits(max);
  const started = await startCast(registry, Object.keys(cast).filter((name) => name !== late));
  started.mailer[0].status = 503;
  await has('lost', 'mailer');
  started.mailer[0].status = 200;
  await has('back', 'mailer');
  await startCast(registry, [late]);
  await send(`${registry}/services/${encodeURIComponent(started.search[0].url)}/drain`, 'PUT', { Reason: 'disk swap' }, { 'X-Distd-Actor': 'ana' });
  await limits(8);
  started.cart[1].end();
  await has('lost', 'cart');
}
const happenedAgo = (e) => {
  if (e.Type === 'registered') return known(e.Name).age;
  if (e.Name === 'mailer') return e.Type === 'lost' ? 40 * minute + 47_000 : 39 * minute + 49_000;
  if (e.Type === 'drained') return 20 * minute;
  if (e.Key) return e.Version === 8 ? 4 * minute : 2 * day;
  return 72_000;
};
const ago = (milliseconds) => new Date(Date.now() - milliseconds).toISOString();

// The registry as the console sees it: what it says of the past is filled in.
function filledIn(path, rows, from) {
  if (path === '/events') return rows.map((e) => ({ ...e, Time: new Date(from - happenedAgo(e)).toISOString() }));
  if (path === '/health-history') {
    for (const i of rows.Instances) i.Health = known(i.Name).all ?? '60w';
    for (const name of ['cart', 'search']) {
      const troubled = rows.Instances.filter((i) => i.Name === name);
      troubled[name === 'cart' ? 1 : 0].Health = cast[name].outage;
    }
    return rows;
  }
  if (!Array.isArray(rows)) return rows;
  return rows.map((i) => ({ ...i, RegisteredAt: new Date(from - known(i.ServiceName).age).toISOString(), ...(i.Since && { Since: new Date(from - 72_000).toISOString() }) }));
}

async function standBefore(registry) {
  const from = Date.now();
  const server = createServer(async (q, a) => {
    const body = [];
    for await (const piece of q) body.push(piece);
    const { host, connection, ...headers } = q.headers;
    for (const name of ['if-none-match', 'x-owner-proof']) delete headers[name]; // the latter holds for the address that was asked
    const answer = await fetch(registry + q.url, { method: q.method, headers, body: body.length ? Buffer.concat(body) : undefined });
    const path = new URL(q.url, registry).pathname;
    let text = await answer.text();
    if (q.method === 'GET' && answer.ok && /^\/(events|health-history|services)/.test(path)) text = JSON.stringify(filledIn(path, JSON.parse(text), from));
    const sent = Object.fromEntries([...answer.headers].filter(([name]) => !/^(etag|content-length|transfer-encoding|connection|keep-alive|content-encoding)$/.test(name)));
    a.writeHead(answer.status, sent).end(answer.status === 204 ? undefined : text);
  });
  return listen(server, '127.0.0.1');
}

async function fillTheLog(log) {
  const lines = [];
  const add = (seconds, line) => lines.push({ time: ago(seconds * 1000), ...line });
  for (let n = 0; n < 31; n += 1) add(2 + n * 97, { service: 'cart', level: 'error', message: n % 8 === 7 ? 'panic: nil map in basket 4711' : 'charge failed: card service timed out after 2 s' });
  for (const n of [23, 900]) add(n, { service: 'Portald', level: 'error', message: 'request', method: 'GET', path: '/api/cart/items', status: 502, reason: 'no instance accepted' });
  lines.sort((a, b) => a.time.localeCompare(b.time));
  await send(`${log}/log`, 'POST', lines.map((l) => JSON.stringify(l)).join('\n'), { 'Content-Type': 'application/x-ndjson' });
}

async function shoot(browser, url, folder) {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme });
    const page = await context.newPage();
    await page.goto(url);
    await row(page, 'cart').locator('.badge').waitFor();
    await until('the page is live', () => page.locator('.live').count());
    await page.screenshot({ path: join(folder, `console-${colorScheme}.png`) });
    await context.close();
  }
}

const [binary, folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node picture.mjs PATH-OF-DISTD DIR');
const registry = await start(binary, 'registry', await makeDataDir(), ['--heartbeat-interval=300ms']);
const front = await standBefore(registry.urls.registry);
const log = await start(binary, 'log', await makeDataDir(), [`--registry=${registry.urls.registry}`]);
const watched = await start(binary, 'console', await makeDataDir(), [`--registry=${front}`]);
await startGateway(registry.urls.registry);
await until('the console is registered', async () => (await eventsOf(registry.urls.registry)).some((e) => e.Name === 'Console'));
await play(registry.urls.registry, 'invoice');
await fillTheLog(log.urls.log);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
try {
  await until('the console knows all', async () => {
    const text = await (await fetch(watched.urls.console)).text();
    return text.includes('class="badge"') && text.includes('class="spark"') && text.split('starting: ').length === 2;
  });
  await shoot(browser, watched.urls.console, folder);
} finally {
  await browser.close();
  await endAll();
}
process.exit(0);
