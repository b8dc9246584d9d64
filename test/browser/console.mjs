// The console in front of thirty services on three machines and all roles as processes of their own: the operator's exam, what goes
// wrong while somebody looks, and a look at every page.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { sendTests } from './console_alerts.mjs';
import { passTheExam, trace } from './console_exam.mjs';
import { lookWhileItChanges } from './console_live.mjs';
import { followTheLog } from './console_logs.mjs';
import { isCalm, measureTheFrame } from './console_looks.mjs';
import { guardTheTown, loseEverySource, loseInstances } from './console_losses.mjs';
import { makeDataDir, start, until } from './processes.mjs';
import { buildTown } from './town.mjs';
import { comeFromElsewhere } from './console_origin.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

// Evaluated, since the pages' policy takes no script from elsewhere. It needs timers, which a page without scripts does not have:
// there the page's own script is kept away instead.
async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`);
}

const keepScriptsAway = (page) => page.route('**/console.js*', (route) => route.abort());

async function isInOrder(page, path) {
  assert.deepEqual(await violations(page), [], path);
  const [scroll, client] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.equal(scroll, client, `${path} is wider than the screen`);
  assert.equal(await page.locator('main script, main b:has-text("\\"&"), main i:has-text("tag")').count(), 0, path);
}

// Text from outside, wherever it may come from: markup, text from right to left, emoji, and names as long as they may be.
const odd = `<script>alert("x")</script>\u202Eodd \u05E9\u05DC\u05D5\u05DD ${'long'.repeat(60)} 😀`;
const oddName = (end) => `${[...odd].slice(0, 240).join('')}${end}`;
const oddKey = `odd/<script>${'k'.repeat(300)}`;
const json = { 'Content-Type': 'application/json' };

async function put(url, body, headers = {}) {
  const answer = await fetch(url, { method: 'PUT', body, headers });
  assert.ok(answer.ok, `${url}: ${answer.status} ${await answer.text()}`);
}
const urlOfKey = (urls, key) => `${urls.registry}/config/${key.split('/').map(encodeURIComponent).join('/')}`;

async function writeOddServices(town, urls) {
  const drained = await town.add(oddName('d'), { Version: '<b>"&', Tags: ['<i>tag', 'gateway'] });
  await put(`${urls.registry}/services/${encodeURIComponent(drained.url)}/drain`, JSON.stringify({ Reason: odd }), { 'X-Distd-Actor': '<i>tag' });
  const lost = await town.add(oddName('l'), { Version: odd.slice(0, 100), RequiredServices: [oddName('m')] });
  lost.status = 503;
  return [drained, lost];
}

async function writeOddTexts(town, urls) {
  const services = await writeOddServices(town, urls);
  for (const value of ['</textarea><script>alert(1)</script>', `<b>"&\u202E${'w'.repeat(3000)}`])
    await put(urlOfKey(urls, oddKey), value, { 'Content-Type': 'text/plain', 'X-Distd-Actor': `<i>tag${'a'.repeat(80)}` });
  await put(urlOfKey(urls, 'cart/password'), 'hunter2', { 'Content-Type': 'text/plain' });
  const line = (more) => JSON.stringify({ service: services[0].name, level: 'error', trace: 'c'.repeat(32), ...more });
  const short = line({ message: odd, '<i>tag': '<b>"&' });
  const longest = 'x'.repeat((256 << 10) - Buffer.byteLength(short)); // as long as the log takes a line
  const lines = [line({ message: odd + longest, '<i>tag': '<b>"&' }),
    line({ message: 'request', method: '<b>"&', path: `/${'p'.repeat(3000)}`, status: 500, duration_us: 5, span: 'd'.repeat(16), reason: odd })];
  const answer = await fetch(`${urls.log}/log`, { method: 'POST', headers: { 'Content-Type': 'application/x-ndjson' }, body: lines.join('\n') });
  assert.equal(answer.status, 200, await answer.text());
  const route = { service: 'cart', prefix: '/shop' };
  for (const [name, value] of Object.entries({ shop: route, other: route, [`<b>"&${'r'.repeat(60)}`]: { [odd]: odd } }))
    await put(urlOfKey(urls, `gateway/routes/${name}`), JSON.stringify(value), json);
  // Nobody takes its messages, so they wait on the page.
  await put(urlOfKey(urls, `alerts/${'n'.repeat(64)}`), JSON.stringify({ url: `http://127.0.0.1:1/${odd}`.slice(0, 40), services: [oddName('l'), oddName('m'), '*'],
    after: '0s', body: odd }), json);
  return services;
}

// The numbers of both odd lines.
async function numbersOfLines(log) {
  const text = await (await fetch(`${log}/log?trace=${'c'.repeat(32)}&limit=5`)).text();
  const numbers = text.trim().split('\n').map((line) => JSON.parse(line).seq);
  return numbers.length === 2 && numbers;
}

async function pathsOf(town, urls) {
  const services = await writeOddTexts(town, urls);
  const key = encodeURIComponent(oddKey);
  const lines = await until('the odd lines are there', () => numbersOfLines(urls.log));
  await until('the odd alert waits', async () => (await (await fetch(`${urls.console}/alerts`)).text()).includes('&lt;script&gt;'));
  return ['/', '/?state=sick', '/?range=24h', '/services/cart', '/services/search', ...services.map((s) => `/services/${encodeURIComponent(s.name)}`),
    '/logs', '/logs?q=failed&level=error', `/logs?service=${encodeURIComponent(services[0].name)}`, ...lines.map((seq) => `/logs?line=${seq}`),
    `/logs?around=${lines[0]}`, '/logs?q=(', `/logs?q=${encodeURIComponent(odd)}`,
    `/requests/${trace}`, `/requests/${'c'.repeat(32)}`, `/requests/${'0'.repeat(32)}`, `/requests/${encodeURIComponent(odd)}`,
    '/config', '/config?filter=cart', '/config/cart%2Flimits', '/config/cart%2Flimits?left=1&right=2', '/config/cart%2Fpassword',
    `/config/${key}`, `/config/${key}?left=1&right=2`, `/config/${encodeURIComponent(`gateway/routes/<b>"&${'r'.repeat(60)}`)}`, '/config/not%2Fyet',
    '/traffic', '/traffic?service=cart', `/traffic?service=${encodeURIComponent(services[0].name)}`, '/traffic?range=6h',
    '/events', '/events?kind=drains', '/events?kind=configuration', '/alerts', '/find?q=ca', '/find?q=%3F', `/find?q=${encodeURIComponent(odd)}`,
    '/nowhere', `/${encodeURIComponent(odd)}`];
}

// What only a form leads to: a value that is reviewed, what the gateway would refuse, and both values where somebody else was quicker.
async function lookAtTheForms(page, urls) {
  const review = async (key, text) => {
    await page.goto(`${urls.console}/config/${encodeURIComponent(key)}`);
    await page.locator('textarea[name=bytes]:visible').fill(text);
    await page.getByRole('button', { name: 'Review the change' }).click();
  };
  await review('gateway/routes/shop', '{"service":"cart","prefix":"shop"}');
  await page.getByText('The gateway would refuse this: prefix').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Save/ }).count(), 0);
  await isInOrder(page, 'a review that is refused');
  await review(oddKey, `${odd}\n<i>tag`);
  await page.getByRole('button', { name: /^Save/ }).waitFor();
  await isInOrder(page, 'a review of odd text');
  await put(urlOfKey(urls, oddKey), `<b>"&\u202E${'w'.repeat(3000)}${Math.random()}`, { 'Content-Type': 'text/plain' });
  await page.getByRole('button', { name: /^Save/ }).click();
  await page.getByText('Both values').waitFor();
  await isInOrder(page, 'both values');
}

// Before there is an alert.
async function lookAtNoAlerts({ open, close, check, pictures }, url) {
  for (const colorScheme of ['light', 'dark'])
    for (const [screen, viewport] of Object.entries({ wide, phone }))
      await check(`a page without alerts says so, and how one is written: ${colorScheme}, ${screen}`, async () => {
        const page = await open({ viewport, colorScheme });
        await page.goto(`${url}/alerts`);
        assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'No alerts');
        await page.getByRole('link', { name: 'Write one' }).waitFor();
        await isInOrder(page, '/alerts without one');
        if (pictures) await page.screenshot({ path: join(pictures, `console-no-alerts-${screen}-${colorScheme}.png`) });
        await close(page);
      });
}

async function lookAtEveryPage(tools, town, urls) {
  const { open, close, check } = tools;
  const paths = await pathsOf(town, urls);
  for (const colorScheme of ['light', 'dark'])
    for (const [screen, viewport] of Object.entries({ wide, phone }))
      for (const javaScriptEnabled of [true, false])
        await check(`no rule of axe is broken, nothing overflows: ${colorScheme}, ${screen}, scripts ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
          const page = await open({ viewport, colorScheme });
          if (!javaScriptEnabled) await keepScriptsAway(page);
          for (const path of paths) {
            await page.goto(urls.console + path);
            await isInOrder(page, path);
          }
          await lookAtTheForms(page, urls);
          assert.deepEqual(page.complaints, []);
          await close(page);
        });
  await check('on paper there is the table and nothing to press', async () => {
    const page = await open({ viewport: wide });
    await page.emulateMedia({ media: 'print' });
    for (const path of ['/', '/services/cart', '/traffic', '/events', '/logs', '/config/cart%2Flimits', '/alerts', `/requests/${trace}`]) {
      await page.goto(urls.console + path);
      assert.equal(await page.locator('button:visible, summary:visible, .top:visible, .chips a:visible').count(), 0, path);
      assert.ok(await page.locator('table:visible, ol:visible, section.card:visible').count() > 0, path);
    }
    await close(page);
  });
  await check('a secret is shown nowhere but where somebody asks for it', async () => {
    for (const path of ['/', '/config', '/config?filter=password', '/config/cart%2Fpassword', '/config/cart%2Fpassword?left=1&right=1',
      '/events?kind=configuration', '/find?q=hunter2', '/find?q=cart/password', '/services/cart']) {
      const text = await (await fetch(urls.console + path)).text();
      assert.ok(!text.replace(/value="hunter2"|“hunter2”|q=hunter2/g, '').includes('hunter2'), path);
    }
    assert.ok((await (await fetch(`${urls.console}/config/cart%2Fpassword?show=1`)).text()).includes('hunter2'));
  });
  await check('the first load with thirty services is at most 100 KiB', async () => {
    const page = await open({ viewport: wide });
    let bytes = 0;
    page.on('response', async (r) => { if (!r.url().includes('/live')) bytes += (await r.body().catch(() => '')).length; });
    await page.goto(urls.console, { waitUntil: 'load' });
    await until('the page is live', () => page.locator('.live').count());
    assert.ok(bytes > 0 && bytes <= 100 * 1024, `${bytes} bytes`);
    await close(page);
  });
}

async function takePictures({ open, close, pictures: folder }, url) {
  for (const colorScheme of ['light', 'dark'])
    for (const [screen, viewport] of Object.entries({ '': wide, 'phone-': phone })) {
      const page = await open({ viewport, colorScheme });
      await takePicturesOf(page, url, folder, screen + colorScheme);
      await close(page);
    }
}

async function takePicturesOf(page, url, folder, suffix) {
  const shown = { console: '/', 'console-logs': '/logs?q=failed', 'console-request': `/requests/${trace}`, 'console-service': '/services/cart',
    'console-config': '/config/cart%2Flimits', 'console-traffic': '/traffic?service=cart', 'console-events': '/events' };
  for (const [name, path] of Object.entries(shown)) {
    await page.goto(url + path);
    await until('the page is live', () => page.locator('.live').count() + page.locator('body:not([data-live])').count());
    await page.screenshot({ path: join(folder, `${name}-${suffix}.png`) });
  }
}

// With access tokens: nothing but the sign-in is shown before one is given.
async function signIn(tools, registry) {
  const { open, close, check } = tools;
  const dataDir = await makeDataDir();
  const file = join(dataDir, 'tokens');
  const token = '6d1f0c5a9e7b4f3d8c2a1b0e9f8d7c6b';
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  const own = await start(tools.binary, 'console', dataDir, [`--registry=${registry}`, `--access-token-file=${file}`]);
  for (const colorScheme of ['light', 'dark'])
    for (const [screen, viewport] of Object.entries({ wide, phone }))
      for (const hasScripts of [true, false])
        await check(`the sign-in is in order: ${colorScheme}, ${screen}, scripts ${hasScripts ? 'on' : 'off'}`, async () => {
          const page = await open({ viewport, colorScheme });
          if (!hasScripts) await keepScriptsAway(page);
          await page.goto(`${own.urls.console}/config`);
          assert.match(page.url(), /sign-in/);
          await isInOrder(page, '/sign-in');
          if (tools.pictures) await page.screenshot({ path: join(tools.pictures, `console-sign-in-${screen}-${colorScheme}.png`) });
          await page.getByLabel('Access token').fill('that is none of them');
          await page.getByRole('button', { name: 'Sign in' }).click();
          await page.getByText('not one of the access tokens').waitFor();
          await isInOrder(page, '/sign-in after a wrong token');
          await page.getByLabel('Access token').fill(token);
          await page.keyboard.press('Enter');
          await page.waitForURL(/\/config$/);
          await close(page);
        });
  await own.kill();
}

// A system of which only the registry runs, and one in which nothing runs at all.
async function lookAtAnEmptySystem(tools) {
  const { open, close, check } = tools;
  const registry = await start(tools.binary, 'registry', await makeDataDir());
  const own = await start(tools.binary, 'console', await makeDataDir(), [`--registry=${registry.urls.registry}`]);
  await until('the console is well', async () => (await (await fetch(own.urls.console)).text()).includes('The only service is well'));
  for (const [colorScheme, screen] of [['light', 'wide'], ['dark', 'phone']])
    await check(`a system with nothing but a registry is complete, and nothing in it is wrong: ${colorScheme}, ${screen}`, async () => {
      const page = await open({ viewport: { wide, phone }[screen], colorScheme });
      for (const path of ['/', '/logs', `/logs?line=1`, '/traffic', '/events', '/config', '/alerts', '/services/Console', '/services/nobody', `/requests/${trace}`]) {
        await page.goto(own.urls.console + path);
        await isInOrder(page, path);
        if (!path.includes('line=')) await isCalm(page);
        assert.equal(await page.locator('main .away, h1 .g.sick, .headline.sick, .headline.unknown').count(), path.includes('line=') ? 1 : 0, path);
        assert.match(await page.locator('#icon').getAttribute('href'), /icon-well/, path);
        if (tools.pictures) await page.screenshot({ path: join(tools.pictures, `console-empty${path.replace(/\W+/g, '-')}-${screen}.png`) });
      }
      assert.deepEqual(page.complaints, []);
      await close(page);
    });
  await own.kill();
  await registry.kill();
}

// Some requests through the gateway, one of them in vain.
async function passTheGateway(portal) {
  await until('the gateway has the route', async () => (await fetch(`${portal}/api/cart/items`)).status === 200);
  for (let i = 0; i < 20; i += 1) await fetch(`${portal}/api/cart/items`);
}

export async function examineTheConsole(tools) {
  await lookAtAnEmptySystem(tools);
  const registry = await start(tools.binary, 'registry', await makeDataDir(), ['--registry-guard-time=3s']);
  const at = [`--registry=${registry.urls.registry}`];
  const parts = { registry };
  for (const role of ['log', 'grading', 'portal', 'console']) parts[role] = await start(tools.binary, role, await makeDataDir(), at);
  const urls = Object.assign({}, ...Object.values(parts).map((p) => p.urls));
  const town = await buildTown(urls.registry);
  await until('the console knows the town', async () => (await (await fetch(`${urls.console}/`)).text()).includes('services are well'));
  await passTheGateway(urls.portal);
  await passTheExam(tools, town, urls);
  if (tools.pictures) await takePictures(tools, urls.console);
  await lookAtNoAlerts(tools, urls.console);
  await sendTests(tools, urls);
  await lookAtEveryPage(tools, town, urls);
  await measureTheFrame(tools, urls);
  await signIn(tools, urls.registry);
  await comeFromElsewhere(tools, town, urls);
  await lookWhileItChanges(tools, town, urls);
  await followTheLog(tools, urls);
  await loseInstances(tools, town, urls);
  await guardTheTown(tools, town, urls);
  await loseEverySource(tools, parts, urls);
  await town.end();
}
