// Starts and ends `distd` for the browser test. Whatever was started here is ended here, by its own process id, and its
// folder is removed with it.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const running = new Set();
const folders = new Set();

export async function makeDataDir() {
  const folder = await mkdtemp(join(tmpdir(), 'distd-browser-'));
  folders.add(folder);
  return folder;
}

// Resolves once the process said `ready`; `urls` then holds each role's announced address. `more`: further flags.
export function start(binary, roles, dataDir, more = []) {
  const child = spawn(binary, [`--role=${roles}`, '--listen=127.0.0.1:0', `--data-dir=${dataDir}`, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const urls = {};
  let errors = '';
  child.stderr.on('data', (bytes) => { errors = (errors + bytes).slice(-4000); });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => {
    running.delete(child);
    resolve(signal ?? code);
  }));
  const up = new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`${binary} is not ready after 20 s. ${errors}`)), 20_000);
    const settle = (how, value) => { clearTimeout(limit); how(value); };
    child.once('error', (error) => settle(reject, error));
    ended.then((how) => settle(reject, new Error(`${binary} ended with ${how} before it was ready. ${errors}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const announced = /^([\w-]+) (https?:\/\/\S+)$/.exec(line);
      if (announced) urls[announced[1]] = announced[2];
      if (line === 'ready') settle(resolve);
    });
  });
  return up.then(() => ({
    urls,
    signal: (signal) => child.kill(signal),
    kill: (signal = 'SIGKILL') => { child.kill(signal); return ended; },
  }));
}

// Asks again until `condition` holds; it may throw meanwhile.
export async function until(what, condition, milliseconds = 15_000) {
  const limit = Date.now() + milliseconds;
  let last;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > limit) throw new Error(`waited in vain: ${what}${last ? ` (${last.message})` : ''}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function endAll() {
  for (const child of running) child.kill('SIGKILL');
  await until('the processes end', () => running.size === 0);
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}
