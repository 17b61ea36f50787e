// Addresses: links, Back, and the pages of one thing.
import { rule, story, until } from './harness.mjs';

/** The page with this heading stands, at this address. */
async function stands(page, heading, address) {
  await page.locator('h1', { hasText: heading }).waitFor();
  await until(`the address is ${address}`, () => new URL(page.url()).pathname === address);
}

story('a link is an entry of the history, Back and a reload show the page of the address', async ({ api, feed, open }) => {
  feed.set('lab.router1.cpu', 40);
  const { id } = await api.post('rules', rule('CPU router1', 'lab.router1.cpu', {}));
  const page = await open();
  await page.goto('/');
  await page.getByRole('link', { name: 'Configured metrics' }).click();
  await stands(page, 'Configured metrics', '/configured');
  await page.getByRole('link', { name: 'CPU router1' }).click();
  await stands(page, 'Edit metric', `/configured/${id}`);
  await page.goBack();
  await stands(page, 'Configured metrics', '/configured');
  await page.goForward();
  await stands(page, 'Edit metric', `/configured/${id}`);
  await page.reload();
  await stands(page, 'Edit metric', `/configured/${id}`);
  await page.getByRole('link', { name: 'Alarm history' }).click();
  await stands(page, 'Alarm history', '/history');
  await page.goto(new URL('/nothing', page.url()).href);
  await page.locator('.empty').waitFor();
});
