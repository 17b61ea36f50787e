// The real server, a feeder of carbon lines and a real browser, for the stories in *.test.mjs.
//
// Everything lives on loopback, on ports that were free a moment ago, in a data folder of its own, and ends with its test.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { chromium } from 'playwright-core';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const BINARY = process.env.ATALAYA_BIN ?? path.join(ROOT, 'target/debug/atalaya');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const ARTEFACTS = process.env.ARTEFACTS ?? path.join(ROOT, 'target/artefacts');
export const PASSWORD = 'correct horse battery staple';

/** How long anything may take to show in the browser, ms: two loaded cores, not a promise to users. */
const PATIENCE = 15_000;

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };

/** Asks until the answer is truthy; `what` is a text, or gives one. */
export async function until(what, ask, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) {
      assert.fail(`in ${patience / 1000} s it did not happen that ${typeof what === 'function' ? what() : what}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

export async function freePort() {
  const listener = net.createServer();
  await new Promise((done) => listener.listen(0, '127.0.0.1', done));
  const { port } = listener.address();
  await new Promise((done) => listener.close(done));
  return port;
}

/** A server as a child process. */
export class Server {
  /** `account: false` leaves the first account to be made by the setup link. */
  static async start({ account = true, env = {} } = {}) {
    const server = new Server();
    server.data = mkdtempSync(path.join(tmpdir(), 'atalaya-browser-'));
    server.env = account ? { ATALAYA_ADMIN_PASSWORD: PASSWORD, ...env } : env;
    [server.port, server.carbonPort] = [await freePort(), await freePort()];
    server.base = `http://127.0.0.1:${server.port}`;
    await server.run();
    return server;
  }

  /** Starts on the same data and ports, the first time or again. */
  async run() {
    const log = openSync(path.join(this.data, 'server.log'), 'a');
    const carbon = { ATALAYA_INGEST__CARBON__LISTEN: `127.0.0.1:${this.carbonPort}` };
    this.child = spawn(BINARY, ['serve', '--data', this.data, '--listen', `127.0.0.1:${this.port}`], {
      env: { ...process.env, ...carbon, ...this.env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.ended = new Promise((done) => this.child.once('exit', done));
    await until('the server is ready', async () => {
      assert.equal(this.child.exitCode, null, `the server ended:\n${this.log()}`);
      return (await fetch(`${this.base}/readyz`).catch(() => null))?.ok;
    }, 60_000);
  }

  /** As `kill -9` does. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }

  log() {
    const file = path.join(this.data, 'server.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** The one-time link of the first start, as the console prints it. */
  setupLink() {
    return this.log().match(/http:\S+\/setup\?key=\S+/)?.[0] ?? assert.fail(`no setup link:\n${this.log()}`);
  }

  /** A client of the API, logged in as the administrator. */
  async admin() {
    const answer = await fetch(`${this.base}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: PASSWORD }),
    });
    assert.equal(answer.status, 200, 'the login');
    return new Api(this.base, answer.headers.get('set-cookie').split(';')[0]);
  }
}

/** The API as a program uses it. */
export class Api {
  constructor(base, cookie) {
    Object.assign(this, { base, cookie });
  }

  async send(method, path, body) {
    const answer = await fetch(`${this.base}/api/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json', cookie: this.cookie },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  get(path) {
    return this.send('GET', path);
  }

  post(path, body) {
    return this.send('POST', path, body);
  }
}

/** A rule with quick checks; `over` replaces parts of it. */
export function rule(name, expr, over = {}) {
  return {
    name,
    query: { source: 'local', expr, unit: '%' },
    check: { name: 'threshold', params: { direction: 'above', warning: 70, major: 80, critical: 90 } },
    interval: '1s',
    checks_to_alert: 3,
    checks_to_ok: 2,
    ok_margin: 10,
    ...over,
  };
}

/** Sends each series its value, twice a second, as people's agents do. */
export class Feed {
  constructor(port) {
    Object.assign(this, { port, values: new Map() });
    this.timer = setInterval(() => this.send(), 500);
  }

  set(series, value) {
    this.values.set(series, value);
    this.send();
  }

  /** Lines of the past: `[[series, value, secondsAgo], …]`. */
  async past(samples) {
    const now = Date.now() / 1000;
    const lines = samples.map(([series, value, ago]) => `${series} ${value} ${(now - ago).toFixed(3)}\n`);
    const socket = net.connect(this.port, '127.0.0.1');
    await new Promise((done, failed) => socket.once('error', failed).end(lines.join(''), done));
  }

  send() {
    if (!this.socket) {
      // A server that was killed comes back on the same port.
      const forget = () => { this.socket = null; };
      this.socket = net.connect(this.port, '127.0.0.1').on('error', forget).on('close', forget);
    }
    const now = (Date.now() / 1000).toFixed(3);
    this.socket.write([...this.values].map(([series, value]) => `${series} ${value} ${now}\n`).join(''));
  }

  stop() {
    clearInterval(this.timer);
    this.socket?.destroy();
  }
}

/** One browser for a file's tests. */
let browser = null;

export async function openBrowser() {
  browser ??= await chromium.launch({
    executablePath: CHROMIUM,
    // The rest keeps the browser from calling its maker.
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  return browser;
}

export async function closeBrowser() {
  await browser?.close();
  browser = null;
}

/** What a browser writes to its console for an answer that a story expects. */
export const REFUSED_LOGIN = /status of 401/;
export const NO_SERVER = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED/;

/**
 * A page of its own profile. Whatever its console calls an error (a violation of the content security policy too) or
 * throws is kept in `page.faults`, except what a story expects: `page.expected`, a list of patterns.
 */
export async function openPage(server, options = {}) {
  const { language = 'en', theme = 'light', size = WIDE, login = true, reducedMotion = 'reduce' } = options;
  const context = await (await openBrowser()).newContext({
    baseURL: server.base,
    viewport: size,
    locale: language === 'es' ? 'es-ES' : 'en-GB',
    timezoneId: 'Europe/Madrid',
    colorScheme: theme,
    reducedMotion,
    hasTouch: size.width < 800,
  });
  context.setDefaultTimeout(PATIENCE);
  if (login) {
    const answer = await context.request.post('/api/v1/session', { data: { username: 'admin', password: PASSWORD } });
    assert.equal(answer.status(), 200, 'the login');
  }
  const page = await context.newPage();
  page.faults = [];
  page.expected = [];
  const fault = (text) => {
    if (!page.expected.some((pattern) => pattern.test(text))) page.faults.push(text);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') fault(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => fault(`thrown: ${error}`));
  return page;
}

/** Fails if the page's console had anything to say. */
export function assertNoFaults(page) {
  assert.deepEqual(page.faults, [], 'the console is clean');
}

/** A picture into the artefacts. */
export async function picture(page, name) {
  mkdirSync(path.dirname(path.join(ARTEFACTS, name)), { recursive: true });
  await page.screenshot({ path: path.join(ARTEFACTS, `${name}.png`) });
}

/**
 * A test with a server of its own. The story gets `{ server, api, feed, open }`; `open(options)` gives a page. A failure
 * leaves pictures of the pages and the server's log.
 */
export function story(name, options, tell) {
  if (typeof options === 'function') [options, tell] = [{}, options];
  test(name, { timeout: 400_000 }, async () => {
    const server = await Server.start(options);
    const feed = new Feed(server.carbonPort);
    const pages = [];
    const open = async (how) => {
      const page = await openPage(server, how);
      pages.push(page);
      return page;
    };
    try {
      const api = options.account === false ? null : await server.admin();
      await tell({ server, api, feed, open });
      pages.forEach(assertNoFaults);
    } catch (error) {
      await Promise.all(pages.map((page, at) => picture(page, `failed/${name.replaceAll(/\W+/g, '-')}-${at}`).catch(() => {})));
      console.error(`--- ${name}: console ---\n${pages.flatMap((page) => page.faults).join('\n')}\n--- server ---\n${server.log()}`);
      throw error;
    } finally {
      feed.stop();
      await Promise.all(pages.map((page) => page.context().close()));
      await closeBrowser();
      await server.stop();
    }
  });
}

/** Waits for a text, or a pattern, inside an element; any white space is one space. */
export async function sees(locator, text, patience = PATIENCE) {
  let last = '';
  const matches = async () => {
    last = (await locator.allInnerTexts()).join(' ').replaceAll(/\s+/g, ' ');
    return text instanceof RegExp ? text.test(last) : last.includes(text);
  };
  await until(() => `one sees ${text}; what stands there: ${last}`, matches, patience);
}
