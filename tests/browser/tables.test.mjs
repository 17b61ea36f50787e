// What operators configure for many metrics: changed together and in place, cloned, templates, calendars, files in and out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rule, sees, story, until } from './harness.mjs';

const MANY = 60;

/** Metrics of two dashboards; `many` of them. */
async function fillRules({ api, feed }, many = MANY) {
  const draft = (at) => {
    const expr = `lab.router${String(at).padStart(3, '0')}`;
    feed.set(expr, 1);
    const dashboard = at % 2 ? 'Core network' : 'Access';
    return rule(`CPU router${String(at).padStart(3, '0')}`, expr, {
      query: { source: 'local', expr, unit: '%', dashboard, panel: 'Routers' }, interval: '10m',
    });
  };
  await api.post('rules/many', { rules: Array.from({ length: many }, (_, at) => draft(at)) });
}

const settingsOf = async (api, get) => (await api.get('rules?limit=1000')).items.map(get);
const count = async (api, filter) => (await api.get(`rules?${filter}`)).total;
const undo = (page, text) => page.locator('.notice').filter({ hasText: text }).getByRole('button', { name: 'Undo' }).click();

story('all that match are changed together in two clicks, and that is undone with one', async (told) => {
  const { api, open } = told;
  await fillRules(told);
  const page = await open();
  await page.goto('/alarm-settings');
  await sees(page.locator('main'), `of ${MANY}`);
  await page.getByLabel('SMS', { exact: true }).selectOption('yes');
  await page.locator('#checks_to_alert').fill('5');
  await page.getByRole('button', { name: `Select all ${MANY} that match` }).click();
  await page.getByRole('button', { name: `Apply to ${MANY}` }).click();
  await sees(page.locator('.notices'), `${MANY} metrics are changed.`);
  assert.ok((await settingsOf(api, (rule) => rule.notify.sms && rule.checks_to_alert === 5)).every(Boolean));
  assert.ok((await settingsOf(api, (rule) => rule.checks_to_ok === 2)).every(Boolean), 'what was not filled in stays');
  await undo(page, 'are changed');
  await sees(page.locator('.notices'), 'Undone');
  assert.ok((await settingsOf(api, (rule) => !rule.notify.sms && rule.checks_to_alert === 3)).every(Boolean));
});

story('those of one dashboard are chosen, but for one', async (told) => {
  const { api, open } = told;
  await fillRules(told, 8);
  const page = await open();
  await page.goto('/alarm-settings');
  await page.getByRole('button', { name: 'Only the dashboard Core network' }).first().click();
  await sees(page.locator('.pager'), '4 of 4');
  await page.getByRole('button', { name: 'Select all 4 that match' }).click();
  await page.getByRole('checkbox', { name: 'CPU router001', exact: true }).click();
  await sees(page.locator('.bulk'), '3 selected');
  await page.locator('#ok_margin').fill('15');
  await page.getByRole('button', { name: 'Apply to 3' }).click();
  await sees(page.locator('.notices'), '3 metrics are changed.');
  const margins = await settingsOf(api, (rule) => [rule.name, rule.ok_margin]);
  assert.deepEqual(margins.filter(([, margin]) => margin === 15).map(([name]) => name).sort(), ['CPU router003', 'CPU router005', 'CPU router007']);
});

story('a cell is changed in place; what cannot be is put back, and said', async (told) => {
  const { api, open } = told;
  await fillRules(told, 2);
  const page = await open();
  await page.goto('/alarm-settings');
  const cell = page.getByLabel('Checks to alert of CPU router001');
  await cell.fill('7');
  await cell.press('Enter');
  await sees(page.locator('.notices'), '“CPU router001” is saved.');
  await page.getByLabel('Period of CPU router001').selectOption('daytime');
  await page.getByLabel('OVO of CPU router001').click();
  await until('all three are kept', async () => {
    const [changed] = (await api.get('rules?q=router001')).items;
    return changed.checks_to_alert === 7 && changed.period === 'daytime' && changed.notify.ovo;
  });
  await cell.fill('many');
  await cell.press('Tab');
  await sees(page.locator('.notices'), 'A whole number from 1 to 100');
  assert.equal(await cell.inputValue(), '7');
});

story('more than ten are deleted after a question, and come back', async (told) => {
  const { api, open } = told;
  await fillRules(told, 30);
  const page = await open();
  await page.goto('/configured?q=router');
  await page.getByRole('button', { name: 'Select all 30 that match' }).click();
  await page.locator('.bulk').getByRole('button', { name: 'Delete' }).click();
  await sees(page.getByRole('dialog'), 'Delete 30 metrics?');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await sees(page.locator('main'), 'Nothing matches.');
  await undo(page, '30 metrics were deleted');
  await sees(page.locator('.pager'), 'of 30');
  assert.equal(await count(api, ''), 30);
});

story('a metric is cloned with all it has', async (told) => {
  const { api, open } = told;
  await fillRules(told, 1);
  const page = await open();
  await page.goto('/configured');
  await page.getByRole('button', { name: 'Clone CPU router000' }).click();
  assert.equal(await page.locator('#name').inputValue(), 'CPU router000 (copy)');
  await page.locator('[id="check.params.critical"]').fill('97');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), '“CPU router000 (copy)” is being watched.');
  const [copy] = (await api.get('rules?q=copy')).items;
  assert.deepEqual([copy.query.dashboard, copy.check.params.critical, copy.interval], ['Access', 97, '10m']);
});

story('a template is made, applied, and changed with its impact shown; an own value stays until it is given up', async (told) => {
  const { api, open } = told;
  await fillRules(told, 2);
  const page = await open();
  await page.goto('/templates');
  await page.getByRole('button', { name: 'Make the first template' }).click();
  await page.locator('#name').fill('Router CPU');
  const level = (name) => page.locator(`[id="sets[0].check.params.${name}"]`);
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('main'), 'Fill in at least one of the three levels.');
  await level('critical').fill('95');
  await level('warning').fill('75');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.cards'), 'Not applied yet');

  await page.goto('/configured');
  await page.getByRole('button', { name: 'Select all 2 that match' }).click();
  await page.getByRole('button', { name: 'Apply template' }).click();
  await sees(page.getByRole('dialog'), 'Sets: 1, metrics: 2. At most 2 more');
  await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
  await sees(page.locator('.notices'), '“Router CPU” is applied. New metrics: 2.');
  const [template] = (await api.get('templates')).items;
  assert.equal(await count(api, `template=${template.id}`), 2);

  // One of them gets a value of its own.
  const [own] = (await api.get(`rules?template=${template.id}&sort=name`)).items;
  await page.goto(`/configured/${own.id}`);
  await page.locator('#checks_to_alert').fill('9');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.getByRole('table'), 'Own values: 1');

  await page.goto(`/templates/${template.id}`);
  await level('critical').fill('98');
  await page.locator('[id="alarm.checks_to_alert"]').fill('4');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.getByRole('dialog'), 'Metrics that change: 2 of 2. Values of their own are kept by 1');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.cards'), '98');
  const linked = async () => (await api.get(`rules?template=${template.id}&sort=name`)).items;
  assert.deepEqual((await linked()).map((rule) => [rule.check.params.critical, rule.checks_to_alert]), [[98, 9], [98, 4]]);

  await page.goto(`/configured?template=${template.id}`);
  await page.getByText('Own values: 1').click();
  await page.getByRole('button', { name: 'Follow the template again' }).click();
  await until('it follows again', async () => (await linked())[0].checks_to_alert === 4);

  await page.goto('/templates');
  await page.getByRole('button', { name: 'Delete Router CPU' }).click();
  await sees(page.getByRole('dialog'), 'Metrics that follow it: 2.');
  await page.getByRole('button', { name: 'Keep them, no longer linked' }).click();
  await sees(page.locator('main'), 'There is no template yet.');
  assert.equal(await count(api, ''), 4);
  await undo(page, 'was deleted');
  await sees(page.locator('.cards'), '2 metrics');
});

story('a calendar is drawn as it is typed, kept, and chosen as a period', async (told) => {
  const { api, open } = told;
  await fillRules(told, 1);
  const page = await open();
  await page.goto('/settings/calendars');
  await sees(page.locator('.cards'), '24x7');
  await page.getByRole('button', { name: 'Add calendar' }).click();
  await page.locator('#name').fill('Guardia Bogotá');
  await page.locator('#time_zone').fill('America/Bogota');
  await page.locator('#holidays').fill('6/1 Reyes');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('#holidays-error'), 'Line 1 does not begin with a date');
  await page.locator('#holidays').fill('01-06 Reyes');
  await page.locator('[id="week[0].hours.from"]').fill('22:00');
  await page.locator('[id="week[0].hours.to"]').fill('06:00');
  await sees(page.locator('.ranges'), /22:00 – .*06:00/);
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.cards'), 'Guardia Bogotá');
  const kept = (await api.get('calendars')).items.find(({ calendar }) => calendar.id === 'guardia-bogota');
  assert.deepEqual(kept.calendar.holidays, [{ date: '01-06', name: 'Reyes' }]);

  await page.goto('/alarm-settings');
  await page.getByLabel('Period of CPU router000').selectOption({ label: 'Guardia Bogotá' });
  await until('the metric has it', async () => (await count(api, 'period=guardia-bogota')) === 1);
});

story('a file is tried first, each refused line is told, and the rest imported; what is exported comes back as it is', async (told) => {
  const { api, open } = told;
  await fillRules(told, 3);
  const page = await open();
  await page.goto('/configured?dashboard=Access');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export CSV' }).click()]);
  const text = readFileSync(await download.path(), 'utf8');
  assert.equal(text.trim().split('\n').length, 3, 'headings and the two of that dashboard');

  await page.getByRole('link', { name: 'Import' }).click();
  const choose = (name, content) => page.locator('#file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
  await choose('same.csv', text);
  await sees(page.locator('main'), /As they are 2/);
  await sees(page.locator('main'), 'There is nothing to import');

  const fresh = 'name,source,expr,check,direction,warning\nNew one,local,lab.b,threshold,above,70\nBad one,local,lab.c,threshold,above,many\n';
  await choose('fresh.csv', fresh);
  await sees(page.getByRole('region', { name: 'Refused' }), /3 .*warning/);
  assert.equal(await count(api, 'q=New'), 0, 'nothing is written yet');
  await page.getByRole('button', { name: 'Import 1, leave 1 out' }).click();
  await sees(page.locator('.notices'), 'Imported: 1.');
  assert.equal(await count(api, 'q=New'), 1);
});
