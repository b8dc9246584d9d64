// The page Logs while lines come in by thousands: what it keeps, what it tells, and what does not move.
import assert from 'node:assert/strict';
import { says } from './console_exam.mjs';
import { until } from './processes.mjs';

const most = 1000; // lines that a page keeps

async function write(log, first, count) {
  const lines = [];
  for (let n = first; n < first + count; n += 1) lines.push(JSON.stringify({ service: 'flood', level: 'info', message: `flooded ${n}` }));
  const answer = await fetch(`${log}/log`, { method: 'POST', headers: { 'Content-Type': 'application/x-ndjson' }, body: lines.join('\n') });
  assert.equal(answer.status, 200);
}

const rowCount = (page) => page.locator('#rows > li').count();
const newest = (page, n) => page.locator('#rows > li').first().getByText(`flooded ${n}`, { exact: true }).waitFor({ timeout: 10_000 });

// After a collection, so that what is only waiting for one does not count.
async function heap(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

export async function followTheLog(tools, urls) {
  const { check, close, open } = tools;
  const page = await open({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${urls.console}/logs?service=flood`);
  await until('the page is live', () => page.locator('.live').count());
  let written = 0;
  const flood = async (count, step) => {
    for (const until_n = written + count; written < until_n; written += step) {
      await write(urls.log, written, step);
      await newest(page, written + step - 1);
    }
  };
  await check('lines that are followed come in at once, and none of them is missing', async () => {
    await flood(300, 150);
    assert.equal(await rowCount(page), 300);
  });
  await check('what is read does not move while lines come in: they are announced with their number', async () => {
    await page.evaluate(() => scrollTo(0, 2000));
    const place = () => page.locator('#rows > li').nth(150).evaluate((li) => [li.id, li.getBoundingClientRect().top]);
    const before = await place();
    await write(urls.log, written, 37);
    written += 37;
    await says(page, '37 new', 5000);
    assert.deepEqual(await place(), before);
    await page.evaluate(() => scrollTo(0, 0));
    await page.getByRole('button', { name: '37 new' }).click();
    await newest(page, written - 1);
    assert.equal(await rowCount(page), 337);
  });
  await check('of 12 000 lines that are followed the oldest leave the page, and it tells how many', async () => {
    await flood(6000, 150);
    const half = await heap(page);
    await flood(6000, 150);
    assert.equal(await rowCount(page), most);
    await says(page, new RegExp(`${written - most} older lines have left this page`));
    const all = await heap(page);
    assert.ok(all < half * 1.2, `the heap grew from ${half} to ${all} bytes`);
  });
  await check('where more lines come in than a page tells at once it says so, and what it shows is the newest', async () => {
    await page.evaluate(() => scrollTo(0, 2000));
    await write(urls.log, written, 900);
    written += 900;
    await says(page, /more than \d+ new/, 5000);
    await page.evaluate(() => scrollTo(0, 0));
    await page.getByRole('button', { name: /new/ }).click();
    await newest(page, written - 1);
  });
  assert.deepEqual(page.complaints, []);
  await close(page);
}
