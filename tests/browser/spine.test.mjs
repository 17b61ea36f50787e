// From a sample to a live alarm, as an operator sees it: nothing is reloaded in any of these stories.
import assert from 'node:assert/strict';
import { PASSWORD, REFUSED_LOGIN, rule, sees, story, until } from './harness.mjs';

const SERIES = 'lab.router1.cpu';

story('an operator sees an alarm rise, ease and clear without reloading', async ({ api, feed, open }) => {
  feed.set(SERIES, 50);
  const page = await open({ login: false });
  page.expected.push(REFUSED_LOGIN);

  // Logs in.
  await page.goto('/');
  await page.getByLabel('User').fill('admin');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  assert.equal(await page.title(), 'Atalaya');
  await page.evaluate(() => { window.neverReloaded = true; });

  // A rule, made by a program: all is quiet.
  await api.post('rules', rule('CPU router1', SERIES));
  await sees(page.locator('.quiet'), 'Nothing is active');
  await sees(page.locator('.quiet'), 'Metrics watched: 1');

  // 95: critical after three checks.
  const alarm = page.getByRole('table', { name: 'Active alarms' }).getByRole('row', { name: 'CPU router1' });
  feed.set(SERIES, 95);
  await sees(alarm, /critical.*CPU router1.*95\s?%/);
  await until('the title counts', async () => (await page.title()) === '(1) Atalaya');
  await sees(page.getByRole('banner'), '1 critical');
  await sees(page.locator('.tile.ink-critical'), '1');
  await page.locator('.both-chart .plot canvas').waitFor();

  // 85 is inside the margin: critical for as long as it lasts.
  feed.set(SERIES, 85);
  await sees(alarm, /85\s?%/);
  for (let second = 0; second < 5; second += 1) {
    await sees(alarm, 'critical');
    await page.waitForTimeout(1000);
  }
  assert.equal((await api.get('alarms?state=active')).items[0].severity, 'critical');

  // 75 eases it, 50 clears it.
  feed.set(SERIES, 75);
  await sees(alarm, 'major');
  await sees(page.getByRole('banner'), '1 major');
  feed.set(SERIES, 50);
  await sees(alarm, 'Cleared');
  assert.match(await alarm.getAttribute('class'), /cleared/, 'a cleared row is greyed');
  await until('the title counts nothing', async () => (await page.title()) === 'Atalaya');

  // It stands in the history, with start and end.
  await page.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: 'Alarm history' }).click();
  const past = page.getByRole('table', { name: 'Alarms' }).getByRole('row', { name: 'CPU router1' });
  await sees(past, /\d\d:\d\d:\d\d.*\d\d:\d\d:\d\d.*checks to OK/);
  assert.equal(await page.evaluate(() => window.neverReloaded), true);
});

story('a source that falls silent is marked, and nothing clears', async ({ api, feed, open }) => {
  feed.set(SERIES, 95);
  await api.post('rules', rule('CPU router1', SERIES, { checks_to_alert: 1 }));
  const page = await open();
  await page.goto('/');
  const rows = page.getByRole('table', { name: 'Active alarms' }).getByRole('row', { name: 'CPU router1' });
  await sees(rows, 'critical');
  feed.values.delete(SERIES);
  await sees(rows, 'no data since');
  await sees(rows, 'unknown');
  await sees(rows, 'critical');
});
