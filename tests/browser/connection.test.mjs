// A stale page must never look healthy.
import assert from 'node:assert/strict';
import { NO_SERVER, PASSWORD, REFUSED_LOGIN, rule, sees, story, until } from './harness.mjs';

story('a lost connection is said, greyed, and heals without reloading', async ({ server, api, feed, open }) => {
  feed.set('lab.router1.cpu', 95);
  await api.post('rules', rule('CPU router1', 'lab.router1.cpu', { checks_to_alert: 1 }));
  const page = await open();
  page.expected.push(NO_SERVER, REFUSED_LOGIN);
  await page.goto('/');
  await sees(page.getByRole('table', { name: 'Active alarms' }), 'CPU router1');
  await sees(page.getByRole('banner'), 'live');
  await page.evaluate(() => { window.neverReloaded = true; });

  await server.kill();
  await sees(page.getByRole('banner'), /connection lost, data from \d\d:\d\d:\d\d/);
  await page.locator('.tiles.stale').waitFor();
  const [tile, muted] = await page.locator('.tiles .tile-number').last().evaluate((number) => {
    const probe = Object.assign(document.createElement('i'), { className: 'muted' });
    number.append(probe);
    const colours = [getComputedStyle(number).color, getComputedStyle(probe).color];
    probe.remove();
    return colours;
  });
  assert.equal(tile, muted, 'the numbers are grey');
  await sees(page.getByRole('table', { name: 'Active alarms' }), 'CPU router1');

  await server.run();
  await sees(page.getByRole('banner'), /live · checked/);
  await until('the numbers are back', async () => (await page.locator('.tiles.stale').count()) === 0);
  feed.set('lab.router1.cpu', 99);
  await sees(page.getByRole('table', { name: 'Active alarms' }), /99\s?%/);
  assert.equal(await page.evaluate(() => window.neverReloaded), true);
});

story('an expired login is asked for over the page, which stays', async ({ api, feed, open }) => {
  feed.set('lab.router1.cpu', 95);
  await api.post('rules', rule('CPU router1', 'lab.router1.cpu', { checks_to_alert: 1 }));
  const page = await open();
  page.expected.push(REFUSED_LOGIN, NO_SERVER);
  await page.goto('/');
  await sees(page.getByRole('table', { name: 'Active alarms' }), 'CPU router1');
  // Logged out elsewhere, or too long ago: the server ends the session.
  await page.context().request.delete('/api/v1/session');

  const login = page.getByRole('dialog', { name: 'The login has ended' });
  await login.waitFor();
  assert.ok(await page.locator('.both-list').getByText('CPU router1').first().isVisible(), 'the page is behind it');
  await login.getByLabel('Password').fill(PASSWORD);
  await login.getByRole('button', { name: 'Log in' }).click();
  await login.waitFor({ state: 'hidden' });
  await sees(page.getByRole('banner'), /live · checked/);
});
