// Walks the portal and the console in a real browser, in front of real processes.
//
//   node run.mjs PATH-OF-DISTD [--only=portal|console|tls] [--screenshots=DIR]
//
// Every check is named by what it promises. The last line on stderr is the tally; the exit code says whether all passed.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { examineTheConsole } from './console.mjs';
import { brightness, flaws } from './look.mjs';
import { endAll, makeDataDir, start, until } from './processes.mjs';
import { comeOverTls, makeCertificate } from './tls.mjs';

const wide = { width: 1040, height: 720 };
const phone = { width: 390, height: 780 };

const binary = process.argv.slice(2).find((word) => !word.startsWith('--'));
const pictures = process.argv.map((word) => /^--screenshots=(.+)$/.exec(word)?.[1]).find(Boolean);
const only = process.argv.map((word) => /^--only=(portal|console|tls)$/.exec(word)?.[1]).find(Boolean);
if (!binary) {
  console.error('usage: node run.mjs PATH-OF-DISTD [--only=portal|console|tls] [--screenshots=DIR]');
  process.exit(2);
}

let browser;
let passed = 0;
let failed = 0;

async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.error(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.error(`FAILED  ${name}\n        ${String(error?.message ?? error).replaceAll('\n', '\n        ')}`);
  }
}

// A page of its own; what it asks of other machines and what the browser complains about is collected.
async function open({ viewport = wide, colorScheme = 'light', javaScriptEnabled = true, timezoneId } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled, timezoneId });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.complaints = [];
  page.on('console', (message) => {
    // A 4xx or 5xx page is logged as an error, too, and is wanted where it comes.
    const ofStatus = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !ofStatus) page.complaints.push(message.text());
  });
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('dialog', (dialog) => { page.complaints.push(`a dialog opened: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== 'data:' && hostname !== '127.0.0.1') page.complaints.push(`asked for ${request.url()}`);
  });
  return page;
}

const close = (page) => page.context().close();

async function addGrade(page, title, type, score) {
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Type').selectOption(type);
  await page.getByLabel('Score').fill(score);
  await page.getByRole('button', { name: 'Add the grade' }).click();
}

const portalServes = (urls) =>
  until('the portal finds the grading service', async () => (await fetch(`${urls.portal}/students`)).status === 200);

function gradeRow(page, title) {
  return page.locator('table.grades tbody tr', { has: page.getByRole('rowheader', { name: title, exact: true }) });
}

async function walkTheGradeBook(system) {
  const { urls } = system;
  const page = await open();

  await check('the door leads to the list', async () => {
    await page.goto(`${urls.portal}/`);
    assert.equal(new URL(page.url()).pathname, '/students');
    assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'Grade Book');
  });
  await check('the list shows the five students with their averages', async () => {
    assert.equal(await page.locator('table.students tbody tr').count(), 5);
    assert.match(await page.locator('tr', { hasText: 'Carter, Nick' }).innerText(), /87\.0%/);
  });
  await check('a student is one click away', async () => {
    await page.getByRole('link', { name: 'Carter, Nick' }).click();
    assert.equal(new URL(page.url()).pathname, '/students/1');
    assert.match(await gradeRow(page, 'Final Exam').innerText(), /94/);
  });
  await check('a grade added with the form is there at once', async () => {
    await addGrade(page, 'Quiz 3', 'Quiz', '91');
    assert.equal(new URL(page.url()).pathname, '/students/1');
    assert.match(await gradeRow(page, 'Quiz 3').innerText(), /Quiz[\s\S]*91/);
    assert.match(await page.locator('.summary').innerText(), /88\.0%/);
  });
  await check('reloading after a grade was added does not send it again', async () => {
    await page.reload();
    assert.equal(await gradeRow(page, 'Quiz 3').count(), 1);
  });
  await check('a grade is added by keyboard alone', async () => {
    await page.getByLabel('Title').focus();
    await page.keyboard.type('Essay');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Home');
    await page.keyboard.press('Tab');
    await page.keyboard.type('77.5');
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    assert.match(await gradeRow(page, 'Essay').innerText(), /Homework[\s\S]*77\.5/);
  });
  await check('a wrong score keeps what was typed, with the reason beside the field', async () => {
    const answer = page.waitForResponse((r) => r.request().method() === 'POST');
    await addGrade(page, 'Quiz 4', 'Test', 'ninety');
    assert.equal((await answer).status(), 422);
    assert.equal(await page.getByLabel('Title').inputValue(), 'Quiz 4');
    assert.equal(await page.getByLabel('Type').inputValue(), 'Test');
    assert.equal(await page.getByLabel('Score').inputValue(), 'ninety');
    assert.match(await page.locator('#score-error').innerText(), /number from 0 to 100/);
    assert.deepEqual(await flaws(page), []);
  });
  await check('a corrected form is taken', async () => {
    await page.getByLabel('Score').fill('90');
    await page.getByRole('button', { name: 'Add the grade' }).click();
    assert.match(await gradeRow(page, 'Quiz 4').innerText(), /Test[\s\S]*90/);
  });
  await check('a title that looks like a script shows as text', async () => {
    const title = '<script>alert("grade")</script>';
    await addGrade(page, title, 'Quiz', '1');
    assert.equal(await page.getByRole('rowheader', { name: title }).innerText(), title);
    assert.equal(await page.locator('main script').count(), 0);
  });
  await check('a student who does not exist is a page, not an error text', async () => {
    const answer = await page.goto(`${urls.portal}/students/4711`);
    assert.equal(answer.status(), 404);
    assert.match(await page.getByRole('heading', { level: 1 }).innerText(), /No such student/);
    assert.deepEqual(await flaws(page), []);
  });
  await check('the status page lists the services it needs and where they are', async () => {
    await page.getByRole('link', { name: 'Status' }).click();
    assert.match(await page.locator('tr', { hasText: 'GradingService' }).innerText(), /available[\s\S]*http:\/\//);
    assert.deepEqual(await flaws(page), []);
  });
  await check('no page asked another machine, opened a dialog or broke its own policy', async () => {
    assert.deepEqual(page.complaints, []);
  });
  await close(page);
}

async function speakHttp({ urls }) {
  const form = (headers) => fetch(`${urls.portal}/students/2/grades`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: 'Title=From+a+program&Type=Exam&Score=64',
  });
  await check('a form of another site is refused, and a program without a browser is not', async () => {
    assert.equal((await form({ 'Sec-Fetch-Site': 'cross-site' })).status, 403);
    assert.equal((await form({ Origin: 'http://other.example' })).status, 403);
    const taken = await form({});
    assert.equal(taken.status, 303);
    assert.equal(taken.headers.get('location'), '/students/2');
    const page = await (await fetch(`${urls.portal}/students/2`)).text();
    assert.equal(page.split('>From a program</th>').length - 1, 1);
  });
  await check('every page says what it may load and that nobody may frame it', async () => {
    for (const path of ['/students', '/students/1', '/students/4711', '/status']) {
      const { headers } = await fetch(urls.portal + path);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'.*frame-ancestors 'none'/, path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.equal(headers.get('referrer-policy'), 'same-origin', path);
    }
  });
  await check('the style sheet is asked for once and may then be kept', async () => {
    const page = await (await fetch(`${urls.portal}/students`)).text();
    const path = /href="(\/assets\/style\.css[^"]*)"/.exec(page)[1];
    const first = await fetch(urls.portal + path);
    assert.match(first.headers.get('cache-control'), /immutable/);
    assert.match(first.headers.get('content-type'), /^text\/css/);
    const again = await fetch(urls.portal + path, { headers: { 'If-None-Match': first.headers.get('etag') } });
    assert.equal(again.status, 304);
  });
}

async function lookAtEveryTheme({ urls }) {
  const { Grades: [grade] } = await (await fetch(`${urls.grading}/students/1`)).json();
  const paths = ['/students', '/students?q=a&sort=-average', '/students?q=nobody', '/students/1', '/status', '/students/new',
    '/students/1/name', '/students/1/delete', '/students/1/history', `/students/1/grades/${grade.ID}`,
    `/students/1/grades/${grade.ID}/delete`, '/tests', '/tests/distribution?title=Quiz%201', '/tests/enter', '/import'];
  for (const colorScheme of ['light', 'dark']) {
    for (const [screen, viewport] of Object.entries({ wide, phone })) {
      for (const javaScriptEnabled of [true, false]) {
        const scripts = javaScriptEnabled ? 'with scripts' : 'without scripts';
        await check(`the pages read well: ${colorScheme}, ${screen}, ${scripts}`, async () => {
          const page = await open({ viewport, colorScheme, javaScriptEnabled });
          for (const path of paths) {
            const answer = await page.goto(urls.portal + path);
            assert.equal(answer.status(), 200, path);
            assert.deepEqual(await flaws(page), [], path);
            assert.equal(await brightness(page) > 128, colorScheme === 'light', path);
          }
          assert.deepEqual(page.complaints, []);
          await close(page);
        });
      }
    }
  }
  await check('a grade can be added on a phone with scripts switched off', async () => {
    const page = await open({ viewport: phone, colorScheme: 'dark', javaScriptEnabled: false });
    await page.goto(`${urls.portal}/students`);
    await page.getByRole('link', { name: 'Stone, Emma' }).click();
    await addGrade(page, 'Quiz 3', 'Quiz', '99');
    assert.match(await gradeRow(page, 'Quiz 3').innerText(), /99/);
    await close(page);
  });
}

// The teacher's tools, once with scripts and once without: the same steps lead to the same book.
async function teach({ urls }, javaScriptEnabled) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  const title = javaScriptEnabled ? 'Essay A' : 'Essay B';
  const page = await open({ javaScriptEnabled });
  const at = (path) => page.goto(urls.portal + path);
  const link = (name) => page.getByRole('link', { name, exact: true }).click();
  const button = (name) => page.getByRole('button', { name }).first().click();
  const row = (name) => page.getByRole('row', { name });

  await check(`students are found by a part of their name and sorted, ${how}`, async () => {
    await at('/students');
    await page.getByLabel('Search for a name').fill('ROB');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=ROB/);
    assert.equal(await page.locator('table.students tbody tr').count(), 1);
    await link('Show everybody');
    await page.getByRole('columnheader', { name: 'Average' }).getByRole('link').click();
    await page.getByRole('columnheader', { name: 'Average' }).getByRole('link').click();
    assert.match(await page.locator('table.students tbody tr').last().innerText(), /xiaoqiao/);
    assert.equal(await page.getByRole('columnheader', { name: 'Average' }).getAttribute('aria-sort'), 'descending');
  });
  await check(`a grade is changed, and a wrong score says so beside its field, ${how}`, async () => {
    await at('/students/3');
    await addGrade(page, title, 'Exam', '40');
    await link(`Edit ${title}`);
    await page.getByLabel('Score').fill('400');
    await button('Store the change');
    assert.match(await page.locator('#score-error').innerText(), /0 to 100/);
    assert.match(await page.getByRole('alert').innerText(), /Nothing was stored yet/);
    assert.deepEqual(await flaws(page), []);
    await page.getByLabel('Score').fill('44');
    await button('Store the change');
    assert.match(await gradeRow(page, title).innerText(), /44/);
  });
  await check(`the second of two people sees both values, ${how}`, async () => {
    const other = await open();
    await link(`Edit ${title}`);
    await other.goto(page.url());
    await other.getByLabel('Score').fill('45');
    await other.getByRole('button', { name: 'Store the change' }).click();
    await close(other);
    await page.getByLabel('Score').fill('46');
    await button('Store the change');
    assert.match(await page.getByRole('row', { name: /Score/ }).innerText(), /45[\s\S]*46/);
    assert.deepEqual(await flaws(page), []);
    if (pictures && javaScriptEnabled) await page.screenshot({ path: join(pictures, 'conflict-light.png') });
    await button('Store mine');
    assert.match(await gradeRow(page, title).innerText(), /46/);
  });
  await check(`a grade is deleted after a question and brought back from the history, ${how}`, async () => {
    await link(`Delete ${title}`);
    assert.match(await page.getByRole('heading', { level: 1 }).innerText(), /Delete this grade/);
    await button('Delete the grade');
    assert.equal(await gradeRow(page, title).count(), 0);
    await link('History and undo');
    await page.getByRole('button', { name: /Undo/ }).first().click();
    await page.getByRole('link', { name: 'Emma Stone' }).click();
    assert.match(await gradeRow(page, title).innerText(), /46/);
  });
  await check(`Enter leads from student to student until all have their score, ${how}`, async () => {
    await at('/tests');
    await link('Enter one test for all students');
    await page.getByLabel('Title').fill(`Test of ${title}`);
    await page.getByLabel('Type').selectOption('Test');
    const names = (await page.locator('table.entry label').allInnerTexts()).slice(0, 3);
    await page.getByLabel(names[0]).focus();
    for (const [i, name] of names.entries()) {
      // A browser moves the focus some time after the page is there.
      await page.waitForFunction((who) => document.activeElement.labels?.[0].innerText === who, name);
      await page.keyboard.type(String(60 + i));
      const reload = javaScriptEnabled ? undefined : page.waitForEvent('load');
      await page.keyboard.press('Enter');
      await reload;
    }
    assert.deepEqual(await flaws(page), []);
    if (pictures && javaScriptEnabled) await page.screenshot({ path: join(pictures, 'sheet-light.png') });
    await button('Store the grades');
    assert.match(await page.locator('.summary').innerText(), /3 grades, mean 61.0/);
  });
  await check(`the drawing and its table have the same numbers, ${how}`, async () => {
    const drawn = await page.locator('.drawing text:not(.axis-label)').allTextContents();
    const listed = await page.locator('table.numbers td').allTextContents();
    assert.deepEqual(drawn, listed);
    assert.equal(listed[6], '3');
  });
  await check(`a table is looked at before it is taken in, ${how}`, async () => {
    await at('/import');
    const table = `FirstName,LastName,Title,Type,Score\nGrace,Hopper ${title},"<script>alert(""x"")</script>",Quiz,99\nA,B,C,D,E\n`;
    await page.getByLabel('File').setInputFiles({ name: 'class.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
    await button('Show what it would do');
    assert.match(await row(/added/).innerText(), /a student and a grade/);
    assert.match(await row(/rejected/).innerText(), /Type/);
    assert.deepEqual(await flaws(page), []);
    if (pictures && javaScriptEnabled) await page.screenshot({ path: join(pictures, 'import-light.png') });
    await button('Import it');
    assert.match(await page.locator('main').innerText(), /Added: 1, changed: 0/);
    await at(`/students?q=${encodeURIComponent(`hopper ${title}`)}`);
    assert.equal(await page.locator('table.students tbody tr').count(), 1);
  });
  await check(`a title that looks like a script shows as text on every page, ${how}`, async () => {
    const script = '<script>alert("x")</script>';
    for (const path of ['/tests', `/tests/distribution?title=${encodeURIComponent(script)}`]) {
      await at(path);
      assert.ok((await page.locator('main').innerText()).includes(script), path);
      assert.equal(await page.locator('main script').count(), 0, path);
      assert.deepEqual(await flaws(page), []);
    }
  });
  await check(`no tool asked another machine, opened a dialog or broke the policy, ${how}`, async () => {
    assert.deepEqual(page.complaints, []);
  });
  await close(page);
}

async function printThePages({ urls }) {
  await check('on paper there is the table and nothing to press', async () => {
    const page = await open();
    await page.emulateMedia({ media: 'print' });
    await page.goto(`${urls.portal}/students/1`);
    assert.equal(await page.locator('table.grades').isVisible(), true);
    for (const part of ['.top', 'form', '.tools', '.actions', 'footer'])
      assert.equal(await page.locator(part).first().isVisible(), false, part);
    await close(page);
  });
}

async function surviveACrash(system, dataDir) {
  await check('the log service has the line of the request that added the grade', async () => {
    await until('the line arrives', async () => {
      const lines = await (await fetch(`${system.urls.log}/log?limit=200`)).text();
      return lines.includes('/students/1/grades');
    });
  });
  await system.kill('SIGKILL');
  let restarted;
  await check('everything starts again after it was killed', async () => {
    restarted = await start(binary, 'all', dataDir);
    await portalServes(restarted.urls);
  });
  await check('a grade that was shown survives kill -9', async () => {
    const page = await open();
    await page.goto(`${restarted.urls.portal}/students/1`);
    assert.match(await gradeRow(page, 'Quiz 3').innerText(), /91/);
    await close(page);
  });
  await check('it stops cleanly when it is asked to', async () => {
    assert.equal(await restarted.kill('SIGTERM'), 0);
  });
}

async function missGrading() {
  const { urls, kill } = await start(binary, 'registry,log,portal', await makeDataDir());
  const page = await open();
  await check('without the grading service the page says so, since when, and offers to try again', async () => {
    const answer = await page.goto(`${urls.portal}/students`);
    assert.equal(answer.status(), 503);
    const text = await page.locator('main').innerText();
    assert.match(text, /GradingService is missing: no instance of it is registered\./);
    assert.match(text, /since \d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC/);
    assert.deepEqual(await flaws(page), []);
    await page.getByRole('link', { name: 'Try again' }).click();
    assert.equal(new URL(page.url()).pathname, '/students');
  });
  await check('a grade that cannot be stored is kept in the form', async () => {
    // The form as it stood on a page that was opened while the service was there.
    await page.evaluate(() => {
      document.querySelector('main').innerHTML = `<form method="post" action="/students/1/grades">
        <input name="Title" value="Quiz 9"><input name="Type" value="Exam"><input name="Score" value="55">
        <button>send</button></form>`;
    });
    await page.getByRole('button').click();
    assert.match(await page.locator('main').innerText(), /was not stored/);
    assert.equal(await page.getByLabel('Title').inputValue(), 'Quiz 9');
    assert.equal(await page.getByLabel('Type').inputValue(), 'Exam');
    assert.equal(await page.getByLabel('Score').inputValue(), '55');
    assert.deepEqual(await flaws(page), []);
  });
  await check('without the grading service every tool says so, and a typed sheet is kept', async () => {
    for (const path of ['/tests', '/tests/enter', '/students/1/history', '/students/1/grades/1', '/export.csv']) {
      assert.equal((await page.goto(urls.portal + path)).status(), 503, path);
      assert.deepEqual(await flaws(page), [], path);
    }
    await page.goto(`${urls.portal}/students/new`);
    await page.getByLabel('First name').fill('Ada');
    await page.getByLabel('Last name').fill('Lovelace');
    await page.getByRole('button', { name: 'Add the student' }).click();
    assert.match(await page.locator('main').innerText(), /Nothing was changed[\s\S]*Ada[\s\S]*Lovelace/);
    assert.deepEqual(await flaws(page), []);
    await page.getByRole('button', { name: 'Try again' }).click();
    assert.match(await page.locator('main').innerText(), /Ada[\s\S]*Lovelace/);
  });
  await check('the status page shows what is missing', async () => {
    await page.goto(`${urls.portal}/status`);
    assert.match(await page.locator('tr', { hasText: 'GradingService' }).innerText(), /missing/);
    assert.match(await page.locator('tr', { hasText: 'LogService' }).innerText(), /available/);
  });
  if (pictures) {
    await page.goto(`${urls.portal}/students`);
    await page.screenshot({ path: join(pictures, 'grading-missing.png') });
  }
  await close(page);
  await kill('SIGTERM');
}

// The pictures of the README: a system as it is on the first day, with one grade added.
async function takePictures() {
  const { urls, kill } = await start(binary, 'all', await makeDataDir());
  await portalServes(urls);
  for (const colorScheme of ['light', 'dark']) {
    for (const [screen, viewport] of Object.entries({ wide, phone })) {
      const page = await open({ viewport, colorScheme });
      for (const [name, path] of [['grade-book', '/students'], ['student', '/students/1'],
        ['distribution', '/tests/distribution?title=Quiz%201']]) {
        await page.goto(urls.portal + path);
        const suffix = screen === 'phone' ? '-phone' : '';
        await page.screenshot({ path: join(pictures, `${name}${suffix}-${colorScheme}.png`) });
      }
      await close(page);
    }
  }
  await kill('SIGTERM');
}

async function walkThePortal() {
  const dataDir = await makeDataDir();
  const system = await start(binary, 'all', dataDir);
  await portalServes(system.urls);
  await walkTheGradeBook(system);
  await speakHttp(system);
  await teach(system, true);
  await teach(system, false);
  await lookAtEveryTheme(system);
  await printThePages(system);
  await surviveACrash(system, dataDir);
  if (pictures) await takePictures();
  await missGrading();
}

async function walkEverything(certificate) {
  if (pictures) await mkdir(pictures, { recursive: true });
  const walk = { binary, open, close, check, pictures };
  if (!only || only === 'portal') await walkThePortal();
  if (!only || only === 'console') await examineTheConsole(walk);
  if (!only || only === 'tls') await comeOverTls(walk, certificate);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => endAll().finally(() => process.exit(1)));

try {
  const certificate = await makeCertificate();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync',
           '--no-first-run', certificate.trust, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  await walkEverything(certificate);
} catch (error) {
  failed += 1;
  console.error(`FAILED  the walk itself\n        ${error.stack}`);
} finally {
  await browser?.close();
  await endAll();
}
console.error(`tally: ${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
