// A page while somebody looks at it, and while nobody does: with a stream, and without one; rows in their order; and what the
// script adds to the page: keys, what is drawn over the histogram, and what is copied.
import assert from 'node:assert/strict';
import { row, says } from './console_exam.mjs';
import { until } from './processes.mjs';

const wide = { width: 1440, height: 900 };
const isLive = (page) => until('the page is live', () => page.locator('.live').count());
const drain = (registry, instance, method, reason) => fetch(`${registry}/services/${encodeURIComponent(instance.url)}/drain`,
  { method, body: JSON.stringify({ Reason: reason }), headers: { 'X-Distd-Actor': 'ana' } });

// What the page said of itself from now on: every moment at which it was not live.
const watchForGrey = (page) => page.evaluate(() => {
  window.grey_moments = 0;
  new MutationObserver(() => { if (document.body.classList.contains('stale')) window.grey_moments += 1; })
    .observe(document.body, { attributes: true, attributeFilter: ['class'] });
});
const clockOf = (page) => page.locator('#clock time').getAttribute('datetime');

async function changesAreSeen(now, own, registry, instance) {
  const before = await Promise.all([now, own].map(clockOf));
  await drain(registry, instance, 'PUT', 'disk swap');
  for (const one of [now, own]) await one.locator('#happened').getByText('drained by ana: disk swap').first().waitFor({ timeout: 20_000 });
  await row(now, 'invoice').locator('.g.drained').waitFor();
  await own.locator('.instances .g.drained').waitFor();
  await own.locator('h1 .g.drained').waitFor();
  await own.locator('.instances').getByText('End drain…').waitFor();
  assert.equal(await own.locator('.instances .g.well').count(), 0);
  for (const [i, one] of [now, own].entries()) assert.notEqual(await clockOf(one), before[i]);
}

// As with more viewers than there are streams.
async function withoutAStream({ check, open, close }, town, urls) {
  const [instance] = town.of('invoice');
  const now = await open({ viewport: wide });
  const own = await open({ viewport: wide });
  for (const page of [now, own]) await page.route('**/live*', (route) => route.fulfill({ status: 429 }));
  await now.goto(urls.console);
  await own.goto(`${urls.console}/services/invoice`);
  await check('where no stream is to be had a page changes all the same: rows, cards, headline, clock', async () => {
    for (const page of [now, own]) await watchForGrey(page);
    await changesAreSeen(now, own, urls.registry, instance);
  });
  await check('a page without a stream is live from one poll to the next', async () => {
    await drain(urls.registry, instance, 'DELETE', 'disk is new');
    for (const one of [now, own]) await one.locator('#happened').getByText('back in rotation by ana: disk is new').first().waitFor({ timeout: 20_000 });
    for (const one of [now, own]) assert.equal(await one.evaluate(() => window.grey_moments), 0);
    assert.ok(await now.locator('.live').count());
  });
  await check('what is typed on a page without a stream stays', async () => {
    await own.getByText('Drain…').first().click();
    await own.locator('details[open] input[name=reason]').fill('half of a reason');
    const before = await clockOf(own);
    await until('the page is polled', async () => await clockOf(own) !== before);
    assert.equal(await own.locator('details[open] input[name=reason]').inputValue(), 'half of a reason');
  });
  await check('a stream that is to be had again is used', async () => {
    const streams = own.waitForResponse((r) => r.url().includes('/live') && r.status() === 200);
    await own.unroute('**/live*');
    await streams;
  });
  for (const one of [now, own]) await close(one);
}

// The page's own timers stand still, so that nothing but the stream can tell it.
async function lostWhilePolling({ check, open, close }, urls) {
  await check('a page that is polled and whose console is gone says so once its stream cannot be opened', async () => {
    const page = await open({ viewport: wide });
    await page.clock.install();
    await page.route('**/live*', (route) => route.fulfill({ contentType: 'text/event-stream', body: 'retry: 500\n\n' }));
    await page.goto(urls.console);
    const before = await clockOf(page);
    await until('the page is polled', async () => await clockOf(page) !== before);
    await page.route(urls.console + '/', (route) => route.abort());
    await page.clock.pauseAt(Date.now() + 1000);
    await page.locator('body.stale').waitFor();
    await close(page);
  });
}

// `document.hidden` is the browser's: it is set here, since one without windows shows every page.
const setHidden = (page, isHidden) => page.evaluate((value) => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
  document.dispatchEvent(new Event('visibilitychange'));
}, isHidden);

async function whileHidden({ check, open, close }, urls) {
  await check('the stream is closed while nobody sees the page, and opened again when somebody does', async () => {
    const page = await open({ viewport: wide });
    let opened = 0;
    page.on('request', (request) => { if (request.url().includes('/live')) opened += 1; });
    await page.goto(urls.console);
    await isLive(page);
    const closed = page.waitForEvent('requestfailed', (request) => request.url().includes('/live'));
    await setHidden(page, true);
    await closed;
    assert.equal(opened, 1);
    const before = await clockOf(page);
    await setHidden(page, false);
    await until('the clock goes on', async () => await clockOf(page) !== before);
    assert.equal(opened, 2);
    await close(page);
  });
}

async function rowsInOrder({ check, open, close }, town, urls) {
  await check('rows change in place, and move when somebody asks for it', async () => {
    const page = await open({ viewport: wide });
    await page.goto(urls.console);
    await isLive(page);
    const order = () => page.locator('.services tbody tr').evaluateAll((all) => all.map((one) => one.id));
    const before = await order();
    const [instance] = town.of('mailer');
    await drain(urls.registry, instance, 'PUT', 'disk swap');
    await row(page, 'mailer').getByText('drained by ana').waitFor();
    const button = page.getByRole('button', { name: '1 row has moved: put in order' });
    await button.waitFor();
    assert.deepEqual(await order(), before);
    const id = await row(page, 'mailer').getAttribute('id');
    await button.click();
    const after = await order();
    assert.ok(after.indexOf(id) < before.indexOf(id), `${before.indexOf(id)} to ${after.indexOf(id)}`);
    assert.deepEqual([...after].sort(), [...before].sort());
    assert.equal(await page.locator('#moved').isVisible(), false);
    await drain(urls.registry, instance, 'DELETE');
    await close(page);
  });
}

async function whileAFormIsOpen({ check, open, close }, town, urls) {
  await check('a row whose form is being filled in changes around the form, and as a whole once it is folded away', async () => {
    const page = await open({ viewport: wide });
    await page.goto(`${urls.console}/services/mailer`);
    await isLive(page);
    await page.locator('.instances').getByText('Forget…').click();
    const reason = page.locator('.instances details[open] input[name=reason]');
    await reason.fill('half of a reason');
    const [instance] = town.of('mailer');
    await drain(urls.registry, instance, 'PUT', 'disk swap');
    await page.locator('.instances .why', { hasText: 'drained by ana: disk swap' }).waitFor();
    await page.locator('.instances .g.drained').waitFor();
    assert.equal(await page.locator('.instances .g.well').count(), 0);
    assert.equal(await reason.inputValue(), 'half of a reason');
    await page.locator('.instances').getByText('Forget…').click();
    await page.locator('.instances').getByText('End drain…').waitFor();
    await drain(urls.registry, instance, 'DELETE');
    await page.locator('.instances .g.well').waitFor();
    await close(page);
  });
}

// What a value is, and what is typed over it.
async function whileAValueIsEdited({ check, open, close }, urls) {
  const page = await open({ viewport: wide });
  const put = (max, who) => fetch(`${urls.registry}/config/live/limits`,
    { method: 'PUT', body: JSON.stringify({ max }), headers: { 'Content-Type': 'application/json', 'X-Distd-Actor': who } });
  const editor = page.locator('textarea[name=bytes]:visible');
  await put(1, 'ana');
  await page.goto(`${urls.console}/config/live%2Flimits`);
  await isLive(page);
  await check('a value that somebody else saves is on the page by itself, with its version, who, and the history', async () => {
    await put(2, 'bob');
    await page.waitForFunction(() => document.querySelector('.editor textarea').value === '{"max":2}', null, { timeout: 3000 });
    await page.locator('#config-head').getByText('version 2').waitFor();
    await page.locator('#config-head').getByText('by bob').waitFor();
    await page.getByRole('button', { name: 'Restore 1 as 3' }).waitFor();
    assert.equal(await page.locator('#meanwhile').isVisible(), false);
  });
  await check('a key that somebody makes is in the tree by itself, and what is folded there stays folded', async () => {
    await page.locator('.tree summary', { hasText: 'live/' }).click();
    await fetch(`${urls.registry}/config/live-too/key`, { method: 'PUT', body: '1' });
    await page.locator('.tree summary', { hasText: 'live-too/' }).waitFor();
    assert.equal(await page.locator('.tree details', { hasText: 'limits' }).filter({ has: page.locator('summary', { hasText: /^live\/$/ }) }).getAttribute('open'), null);
  });
  await check('what is typed stays while somebody else saves another value, and a review shows both', async () => {
    await editor.fill('{"max":30}');
    await put(3, 'bob');
    await page.locator('#meanwhile').waitFor({ state: 'visible', timeout: 3000 });
    await page.locator('#config-head').getByText('version 3').waitFor();
    assert.equal(await editor.inputValue(), '{"max":30}');
    await page.getByRole('button', { name: 'Review the change' }).click();
    await page.getByText('Both values').waitFor();
    const shown = await page.locator('.diff').innerText();
    assert.match(shown, /"max": 3\b[\s\S]*"max": 30/);
    await put(4, 'bob');
    await page.waitForFunction(() => document.title.includes('Config'), null);
    assert.equal(await editor.inputValue(), '{"max":30}');
  });
  assert.deepEqual(page.complaints, []);
  await close(page);
}

async function inTheReadersZone({ check, open, close }, urls) {
  await check('times are those of the reader, with the zone in the title, and UTC without scripts', async () => {
    const far = await open({ viewport: wide, timezoneId: 'Asia/Tokyo' });
    const plain = await open({ viewport: wide, javaScriptEnabled: false });
    for (const page of [far, plain]) await page.goto(`${urls.console}/events`);
    const first = (page) => page.locator('#timeline time').last();
    const iso = await first(plain).getAttribute('datetime');
    assert.equal(await first(plain).innerText(), iso.replace('T', ' ').slice(0, 19));
    const there = new Date(Date.parse(iso) + 9 * 3_600_000).toISOString().replace('T', ' ').slice(0, 19);
    assert.equal(await far.locator(`#timeline time[datetime="${iso}"]`).last().innerText(), there);
    assert.equal(await far.locator(`#timeline time[datetime="${iso}"]`).last().getAttribute('title'), `${there} Asia/Tokyo`);
    assert.match(await far.locator('footer').innerText(), /times: Asia\/Tokyo/);
    assert.match(await plain.locator('footer').innerText(), /times: UTC/);
    for (const page of [far, plain]) await close(page);
  });
}

async function onThePageLogs({ check, open, close }, urls) {
  const page = await open({ viewport: wide });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.goto(`${urls.console}/logs`);
  await isLive(page);
  await check('p pauses the log, and goes on with it', async () => {
    await page.keyboard.press('p');
    await page.waitForURL(/before=\d+/);
    await page.getByRole('link', { name: /^Follow/ }).waitFor();
    await page.keyboard.press('p');
    await page.waitForURL((url) => !url.searchParams.has('before'));
    await page.getByRole('link', { name: 'Following' }).waitFor();
  });
  await check('what is drawn over the histogram becomes the range', async () => {
    const cells = page.locator('.cells > *');
    const from = Date.parse(await page.locator('.cells').getAttribute('data-from'));
    for (const [i, act] of [[20, 'down'], [40, 'up']]) {
      const box = await until('the column is there', () => cells.nth(i).boundingBox()); // a live page replaces them
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse[act]();
    }
    await page.waitForURL(/from=/);
    const asked = new URL(page.url()).searchParams;
    assert.equal(Date.parse(asked.get('from')), from + 20 * 60_000);
    assert.equal(Date.parse(asked.get('to')), from + 41 * 60_000);
  });
  await check('the link to a line is copied', async () => {
    await page.goto(`${urls.console}/logs`);
    await page.locator('#rows > li a').first().click();
    const link = page.getByRole('link', { name: 'Copy link' });
    const href = await link.evaluate((a) => a.href);
    await link.click();
    await page.getByText('Copied').waitFor();
    assert.equal(await clipboard(), href);
    assert.match(href, /line=\d+/);
  });
  await check('the address of an instance is copied', async () => {
    await page.goto(`${urls.console}/services/mailer`);
    const url = await page.locator('.instances .url').first().innerText();
    await page.locator('.instances').getByRole('button', { name: 'copy' }).first().click();
    await page.getByRole('button', { name: 'copied' }).waitFor();
    assert.equal(await clipboard(), url);
  });
  assert.deepEqual(page.complaints, []);
  await close(page);
}

export async function lookWhileItChanges(tools, town, urls) {
  await withoutAStream(tools, town, urls);
  await lostWhilePolling(tools, urls);
  await whileHidden(tools, urls);
  await rowsInOrder(tools, town, urls);
  await whileAFormIsOpen(tools, town, urls);
  await whileAValueIsEdited(tools, urls);
  await inTheReadersZone(tools, urls);
  await onThePageLogs(tools, urls);
}
