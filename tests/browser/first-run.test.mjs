// The first half minute of somebody who has never seen Atalaya.
import { PASSWORD, REFUSED_LOGIN, sees, story } from './harness.mjs';

const HALF_A_MINUTE = 30_000;

story('the first run leads to a first alarm within half a minute', { account: false }, async ({ server, open }) => {
  const page = await open({ login: false });
  page.expected.push(REFUSED_LOGIN);

  // Without the link one learns where it is.
  await page.goto('/');
  await sees(page.locator('main'), 'atalaya setup-link');

  await page.goto(server.setupLink());
  await page.getByLabel('User').fill('admin');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the account' }).click();

  // This host's memory is charted already, and a trial proposed.
  const panel = page.getByRole('region', { name: "This host's memory" });
  await sees(panel, /Memory in use is \d/);
  await panel.locator('.plot canvas').waitFor();
  await panel.getByRole('button', { name: 'Try it' }).click();
  await sees(panel, 'There it is', HALF_A_MINUTE);
  await sees(page.getByRole('table', { name: 'Active alarms' }), 'Trial: memory of this host');
  await sees(page.getByRole('banner'), '1 warning');

  // And it can be taken away again.
  await panel.getByRole('button', { name: 'Remove the trial' }).click();
  await sees(page.locator('.notices'), 'The trial is removed');
  await panel.getByRole('button', { name: 'Try it' }).waitFor();

  // The link worked once.
  await page.goto(server.setupLink());
  await sees(page.locator('main'), 'The first account exists already');
});
