// A page of another origin on the same host, and one of a service behind the gateway, with the reader's browser signed in to the
// console beside it: what they try against the console.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { makeDataDir, start } from './processes.mjs';

const token = '0f9e8d7c6b5a49382716f5e4d3c2b1a0';

// Runs in the hostile page. What it could read of the console, or null; each way by itself.
async function tryToRead(url) {
  const caught = async (attempt) => { try { return await attempt(); } catch { return null; } };
  const frame = document.createElement('iframe');
  frame.src = url;
  const loaded = new Promise((resolve) => { frame.onload = resolve; });
  document.body.append(frame);
  await loaded;
  return {
    fetched: await caught(async () => (await fetch(url, { credentials: 'include' })).text()),
    opaque: await caught(async () => (await fetch(url, { credentials: 'include', mode: 'no-cors' })).text()),
    framed: await caught(() => frame.contentDocument?.body.innerText || null),
    followed: await new Promise((resolve) => {
      const stream = new EventSource(`${url}/live?page=now`, { withCredentials: true });
      stream.addEventListener('page', (event) => resolve(event.data));
      stream.onerror = () => { stream.close(); resolve(null); };
    }),
  };
}
// Each of these would drain an instance if it were let.
async function tryToChange({ url, instance }) {
  const body = new URLSearchParams({ form: '0'.repeat(32), url: instance, reason: 'hostile' });
  for (const mode of ['cors', 'no-cors'])
    await fetch(`${url}/services/search/drain`, { method: 'POST', credentials: 'include', mode, body }).catch(() => {});
  const target = document.createElement('iframe');
  target.name = 'sink';
  const form = Object.assign(document.createElement('form'), { method: 'post', action: `${url}/services/search/drain`, target: 'sink' });
  for (const [name, value] of body) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  document.body.append(target, form);
  const answered = new Promise((resolve) => { target.onload = resolve; });
  form.submit();
  await answered;
}

export async function comeFromElsewhere({ binary, open, close, check }, town, urls) {
  const dataDir = await makeDataDir();
  await writeFile(join(dataDir, 'tokens'), `${token}\n`, { mode: 0o600 });
  const own = await start(binary, 'console', dataDir, [`--registry=${urls.registry}`, `--access-token-file=${join(dataDir, 'tokens')}`]);
  const hostile = createServer((q, a) => {
    const planted = q.url === '/plant' ? { 'Set-Cookie': 'distd_console=planted; Path=/' } : {};
    a.writeHead(200, { 'Content-Type': 'text/html', ...planted }).end('<!doctype html><title>x</title><body>hostile');
  });
  await new Promise((resolve) => { hostile.listen(0, '127.0.0.1', resolve); });
  const elsewhere = `http://127.0.0.1:${hostile.address().port}`;
  const behind = `${urls.portal}/api/cart/items`; // a service of the gateway, whose answers are those of its owner
  const [instance] = town.of('search');
  const page = await open();
  await page.goto(`${own.urls.console}/sign-in`);
  await page.getByLabel('Access token').fill(token);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${own.urls.console}/`);
  for (const [who, place] of Object.entries({ 'another port': elsewhere, 'a service behind the gateway': behind })) {
    await check(`a page of ${who} on the same host can read nothing of a console that is signed in to`, async () => {
      await page.goto(place);
      const seen = await page.evaluate(tryToRead, own.urls.console);
      assert.deepEqual({ ...seen, opaque: seen.opaque || null }, { fetched: null, opaque: null, framed: null, followed: null });
    });
    await check(`a page of ${who} on the same host can change nothing`, async () => {
      await page.goto(place);
      await page.evaluate(tryToChange, { url: own.urls.console, instance: instance.url });
      const row = (await (await fetch(`${urls.registry}/services/search`)).json()).find((i) => i.ServiceURL === instance.url);
      assert.ok(!row.Drained, JSON.stringify(row));
    });
  }
  await check('a cookie of that name from another port signs nobody in', async () => {
    await page.goto(`${elsewhere}/plant`);
    await page.goto(own.urls.console);
    assert.match(page.url(), /sign-in/);
  });
  await close(page);
  hostile.closeAllConnections();
  hostile.close();
  await own.kill();
}
