// Every view of the app with its address: what the accessibility tests walk through and the pictures show.
import { until } from './harness.mjs';

/** `chart`: it is drawn before the view counts as there. `narrow`: only on a narrow screen. `click`, `then`: what is pressed, and what appears. */
export async function views(api) {
  const rules = (await api.get('rules?sort=name')).items;
  const alarms = (await api.get('alarms?state=active&sort=severity')).items;
  const first = rules.find((rule) => rule.name.startsWith('CPU')) ?? rules[0];
  const elsewhere = (await api.get('sources')).items.filter((source) => source.settings);
  const templates = (await api.get('templates')).items;
  const calendars = (await api.get('calendars')).items.filter((view) => !view.built_in);
  const receivers = (await api.get('receivers')).items;
  const boards = (await api.get('catalog/dashboards')).items;
  const judged = alarms.find((alarm) => alarm.rule);
  const cause = alarms.find((alarm) => alarm.subject.kind !== 'series');
  // The first alarm's chart is shown; one of a source has none.
  const drawn = !alarms.length || Boolean(alarms[0].rule);
  const chosen = first && `/add?expr=${encodeURIComponent(first.query.expr)}`;
  return [
    { name: 'dashboard', path: '/', chart: drawn },
    { name: 'add', path: '/add?from=source' },
    ...(first ? [{ name: 'add-chosen', path: chosen, chart: true }] : []),
    ...(boards.length ? [
      { name: 'add-dashboard', path: '/add' },
      { name: 'add-panel', path: '/add?dashboard=servers' },
      { name: 'add-metrics', path: '/add?dashboard=servers&panel=2', click: '.variable button', then: '.values' },
      { name: 'add-values', path: '/add?dashboard=servers&panel=2&refs=A,B', chart: true },
    ] : []),
    { name: 'metrics', path: '/configured' },
    ...(first ? [{ name: 'metric', path: `/configured/${first.id}`, chart: true }] : []),
    ...(first ? [{ name: 'clone', path: `/clone/${first.id}`, chart: true }] : []),
    { name: 'alarm-settings', path: '/alarm-settings' },
    { name: 'templates', path: '/templates' },
    { name: 'template-new', path: '/templates/new' },
    ...(templates.length ? [{ name: 'template', path: `/templates/${templates[0].id}` }] : []),
    { name: 'calendars', path: '/settings/calendars' },
    ...(calendars.length ? [{ name: 'calendar', path: `/settings/calendars/${calendars[0].calendar.id}` }] : []),
    { name: 'import', path: '/import' },
    { name: 'import-history', path: '/import-history' },
    { name: 'history', path: '/history' },
    ...(judged ? [{ name: 'alarm', path: `/history/${judged.id}`, chart: true }] : []),
    ...(cause ? [{ name: 'alarm-of-source', path: `/history/${cause.id}` }] : []),
    ...(judged ? [{ name: 'mute', path: `/history/${judged.id}`, click: '.attend .row button:last-child' }] : []),
    { name: 'quiet', path: '/quiet' },
    { name: 'quiet-new', path: '/quiet/new' },
    { name: 'admin', path: '/admin' },
    { name: 'admin-groups', path: '/admin/groups' },
    { name: 'admin-tokens', path: '/admin/tokens' },
    { name: 'admin-sessions', path: '/admin/sessions' },
    { name: 'admin-audit', path: '/admin/audit', unfold: '.audit details >> nth=0' },
    { name: 'admin-deleted', path: '/admin/deleted' },
    { name: 'account', path: '/account' },
    { name: 'guide', path: '/help' },
    { name: 'checks', path: '/checks' },
    { name: 'settings', path: '/settings' },
    { name: 'settings-phones', path: '/settings/phones' },
    { name: 'settings-backup', path: '/settings/backup' },
    { name: 'receivers', path: '/settings/receivers' },
    { name: 'receiver-add', path: '/settings/add-receiver?kind=email' },
    ...(receivers.length ? [{ name: 'receiver', path: `/settings/receivers/${receivers[0].receiver.id}`, unfold: 'details.more >> nth=0 >> summary' }] : []),
    { name: 'deliveries', path: '/deliveries' },
    { name: 'sources', path: '/settings/sources' },
    { name: 'grafana', path: '/settings/grafana' },
    { name: 'source-add', path: '/settings/add-source?kind=prometheus' },
    ...(elsewhere.length ? [{ name: 'source', path: `/settings/sources/${elsewhere[0].id}`, unfold: 'details.more summary' }] : []),
    { name: 'status', path: '/status' },
    { name: 'wall', path: '/wall', chart: drawn },
    { name: 'not-found', path: '/nowhere' },
    { name: 'help', path: '/', press: '?' },
    { name: 'more', path: '/', narrow: true, click: 'nav.foot-menu button' },
  ];
}

/** Goes there and waits until it stands still. */
export async function show(page, view) {
  await page.goto(view.path);
  await page.locator('main').locator('h1, h2, .empty-title, .tiles').first().waitFor();
  await until('all is loaded', async () => (await page.locator('.loading:visible').count()) === 0);
  if (view.chart) await page.locator('.plot canvas').first().waitFor();
  if (view.unfold) await page.locator(view.unfold).click();
  if (view.press) await page.keyboard.press(view.press);
  if (view.click) await page.locator(view.click).click();
  if (view.press || view.click) await page.locator(view.then ?? 'dialog[open]').waitFor();
  // A chart draws in the next frame.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}
