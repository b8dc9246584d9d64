// The operator's exam: what a person has to find out and do, each within so many clicks or keys from the page Now. With a mouse,
// by keyboard alone, without scripts, and on a phone.
import assert from 'node:assert/strict';
import { until } from './processes.mjs';

const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

// Counts what a person does. What is typed is no step, the key that sends it is one.
export function hands(page) {
  let count = 0;
  return {
    click: async (locator) => { count += 1; await locator.click(); },
    press: async (key) => { count += 1; await page.keyboard.press(key); },
    type: (text) => page.keyboard.type(text),
    at_most(limit) { assert.ok(count <= limit, `it took ${count} steps`); },
  };
}

export const row = (page, name) => page.locator('.services tbody tr', { has: page.getByRole('link', { name, exact: true }) });
export const says = (page, words, milliseconds = 3000) => page.getByText(words).first().waitFor({ timeout: milliseconds });

// A failed request through two services, and what cart said of it.
export const trace = '9f3a7be1000000000000000000000c01';
export async function tellTheLog(log) {
  const now = Date.now();
  const line = (more) => JSON.stringify({ time: new Date(now).toISOString(), trace, ...more });
  const request = (more) => line({ message: 'request', method: 'POST', ...more });
  const lines = [
    request({ service: 'cards', level: 'error', path: '/charge', status: 504, duration_us: 1990000, span: 'b'.repeat(16), parent: 'a'.repeat(16) }),
    request({ service: 'cart', level: 'error', path: '/pay', status: 502, duration_us: 2010000, span: 'a'.repeat(16) }),
    line({ service: 'cart', level: 'error', message: 'charge failed: card service timed out after 2 s', order: 4711 }),
  ];
  const answer = await fetch(`${log}/log`, { method: 'POST', headers: { 'Content-Type': 'application/x-ndjson' }, body: lines.join('\n') });
  assert.equal(answer.status, 200);
}

// One that is drained comes back, so that the next one can drain it.
async function endDrain(registry, url) {
  await fetch(`${registry}/services/${encodeURIComponent(url)}/drain`, { method: 'DELETE' });
}
async function changeLimits(registry, value) {
  for (const max of [7, value])
    await fetch(`${registry}/config/cart/limits`, { method: 'PUT', body: JSON.stringify({ max }), headers: { 'Content-Type': 'application/json' } });
}
const limitsAre = async (registry, max) => (await (await fetch(`${registry}/config/cart/limits`)).json()).max === max;

async function seeWhatIsWrong(page) {
  assert.match(await page.getByRole('heading', { level: 1 }).innerText(), /of \d+ services is sick/);
  const cart = await row(page, 'cart').innerText();
  assert.match(cart, /lost: /);
  assert.match(cart, /2\/3/);
}

// By links and buttons: the same with a mouse, with scripts off, and with a thumb.
async function byPointer({ check, page, url, town, registry, how }) {
  const search = town.of('search')[0];
  await check(`what is sick and why takes nothing, ${how}`, async () => {
    await page.goto(url);
    await seeWhatIsWrong(page);
  });
  await check(`what has changed in the last ten minutes takes nothing, ${how}`, async () => {
    const happened = await page.locator('#happened').innerText();
    assert.match(happened, /cart\/limits v\d+ → v\d+/);
  });
  await check(`the last error line of what is sick takes one click, ${how}`, async () => {
    const hand = hands(page);
    await hand.click(row(page, 'cart').locator('.badge'));
    await says(page, 'charge failed: card service timed out');
    hand.at_most(1);
  });
  await check(`the request behind an error takes two, ${how}`, async () => {
    await page.goto(url);
    const hand = hands(page);
    await hand.click(page.locator('#latest').getByRole('link', { name: /charge failed/ }));
    await hand.click(page.getByRole('link', { name: 'Follow the request' }));
    await says(page, 'which answered 504');
    assert.match(await page.getByRole('heading', { level: 1 }).innerText(), /502 POST \/pay took 2\.01/);
    hand.at_most(2);
  });
  await check(`a drain with a reason takes three, ${how}`, async () => {
    await page.goto(url);
    const hand = hands(page);
    await hand.click(row(page, 'search').getByRole('link', { name: 'search', exact: true }));
    const instance = page.locator('.instances tbody tr', { hasText: search.url });
    await hand.click(instance.getByText('Drain…'));
    if (how === 'without scripts') await instance.locator('details[open] input[name=reason]').focus();
    else await instance.locator('details[open] input[name=reason]:focus').waitFor();
    await hand.type('disk swap');
    await hand.press('Enter');
    await says(page, 'is drained.');
    hand.at_most(3);
    await page.getByRole('button', { name: 'Undo' }).click(); // from where it was done
    await says(page, 'It is undone.');
    assert.equal(await page.getByRole('button', { name: 'End drain' }).count(), 0);
  });
  await check(`which services have an instance on a machine takes one, ${how}`, async () => {
    await page.goto(url);
    const hand = hands(page);
    await hand.click(page.getByRole('link', { name: /^127\.0\.0\.7/ }));
    await page.waitForURL(/machine=127\.0\.0\.7/);
    await until('only these are shown', async () =>
      await row(page, 'cart').count() === 1 && await row(page, 'mailer').count() === (town.of('mailer')[0].machine === '127.0.0.7' ? 1 : 0));
    hand.at_most(1);
  });
  await check(`the last change of a key is undone within three, ${how}`, async () => {
    await changeLimits(registry, 8);
    await page.goto(url);
    await until('the change is told', async () => { await page.reload(); return page.locator('#happened').getByRole('link', { name: 'cart/limits' }).count(); });
    const hand = hands(page);
    await hand.click(page.locator('#happened').getByRole('link', { name: 'cart/limits' }).first());
    await hand.click(page.getByRole('button', { name: /^Restore/ }).first());
    await says(page, /is saved/);
    hand.at_most(3);
    assert.ok(await limitsAre(registry, 7));
  });
  await endDrain(registry, search.url);
}

// With a mouse only: the others do the same by the same buttons.
async function forgetAndUndo({ check, page, url, town }) {
  const [mailer] = town.of('mailer');
  await check('an instance is forgotten with a reason, and that is undone from where it was done', async () => {
    await page.goto(`${url}/services/mailer`);
    await page.getByText('Forget…').click();
    await page.locator('details[open] input[name=reason]').fill('moved away');
    await page.keyboard.press('Enter');
    await says(page, 'is forgotten.');
    assert.match(await page.locator('#happened').innerText(), /forgotten.*moved away/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await says(page, 'It is on the list again; its history begins anew.');
    await page.locator('.instances').getByText(mailer.url).first().waitFor();
  });
}

async function byKeyboard({ check, page, url, registry }) {
  const go = async (keys) => { for (const key of keys) await page.keyboard.press(key); };
  const find = async (hand, words) => {
    await hand.press('/');
    await hand.type(words);
    await hand.press('Enter');
  };
  await check('by keyboard: the row of what is sick is the first, and its last error is three keys away', async () => {
    await page.goto(url);
    await seeWhatIsWrong(page);
    assert.match(await page.locator('#happened').innerText(), /cart\/limits v\d+ → v\d+/); // what has changed takes no key
    const hand = hands(page);
    await hand.press('j');
    await hand.press('Tab');
    await hand.press('Enter');
    await says(page, 'charge failed: card service timed out');
    hand.at_most(3);
  });
  await check('by keyboard: the request behind an error is three keys from its line', async () => {
    const hand = hands(page);
    await hand.press('j');
    await hand.press('Enter');
    await page.waitForURL(/line=/);
    await hand.press('r');
    await says(page, 'which answered 504');
    hand.at_most(3);
  });
  await check('by keyboard: what is sick is drained with a reason with j, d and Enter, and that is undone with u', async () => {
    await page.goto(url);
    const hand = hands(page);
    await hand.press('j');
    await hand.press('d');
    await page.waitForFunction(() => document.activeElement?.name === 'reason');
    await hand.type('disk swap, by keyboard');
    await hand.press('Enter');
    await says(page, 'is drained.');
    assert.match(await page.locator('#happened').innerText(), /disk swap, by keyboard/);
    hand.at_most(3);
    await page.keyboard.press('u');
    await says(page, 'It is undone.');
  });
  await check('by keyboard: a service is found with / and Enter, drained with a reason with d and Enter, and that is undone with u', async () => {
    await page.goto(url);
    const hand = hands(page);
    await find(hand, 'search');
    await page.waitForURL(/services\/search/);
    await hand.press('d');
    await hand.type('by keyboard');
    await hand.press('Enter');
    await says(page, 'is drained.');
    hand.at_most(4);
    await page.keyboard.press('u');
    await says(page, 'It is undone.');
  });
  await check('by keyboard: the services on a machine take two keys', async () => {
    await page.goto(url);
    const hand = hands(page);
    await find(hand, '127.0.0.7');
    await page.waitForURL(/machine=127\.0\.0\.7/);
    hand.at_most(2);
  });
  await check('by keyboard: the last change of a key is undone with three', async () => {
    await changeLimits(registry, 9);
    await page.goto(url);
    const hand = hands(page);
    await find(hand, 'cart/limits');
    await page.waitForURL(/config\/cart/);
    await hand.press('u');
    await says(page, /is saved/);
    hand.at_most(3);
    assert.ok(await limitsAre(registry, 7));
  });
  await check('by keyboard: pages are reached with g, rows with j and k', async () => {
    for (const [key, path] of Object.entries({ l: /logs/, c: /config/, t: /traffic/, e: /events/, a: /alerts/, n: /\/$/ })) {
      await go(['g', key]);
      await page.waitForURL(path);
    }
    await go(['j', 'j', 'k', 'Enter']);
    await page.waitForURL(/services\/cart/);
  });
  await check('by keyboard: ? says what each key does', async () => {
    await go(['?']);
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
    const help = await page.getByRole('region', { name: 'Keys' }).innerText();
    for (const word of ['find', 'next and previous row', 'drain', 'undo', 'pause and follow', 'the request', 'Now, Logs, Config, Traffic, Events, Alerts'])
      assert.ok(help.includes(word), word);
  });
}

export async function passTheExam(tools, town, urls) {
  const { open, close, check } = tools;
  await tellTheLog(urls.log);
  await changeLimits(urls.registry, 8);
  const page = await open({ viewport: wide });
  await page.goto(urls.console);
  await check('a loss is on the page by itself: the headline, the row, the tab and its icon say so', async () => {
    await town.of('cart')[1].end();
    await says(page, /of \d+ services is sick/);
    await seeWhatIsWrong(page);
    assert.match(await page.title(), /1 sick/);
    assert.match(await page.locator('#icon').getAttribute('href'), /icon-sick/);
  });
  await until('the errors are counted', async () => {
    await page.goto(urls.console);
    return row(page, 'cart').locator('.badge').count();
  });
  await byPointer({ check, page, url: urls.console, town, registry: urls.registry, how: 'with a mouse' });
  await forgetAndUndo({ check, page, url: urls.console, town });
  await byKeyboard({ check, page, url: urls.console, registry: urls.registry });
  await check('no console page asked another machine or broke its own policy', async () => assert.deepEqual(page.complaints, []));
  await close(page);
  for (const [how, options] of Object.entries({ 'without scripts': { viewport: wide, javaScriptEnabled: false }, 'on a phone': { viewport: phone } })) {
    const other = await open(options);
    await byPointer({ check, page: other, url: urls.console, town, registry: urls.registry, how });
    await close(other);
  }
}
