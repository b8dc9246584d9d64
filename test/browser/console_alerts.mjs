// The page Alerts: a message is sent by a click, and what became of it is on the page.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { says } from './console_exam.mjs';

const secret = 's3cret';

// Before every page is looked at: then this one has an alert that arrives and one that does not.
export async function sendTests(tools, urls) {
  const { open, close, check } = tools;
  await check('a test of an alert is sent by a click, and the page says whether it arrived', async () => {
    const heard = [];
    const hook = createServer((q, a) => { q.on('data', (piece) => heard.push(`${piece}`)); q.on('end', () => a.writeHead(204).end()); });
    await new Promise((resolve) => { hook.listen(0, '127.0.0.1', resolve); });
    const places = { ops: `http://127.0.0.1:${hook.address().port}/${secret}`, nobody: `http://127.0.0.1:1/${secret}` };
    for (const [name, url] of Object.entries(places)) {
      const answer = await fetch(`${urls.registry}/config/alerts/${name}`, { method: 'PUT', body: JSON.stringify({ url, on: ['guard'] }) });
      assert.equal(answer.status, 201, await answer.text());
    }
    const page = await open({ viewport: { width: 1440, height: 900 } });
    await page.goto(urls.console);
    await page.getByRole('link', { name: 'Alerts', exact: true }).click();
    const sendTo = (name) => page.getByRole('region', { name }).getByRole('button', { name: 'Send a test' }).click();
    await sendTo('ops');
    await says(page, /a test, answered 204/);
    assert.match(heard.join(''), /"what":"test"/);
    await sendTo('nobody');
    await says(page, /1 of 2 alerts does not arrive/);
    assert.ok(!(await page.content()).includes(secret));
    await page.goto(`${urls.console}/config/alerts%2Fops`);
    await page.getByText('It is not shown').waitFor();
    assert.ok(!(await page.content()).includes(secret));
    await close(page);
    hook.closeAllConnections();
    hook.close();
  });
}
