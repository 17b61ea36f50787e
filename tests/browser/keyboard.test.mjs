// What axe cannot see: the order of the Tab key, a focus that is seen, keys, preferences, the narrow screen.
import assert from 'node:assert/strict';
import { NARROW, rule, sees, story, until } from './harness.mjs';
import { show, views } from './views.mjs';

/** Views that are a dialog: the browser keeps the Tab key inside. */
const DIALOGS = ['help', 'mute'];

/** The focused element: its name, whether its ring is seen, and whether something lies over it. */
function lookAtFocus() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left + Math.min(box.width / 2, 40), box.top + Math.min(box.height / 2, 12)];
  const top = document.elementFromPoint(x, y);
  return {
    name: `${element.tagName} ${element.id || element.getAttribute('aria-label') || element.textContent.trim().slice(0, 40)}`,
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    covered: !!top && !element.contains(top) && !top.contains(element) && !element.closest('label')?.contains(top),
  };
}


story('the Tab key reaches everything, its focus is seen and nothing lies over it', async ({ api, feed, open }) => {
  feed.set('lab.router1.cpu', 95);
  await api.post('rules', rule('CPU router1', 'lab.router1.cpu', { checks_to_alert: 1 }));
  await until('the alarm is there', async () => (await api.get('alarms?state=active')).total === 1);
  const page = await open();
  const faults = [];
  for (const view of (await views(api)).filter((view) => !view.narrow && !DIALOGS.includes(view.name))) {
    await show(page, view);
    const reached = new Set();
    // From the top, wherever the page put the focus.
    await page.evaluate(() => document.querySelector('.skip').focus());
    for (let at = 0; at < 70; at += 1) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate(lookAtFocus);
      if (!focus) break;
      if (!focus.ring) faults.push(`${view.name}: no ring: ${focus.name}`);
      if (focus.covered) faults.push(`${view.name}: covered: ${focus.name}`);
      reached.add(focus.name);
    }
    if (view.name !== 'wall') assert.ok(reached.size > 10, `${view.name}: only ${[...reached]}`);
  }
  assert.deepEqual([...new Set(faults)], []);
});

story('the first Tab offers to skip to the content', async ({ open }) => {
  const page = await open();
  await page.goto('/configured');
  await page.locator('main h1').waitFor();
  await page.keyboard.press('Tab');
  const skip = page.getByRole('button', { name: 'Skip to the content' });
  assert.ok(await skip.evaluate((button) => button === document.activeElement));
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
});

story('j, k, x and Enter work in a table, "?" shows the help, and all can be switched off', async ({ api, feed, open }) => {
  feed.set('lab.a', 1);
  for (const name of ['A', 'B', 'C']) await api.post('rules', rule(`Metric ${name}`, 'lab.a'));
  const page = await open();
  await page.goto('/configured');
  const rows = page.getByRole('table', { name: 'Configured metrics' }).locator('tbody tr');
  await until('the rows are there', async () => (await rows.count()) === 3);
  await rows.first().focus();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('x');
  await sees(page.locator('.bulk'), '1 selected');
  assert.match(await rows.nth(1).getAttribute('class'), /selected/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Edit metric' }).waitFor();

  await page.goto('/');
  await page.locator('main h1').waitFor();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Help' });
  await help.waitFor();
  await help.getByLabel('Single keys are on').uncheck();
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });
  await page.keyboard.press('?');
  await page.waitForTimeout(300);
  assert.equal(await help.isVisible(), false);
});

story('language and theme switch at once and are remembered', async ({ open }) => {
  const page = await open();
  await page.goto('/');
  await page.getByRole('button', { name: 'ES, español' }).click();
  await sees(page.getByRole('navigation').first(), 'Métricas configuradas');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'es');
  const colour = () => page.locator('.atalaya').evaluate((element) => getComputedStyle(element).backgroundColor);
  assert.equal(await colour(), 'rgb(246, 247, 249)');
  const theme = page.locator('button.theme');
  await until('the theme is dark', async () => {
    await theme.click();
    return (await page.locator('.atalaya').getAttribute('data-theme')) === 'dark';
  });
  assert.equal(await colour(), 'rgb(15, 20, 27)');
  await page.reload();
  await sees(page.getByRole('navigation').first(), 'Métricas configuradas');
  assert.equal(await colour(), 'rgb(15, 20, 27)');
});

story('a narrow screen has its menu at the foot', async ({ open }) => {
  const page = await open({ size: NARROW });
  await page.goto('/');
  const foot = page.locator('nav.foot-menu');
  await foot.waitFor();
  assert.equal(await foot.locator('a, button').count(), 4);
  const box = await foot.boundingBox();
  assert.equal(Math.round(box.y + box.height), NARROW.height, 'it stands at the foot');
  assert.equal(await page.locator('nav.menu').isVisible(), false);
  await foot.getByRole('button', { name: 'More' }).click();
  await page.getByRole('dialog', { name: 'More' }).getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
});
