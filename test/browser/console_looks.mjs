// The sizes and colours of the drawings that the console was built after: one screen, calm while all is well.
import assert from 'node:assert/strict';
import { row } from './console_exam.mjs';

const at = (width) => ({ viewport: { width, height: 900 } });

// The colours that mean something is wrong, on elements that are seen.
const loudElements = (page) => page.evaluate(() => {
  const probe = document.body.appendChild(document.createElement('i'));
  const loud = ['--sick', '--drained'].map((name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  const isLoud = (element) => {
    const { color, stroke, fill } = getComputedStyle(element);
    const isDrawn = element.checkVisibility() && element.getAttribute('d') !== ''; // a path without anything on it
    return isDrawn && (loud.includes(color) || loud.includes(stroke) || loud.includes(fill));
  };
  return [...document.querySelectorAll('main *, header *')].filter(isLoud).map((element) => element.outerHTML.slice(0, 120));
});

export async function isCalm(page) {
  assert.deepEqual(await loudElements(page), []);
}

export async function measureTheFrame({ check, open, close }, urls) {
  await check('a wide screen has the table and a column of 312 px beside it, rows of 46 px, and a headline of 26', async () => {
    const page = await open(at(1440));
    await page.goto(urls.console);
    const [table, side] = await Promise.all(['.with-side > .card', '.side'].map((part) => page.locator(part).first().boundingBox()));
    assert.equal(side.width, 312);
    assert.ok(side.x >= table.x + table.width && Math.abs(side.y - table.y) < 1, JSON.stringify([table, side]));
    assert.ok(side.x + side.width <= 1440 - 20);
    const height = (await row(page, 'service-20').boundingBox()).height;
    assert.ok(height >= 46 && height <= 47, `${height} px`);
    const style = (part) => page.locator(part).first().evaluate((element) => {
      const { fontSize, lineHeight, fontWeight, letterSpacing, fontVariantNumeric, fontFamily } = getComputedStyle(element);
      return { fontSize, lineHeight, fontWeight, letterSpacing, fontVariantNumeric, fontFamily };
    });
    const { fontVariantNumeric, fontFamily, ...body } = await style('body');
    assert.deepEqual(body, { fontSize: '14px', lineHeight: '20px', fontWeight: '400', letterSpacing: 'normal' });
    assert.equal(fontVariantNumeric, 'tabular-nums');
    assert.match(fontFamily, /^system-ui/);
    const h1 = await style('h1');
    assert.deepEqual([h1.fontSize, h1.fontWeight, h1.letterSpacing], ['26px', '600', '-0.52px']);
    await page.goto(`${urls.console}/logs`);
    const line = await style('.rows');
    assert.equal(line.fontSize, '12.5px');
    assert.match(line.fontFamily, /mono/);
    await close(page);
  });
  await check('up to 1000 px the column goes below the table, and on a phone a row is name, up and bar', async () => {
    const page = await open(at(1000));
    await page.goto(urls.console);
    const [table, side] = await Promise.all(['.with-side > .card', '.side'].map((part) => page.locator(part).first().boundingBox()));
    assert.ok(side.y >= table.y + table.height, JSON.stringify([table, side]));
    await page.setViewportSize({ width: 390, height: 844 });
    const one = row(page, 'service-20');
    const seen = await one.locator('> *').evaluateAll((cells) => cells.filter((c) => c.checkVisibility() && c.textContent.trim()).map((c) => c.cellIndex));
    assert.deepEqual(seen, [0, 1, 2]);
    await close(page);
  });
  await check('at no width is a table wider than its card, or a name narrower than 200 px', async () => {
    const page = await open(at(1440));
    for (const width of [1440, 1280, 1200, 1100, 1024, 1001, 800, 700, 641])
      for (const path of ['/', '/traffic', '/services/cart', '/services/search']) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(urls.console + path);
        const wrong = await page.locator('.card > table:visible').evaluateAll((tables) => tables.flatMap((table) => {
          const over = table.getBoundingClientRect().right - table.parentElement.getBoundingClientRect().right;
          const names = [...table.querySelectorAll('tbody th')].map((name) => name.getBoundingClientRect().width);
          return over > 0 || Math.min(200, ...names) < 200 ? [`${table.className}: ${over} px over, names of ${Math.min(...names)} px`] : [];
        }));
        assert.deepEqual(wrong, [], `${path} at ${width} px`);
        const [scroll, client] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
        assert.equal(scroll, client, `${path} at ${width} px`);
      }
    await close(page);
  });
  await check('what has come meanwhile is told where one reads, however far down that is', async () => {
    const page = await open({ viewport: { width: 1440, height: 500 } });
    await page.goto(urls.console);
    await page.evaluate(() => { document.getElementById('moved').hidden = false; scrollTo(0, 2000); });
    assert.ok(await page.evaluate(() => scrollY) > 300);
    assert.ok(await page.locator('#reorder').evaluate((button) => button.getBoundingClientRect().top >= 0));
    await close(page);
  });
  await check('the accent is that of the portal, in light and in dark', async () => {
    for (const colorScheme of ['light', 'dark']) {
      const page = await open({ ...at(1440), colorScheme });
      const accents = [];
      for (const url of [urls.console, `${urls.portal}/status`]) {
        await page.goto(url);
        accents.push(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()));
      }
      assert.ok(accents[0]);
      assert.equal(accents[0], accents[1]);
      await close(page);
    }
  });
}
