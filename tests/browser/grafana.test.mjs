// From an empty Atalaya to an alarm that rises and clears, all of it in the browser: a real Graphite, and the stand-in for Grafana.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Grafana, TOKEN } from './grafana.mjs';
import { Graphite } from './graphite.mjs';
import { Feed, picture, sees, story, until } from './harness.mjs';

const VENV = process.env.GRAPHITE_VENV;
const BOARD = new URL('./dashboards/servers.json', import.meta.url).pathname;
const HOSTS = ['web1', 'web2', 'db1'];

async function addSource(page, graphite) {
  await page.goto('/settings/sources');
  await page.getByRole('link', { name: 'Graphite', exact: true }).click();
  await page.getByLabel('Name', { exact: true }).fill('Graphite');
  await page.getByRole('textbox', { name: 'Address' }).fill(graphite.url);
  await page.getByRole('button', { name: 'Test' }).click();
  await sees(page.locator('.tested .found'), 'It works');
  // This Graphite has its newest value within the second: waiting a minute for it would only make the story longer.
  await page.locator('details.more:not([open]) summary').click();
  await page.getByLabel('Leave out the newest').fill('1s');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), 'Source “Graphite” is added.');
}

async function loadDashboards(page, grafana) {
  await page.goto('/settings/grafana');
  await page.getByRole('textbox', { name: 'Address' }).fill(grafana.url);
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), 'Saved');
  await page.getByRole('button', { name: 'Load' }).click();
  await sees(page.locator('.report'), /Loaded.*Dashboards 1/);
  const row = page.locator('.datasources li', { hasText: 'Graphite of Grafana' });
  await row.getByRole('button', { name: 'Confirm' }).click();
  await sees(row, 'Graphite answers');
}

/** Two metrics of the panel: those of two hosts, and the average of all. */
async function watchTwo(page) {
  await page.goto('/add');
  await page.getByRole('button', { name: /^Servers/ }).click();
  await page.getByRole('button', { name: /^CPU/ }).click();
  await page.getByRole('button', { name: 'Change: Host' }).click();
  await page.getByRole('checkbox', { name: 'web1', exact: true }).check();
  await page.getByRole('checkbox', { name: 'web2', exact: true }).check();
  await page.locator('.targets input').nth(0).check();
  await page.locator('.targets input').nth(1).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  for (const [name, level] of [['warning', '70'], ['major', '80'], ['critical', '90']]) {
    await page.locator(`[id="check.params.${name}"]`).fill(level);
  }
  await page.locator('.form-chart .plot canvas').waitFor();
  await page.locator('#checks_to_alert').fill('2');
  await page.locator('#interval').fill('1s');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), '2 more metrics are watched.');
}

async function tell({ api, open, graphite, grafana, agent }) {
  HOSTS.forEach((host) => agent.set(`servers.${host}.cpu`, 20));
  const page = await open();
  await addSource(page, graphite);
  await loadDashboards(page, grafana);
  await watchTwo(page);
  const rules = (await api.get('rules')).items;
  assert.deepEqual(rules.map((rule) => rule.query.expr).sort(), ["alias(averageSeries(servers.*.cpu), 'Average')", 'servers.{web1,web2}.cpu']);

  // All is quiet; then one host is too busy, which the average does not show.
  await page.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: 'Dashboard' }).click();
  await sees(page.locator('.quiet'), 'Metrics watched: 2');
  agent.set('servers.web1.cpu', 95);
  const alarm = page.getByRole('table', { name: 'Active alarms' }).getByRole('row', { name: /web1/ });
  await sees(alarm, /critical.*95\s?%/, 60_000);
  await sees(page.getByRole('banner'), '1 critical');
  await page.locator('.both-chart .plot canvas').waitFor();
  await picture(page, 'wizard/raised');
  assert.equal((await api.get('alarms?state=active')).total, 1);
  agent.set('servers.web1.cpu', 20);
  await sees(alarm, 'Cleared', 60_000);
  await picture(page, 'wizard/cleared');
  assert.equal((await api.get('alarms?state=active')).total, 0);
}

const NAME = 'from an empty Atalaya to an alarm of a dashboard’s metric that rises and clears, with a real Graphite';
if (VENV) {
  story(NAME, async (told) => {
    const graphite = await Graphite.start(VENV);
    const agent = new Feed(graphite.linePort);
    const datasources = [{ id: 1, uid: 'graphite-lab', name: 'Graphite of Grafana', type: 'graphite', url: graphite.url, isDefault: true }];
    const grafana = await Grafana.start({ files: [BOARD], datasources });
    try {
      await tell({ ...told, graphite, grafana, agent });
    } finally {
      agent.stop();
      await Promise.all([graphite.stop(), grafana.close()]);
    }
  });
} else {
  test(NAME, { skip: 'no GRAPHITE_VENV; run cargo xtask test --suite browser' }, () => {});
}
