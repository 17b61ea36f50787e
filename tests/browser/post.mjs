// A real mail server for the browser's stories: aiosmtpd, which keeps each message. Installed where `SMTP_VENV` says; the program is that
// of the tests of the whole (tests/src/smtp_server.py), which try its encryption and logins too.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Child, listens } from './child.mjs';
import { freePort } from './harness.mjs';

const PROGRAM = new URL('../src/smtp_server.py', import.meta.url).pathname;

export class Post {
  static async start(venv) {
    const it = new Post();
    Object.assign(it, { folder: mkdtempSync(path.join(tmpdir(), 'atalaya-post-')), port: await freePort() });
    it.server = new Child(it.folder, 'smtp', path.join(venv, 'bin/python'), [PROGRAM, String(it.port), 'plain']);
    await it.server.ready(() => listens(it.port));
    return it;
  }

  /** What it took so far, in order: `{ from, to, data }`. */
  mails() {
    return this.server.said().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  async stop() {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
