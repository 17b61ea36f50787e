// Grafana's dashboards in the browser: set up, loaded, its data sources confirmed; metrics chosen on them step by step, watched and
// taken back together. Grafana and Graphite are stand-ins (grafana.mjs, stand-in.mjs); real Graphites are asked in tests/tests/.
import assert from 'node:assert/strict';
import { Grafana, TOKEN } from './grafana.mjs';
import { NARROW, picture, sees, story, until } from './harness.mjs';
import { StandIn } from './stand-in.mjs';

const file = (name) => new URL(`./dashboards/${name}.json`, import.meta.url).pathname;
/** What a browser writes to its console for a refused request. */
const REFUSED = /status of (401|409|422|502)/;

/** Tells a story with both stand-ins, which end with it; the Graphite is a source already. */
function grafanaStory(name, tell) {
  story(name, async (told) => {
    const graphite = await StandIn.start();
    const datasources = [
      { id: 1, uid: 'graphite-lab', name: 'Graphite of Grafana', type: 'graphite', url: graphite.url, isDefault: true },
      { id: 2, uid: 'cloud', name: 'Cloud', type: 'cloudwatch', url: '', isDefault: false },
    ];
    const grafana = await Grafana.start({ files: [file('servers'), file('uplink')], datasources });
    try {
      await told.api.post('sources', { id: 'lab', kind: 'graphite', name: 'Graphite lab', url: graphite.url, timeout: '5s', offset: '0s' });
      await tell({ ...told, graphite, grafana });
    } finally {
      await Promise.all([graphite, grafana].map((stand) => stand.close().catch(() => {})));
    }
  });
}

/** All of it set up and loaded. */
async function load(api, grafana) {
  await api.send('PUT', 'catalog/grafana', { url: grafana.url, token: TOKEN });
  await api.post('catalog/import', {});
  await until('the dashboards are loaded', async () => (await api.get('catalog/import')).phase === 'done');
  await api.send('PUT', 'catalog/datasources/graphite-lab', { source: 'lab' });
}

grafanaStory('Grafana is set up, tried, loaded, and its data source confirmed with one click', async ({ api, open, grafana }) => {
  const page = await open();
  page.expected.push(REFUSED);
  await page.goto('/settings');
  await page.getByRole('link', { name: /^Grafana/ }).click();
  await page.getByRole('heading', { name: 'Grafana', exact: true }).waitFor();
  await sees(page.locator('main'), 'No dashboard yet');
  await sees(page.locator('main'), 'Enter the address of Grafana and save it.');
  assert.equal(await page.getByRole('button', { name: 'Load' }).getAttribute('aria-disabled'), 'true');

  // A wrong token is said in words; the right one works, and is never shown again.
  await page.getByRole('textbox', { name: 'Address' }).fill(grafana.url);
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Test' }).click();
  await page.locator('.tested .trouble').waitFor();
  await page.getByLabel('Token').fill(TOKEN);
  await until('the old result is gone', async () => (await page.locator('.tested .trouble').count()) === 0);
  await page.getByRole('button', { name: 'Test' }).click();
  await page.locator('.tested .found').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), 'Saved');
  await sees(page.locator('.kept-secret'), 'Leave it empty to keep it');
  const kept = await api.get('catalog/grafana');
  assert.deepEqual([kept.url, kept.has_token, kept.token], [grafana.url, true, undefined]);

  await page.getByRole('button', { name: 'Load' }).click();
  await sees(page.locator('.report'), /Loaded.*Dashboards 2.*Panels 3.*New 2/);
  await sees(page.locator('main'), 'Dashboards in the catalog: 2.');

  const row = page.locator('.datasources li', { hasText: 'Graphite of Grafana' });
  await sees(row, 'It seems to be Graphite lab');
  await row.getByRole('button', { name: 'Confirm' }).click();
  await sees(row, 'Graphite lab answers');
  assert.equal((await api.get('catalog/datasources')).items.find((one) => one.uid === 'graphite-lab').source, 'lab');
  await sees(page.locator('.datasources li', { hasText: 'Cloud' }), 'cloudwatch');
  await picture(page, 'wizard/grafana');

  // A load is cancelled; what was there stays.
  grafana.slow = 3_000;
  await page.getByRole('button', { name: 'Load again' }).click();
  await page.locator('progress').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await sees(page.locator('.report'), 'Cancelled', 30_000);
  assert.equal((await api.get('catalog/dashboards')).total, 2);
});

grafanaStory('exported dashboards are uploaded, several at once', async ({ api, open }) => {
  const page = await open();
  page.expected.push(REFUSED);
  await page.goto('/settings/grafana');
  await page.locator('#dashboard-files').setInputFiles([file('servers'), file('uplink'), new URL(import.meta.url).pathname]);
  await sees(page.locator('main'), 'Dashboards in the catalog: 2.');
  await sees(page.locator('main'), 'wizard.test.mjs');
  assert.equal((await api.get('catalog/dashboards')).total, 2);
});

grafanaStory('two metrics of a panel with a variable are watched together, and taken back together', async ({ api, open, grafana }) => {
  await load(api, grafana);
  const page = await open();
  await page.goto('/add');
  await page.getByLabel('Search for a dashboard').fill('serv');
  await until('only that one is left', async () => (await page.locator('.picks .pick').count()) === 1);
  await picture(page, 'wizard/boards');
  await page.getByRole('button', { name: /^Servers/ }).click();

  // Panels stand under their rows.
  await page.getByRole('heading', { name: 'Computing' }).waitFor();
  await sees(page.locator('.picks'), 'no metric can be watched');
  await picture(page, 'wizard/panels');
  await page.getByRole('button', { name: /^CPU/ }).click();
  await sees(page.locator('.targets'), 'hidden in the panel');
  await sees(page.locator('.variable'), 'All');

  await page.getByRole('button', { name: 'Change: Host' }).click();
  await page.getByRole('checkbox', { name: 'web1', exact: true }).check();
  await page.getByRole('checkbox', { name: 'web2', exact: true }).check();
  assert.ok(!(await page.getByRole('checkbox', { name: 'All', exact: true }).isChecked()), 'All stands alone');
  await sees(page.locator('.targets'), 'servers.{web1,web2}.cpu');
  await page.locator('.targets input').nth(0).check();
  await page.locator('.targets input').nth(1).check();

  // The chart is there from the first metric on, with the panel's own thresholds and unit.
  await page.locator('.form-chart .plot canvas').waitFor();
  const level = (name) => page.locator(`[id="check.params.${name}"]`);
  assert.deepEqual([await level('warning').inputValue(), await level('major').inputValue(), await level('critical').inputValue()], ['70', '', '90']);
  await picture(page, 'wizard/metrics');
  await page.getByRole('button', { name: 'Continue' }).click();
  await sees(page.locator('.wizard'), '2 metrics');
  await level('major').fill('80');
  await page.getByLabel('Send SMS').check();
  await sees(page.locator('main'), 'These values will be those of all 2 chosen metrics.');

  // The address resumes all of it, and going back loses nothing.
  await until('the address has it', () => /refs=A,B.*sms=1.*80/.test(page.url()));
  await page.reload();
  await sees(page.locator('.wizard'), '2 metrics');
  assert.equal(await level('major').inputValue(), '80');
  assert.ok(await page.getByLabel('Send SMS').isChecked());
  await page.getByRole('button', { name: 'Change: Panel' }).click();
  await page.getByRole('button', { name: /^CPU/ }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  assert.equal(await level('major').inputValue(), '80');
  await page.getByRole('button', { name: /^B: / }).click();
  await page.locator('.form-chart .plot canvas').waitFor();
  await picture(page, 'wizard/values');

  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Configured metrics' }).waitFor();
  await sees(page.locator('.notices'), '2 more metrics are watched.');
  await until('both rows are marked', async () => (await page.locator('tr[aria-current="true"]').count()) === 2);
  const rules = (await api.get('rules')).items.sort((a, b) => (a.origin.ref_id < b.origin.ref_id ? -1 : 1));
  assert.deepEqual(rules.map((rule) => [rule.query.source, rule.query.expr, rule.query.dashboard, rule.query.panel, rule.query.unit]), [
    ['lab', 'servers.{web1,web2}.cpu', 'Servers', 'CPU', '%'],
    ['lab', "alias(averageSeries(servers.*.cpu), 'Average')", 'Servers', 'CPU', '%'],
  ]);
  assert.deepEqual(rules[0].origin.variables, { host: ['web1', 'web2'] });
  assert.ok(rules.every((rule) => rule.notify.sms && rule.check.params.major === 80));
  await page.getByRole('button', { name: 'Undo' }).click();
  await until('both are gone', async () => (await api.get('rules')).total === 0);
});

grafanaStory('the only metric of a panel needs no further choice, and says later that it is configured', async ({ api, open, grafana }) => {
  await load(api, grafana);
  const page = await open({ size: NARROW });
  await page.goto('/add');
  await page.getByRole('button', { name: /^Uplink of Madrid/ }).click();
  await page.getByRole('button', { name: /^Traffic in/ }).click();
  await page.locator('.form-chart .plot canvas').waitFor();
  await picture(page, 'wizard/narrow');
  await page.getByLabel('Name', { exact: true }).fill('Uplink');
  await page.locator('[id="check.params.critical"]').fill('900');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), 'Uplink');
  const [rule] = (await api.get('rules')).items;
  assert.deepEqual([rule.name, rule.query.expr, rule.origin.dashboard], ['Uplink', 'network.madrid.uplink.in', 'uplink']);

  await page.goto('/add?dashboard=uplink&panel=1');
  await sees(page.locator('.targets'), 'configured already: Threshold');
  // Whoever wants it searches a source as before.
  await page.getByRole('button', { name: 'From a source' }).click();
  await page.locator('#series-search').waitFor();
});

grafanaStory('two metrics of a dashboard are watched with the keyboard alone', async ({ api, open, grafana }) => {
  await load(api, grafana);
  const page = await open();
  await page.goto('/add');
  const press = (key) => page.keyboard.press(key);
  /** Tab by tab until that has the focus, then the key. */
  const reach = async (wanted, key) => {
    await wanted.waitFor();
    for (let at = 0; at < 60; at += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return press(key);
      await press('Tab');
    }
    assert.fail(`the Tab key does not get to ${wanted}`);
  };
  const button = (name) => page.getByRole('button', { name });

  // Each step begins where typing can start.
  const search = page.getByLabel('Search for a dashboard');
  await until('the search has the focus', () => search.evaluate((element) => element === document.activeElement));
  await page.keyboard.type('serv');
  await until('only that one is left', async () => (await page.locator('.picks .pick').count()) === 1);
  await reach(button(/^Servers/), 'Enter');
  await reach(button(/^CPU/), 'Enter');
  await reach(page.locator('.targets input').nth(0), 'Space');
  await reach(page.locator('.targets input').nth(1), 'Space');
  await reach(button('Continue'), 'Enter');
  const major = page.locator('[id="check.params.major"]');
  await reach(major, 'Control+A');
  await page.keyboard.type('80');
  await reach(button('Save'), 'Enter');
  await sees(page.locator('.notices'), '2 more metrics are watched.');
  const rules = (await api.get('rules')).items;
  assert.deepEqual(rules.map((rule) => [rule.origin.ref_id, rule.check.params.major]).sort(), [['A', 80], ['B', 80]]);
  await reach(button('Undo'), 'Enter');
  await until('both are gone', async () => (await api.get('rules')).total === 0);
});
