// Sources in the browser: add, test, save, edit, remove, undo; and what an operator sees while one is down. The Graphite here is
// a stand-in (stand-in.mjs); real ones are asked in tests/tests/.
import assert from 'node:assert/strict';
import { rule, sees, story, until } from './harness.mjs';
import { StandIn } from './stand-in.mjs';

/** What a browser writes to its console for a refused request. */
const REFUSED = /status of (409|422|502)/;

/** Tells a story with a stand-in that ends with it. */
function graphiteStory(name, tell) {
  story(name, async (told) => {
    const graphite = await StandIn.start();
    try {
      await tell({ ...told, graphite });
    } finally {
      await graphite.close().catch(() => {});
    }
  });
}

async function addGraphite(api, graphite, over = {}) {
  return api.post('sources', { id: 'lab', kind: 'graphite', name: 'Graphite lab', url: graphite.url, timeout: '2s', offset: '0s', ...over });
}

graphiteStory('a source is added, tested, edited, removed and brought back', async ({ api, open, graphite }) => {
  const page = await open();
  page.expected.push(REFUSED);
  await page.goto('/settings/sources');
  await page.getByRole('heading', { name: 'Only this server’s own data so far' }).waitFor();
  await page.getByRole('link', { name: 'Graphite', exact: true }).click();
  await page.getByRole('heading', { name: 'Add source' }).waitFor();
  assert.ok(await page.getByRole('radio', { name: /^Graphite/ }).isChecked());

  // What is missing is said beside its field, and the first such field has the focus.
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('#name-error'), 'Fill this in.');
  await until('the first field at fault has the focus', () => page.evaluate(() => document.activeElement.id === 'name'));

  await page.getByLabel('Name', { exact: true }).fill('Graphite Bogotá');
  assert.equal(await page.getByLabel('Short name').inputValue(), 'graphite-bogota');
  await page.getByRole('textbox', { name: 'Address' }).fill('http://169.254.169.254/');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('the server says what is wrong with the address', async () => (await page.locator('#url-error').innerText()) !== '');

  // A server that is not there.
  const { url } = graphite;
  await page.getByRole('textbox', { name: 'Address' }).fill('http://127.0.0.1:9');
  await page.getByRole('button', { name: 'Test' }).click();
  await sees(page.locator('.tested .trouble'), 'It does not work');
  await page.getByRole('textbox', { name: 'Address' }).fill(url);
  await until('the old result is gone', async () => (await page.locator('.tested .trouble').count()) === 0);
  await page.getByRole('button', { name: 'Test' }).click();
  await sees(page.locator('.tested .found'), 'It works');
  await sees(page.locator('.tested .found'), 'Took');

  await page.getByLabel('Authentication').selectOption({ label: 'User and password' });
  await page.getByLabel('User', { exact: true }).fill('ana');
  await page.getByLabel('Password').fill('secret');
  await page.locator('details.more:not([open]) summary').click();
  await page.getByLabel('Give up after').fill('3h');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('#timeout-error'), 'A time from 1s to 2m');
  await page.getByLabel('Give up after').fill('5s');
  await page.getByLabel('Further headers').fill('X-Scope-OrgID: team1');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), 'Source “Graphite Bogotá” is added.');
  const card = page.locator('.source', { has: page.getByRole('heading', { name: 'Graphite Bogotá' }) });
  await sees(card, 'working');
  await sees(card, url);
  const saved = await api.get('sources/graphite-bogota');
  assert.deepEqual([saved.settings.timeout, saved.settings.has_password, saved.settings.headers], ['5s', true, { 'X-Scope-OrgID': 'team1' }]);
  assert.ok(!JSON.stringify(saved).includes('secret'));
  await until('it is asked with all of that', () => graphite.asked.some(({ headers }) => headers['x-scope-orgid'] === 'team1' && headers.authorization));

  // Edit: the password is never shown, stays, and can be removed.
  await card.getByRole('button', { name: 'Edit Graphite Bogotá' }).click();
  await page.getByRole('heading', { name: 'Edit source' }).waitFor();
  assert.equal(await page.getByLabel('Password').inputValue(), '');
  await sees(page.locator('.kept-secret'), 'Leave it empty to keep it');
  await page.getByLabel('Name', { exact: true }).fill('Graphite Cali');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), 'Source “Graphite Cali” is saved.');
  assert.equal((await api.get('sources/graphite-bogota')).settings.has_password, true);
  await page.getByRole('button', { name: 'Edit Graphite Cali' }).click();
  await page.getByLabel('Authentication').selectOption({ label: 'None' });
  await page.getByRole('button', { name: 'Save' }).click();
  await until('the password is gone', async () => !(await api.get('sources/graphite-bogota')).settings.has_password);

  // Remove and undo.
  await page.getByRole('button', { name: 'Remove Graphite Cali' }).click();
  await sees(page.locator('.notices'), 'is removed');
  await page.getByRole('heading', { name: 'Only this server’s own data so far' }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('heading', { name: 'Graphite Cali' }).waitFor();

  // What metrics use is not removed, and one is led to them.
  await api.post('rules', rule('CPU web1', 'servers.web1.cpu', { query: { source: 'graphite-bogota', expr: 'servers.web1.cpu' }, interval: '5s' }));
  await page.getByRole('button', { name: 'Remove Graphite Cali' }).click();
  await sees(page.locator('.source .trouble'), '1');
  await page.getByRole('link', { name: 'See those metrics' }).click();
  await sees(page.getByRole('table', { name: 'Configured metrics' }), 'CPU web1');
});

graphiteStory('a metric of a source elsewhere is found level by level, or typed as an expression', async ({ api, open, graphite }) => {
  await addGraphite(api, graphite);
  const page = await open();
  page.expected.push(REFUSED);
  await page.goto('/add');
  await page.getByLabel('Source').selectOption({ label: 'Graphite lab' });
  const search = page.getByRole('combobox', { name: 'Search for a metric' });
  await search.fill('ser');
  await page.getByRole('option', { name: /^servers\./ }).click();
  await page.getByRole('option', { name: /^servers\.web1\./ }).click();
  await page.getByRole('option', { name: /^servers\.web1\.cpu/ }).click();
  await page.locator('.plot canvas').first().waitFor();
  await sees(page.locator('.chosen'), 'servers.web1.cpu');
  await sees(page.locator('.chosen'), 'in lab');

  await page.getByRole('button', { name: 'Change' }).click();
  await search.fill('sumSeries(servers.*.cpu)');
  await page.getByRole('option', { name: 'Use the expression sumSeries(servers.*.cpu)' }).waitFor();
  await search.press('Enter');
  await sees(page.locator('.chosen'), 'sumSeries(servers.*.cpu)');
  await until('the chart is drawn', async () => (await page.locator('.form-chart').innerText()).includes('Now'));

  await page.getByRole('button', { name: 'Change' }).click();
  await search.fill('sumSeries(nothing.*)');
  await search.press('Enter');
  await sees(page.locator('.form-chart'), 'No data: it does not exist or the expression is wrong.');

  await page.getByRole('button', { name: 'Change' }).click();
  await search.fill('servers.db1.cpu');
  await page.getByRole('option', { name: /^servers\.db1\.cpu/ }).waitFor();
  await search.press('Enter');
  await sees(page.locator('.chosen'), 'servers.db1.cpu');
  await page.getByLabel('Warning', { exact: false }).first().fill('70');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.getByRole('table', { name: 'Configured metrics' }), 'servers.db1.cpu');
  const [saved] = (await api.get('rules')).items;
  assert.equal(saved.query.source, 'lab');
});

graphiteStory('a source that is down is said on every screen, and nothing is quiet until it is back', async ({ api, feed, open, graphite }) => {
  feed.set('lab.router1.cpu', 10);
  await addGraphite(api, graphite);
  const at = (name) => rule(name, 'servers.web1.cpu', { query: { source: 'lab', expr: 'servers.web1.cpu' }, interval: '2s', checks_to_alert: 1 });
  await api.post('rules', at('CPU web1'));
  const page = await open();
  const wall = await open({ language: 'es' });
  await page.goto('/');
  await wall.goto('/wall');
  await page.locator('section.quiet').waitFor();
  assert.equal(await page.locator('.cause').count(), 0);
  await until('the metric is checked', async () => (await api.get('rules')).items[0].state.severity === 'ok');

  const { port } = graphite;
  await graphite.close();
  await sees(page.locator('.cause'), /source: lab/, 40_000);
  await sees(wall.locator('.cause'), /fuente: lab/);
  await sees(page.getByRole('table', { name: 'Active alarms' }), 'lab');
  assert.equal(await page.getByText('Nothing is active').count(), 0);
  assert.equal(await page.getByText('Quiet since').count(), 0);
  // The one alarm is of the source; its details lead there.
  await sees(page.locator('.both-chart'), 'lab');
  await page.locator('.both-chart').getByRole('link', { name: 'Look at it' }).click();
  await sees(page.locator('.source').first(), /Graphite lab.*down.*since/);
  await page.goto('/configured');
  await sees(page.getByRole('table', { name: 'Configured metrics' }), /source down since \d\d:\d\d/);
  await sees(page.getByRole('table', { name: 'Configured metrics' }), 'unknown');
  await page.goto('/history');
  await page.getByRole('link', { name: 'lab', exact: true }).click();
  await sees(page.locator('.facts'), 'source');
  assert.equal(await page.getByText('Value when raised').isVisible(), false);

  await page.goto('/');
  await graphite.listen(port);
  await until('the cause is over', async () => (await page.locator('.cause').count()) === 0, 60_000);
  await sees(page.getByRole('table', { name: 'Active alarms' }), /Cleared \d\d:\d\d/);
});

story('the status says how Atalaya itself is', async ({ api, feed, open }) => {
  feed.set('lab.router1.cpu', 10);
  await api.post('rules', rule('CPU router1', 'lab.router1.cpu'));
  const page = await open();
  await page.goto('/settings');
  await page.getByRole('link', { name: /^Status/ }).click();
  await sees(page.locator('.ready'), 'Ready');
  await sees(page.locator('main'), 'Overdue');
  await sees(page.locator('main'), 'Last heartbeat');
  const made = async () => Number((await api.get('status')).evaluation.evaluations);
  const before = await made();
  await until('it goes on', async () => (await made()) > before);

  // The address of the sign of life is kept, and by the other parts of the settings, too.
  await page.goto('/settings/heartbeat');
  await page.getByLabel('Address to call').fill('http://127.0.0.1:9/beat');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('it is saved', async () => (await api.get('settings')).heartbeat_url === 'http://127.0.0.1:9/beat');
  await page.goto('/settings/keep');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), 'Saved');
  assert.equal((await api.get('settings')).heartbeat_url, 'http://127.0.0.1:9/beat');
});
