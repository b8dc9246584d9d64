// What goes wrong while somebody looks: the page says each within three seconds, in words, and what is no longer known to hold
// is not shown as if it did.
import assert from 'node:assert/strict';
import { row, says } from './console_exam.mjs';
import { until } from './processes.mjs';

const limit = 3000; // within which a page says what has happened

const headline = (page) => page.getByRole('heading', { level: 1 }).innerText();
// Whether it is drawn without its colours.
const isGrey = (page, selector) => page.locator(selector).first().evaluate((element) => {
  for (let at = element; at; at = at.parentElement) if (getComputedStyle(at).filter.includes('grayscale(1)')) return true;
  return false;
});

async function watched(tools, url) {
  const page = await tools.open({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  await until('the page is live', () => page.locator('.live').count());
  return page;
}

export async function loseInstances(tools, town, urls) {
  const { check, close } = tools;
  const page = await watched(tools, urls.console);
  const sessions = town.of('sessions');
  const [mailer] = town.of('mailer');
  const drainOf = (method) => fetch(`${urls.registry}/services/${encodeURIComponent(mailer.url)}/drain`,
    { method, ...(method === 'PUT' ? { body: JSON.stringify({ Reason: 'disk swap' }), headers: { 'X-Distd-Actor': 'ana' } } : {}) });
  await check('an instance that is killed is told within three seconds', async () => {
    await sessions[0].end();
    await says(page, /sessions?.*lost one of three instances|lost: nobody answers/);
    await row(page, 'sessions').getByText(/lost: /).waitFor({ timeout: limit });
  });
  await check('an instance that hangs is told within three seconds, with the reason', async () => {
    sessions[1].isHanging = true;
    await row(page, 'sessions').getByText(/no answer in time/).waitFor({ timeout: limit });
    sessions[1].isHanging = false;
  });
  await check('an instance that is back is told within three seconds', async () => {
    await page.locator('#happened').getByText(/back after/).first().waitFor({ timeout: limit });
  });
  await check('an instance that answers with a failure is told with its answer', async () => {
    sessions[2].status = 503;
    await row(page, 'sessions').getByText(/503/).waitFor({ timeout: limit });
    const there = await tools.open({ viewport: { width: 1440, height: 900 } });
    await there.goto(`${urls.console}/services/sessions`);
    await says(there, 'disk full');
    await close(there);
    sessions[2].status = undefined;
  });
  await check('a drain by somebody else is told within three seconds, with who and why', async () => {
    await drainOf('PUT');
    await row(page, 'mailer').getByText('drained by ana: disk swap').waitFor({ timeout: limit });
    await drainOf('DELETE');
    await row(page, 'mailer').locator('p', { hasText: 'drained' }).waitFor({ state: 'detached', timeout: limit });
  });
  await check('states are told apart without colour: by shape, by height, and in words', async () => {
    await drainOf('PUT');
    await row(page, 'mailer').getByText('drained by').waitFor();
    const glyphs = await page.locator('.services .g').evaluateAll((all) => Object.fromEntries(all.map((g) =>
      [g.getAttribute('aria-label'), document.querySelector(g.querySelector('use').getAttribute('href')).innerHTML])));
    for (const state of ['sick', 'drained', 'well']) assert.ok(glyphs[state], `no row is ${state}`);
    assert.equal(new Set(Object.values(glyphs)).size, Object.keys(glyphs).length);
    const symbols = await page.locator('symbol').evaluateAll((all) => all.map((s) => s.innerHTML));
    assert.equal(new Set(symbols).size, symbols.length);
    const heights = await page.evaluate(() => {
      const found = {};
      for (const path of document.querySelectorAll('.bar path')) found[path.getAttribute('class')] = parseFloat(getComputedStyle(path).strokeWidth);
      return found;
    });
    assert.ok(heights.u < heights.w && heights.w < heights.d && heights.d < heights.l, JSON.stringify(heights));
    await page.evaluate(() => { document.documentElement.style.filter = 'grayscale(1)'; });
    if (tools.pictures) await page.screenshot({ path: `${tools.pictures}/console-grey.png` });
    await drainOf('DELETE');
  });
  await close(page);
}

export async function guardTheTown(tools, town, urls) {
  const { check, close } = tools;
  const page = await watched(tools, urls.console);
  await check('the guard against mass failures is told within three seconds of the losses, and what it holds is marked', async () => {
    for (const i of town.instances) i.isHanging = true;
    await says(page, /guard against mass failures is on/, limit);
    await page.locator('.services .g.held').first().waitFor({ timeout: limit });
    assert.match(await headline(page), /sick/);
    if (tools.pictures) await page.screenshot({ path: `${tools.pictures}/console-guard.png` });
  });
  for (const i of town.instances) i.isHanging = false;
  await close(page);
}

export async function loseEverySource(tools, parts, urls) {
  const { check, close } = tools;
  const page = await watched(tools, urls.console);
  const logs = await watched(tools, `${urls.console}/logs`);
  const traffic = await watched(tools, `${urls.console}/traffic`);
  await check('the gateway freezes: its columns grey, and the page says so within three seconds', async () => {
    parts.portal.signal('SIGSTOP');
    await Promise.all([says(page, /gateway unreachable, as of/, limit), says(traffic, /gateway unreachable, as of/, limit)]);
    assert.ok(await isGrey(page, '.services td.t'));
    assert.match(await traffic.locator('#icon').getAttribute('href'), /icon-unknown/);
    parts.portal.signal('SIGCONT');
    await page.getByText(/gateway unreachable/).first().waitFor({ state: 'detached', timeout: limit });
  });
  await check('the gateway is killed: the page says so within three seconds', async () => {
    await parts.portal.kill();
    await says(page, /gateway unreachable, as of/, limit);
  });
  await check('the log freezes: every part that is made of it says so within three seconds', async () => {
    parts.log.signal('SIGSTOP');
    await Promise.all([says(page, /log unreachable, as of/, limit), says(logs, /Not searched since/, limit)]);
    assert.ok(await isGrey(page, '.services td.e'));
    parts.log.signal('SIGCONT');
    await page.getByText(/log unreachable/).first().waitFor({ state: 'detached', timeout: limit });
  });
  await check('the log is killed: the page says so within three seconds', async () => {
    await parts.log.kill();
    await says(page, /log unreachable, as of/, limit);
  });
  await check('the registry freezes: the page says so within three seconds, and nothing stays green', async () => {
    parts.registry.signal('SIGSTOP');
    await says(page, 'The registry is unreachable', limit);
    assert.ok(await isGrey(page, '.services tbody tr'));
    assert.match(await page.title(), /unreachable/);
    assert.match(await page.locator('#icon').getAttribute('href'), /icon-unknown/);
    parts.registry.signal('SIGCONT');
    await until('it is back', async () => !/unreachable/.test(await headline(page)), limit);
  });
  await check('the registry is killed: the page says so within three seconds, with the time of what is still shown', async () => {
    await parts.registry.kill();
    await says(page, 'The registry is unreachable', limit);
    assert.match(await page.locator('#happened').innerText(), /registry unreachable, as of/);
    assert.ok(await isGrey(page, '.services tbody tr'));
  });
  await check('the console freezes: the page and its tab say within three seconds that they are no longer live', async () => {
    parts.console.signal('SIGSTOP');
    await says(page, 'not live, as of', limit);
    assert.match(await page.title(), /not live/);
    assert.ok(await isGrey(page, '.services tbody tr'));
    parts.console.signal('SIGCONT');
    await page.getByText('not live, as of').first().waitFor({ state: 'detached', timeout: limit });
  });
  await check('the console is killed: the page says so within three seconds', async () => {
    await parts.console.kill();
    await says(page, 'not live, as of', limit);
    assert.ok(await isGrey(page, '.services tbody tr'));
  });
  for (const one of [page, logs, traffic]) await close(one);
}
