// From an empty Atalaya to an alarm on a phone and in a mailbox, and its clear likewise, all of it in the browser: a real Graphite, a real SMS
// gateway, a real mail server, and the stand-in for Grafana.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Grafana, TOKEN } from './grafana.mjs';
import { Graphite } from './graphite.mjs';
import { Feed, picture, sees, story, until } from './harness.mjs';
import { PASSWORD, Phones, USERNAME } from './phones.mjs';
import { Post } from './post.mjs';

const { GRAPHITE_VENV, KANNEL_ROOT, SMTP_VENV } = process.env;
/** From the alarm in the browser to the phone, ms. */
const DELIVERY = 30_000;
const PHONE = '+34600123123';
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

async function addPhone(page, phones) {
  await page.goto('/settings/receivers');
  await page.getByRole('link', { name: 'SMS' }).click();
  await page.getByLabel('Name', { exact: true }).fill('On call');
  await page.getByRole('textbox', { name: 'Address' }).fill(phones.url);
  await page.getByLabel('User').fill(USERNAME);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByLabel('Numbers').fill(PHONE);
  await page.getByRole('button', { name: 'Send a test message' }).click();
  await sees(page.locator('.tested .found'), '0: Accepted for delivery', DELIVERY);
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), 'Receiver “On call” is saved.');
  await until('the test message is on the phone', () => phones.texts().length === 1);
}

async function addMailbox(page, post) {
  await page.goto('/settings/add-receiver?kind=email');
  await page.getByLabel('Name', { exact: true }).fill('Operations');
  await page.getByRole('textbox', { name: 'Mail server' }).fill('127.0.0.1');
  await page.getByLabel('Encryption').selectOption({ label: 'None' });
  await page.getByLabel('Port').fill(String(post.port));
  await page.getByLabel('Sender').fill('Atalaya <atalaya@example.org>');
  await page.getByLabel('To', { exact: true }).fill('operations@example.org');
  await page.getByRole('button', { name: 'Send a test message' }).click();
  await sees(page.locator('.tested .found'), '250 OK: kept', DELIVERY);
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), 'Receiver “Operations” is saved.');
}

/** Two metrics of the panel: those of two hosts, and the average of all. Whoever is on call gets a text, operations a mail. */
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
  await page.getByLabel('Send SMS').check();
  await page.getByLabel('Operations (E-mail)').selectOption({ label: 'from warning' });
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), '2 more metrics are watched.');
}

/** The next text and the next mail, which say so of web1 and carry these words. */
async function bothHear(phones, post, count, words) {
  await until(`the phone got message ${count}: ${JSON.stringify(phones.texts())}`, () => phones.texts().length >= count, DELIVERY);
  const text = phones.texts()[count - 1];
  assert.equal(text.to, PHONE);
  for (const word of words) assert.match(text.text, word);
  await until(`mail ${count} came`, () => post.mails().length >= count, DELIVERY);
  const mail = post.mails()[count - 1];
  assert.deepEqual(mail.to, ['operations@example.org']);
  for (const word of words) assert.match(mail.data, word);
}

async function tell({ api, open, graphite, grafana, phones, post, agent }) {
  HOSTS.forEach((host) => agent.set(`servers.${host}.cpu`, 20));
  const page = await open();
  await addSource(page, graphite);
  await loadDashboards(page, grafana);
  await addPhone(page, phones);
  await addMailbox(page, post);
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
  await bothHear(phones, post, 2, [/critical/i, /web1/, /95\s?%/]);
  agent.set('servers.web1.cpu', 20);
  await sees(alarm, 'Cleared', 60_000);
  await picture(page, 'wizard/cleared');
  assert.equal((await api.get('alarms?state=active')).total, 0);
  await bothHear(phones, post, 3, [/\bOK\b|cleared/i, /web1/, /20\s?%/]);

  // Who was told, and when, stands with the alarm; nobody was told twice.
  await page.goto(`/history/${(await api.get('alarms?state=history')).items[0].id}`);
  await sees(page.locator('main'), /Who was told.*(On call.*Operations|Operations.*On call)/);
  await picture(page, 'wizard/told');
  assert.deepEqual([phones.texts().length, post.mails().length], [3, 3]);
  const deliveries = (await api.get('deliveries')).items;
  assert.ok(deliveries.every((one) => one.state === 'delivered'), JSON.stringify(deliveries));
}

const NAME = 'from an empty Atalaya to a dashboard’s alarm on a phone and in a mailbox, and its clear likewise';
if (GRAPHITE_VENV && KANNEL_ROOT && SMTP_VENV) {
  story(NAME, async (told) => {
    const [graphite, phones, post] = [await Graphite.start(GRAPHITE_VENV), await Phones.start(KANNEL_ROOT), await Post.start(SMTP_VENV)];
    const agent = new Feed(graphite.linePort);
    const datasources = [{ id: 1, uid: 'graphite-lab', name: 'Graphite of Grafana', type: 'graphite', url: graphite.url, isDefault: true }];
    const grafana = await Grafana.start({ files: [BOARD], datasources });
    try {
      await tell({ ...told, graphite, grafana, phones, post, agent });
    } finally {
      agent.stop();
      await Promise.all([graphite.stop(), grafana.close(), phones.stop(), post.stop()]);
    }
  });
} else {
  test(NAME, { skip: 'no GRAPHITE_VENV, KANNEL_ROOT or SMTP_VENV; run cargo xtask test --suite browser' }, () => {});
}
