// A real SMS gateway for the browser's stories: Kannel, with phones at its far end that only write down what they get. Unpacked where
// `KANNEL_ROOT` says; the settings are those of the tests of the whole (tests/src/kannel.rs).
import { mkdtempSync, readdirSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Child, listens } from './child.mjs';
import { freePort } from './harness.mjs';

export const USERNAME = 'atalaya';
export const PASSWORD = 's3cret';

/** The network greets the gateway, which answers: neither is a text of a story's. */
const GREETER = '600';

const configuration = (admin, boxes, network, sendsms) => `group = core
admin-port = ${admin}
admin-interface = 127.0.0.1
admin-password = ${PASSWORD}
smsbox-port = ${boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1

group = smsc
smsc = fake
smsc-id = phones
port = ${network}
our-host = 127.0.0.1
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = ${boxes}
sendsms-port = ${sendsms}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = ${USERNAME}
password = ${PASSWORD}
default-sender = 1000
user-allow-ip = 127.0.0.1
max-messages = 10
`;

/** The libraries that were unpacked with it. */
const libraries = (root) => ['lib', 'usr/lib']
  .map((below) => path.join(root, below))
  .filter(existsSync)
  .flatMap((below) => readdirSync(below).filter((name) => name.endsWith('-linux-gnu')).map((name) => path.join(below, name)))
  .join(':');

export class Phones {
  static async start(root) {
    const it = new Phones();
    Object.assign(it, { folder: mkdtempSync(path.join(tmpdir(), 'atalaya-kannel-')), children: [] });
    const [admin, boxes, network, port] = [await freePort(), await freePort(), await freePort(), await freePort()];
    it.url = `http://127.0.0.1:${port}/cgi-bin/sendsms`;
    const config = path.join(it.folder, 'kannel.conf');
    writeFileSync(config, configuration(admin, boxes, network, port));
    const run = (name, program, args) => {
      const child = new Child(it.folder, name, path.join(root, program), args, { LD_LIBRARY_PATH: libraries(root) });
      it.children.unshift(child);
      return child;
    };
    const bearerbox = run('bearerbox', 'usr/sbin/bearerbox', [config]);
    for (const one of [admin, boxes, network]) await bearerbox.ready(() => listens(one));
    it.network = run('network', 'usr/lib/kannel/test/fakesmsc', ['-H', '127.0.0.1', '-r', String(network), '-m', '1', `${GREETER} 601 text hello`]);
    const smsbox = run('smsbox', 'usr/sbin/smsbox', [config]);
    await smsbox.ready(() => listens(port));
    // Texts that come before both have found the bearerbox would only be queued.
    await bearerbox.ready(async () => {
      const status = await fetch(`http://127.0.0.1:${admin}/status.txt?password=${PASSWORD}`).then((answer) => answer.text(), () => '');
      return status.includes('(online') && status.includes('smsbox');
    });
    return it;
  }

  /** What phones got so far, in order: `… Got message 2: <1000 +34600123123 text hola>`. */
  texts() {
    const got = [...this.network.said().matchAll(/Got message \d+: <(\S+) (\S+) text (.*)>$/gm)];
    return got.map(([, , to, text]) => ({ to, text })).filter(({ to }) => to !== GREETER);
  }

  async stop() {
    for (const child of this.children) await child.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
