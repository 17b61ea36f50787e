// Telling people, in the browser: receivers, test messages, phone lists, deliveries that are sent again, who a metric tells. The
// far end is a small listener here; real mail servers, gateways and Alertmanagers are told in tests/tests/.
import assert from 'node:assert/strict';
import http from 'node:http';
import { rule, sees, story, until } from './harness.mjs';

/** What a browser writes to its console for a refused request. */
const REFUSED = /status of (409|422|502)/;

/** Listens for messages and answers each with `status` and `text`. */
class Listener {
  static async start() {
    const it = new Listener();
    Object.assign(it, { status: 200, text: 'thanks', heard: [] });
    it.server = http.createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      it.heard.push(JSON.parse(Buffer.concat(chunks).toString() || 'null'));
      response.writeHead(it.status, { 'content-type': 'text/plain' }).end(it.text);
    });
    await new Promise((done) => it.server.listen(0, '127.0.0.1', done));
    it.url = `http://127.0.0.1:${it.server.address().port}/hook`;
    return it;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

/** Tells a story with a listener that ends with it. */
function toldStory(name, tell) {
  story(name, async (told) => {
    const listener = await Listener.start();
    try {
      await tell({ ...told, listener });
    } finally {
      await listener.stop();
    }
  });
}

const hook = (listener, over = {}) => ({ id: 'hook', kind: 'webhook', name: 'Hook', webhook: { url: listener.url }, ...over });

toldStory('a receiver is added with the keyboard alone, tried, edited, deleted and brought back', async ({ api, open, listener }) => {
  const page = await open();
  page.expected.push(REFUSED);
  await page.goto('/settings/receivers');
  await page.getByRole('heading', { name: 'Nobody is told yet' }).waitFor();
  await page.getByRole('link', { name: 'Webhook' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Add receiver' }).waitFor();
  assert.ok(await page.getByRole('radio', { name: /^Webhook/ }).isChecked());

  // What is missing is said beside its field, and the first such field has the focus.
  await page.getByRole('button', { name: 'Save' }).focus();
  await page.keyboard.press('Enter');
  await sees(page.locator('#name-error'), 'Fill this in.');
  await until('the first field at fault has the focus', () => page.evaluate(() => document.activeElement.id === 'name'));
  await page.keyboard.type('Guardia de noche');
  assert.equal(await page.getByLabel('Short name').inputValue(), 'guardia-de-noche');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type(listener.url);
  await sees(page.locator('.preview'), 'An alarm is raised');

  // What the far end answers is shown as it said it, and is gone once something else is typed.
  await page.getByRole('button', { name: 'Send a test message' }).focus();
  await page.keyboard.press('Enter');
  await sees(page.locator('.tested .found'), 'It was taken');
  await sees(page.locator('.tested .found'), 'thanks');
  assert.equal(listener.heard.length, 1);
  Object.assign(listener, { status: 400, text: 'no such channel' });
  await page.keyboard.press('Enter');
  await sees(page.locator('.tested .trouble'), 'It was not taken');
  await sees(page.locator('.tested .trouble'), 'no such channel');
  await page.locator('#url').focus();
  await page.keyboard.press('Enter');
  await sees(page.locator('.notices'), 'Receiver “Guardia de noche” is saved.');
  const card = page.locator('.source', { has: page.getByRole('heading', { name: 'Guardia de noche' }) });
  await sees(card, 'Webhook');
  assert.deepEqual((await api.get('settings')).system_receivers, ['guardia-de-noche'], 'the first one is told of system alarms');

  // It is muted from the list with a reason, and told again with the same button.
  await card.getByRole('button', { name: 'Mute: Guardia de noche', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Mute: Guardia de noche' });
  await dialog.getByLabel('Reason').fill('Its phone is being repaired');
  await dialog.getByRole('button', { name: 'Mute', exact: true }).click();
  await sees(page.locator('.notices'), '“Guardia de noche” is muted');
  await sees(card, 'Muted until');
  const muted = (await api.get('mutes')).items.map(({ target, reason }) => [target.kind, target.id, reason]);
  assert.deepEqual(muted, [['receiver', 'guardia-de-noche', 'Its phone is being repaired']]);
  await card.getByRole('button', { name: 'Unmute: Guardia de noche' }).click();
  await sees(page.locator('.notices'), '“Guardia de noche” is told again.');
  assert.equal((await api.get('mutes')).total, 0);
  await card.getByRole('button', { name: 'Mute: Guardia de noche', exact: true }).waitFor();

  // A signing key is never shown again, and stays until it is removed.
  await card.getByRole('button', { name: 'Edit: Guardia de noche' }).click();
  await page.getByLabel('Signing key').fill('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('it is kept', async () => (await api.get('receivers/guardia-de-noche')).receiver.has_secret);
  await card.getByRole('button', { name: 'Edit: Guardia de noche' }).click();
  assert.equal(await page.getByLabel('Signing key').inputValue(), '');
  await page.getByRole('button', { name: 'Remove it' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await until('it is gone', async () => !(await api.get('receivers/guardia-de-noche')).receiver.has_secret);

  await card.getByRole('button', { name: 'Delete: Guardia de noche' }).click();
  await page.getByRole('heading', { name: 'Nobody is told yet' }).waitFor();
  await page.locator('.notice').filter({ hasText: 'was deleted' }).getByRole('button', { name: 'Undo' }).click();
  await sees(card, 'Webhook');
});

story('own words are previewed while they are typed, and what is wrong with them is said', async ({ open }) => {
  const page = await open();
  page.expected.push(REFUSED);
  await page.goto('/settings/add-receiver?kind=sms');
  await sees(page.locator('.preview'), /1 SMS, \d+ characters/);
  await page.locator('details.more summary', { hasText: 'Own words' }).click();
  await page.getByLabel('Text', { exact: true }).fill('ON CALL: {{ title }}');
  await sees(page.locator('.preview'), 'ON CALL:');
  await page.getByLabel('Text', { exact: true }).fill('{{ title');
  await until('what is wrong is said', async () => (await page.locator('[id="words.text-error"]').innerText()) !== '');
});

story('a phone list with letters is refused, and the number is named', async ({ api, open }) => {
  const page = await open();
  await page.goto('/settings/phones');
  await page.getByRole('button', { name: 'Add list' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Turno');
  await page.getByLabel('Numbers').fill('+34 600 123 123\n6OO 123 124');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('[id="phone_lists[0].numbers-error"]'), '“6OO 123 124” is no phone number');
  assert.deepEqual((await api.get('settings')).phone_lists, []);
  await page.getByLabel('Numbers').fill('+34 600 123 123\n600-123-124');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), 'Saved');
  assert.deepEqual((await api.get('settings')).phone_lists, [{ name: 'Turno', numbers: ['+34600123123', '600123124'] }]);

  // It can be chosen for a receiver, and stands there instead of numbers.
  await page.goto('/settings/add-receiver?kind=sms');
  await page.getByLabel('Name', { exact: true }).fill('Guardia');
  await page.getByRole('textbox', { name: 'Address' }).fill('http://127.0.0.1:9/cgi-bin/sendsms');
  await page.getByLabel('User').fill('atalaya');
  await page.getByRole('checkbox', { name: 'Turno' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await until('it is saved', async () => (await api.get('receivers')).items[0]?.receiver.sms.lists[0] === 'Turno');
});

toldStory('whom a metric tells is chosen with it, changed in place and for many together', async ({ api, feed, open, listener }) => {
  feed.set('lab.router1.cpu', 10);
  feed.set('lab.router2.cpu', 10);
  const page = await open();
  await page.goto('/add?expr=lab.router1.cpu&above=70;80;90');
  await sees(page.locator('.metric-form'), 'No receiver is set up yet, so nobody is told.');
  await page.getByLabel('Send SMS').check();
  await sees(page.locator('.metric-form'), 'No receiver of the kind SMS is set up');
  await api.post('receivers', hook(listener));
  // The address keeps what is typed.
  await page.waitForURL(/[?&]sms=1/);
  await page.reload();
  await page.getByLabel('Hook (Webhook)').selectOption({ label: 'from major' });
  await page.getByRole('button', { name: 'Save' }).click();
  await until('it is saved', async () => (await api.get('rules')).total === 1);
  const told = async () => (await api.get('rules?sort=name')).items.map(({ notify }) => [notify.sms, ...notify.receivers.map(({ id, from }) => `${id} ${from}`)]);
  assert.deepEqual(await told(), [[true, 'hook major']]);

  await api.post('rules', rule('Z', 'lab.router2.cpu'));
  await page.goto('/alarm-settings');
  await page.getByRole('button', { name: 'Receivers of Z' }).click();
  await page.getByRole('dialog').getByLabel('Hook (Webhook)').selectOption({ label: 'from critical' });
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await until('it is changed in place', async () => (await told())[1][1] === 'hook critical');
  await page.locator('#receivers').selectOption({ label: 'exactly these' });
  await page.locator('.together').getByLabel('Hook (Webhook)').selectOption({ label: 'from warning' });
  await page.getByRole('button', { name: 'Select all 2 that match' }).click();
  await page.getByRole('button', { name: 'Apply to 2' }).click();
  await sees(page.locator('.notices'), '2 metrics are changed.');
  assert.deepEqual(await told(), [[true, 'hook warning'], [false, 'hook warning']]);
});

toldStory('what could not be sent is named, and sent again with one press', async ({ api, feed, open, listener }) => {
  Object.assign(listener, { status: 400, text: 'no such channel' });
  await api.post('receivers', hook(listener));
  await api.send('PUT', 'settings', { ...(await api.get('settings')), system_receivers: [] });
  const notify = { receivers: [{ id: 'hook', from: 'warning' }] };
  await api.post('rules', rule('CPU router1', 'lab.router1.cpu', { notify, checks_to_alert: 1 }));
  feed.set('lab.router1.cpu', 95);
  await until('it is given up', async () => (await api.get('deliveries?state=dead')).total === 1, 60_000);

  const page = await open();
  await page.goto('/settings/receivers');
  const card = page.locator('.source', { has: page.getByRole('heading', { name: 'Hook' }) });
  await sees(card, 'needs a look');
  await card.locator('a[href$="state=dead"]').click();
  const table = page.getByRole('table', { name: 'Deliveries' });
  await sees(table, 'given up');
  await sees(table, 'no such channel');
  // What nobody will be told of asks first.
  await page.getByRole('button', { name: /^Forget:/ }).click();
  const question = page.getByRole('dialog', { name: /^Forget “/ });
  await sees(question, 'Nobody is told of it any more.');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await question.waitFor({ state: 'hidden' });
  assert.equal((await api.get('deliveries?state=dead')).total, 1);
  Object.assign(listener, { status: 200, text: 'thanks' });
  const heard = listener.heard.length;
  await page.getByRole('button', { name: /^Send again:/ }).click();
  await sees(page.locator('.notices'), 'It is sent again.');
  await until('it arrives', () => listener.heard.length > heard);
  await page.getByRole('button', { name: 'given up', exact: true }).click();
  await sees(page.getByRole('table', { name: 'Deliveries' }), 'delivered');
  assert.equal((await api.get('deliveries?state=dead')).total, 0);
});

story('each part of the settings has an address, and is saved by itself', async ({ api, open }) => {
  const page = await open();
  await page.goto('/settings');
  const parts = page.getByRole('navigation', { name: 'Parts of the settings' });
  await parts.getByRole('link', { name: 'New metrics start with' }).click();
  await page.getByRole('heading', { name: 'New metrics start with' }).waitFor();
  await page.locator('#checks_to_alert').fill('0');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('#checks_to_alert-error'), 'A whole number from 1 to 100.');
  await page.locator('#checks_to_alert').fill('5');
  // Meanwhile somebody saves another part.
  await api.send('PUT', 'settings', { ...(await api.get('settings')), forget_after: '2d' });
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), 'Saved');
  const saved = await api.get('settings');
  assert.deepEqual([saved.defaults.checks_to_alert, saved.forget_after], [5, '2d']);
  await page.reload();
  assert.equal(await page.locator('#checks_to_alert').inputValue(), '5');
  // A part shows what others saved until it was opened.
  await api.send('PUT', 'settings', { ...(await api.get('settings')), forget_after: '3d' });
  await parts.getByRole('link', { name: 'How long things are kept' }).click();
  await page.locator('#forget_after').waitFor();
  assert.equal(await page.locator('#forget_after').inputValue(), '3d');
  // Whoever was chosen for system alarms and is deleted by now is told nothing, and can be taken out.
  await api.post('receivers', { id: 'gone', kind: 'webhook', name: 'Gone', webhook: { url: 'http://127.0.0.1:9/hook' } });
  await api.send('DELETE', 'receivers/gone');
  await parts.getByRole('link', { name: 'System alarms' }).click();
  await sees(page.locator('main'), 'Nobody is told of system alarms.');
  await page.getByRole('checkbox', { name: 'gone (deleted)' }).uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await until('it is taken out', async () => (await api.get('settings')).system_receivers.length === 0);
});

story('a backup is made at once, and listed', async ({ api, open }) => {
  const page = await open();
  await page.goto('/settings/backup');
  await sees(page.locator('main'), 'There is no backup yet.');
  await page.getByRole('button', { name: 'Back up now' }).click();
  await sees(page.locator('.notices'), 'The backup is there, verified.', 60_000);
  const { items } = await api.get('backups');
  assert.equal(items.length, 1);
  await sees(page.locator('main table'), items[0].name);
});
