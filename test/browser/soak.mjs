// How a followed log page does over a long time: 500 lines a second by default, for ten minutes. By hand:
//
//   node test/browser/soak.mjs PATH-OF-DISTD [MINUTES] [LINES-A-SECOND]
//
// Prints the heap after a collection and the worst time from a key to the next picture, minute by minute; ends with 1
// when the heap grew by more than a fifth after the second minute, or a key took 100 ms.
import { chromium } from 'playwright-core';
import { endAll, makeDataDir, start } from './processes.mjs';

const [binary, minutes = '10', rate = '500'] = process.argv.slice(2);
if (!binary) {
  console.error('usage: node soak.mjs PATH-OF-DISTD [MINUTES] [LINES-A-SECOND]');
  process.exit(2);
}

// The middle of a minute's keys and its worst, in ms, as the page itself measures them.
async function measureKeys(page) {
  await page.evaluate(() => {
    window.took = [];
    const box = document.querySelector('input[type=search]');
    box.addEventListener('keydown', (event) => requestAnimationFrame(() => window.took.push(performance.now() - event.timeStamp)));
    box.focus();
  });
  for (const key of 'flooded lines by the thousand') await page.keyboard.press(key === ' ' ? 'Space' : key);
  const took = (await page.evaluate(() => window.took)).sort((a, b) => a - b);
  return { middle: took[Math.floor(took.length / 2)], worst: took.at(-1) };
}

async function heapOf(session) {
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

let failures = 0;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const { urls } = await start(binary, 'registry,log,console', await makeDataDir());
  const page = await browser.newPage();
  await page.goto(`${urls.console}/logs?service=flood`);
  const session = await page.context().newCDPSession(page);
  let written = 0;
  const pieces = 10; // a second
  const writer = setInterval(() => {
    const lines = Array.from({ length: Number(rate) / pieces }, () => JSON.stringify({ service: 'flood', message: `flooded ${written += 1}` }));
    fetch(`${urls.log}/log`, { method: 'POST', headers: { 'Content-Type': 'application/x-ndjson' }, body: lines.join('\n') })
      .catch((error) => { failures += 1; console.error(error.message); });
  }, 1000 / pieces);
  let first;
  for (let minute = 1; minute <= Number(minutes); minute += 1) {
    await new Promise((resolve) => { setTimeout(resolve, 60_000); });
    const keys = await measureKeys(page);
    const heap = await heapOf(session);
    if (minute <= 2) first = heap; // until then the page fills
    if (heap > first * 1.2 || keys.worst >= 100) failures += 1;
    const rows = await page.locator('#rows > li').count();
    console.log(`minute ${minute}: ${written} lines, ${rows} in the page, heap ${(heap / 2 ** 20).toFixed(1)} MiB, `
      + `a key ${keys.middle.toFixed(0)} ms, at worst ${keys.worst.toFixed(0)} ms`);
  }
  clearInterval(writer);
} finally {
  await browser.close();
  await endAll();
}
process.exit(failures === 0 ? 0 : 1);
