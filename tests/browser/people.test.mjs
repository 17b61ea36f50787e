// People: users and groups, one's own password, tokens that are shown once, and the log of who did what.
import assert from 'node:assert/strict';
import { PASSWORD, REFUSED_LOGIN, rule, sees, story, until } from './harness.mjs';

const NEW = 'four bright lamps';

async function login(server, username, password) {
  const answer = await fetch(`${server.base}/api/v1/session`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username, password }),
  });
  return answer.status;
}

story('a user and a group are made, and the group gives its role', async ({ server, api, open }) => {
  const page = await open();
  await page.goto('/admin');
  await page.getByRole('button', { name: 'Add user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('#username').fill('ana');
  await dialog.getByLabel('Password').fill(NEW);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await sees(page.getByRole('table', { name: 'Users' }), /ana viewer/);
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Groups' }).click();
  await page.getByRole('button', { name: 'Add group' }).click();
  await dialog.getByLabel('Name').fill('NOC');
  await dialog.getByLabel('Role').selectOption('operator');
  await dialog.getByLabel('ana').check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await sees(page.getByRole('table', { name: 'Groups' }), /NOC operator ana/);
  const ana = (await api.get('users')).items.find((user) => user.username === 'ana');
  assert.deepEqual([ana.role, ana.effective_role], ['viewer', 'operator']);
  assert.equal(await login(server, 'ana', NEW), 200);

  // What cannot be undone asks first.
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Users' }).click();
  await sees(page.getByRole('table', { name: 'Users' }), 'operator, by a group (own: viewer)');
  await page.getByRole('button', { name: 'Delete ana' }).click();
  await page.getByRole('dialog', { name: 'Delete ana?' }).getByRole('button', { name: 'Delete' }).click();
  await until('ana is gone', async () => (await api.get('users')).total === 1);
  assert.equal(await login(server, 'ana', NEW), 401);
});

story('everybody changes the own password and makes tokens that are shown once', async ({ server, api, open }) => {
  await api.post('users', { username: 'luz', password: PASSWORD, role: 'viewer' });
  const page = await open({ login: false });
  page.expected.push(REFUSED_LOGIN);
  await page.goto('/account');
  await page.locator('#username').fill('luz');
  await page.locator('#password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'My account' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Administration' }).count(), 0, 'administration is not the viewer’s');
  await page.locator('#current').fill(PASSWORD);
  await page.locator('#new').fill(NEW);
  await page.locator('#again').fill(NEW);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await sees(page.locator('.notices'), 'The password is changed');
  assert.equal(await login(server, 'luz', PASSWORD), 401);
  assert.equal(await login(server, 'luz', NEW), 200);

  await page.getByLabel('What it is for').fill('report');
  await page.getByRole('button', { name: 'Make a token' }).click();
  const token = await page.locator('input.once').inputValue();
  const asked = await fetch(`${server.base}/api/v1/summary`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(asked.status, 200);
  await page.reload();
  await sees(page.getByRole('table', { name: 'API tokens' }), 'report');
  assert.equal(await page.locator('input.once').count(), 0);
  await page.getByRole('button', { name: 'Revoke the token report?' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await sees(page.locator('main'), 'There are no tokens yet.');
  const refused = await fetch(`${server.base}/api/v1/summary`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(refused.status, 401);
});

story('the audit log shows before and after, and what was deleted comes back', async ({ api, feed, open }) => {
  feed.set('lab.router1.cpu', 10);
  const { id } = await api.post('rules', rule('CPU router1', 'lab.router1.cpu'));
  await api.send('PATCH', `rules/${id}`, { interval: '30s' });
  await api.send('DELETE', `rules/${id}`);
  const page = await open();
  await page.goto('/admin/audit');
  const entry = page.locator('.audit details').filter({ hasText: 'metric: changed' });
  await sees(entry, 'admin metric: changed CPU router1');
  await entry.locator('summary').click();
  await sees(entry.getByRole('row', { name: 'interval' }), /interval 1s 30s/);
  await page.getByLabel('By', { exact: true }).fill('nobody');
  await sees(page.locator('main'), 'Nothing matches.');

  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Deleted' }).click();
  await page.getByRole('button', { name: 'Restore CPU router1' }).click();
  await sees(page.locator('.notices'), 'is back');
  assert.equal((await api.get('rules')).total, 1);
});
