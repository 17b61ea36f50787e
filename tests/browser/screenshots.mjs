// Takes the pictures of docs/: `node tests/browser/screenshots.mjs` after `cargo xtask build` and a first `cargo xtask test --suite browser`.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fill } from './demo.mjs';
import { Feed, NARROW, Server, assertNoFaults, closeBrowser, openPage } from './harness.mjs';
import { show, views } from './views.mjs';

const DOCS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs');
const PICTURES = [
  ['dashboard', 'dashboard', {}],
  ['dashboard-dark-es', 'dashboard', { theme: 'dark', language: 'es' }],
  ['add-metric', 'add-chosen', {}],
  ['configured-metrics', 'metrics', {}],
  ['alarm-history', 'history', {}],
  ['mobile', 'dashboard', { size: NARROW }],
];

const server = await Server.start();
const feed = new Feed(server.carbonPort);
try {
  const api = await server.admin();
  await fill({ api, feed });
  // Nobody opens the page in the very second of the alarm.
  await new Promise((done) => setTimeout(done, 90_000));
  const all = await views(api);
  for (const [name, view, how] of PICTURES) {
    const page = await openPage(server, how);
    await show(page, all.find((other) => other.name === view));
    // The chart reads itself anew every few seconds.
    await page.waitForTimeout(1000);
    const file = path.join(DOCS, `${name}.png`);
    await page.screenshot({ path: file });
    assertNoFaults(page);
    await page.context().close();
    // Fewer colours halve the size; without the tool the picture stays as it is.
    spawnSync('pngquant', ['--force', '--skip-if-larger', '--output', file, '--quality', '80-100', file]);
    console.log(`${path.relative(process.cwd(), file)}: ${Math.ceil(statSync(file).size / 1000)} kB`);
  }
} finally {
  feed.stop();
  await closeBrowser();
  await server.stop();
}
