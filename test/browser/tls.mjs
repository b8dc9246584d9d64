// The portal and the console over TLS: pages, a form with its cookie, and a stream that stays open.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { row } from './console_exam.mjs';
import { makeDataDir, start, until } from './processes.mjs';

// A certificate that vouches for itself; `trust` is the browser's flag that takes its key, and no other.
export async function makeCertificate() {
  const file = join(await makeDataDir(), 'pair.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=browser test', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file, '-out', `${file}.cert`], { stdio: 'pipe' });
  execFileSync('sh', ['-c', 'umask 077 && cat "$1.cert" >>"$1"', 'sh', file]);
  const key = new X509Certificate(await readFile(`${file}.cert`)).publicKey.export({ type: 'spki', format: 'der' });
  return { file, trust: `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}` };
}

async function useTheGradeBook({ check, open, close }, urls) {
  const page = await open();
  await check('the grade book comes over TLS 1.3', async () => {
    const answer = await page.goto(`${urls['portal-tls']}/students/1`);
    assert.equal(answer.status(), 200);
    assert.equal((await answer.securityDetails()).protocol, 'TLS 1.3');
  });
  await check('a grade that is added over TLS is there, and the cookies of its form are for https alone', async () => {
    await page.getByLabel('Title').fill('Over TLS');
    await page.getByLabel('Type').selectOption('Quiz');
    await page.getByLabel('Score').fill('91');
    await page.getByRole('button', { name: 'Add the grade' }).click();
    await page.getByRole('rowheader', { name: 'Over TLS', exact: true }).waitFor();
    const cookies = await page.context().cookies();
    assert.ok(cookies.length > 0);
    for (const cookie of cookies) assert.ok(cookie.secure, cookie.name);
  });
  await check('no page over TLS asked for anything without it, or broke its own policy', async () => {
    assert.deepEqual(page.complaints, []);
  });
  await close(page);
}

async function watchTheConsole({ check, open, close }, urls) {
  const page = await open();
  const instance = 'http://127.0.0.9:1';
  const tell = async (method, path, body) => {
    const answer = await fetch(urls.registry + path, { method, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.text()}`);
  };
  await tell('POST', '/services', { ServiceName: 'newcomer', ServiceURL: instance });
  await check('the console is live over TLS, and what changes is seen without a reload', async () => {
    await page.goto(urls['console-tls']);
    await row(page, 'newcomer').waitFor();
    await until('the page is live', () => page.locator('.live').count());
    await page.evaluate(() => { window.is_the_same = true; });
    await tell('PUT', `/services/${encodeURIComponent(instance)}/drain`, { Reason: 'disk swap' });
    await row(page, 'newcomer').locator('.g.drained').waitFor();
    assert.equal(await page.evaluate(() => window.is_the_same), true);
  });
  await check('the console over TLS asked for nothing without it, and broke no policy of its own', async () => {
    assert.deepEqual(page.complaints, []);
  });
  await close(page);
}

export async function comeOverTls(walk, { file }) {
  const listens = ['portal', 'console'].map((role) => `--tls-listen=${role}=127.0.0.1:0`);
  const { urls, kill } = await start(walk.binary, 'all', await makeDataDir(), [...listens, `--tls-cert-file=${file}`]);
  await until('the portal finds the grading service', async () => (await fetch(`${urls.portal}/students`)).status === 200);
  await useTheGradeBook(walk, urls);
  await watchTheConsole(walk, urls);
  await kill('SIGTERM');
}
