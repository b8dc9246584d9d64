// What goes wrong while somebody looks: the page says each within three seconds, in words, and what is no longer known to hold
// is not shown as if it did.
import assert from 'node:assert/strict';
import { row, says } from './console_exam.mjs';
import { until } from './processes.mjs';

const limit = 3000; // within which a page says what has happened

const headline = (page) => page.getByRole('heading', { level: 1 }).innerText();
// How many of these are drawn with their colours, and how many without. At one moment: a live page replaces its rows.
const coloursOf = (page, selector) => page.evaluate((wanted) => {
  const isGrey = (element) => {
    for (let at = element; at; at = at.parentElement) if (getComputedStyle(at).filter.includes('grayscale(1)')) return true;
    return false;
  };
  const all = [...document.querySelectorAll(wanted)].map(isGrey);
  return { grey: all.filter((is) => is).length, coloured: all.filter((is) => !is).length };
}, selector);
async function isGrey(page, selector) {
  const { grey, coloured } = await coloursOf(page, selector);
  return grey > 0 && coloured === 0;
}

// Every glyph that means "well" is drawn without its colour, and so is the tab's icon.
async function nothingIsGreen(...pages) {
  for (const page of pages) {
    assert.match(await page.locator('#icon').getAttribute('href'), /icon-unknown/, page.url());
    assert.equal((await coloursOf(page, 'main .g.well')).coloured, 0, `a glyph of ${page.url()} is green`);
  }
}

async function watched(tools, url) {
  const page = await tools.open({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  await until('the page is live', () => page.locator('.live').count());
  return page;
}

// The pages on which a service of the gateway is looked at: Now, its own, and Traffic.
async function watchedPages(tools, urls, service) {
  const now = await watched(tools, urls.console);
  const own = await watched(tools, `${urls.console}/services/${service}`);
  const traffic = await watched(tools, `${urls.console}/traffic`);
  const all = [now, own, traffic];
  // Not the titles of the bars, which say what was, too.
  const places = (words) => [row(now, service).locator('p', { hasText: words }), own.locator('.instances .why', { hasText: words }),
    row(traffic, service).locator('p', { hasText: words })];
  return {
    all,
    // All of them say so in words, within the limit.
    say: (words) => Promise.all(places(words).map((place) => place.first().waitFor({ timeout: limit }))),
    sayNoMore: (words) => Promise.all(places(words).map((place) => place.first().waitFor({ state: 'detached', timeout: limit }))),
    // The service has that glyph everywhere, and the tab of its own page says the same.
    show: async (glyph) => {
      for (const place of [row(now, service).locator('.g'), own.locator('h1 .g'), row(traffic, service).locator('.g')])
        assert.match(await place.first().getAttribute('class'), new RegExp(`\\b${glyph}\\b`));
    },
    close: () => Promise.all(all.map((page) => tools.close(page))),
  };
}

export async function loseInstances(tools, town, urls) {
  const { check } = tools;
  const sessions = town.of('sessions');
  const [mailer] = town.of('mailer');
  const drainOf = (method) => fetch(`${urls.registry}/services/${encodeURIComponent(mailer.url)}/drain`,
    { method, ...(method === 'PUT' ? { body: JSON.stringify({ Reason: 'disk swap' }), headers: { 'X-Distd-Actor': 'ana' } } : {}) });
  const pages = await watchedPages(tools, urls, 'sessions');
  const [page, own] = pages.all;
  await check('an instance that is killed is told within three seconds on every page', async () => {
    await sessions[0].end();
    await says(page, /sessions?.*lost one of three instances|lost: nobody answers/);
    await pages.say(/lost: /);
    await pages.show('sick');
    for (const one of pages.all) assert.match(await one.locator('#icon').getAttribute('href'), /icon-sick/);
  });
  await check('an instance that hangs is told within three seconds on every page, with the reason', async () => {
    sessions[1].isHanging = true;
    await pages.say(/no answer in time/);
    sessions[1].isHanging = false;
  });
  await check('an instance that is back is told within three seconds on every page', async () => {
    for (const one of [page, own]) await one.locator('#happened').getByText(/back after/).first().waitFor({ timeout: limit });
    await pages.sayNoMore(/no answer in time/);
  });
  await check('an instance that answers with a failure is told on every page, on its own with the answer', async () => {
    sessions[2].status = 503;
    await pages.say(/503/);
    await says(own, 'disk full');
    sessions[2].status = undefined;
  });
  await pages.close();
  await drainAnInstance(tools, urls, drainOf);
}

async function drainAnInstance(tools, urls, drainOf) {
  const { check } = tools;
  const pages = await watchedPages(tools, urls, 'mailer');
  const [page] = pages.all;
  await check('a drain by somebody else is told within three seconds on every page, with who and why', async () => {
    await drainOf('PUT');
    await pages.say('drained by ana: disk swap');
    await pages.show('drained');
    await drainOf('DELETE');
    await pages.sayNoMore(/drained/);
  });
  await check('states are told apart without colour: by shape, by height, and in words', async () => {
    await drainOf('PUT');
    await row(page, 'mailer').getByText('drained by').waitFor();
    await statesAreApart(page);
    if (tools.pictures) await page.screenshot({ path: `${tools.pictures}/console-grey.png` });
    await drainOf('DELETE');
  });
  await pages.close();
}

async function statesAreApart(page) {
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
}

export async function guardTheTown(tools, town, urls) {
  const { check } = tools;
  const pages = await watchedPages(tools, urls, 'mailer');
  const [page] = pages.all;
  await check('the guard against mass failures is told within three seconds of the losses on every page, and what it holds is marked', async () => {
    for (const i of town.instances) i.isHanging = true;
    await says(page, /guard against mass failures is on/, limit);
    await pages.say(/lost, but still offered/);
    await pages.show('held');
    assert.match(await headline(page), /sick/);
    if (tools.pictures) await page.screenshot({ path: `${tools.pictures}/console-guard.png` });
  });
  for (const i of town.instances) i.isHanging = false;
  await pages.close();
}

export async function loseEverySource(tools, parts, urls) {
  const { check, close } = tools;
  const page = await watched(tools, urls.console);
  const logs = await watched(tools, `${urls.console}/logs`);
  const traffic = await watched(tools, `${urls.console}/traffic`);
  const own = await watched(tools, `${urls.console}/services/cart`);
  const tabs = [];
  for (const path of ['/config', '/config/cart%2Flimits', '/find?q=c', '/logs?before=1', '/events', '/alerts']) {
    tabs.push(await tools.open());
    await tabs.at(-1).goto(urls.console + path);
  }
  await check('the gateway freezes: its columns grey, and the page says so within three seconds', async () => {
    parts.portal.signal('SIGSTOP');
    await Promise.all([page, traffic, own].map((one) => says(one, /gateway unreachable, as of/, limit)));
    for (const [one, part] of [[page, '.services td.t'], [traffic, '.services tbody tr'], [own, '#passed .figures']]) assert.ok(await isGrey(one, part), part);
    assert.match(await traffic.locator('#icon').getAttribute('href'), /icon-unknown/);
    parts.portal.signal('SIGCONT');
    for (const one of [page, traffic, own]) await one.getByText(/gateway unreachable/).first().waitFor({ state: 'detached', timeout: limit });
  });
  await check('the gateway is killed: the page says so within three seconds', async () => {
    await parts.portal.kill();
    await Promise.all([page, traffic, own].map((one) => says(one, /gateway unreachable, as of/, limit)));
  });
  await check('the log freezes: every part that is made of it says so within three seconds', async () => {
    parts.log.signal('SIGSTOP');
    await Promise.all([says(page, /log unreachable, as of/, limit), says(logs, /Not searched since/, limit), says(own, /log unreachable, as of/, limit)]);
    assert.ok(await isGrey(page, '.services td.e'));
    assert.ok(await isGrey(own, '#last-lines ol'));
    parts.log.signal('SIGCONT');
    await page.getByText(/log unreachable/).first().waitFor({ state: 'detached', timeout: limit });
  });
  await check('the log is killed: the page says so within three seconds', async () => {
    await parts.log.kill();
    await Promise.all([says(page, /log unreachable, as of/, limit), says(own, /log unreachable, as of/, limit)]);
  });
  await check('the registry freezes: the page says so within three seconds, and nothing stays green', async () => {
    parts.registry.signal('SIGSTOP');
    await Promise.all([says(page, 'The registry is unreachable', limit), ...[own, traffic].map((one) => says(one, /registry unreachable, as of/, limit))]);
    assert.match(await page.title(), /unreachable/);
    await nothingIsGreen(page, own, traffic);
    for (const tab of tabs.slice(0, 2)) await says(tab, /registry unreachable, as of/, limit); // Config and a key of it
    for (const tab of tabs) {
      await tab.waitForFunction(() => /registry unreachable/.test(document.title), null, { timeout: limit });
      assert.match(await tab.locator('#icon').getAttribute('href'), /icon-unknown/, tab.url());
    }
    parts.registry.signal('SIGCONT');
    await until('it is back', async () => !/unreachable/.test(await headline(page)), limit);
  });
  await check('the registry is killed: the page says so within three seconds, with the time of what is still shown', async () => {
    await parts.registry.kill();
    await Promise.all([says(page, 'The registry is unreachable', limit), ...[own, traffic].map((one) => says(one, /registry unreachable, as of/, limit))]);
    for (const one of [page, own]) assert.match(await one.locator('#happened').innerText(), /registry unreachable, as of/);
    await nothingIsGreen(page, own, traffic);
  });
  await check('the console freezes: the page and its tab say within three seconds that they are no longer live', async () => {
    parts.console.signal('SIGSTOP');
    await Promise.all([page, own, traffic, logs].map((one) => says(one, 'not live, as of', limit)));
    assert.match(await page.title(), /not live/);
    await nothingIsGreen(page, own, traffic);
    parts.console.signal('SIGCONT');
    await page.getByText('not live, as of').first().waitFor({ state: 'detached', timeout: limit });
  });
  await check('the console is killed: the page says so within three seconds', async () => {
    await parts.console.kill();
    await Promise.all([page, own, traffic, logs].map((one) => says(one, 'not live, as of', limit)));
    await nothingIsGreen(page, own, traffic);
  });
  for (const one of [page, logs, traffic, own, ...tabs]) await close(one);
}
