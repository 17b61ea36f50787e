// Quiet: acknowledging by keyboard, muting with undo, maintenance that is planned; seen by a second operator.
import assert from 'node:assert/strict';
import { rule, sees, story, until } from './harness.mjs';

const SERIES = 'lab.router1.cpu';
const undo = (page, text) => page.locator('.notice').filter({ hasText: text }).getByRole('button', { name: 'Undo' }).click();
const rowOf = (page, name) => page.getByRole('table', { name: 'Active alarms' }).getByRole('row', { name });
const alarmOf = async (api, name) => (await api.get('alarms?state=active')).items.find((alarm) => alarm.rule.name === name);

/** Two alarms that stand. */
async function raise({ api, feed }) {
  for (const [at, name] of ['CPU router1', 'CPU router2'].entries()) {
    const expr = `lab.router${at + 1}.cpu`;
    feed.set(expr, 95);
    await api.post('rules', rule(name, expr, { query: { source: 'local', expr, unit: '%', dashboard: 'Core' }, checks_to_alert: 1 }));
  }
  await until('both alarms stand', async () => (await api.get('alarms?state=active')).total === 2);
}

story('an alarm is acknowledged with a note by keyboard, and the others see who has seen it', async (told) => {
  const { api, open } = told;
  await raise(told);
  const [page, other] = [await open(), await open()];
  for (const one of [page, other]) {
    await one.goto('/');
    await rowOf(one, 'CPU router1').waitFor();
  }
  await rowOf(page, 'CPU router1').focus();
  await page.keyboard.press('x');
  await sees(page.locator('.bulk'), '1 selected');
  await page.locator('.bulk').getByRole('button', { name: 'Acknowledge' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Acknowledge: CPU router1' });
  await dialog.waitFor();
  await page.keyboard.type('INC-77, the vendor is called');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  await sees(rowOf(page, 'CPU router1'), /Acknowledged by admin \d\d:\d\d/);
  await sees(rowOf(other, 'CPU router1'), /Acknowledged by admin \d\d:\d\d/);
  await rowOf(other, 'CPU router1').click();
  await sees(other.locator('.both-chart'), 'INC-77, the vendor is called');
  assert.equal((await alarmOf(api, 'CPU router1')).acknowledged.note, 'INC-77, the vendor is called');
  await undo(page, 'is acknowledged');
  await sees(page.locator('.notices'), 'Undone');
  assert.equal((await alarmOf(api, 'CPU router1')).acknowledged, null);
});

story('all that match are muted at once with a reason, listed, and that is undone', async (told) => {
  const { api, open } = told;
  await raise(told);
  const page = await open();
  await page.goto('/');
  await page.getByRole('button', { name: 'Select all 2 that match' }).click();
  await page.locator('.bulk').getByRole('button', { name: 'Mute' }).click();
  const dialog = page.getByRole('dialog', { name: 'Mute: 2 alarms' });
  await dialog.getByLabel('For how long').selectOption('8 h');
  await dialog.getByLabel('Reason').fill('Works in the exchange');
  await dialog.getByRole('button', { name: 'Mute (2)' }).click();
  await sees(page.locator('.notices'), '2 alarms are muted');
  await sees(rowOf(page, 'CPU router2'), /Muted until .*\d\d:\d\d/);
  const muted = (await api.get('mutes')).items;
  assert.deepEqual(muted.map(({ reason, by }) => [reason, by]), [['Works in the exchange', 'admin'], ['Works in the exchange', 'admin']]);
  await undo(page, 'are muted');
  await sees(page.locator('.notices'), 'Undone');
  assert.equal((await api.get('mutes')).total, 0);

  // The dashboard of one of them, from its panel; ended early on the page of mutes, and that undone.
  await rowOf(page, 'CPU router1').click();
  await page.locator('.both-chart').getByRole('button', { name: 'Mute' }).click();
  await page.getByLabel('What is muted').selectOption('dashboard');
  await page.getByRole('dialog').getByRole('button', { name: 'Mute', exact: true }).click();
  await sees(page.locator('.notices'), 'is muted');
  await page.getByRole('link', { name: 'Mutes and maintenance' }).first().click();
  const table = page.getByRole('table', { name: 'Muted now' });
  await sees(table, /Core dashboard/);
  await table.getByRole('button', { name: 'End the mute of Core now' }).click();
  await sees(page.locator('main'), 'Nothing is muted.');
  await undo(page, 'is no longer muted');
  await sees(table, /Core dashboard/);

  // On a wall nothing can be done.
  await page.goto('/wall');
  await sees(page.locator('.both-chart'), 'CPU router');
  assert.equal(await page.getByRole('button', { name: /^(Acknowledge|Mute)$/ }).count(), 0);
});

story('maintenance is planned for a dashboard, each week, and shows when it holds next', async (told) => {
  const { api, feed, open } = told;
  feed.set(SERIES, 10);
  const { id } = await api.post('rules', rule('CPU router1', SERIES, { query: { source: 'local', expr: SERIES, unit: '%', dashboard: 'Core' } }));
  const page = await open();
  // A metric is muted before it has an alarm, too.
  await page.goto(`/configured/${id}`);
  await page.getByRole('button', { name: 'Mute', exact: true }).click();
  await page.getByRole('dialog', { name: 'Mute: CPU router1' }).getByRole('button', { name: 'Mute', exact: true }).click();
  await sees(page.locator('.notices'), '“CPU router1” is muted');
  assert.deepEqual((await api.get('mutes')).items.map(({ target }) => target), [{ kind: 'rule', id }]);
  await page.goto('/quiet');
  await page.getByRole('button', { name: 'Plan maintenance' }).click();
  await page.getByLabel('Name').fill('Backups of the core');
  await page.getByLabel('Search dashboards and metrics to add').fill('router1');
  await page.getByRole('button', { name: /^Core/ }).click();
  // What is typed is not lost by a link without a question.
  const asked = page.waitForEvent('dialog');
  const left = page.getByRole('link', { name: 'Alarm history' }).click();
  const question = await asked;
  assert.equal(question.message(), 'What you typed is not saved. Leave all the same?');
  await question.dismiss();
  await left;
  assert.equal(await page.getByLabel('Name').inputValue(), 'Backups of the core');
  await page.getByLabel('How often').selectOption('weekly');
  await sees(page.locator('.form-chart'), /(Mon|Tue|Wed|Thu|Fri) 09:00 – \1 18:00/);
  await page.getByRole('button', { name: 'Save' }).click();
  const card = page.locator('.cards .card').filter({ hasText: 'Backups of the core' });
  await sees(card, /Mon, Tue, Wed, Thu, Fri 09:00–18:00 \(Europe\/Madrid\).*Core/);
  await sees(card, /Holds now, until|Next: /);
  const [kept] = (await api.get('maintenance')).items;
  assert.deepEqual([kept.maintenance.dashboards, kept.maintenance.everything], [['Core'], false]);
  await card.getByRole('button', { name: 'Delete' }).click();
  await sees(page.locator('main'), 'No maintenance is planned.');
  await undo(page, 'was deleted');
  await card.waitFor();
});

story('the history counts what a stretch of time came to, and each count is a filter', async (told) => {
  const { api, feed, open } = told;
  await raise(told);
  feed.set('lab.router2.cpu', 10);
  await until('one has cleared', async () => (await api.get('alarms?state=active')).total === 1);
  const page = await open();
  await page.goto('/history');
  await sees(page.locator('.totals'), /2 critical.*Alarms: 2\. In alarm for/);
  // A count narrows the list by the worst that each reached, which is said and can be taken back.
  await page.locator('.totals-counts').getByRole('button', { name: /critical/ }).click();
  await sees(page.locator('.filter-line'), 'the worst that each alarm reached');
  await page.locator('.filter-line').getByRole('button', { name: 'Show all' }).click();
  await until('nothing narrows the list', () => !/severity=|by=/.test(page.url()));
  await page.locator('.noisiest').getByRole('button', { name: /CPU router2/ }).click();
  await sees(page.locator('.pager'), '1 of 1');
  assert.match(page.url(), /rule=/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
  assert.match(download.suggestedFilename(), /^alarms-.*\.csv$/);
  const file = new URL(download.url()).searchParams;
  assert.deepEqual([file.get('time_zone'), file.get('language')], ['Europe/Madrid', 'en']);

  // A stretch without an alarm does not say that there never was one.
  await page.goto('/history?from=2020-01-01&to=2020-01-02');
  await sees(page.locator('.empty'), 'No alarm in this stretch of time.');
  await page.locator('.empty').getByRole('button', { name: 'All', exact: true }).click();
  await sees(page.locator('.pager'), '2 of 2');
});
