// The operator's exam: thirty services on three machines, something goes wrong, and the console has to say what and why, and let
// it be mended, within so many clicks and keys from the page Now. Then: every source goes away, and every page is looked at.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { makeDataDir, start, until } from './processes.mjs';
import { buildTown } from './town.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
const limit = 3000; // within which a page says what has happened

// Counts what a person does.
function hands(page) {
  let count = 0;
  return {
    click: async (locator) => { count += 1; await locator.click(); },
    press: async (key) => { count += 1; await page.keyboard.press(key); },
    type: (text) => page.keyboard.type(text), // what is typed is no step, the key that sends it is one
    get count() { return count; },
  };
}

const row = (page, name) => page.locator('.services tbody tr', { has: page.getByRole('link', { name, exact: true }) });
const says = (page, words, milliseconds = limit) => page.getByText(words).first().waitFor({ timeout: milliseconds });
const headline = (page) => page.getByRole('heading', { level: 1 }).innerText();

// Evaluated, since the pages' policy takes no script from elsewhere. It needs timers, which a page without scripts does not have:
// there the page's own script is kept away instead.
async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`);
}

async function passTheExam(tools, town, url) {
  const { open, close, check } = tools;
  const page = await open({ viewport: wide });
  await page.goto(url);
  await check('what is sick, and why: no click, and at once', async () => {
    await town.of('cart')[1].end();
    await says(page, /of \d+ services is sick/, 10_000);
    assert.match(await row(page, 'cart').innerText(), /lost: /);
    assert.match(await row(page, 'cart').innerText(), /2\/3/);
    assert.match(await page.title(), /1 sick/);
    assert.match(await page.locator('#icon').getAttribute('href'), /icon-sick/);
  });
  await check('what changed in the last ten minutes: no click', async () => {
    assert.match(await page.locator('#happened').innerText(), /cart.*\n?.*lost/);
  });
  await check('which services had an instance on a machine: one click', async () => {
    const hand = hands(page);
    await hand.click(page.getByRole('link', { name: /^127\.0\.0\.7/ }));
    assert.equal(hand.count, 1);
    assert.equal(await row(page, 'cart').count(), 1);
    assert.equal(await row(page, 'mailer').count(), town.of('mailer')[0].machine === '127.0.0.7' ? 1 : 0);
  });
  await check('an instance is drained with a reason: three', async () => {
    await page.goto(url);
    const hand = hands(page);
    await hand.click(row(page, 'search').getByRole('link', { name: 'search', exact: true }));
    await hand.click(page.getByText('Drain…').first());
    await page.getByLabel('Reason').first().focus();
    await hand.type('disk swap');
    await hand.press('Enter');
    await page.getByText('is drained.').waitFor();
    assert.equal(hand.count, 3);
    assert.match(await page.locator('#happened').innerText(), /drained.*disk swap/s);
  });
  await check('a change is undone from where it was made: one click', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('It is undone.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'End drain' }).count(), 0);
  });
  await check('no console page asked another machine or broke its own policy', async () => assert.deepEqual(page.complaints, []));
  await close(page);
}

async function passByOtherMeans(tools, url) {
  const { open, close, check } = tools;
  await check('by keyboard alone: found with /, opened, drained with a reason', async () => {
    const page = await open({ viewport: wide });
    await page.goto(url);
    await page.keyboard.press('/');
    await page.keyboard.type('search');
    await page.keyboard.press('Enter');
    await page.waitForURL(/services\/search/);
    await page.getByText('Drain…').first().focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('by keyboard');
    await page.keyboard.press('Enter');
    await page.getByText('is drained.').waitFor();
    await page.goto(url);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/services\/cart/);
    await close(page);
  });
  for (const [how, options] of Object.entries({ 'without scripts': { viewport: wide, javaScriptEnabled: false }, 'on a phone': { viewport: phone } }))
    await check(`${how}: what is sick and why, and a drain is ended`, async () => {
      const page = await open(options);
      await page.goto(url);
      assert.match(await headline(page), /is sick/);
      assert.match(await row(page, 'cart').innerText(), /lost: /);
      await row(page, 'search').getByRole('link', { name: 'search', exact: true }).click();
      if (how === 'without scripts') {
        await page.getByRole('button', { name: 'End drain' }).click();
        await page.locator('.notice', { hasText: 'is back in rotation.' }).waitFor();
        await page.getByRole('button', { name: 'Undo' }).click();
      } else {
        await page.getByRole('button', { name: 'End drain' }).click();
      }
      await page.locator('.notice', { hasText: /undone|back in rotation/ }).waitFor();
      await close(page);
    });
}

async function lookAtEveryPage(tools, town, url) {
  const { open, close, check, pictures } = tools;
  const odd = `<script>alert("x")</script>\u202Eodd ${'long'.repeat(60)} 😀`.slice(0, 250);
  await town.add(odd, { Version: '<b>"&', Tags: ['<i>tag'] }).catch(() => town.add('<script>alert(1)</script>', {}));
  const paths = ['/', '/?state=sick', '/?range=24h', '/services/cart', '/services/search', '/events', '/find?q=ca', '/nowhere',
    `/services/${encodeURIComponent(town.instances.at(-1).name)}`];
  for (const colorScheme of ['light', 'dark'])
    for (const [screen, viewport] of Object.entries({ wide, phone }))
      for (const javaScriptEnabled of [true, false])
        await check(`no rule of axe is broken, nothing overflows: ${colorScheme}, ${screen}, scripts ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
          const page = await open({ viewport, colorScheme });
          if (!javaScriptEnabled) await page.route('**/console.js*', (route) => route.abort());
          for (const path of paths) {
            await page.goto(url + path);
            assert.deepEqual(await violations(page), [], path);
            const [scroll, client] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
            assert.equal(scroll, client, `${path} is wider than the screen`);
            assert.equal(await page.locator('main script, main b:has-text("\\"&")').count(), 0, path);
          }
          assert.deepEqual(page.complaints, []);
          if (pictures && javaScriptEnabled) {
            await page.goto(url);
            await page.screenshot({ path: join(pictures, `console-${screen === 'phone' ? 'phone-' : ''}${colorScheme}.png`) });
          }
          await close(page);
        });
  await check('the first load with thirty services is at most 100 KiB', async () => {
    const page = await open({ viewport: wide });
    let bytes = 0;
    page.on('response', async (r) => { if (!r.url().includes('/live')) bytes += (await r.body().catch(() => '')).length; });
    await page.goto(url, { waitUntil: 'load' });
    await until('the page is live', () => page.locator('.live').count());
    assert.ok(bytes > 0 && bytes <= 100 * 1024, `${bytes} bytes`);
    await close(page);
  });
}

async function loseEverySource(tools, parts, url) {
  const { open, close, check } = tools;
  const page = await open({ viewport: wide });
  await page.goto(url);
  await until('the page is live', () => page.locator('.live').count());
  await check('the log goes away while somebody looks: the page says so', async () => {
    await parts.log.kill();
    await says(page, /log unreachable, as of/, 2 * limit);
  });
  await check('the registry goes away while somebody looks: the page says so, and nothing stays green', async () => {
    await parts.registry.kill();
    await says(page, 'The registry is unreachable', 2 * limit);
    assert.match(await page.locator('#happened').innerText(), /registry unreachable, as of/);
    assert.match(await page.title(), /unreachable/);
  });
  await check('the console goes away while somebody looks: the page says that it is no longer live', async () => {
    await parts.console.kill();
    await says(page, 'not live, as of', 3 * limit);
  });
  await close(page);
}

export async function examineTheConsole(tools) {
  const registry = await start(tools.binary, 'registry', await makeDataDir());
  const at = [`--registry=${registry.urls.registry}`];
  const log = await start(tools.binary, 'log', await makeDataDir(), at);
  const own = await start(tools.binary, 'console', await makeDataDir(), at);
  const url = own.urls.console;
  const town = await buildTown(registry.urls.registry);
  await until('the console knows the town', async () => (await (await fetch(`${url}/`)).text()).includes('services are well'));
  await passTheExam(tools, town, url);
  await passByOtherMeans(tools, url);
  await lookAtEveryPage(tools, town, url);
  await loseEverySource(tools, { registry, log, console: own }, url);
  await town.end();
}
