// The parts of the app that load when a page is opened.
import assert from 'node:assert/strict';
import { NO_SERVER, sees, story, until } from './harness.mjs';

/** The wasm of any part but the first. */
const PARTS = /\/atalaya-app-[0-9a-f]+_(?!bg)\w+\.wasm$/;

const focused = (page) => page.evaluate(() => document.activeElement.className || document.activeElement.textContent);

story('a page that is on its way keeps the frame and the focus, and gets both', async ({ open }) => {
  const page = await open();
  let arrive;
  const arriving = new Promise((done) => { arrive = done; });
  await page.route(PARTS, async (route) => {
    await arriving;
    await route.continue();
  });
  await page.goto('/');
  await page.locator('h1').waitFor();
  await page.getByRole('link', { name: 'Settings' }).click();
  await sees(page.locator('main').getByRole('status'), 'Loading');
  await until('the address is that of the page', () => new URL(page.url()).pathname === '/settings');
  assert.equal(await focused(page), 'late');
  assert.equal(await page.getByRole('navigation').first().isVisible(), true);
  arrive();
  await page.locator('h1', { hasText: 'Settings' }).waitFor();
  await until('the heading has the focus', async () => await focused(page) === 'Settings');
});

story('a page that cannot be loaded says so, and reloading brings it', async ({ open }) => {
  const page = await open();
  page.expected.push(/ERR_FAILED/, /Failed to fetch/);
  await page.route(PARTS, (route) => route.abort());
  await page.goto('/');
  await page.locator('h1').waitFor();
  await page.getByRole('link', { name: 'Settings' }).click();
  await sees(page.getByRole('alert'), 'The server does not answer, or it has another version by now.');
  await page.getByRole('link', { name: 'Alarm history' }).click();
  await page.locator('h1', { hasText: 'Alarm history' }).waitFor();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('alert').waitFor();
  await page.unroute(PARTS);
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.locator('h1', { hasText: 'Settings' }).waitFor();
});

story('whoever has the app open can open its pages when the server is gone', async ({ server, open }) => {
  const page = await open();
  const came = new Set();
  page.on('requestfinished', (request) => { if (PARTS.test(request.url())) came.add(request.url()); });
  await page.goto('/');
  await page.locator('h1').waitFor();
  const parts = await page.evaluate(() => [...document.querySelectorAll('link[data-later]')].map((link) => link.href));
  assert.ok(parts.length > 2, 'the app has parts');
  await until('all parts are there', () => parts.every((part) => came.has(part)));
  page.expected.push(NO_SERVER);
  await server.kill();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.locator('h1', { hasText: 'Settings' }).waitFor();
});
