// The console in front of thirty services on three machines and all roles as processes of their own: the operator's exam, what goes
// wrong while somebody looks, and a look at every page.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { sendTests } from './console_alerts.mjs';
import { passTheExam, trace } from './console_exam.mjs';
import { followTheLog } from './console_logs.mjs';
import { guardTheTown, loseEverySource, loseInstances } from './console_losses.mjs';
import { makeDataDir, start, until } from './processes.mjs';
import { buildTown } from './town.mjs';

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

async function isInOrder(page, path) {
  assert.deepEqual(await violations(page), [], path);
  const [scroll, client] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.equal(scroll, client, `${path} is wider than the screen`);
  assert.equal(await page.locator('main script, main b:has-text("\\"&"), main i:has-text("tag")').count(), 0, path);
}

// Text from outside, wherever it may come from.
const odd = `<script>alert("x")</script>\u202Eodd ${'long'.repeat(60)} 😀`.slice(0, 250);
async function writeOddTexts(town, urls) {
  const key = `odd/<script>${'k'.repeat(300)}`;
  await town.add(odd, { Version: '<b>"&', Tags: ['<i>tag'] }).catch(() => town.add('<script>alert(1)</script>', {}));
  const { url } = town.instances.at(-1);
  await fetch(`${urls.registry}/services/${encodeURIComponent(url)}/drain`,
    { method: 'PUT', headers: { 'X-Distd-Actor': '<i>tag' }, body: JSON.stringify({ Reason: odd }) });
  for (const value of ['</textarea><script>alert(1)</script>', `<b>"&\u202E${'w'.repeat(3000)}`])
    await fetch(`${urls.registry}/config/${key.split('/').map(encodeURIComponent).join('/')}`, { method: 'PUT', body: value, headers: { 'Content-Type': 'text/plain' } });
  await fetch(`${urls.registry}/config/cart/password`, { method: 'PUT', body: 'hunter2', headers: { 'Content-Type': 'text/plain' } });
  const line = (more) => JSON.stringify({ service: odd, level: 'error', trace: 'c'.repeat(32), ...more });
  const lines = [line({ message: `${odd}${'x'.repeat(256 << 10)}`.slice(0, 256 << 10), '<i>tag': '<b>"&' }),
    line({ message: 'request', method: '<b>"&', path: `/${'p'.repeat(3000)}`, status: 500, duration_us: 5, span: 'd'.repeat(16), reason: odd })];
  await fetch(`${urls.log}/log`, { method: 'POST', headers: { 'Content-Type': 'application/x-ndjson' }, body: lines.join('\n') });
  const route = { service: 'cart', prefix: '/shop' };
  for (const [name, value] of Object.entries({ shop: route, other: route }))
    await fetch(`${urls.registry}/config/gateway/routes/${name}`, { method: 'PUT', body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } });
  return key;
}

async function numberOfALine(log) {
  const text = await (await fetch(`${log}/log?trace=${'c'.repeat(32)}&limit=1`)).text();
  return JSON.parse(text.split('\n')[0]).seq;
}

async function pathsOf(town, urls) {
  const oddKey = encodeURIComponent(await writeOddTexts(town, urls));
  const seq = await until('the odd lines are there', () => numberOfALine(urls.log));
  const oddService = encodeURIComponent(town.instances.at(-1).name);
  return ['/', '/?state=sick', '/?range=24h', '/services/cart', '/services/search', `/services/${oddService}`,
    '/logs', '/logs?q=failed&level=error', `/logs?line=${seq}`, `/logs?around=${seq}`, '/logs?q=(',
    `/requests/${trace}`, `/requests/${'c'.repeat(32)}`, `/requests/${'0'.repeat(32)}`,
    '/config', '/config?filter=cart', '/config/cart%2Flimits', '/config/cart%2Flimits?left=1&right=2', '/config/cart%2Fpassword',
    `/config/${oddKey}`, `/config/${oddKey}?left=1&right=2`, '/config/not%2Fyet',
    '/traffic', '/traffic?service=cart', '/traffic?range=6h', '/events', '/events?kind=drains', '/alerts', '/find?q=ca', '/find?q=%3F', '/nowhere'];
}

async function lookAtEveryPage(tools, town, urls) {
  const { open, close, check } = tools;
  const paths = await pathsOf(town, urls);
  for (const colorScheme of ['light', 'dark'])
    for (const [screen, viewport] of Object.entries({ wide, phone }))
      for (const javaScriptEnabled of [true, false])
        await check(`no rule of axe is broken, nothing overflows: ${colorScheme}, ${screen}, scripts ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
          const page = await open({ viewport, colorScheme });
          if (!javaScriptEnabled) await page.route('**/console.js*', (route) => route.abort());
          for (const path of paths) {
            await page.goto(urls.console + path);
            await isInOrder(page, path);
          }
          await page.goto(`${urls.console}/config/gateway%2Froutes%2Fshop`);
          await page.locator('textarea[name=bytes]:visible').fill('{"service":"cart","prefix":"shop"}');
          await page.getByRole('button', { name: 'Review the change' }).click();
          await page.getByText('The gateway would refuse this: prefix').waitFor();
          assert.equal(await page.getByRole('button', { name: /^Save/ }).count(), 0);
          await isInOrder(page, 'a review');
          assert.deepEqual(page.complaints, []);
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
    for (const viewport of [wide, phone])
      await check(`the sign-in is in order: ${colorScheme}, ${viewport.width}`, async () => {
        const page = await open({ viewport, colorScheme, javaScriptEnabled: true });
        await page.goto(`${own.urls.console}/config`);
        assert.match(page.url(), /sign-in/);
        await isInOrder(page, '/sign-in');
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

// Some requests through the gateway, one of them in vain.
async function passTheGateway(portal) {
  await until('the gateway has the route', async () => (await fetch(`${portal}/api/cart/items`)).status === 200);
  for (let i = 0; i < 20; i += 1) await fetch(`${portal}/api/cart/items`);
}

export async function examineTheConsole(tools) {
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
  await sendTests(tools, urls);
  await lookAtEveryPage(tools, town, urls);
  await signIn(tools, urls.registry);
  await followTheLog(tools, urls);
  await loseInstances(tools, town, urls);
  await guardTheTown(tools, town, urls);
  await loseEverySource(tools, parts, urls);
  await town.end();
}
