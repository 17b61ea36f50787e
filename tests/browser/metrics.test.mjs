// Adding, changing and deleting a metric.
import assert from 'node:assert/strict';
import { rule, sees, story, until } from './harness.mjs';

/** The browser logs each refused request. */
const REFUSED = /status of 422/;

async function feedSome(feed) {
  for (const [series, value] of [['lab.router1.cpu', 42], ['lab.router2.cpu', 51], ['lab.router1.memory', 63]]) {
    const past = Array.from({ length: 60 }, (_, at) => [series, value + (at % 7), 60 - at]);
    await feed.past(past);
    feed.set(series, value);
  }
}

story('a metric is added with the keyboard alone, marked, and undone', async ({ api, feed, open }) => {
  await feedSome(feed);
  await until('the series are there', async () => (await api.get('sources/local/series?q=lab')).total >= 3);
  const page = await open();
  await page.goto('/add');
  const press = (key) => page.keyboard.press(key);
  const focused = () => page.evaluate(() => document.activeElement?.id ?? '');

  // The search has the focus: type, arrow, Enter.
  await until('typing can start', async () => (await focused()) === 'series-search');
  await page.keyboard.type('router1');
  await sees(page.getByRole('listbox'), 'lab.router1.cpu');
  await sees(page.getByRole('listbox'), 'lab.router1.memory');
  const option = page.getByRole('option', { selected: true });
  await until('the arrow reaches the metric', async () => {
    await press('ArrowDown');
    return (await option.allInnerTexts()).some((text) => text.startsWith('lab.router1.cpu'));
  });
  await press('Enter');
  await sees(page.locator('.chosen'), 'lab.router1.cpu');
  await page.locator('.form-chart .plot canvas').waitFor();

  // Tab by tab to each level, and to "Save".
  const reach = async (wanted) => {
    for (let at = 0; at < 40; at += 1) {
      if (await wanted()) return;
      await press('Tab');
    }
    assert.fail('the Tab key does not get there');
  };
  for (const [level, value] of [['critical', '90'], ['major', '80'], ['warning', '70']]) {
    await reach(async () => (await focused()) === `check.params.${level}`);
    await press('Control+A');
    await page.keyboard.type(value);
  }
  const saving = page.getByRole('button', { name: 'Save' });
  await reach(() => saving.evaluate((button) => button === document.activeElement));
  await press('Enter');

  // The list shows it, marked, with "Undo".
  await page.getByRole('heading', { name: 'Configured metrics' }).waitFor();
  const row = page.getByRole('table', { name: 'Configured metrics' }).getByRole('row', { name: 'lab.router1.cpu' });
  await until('the new row is marked', async () => (await row.getAttribute('aria-current')) === 'true');
  assert.deepEqual((await api.get('rules')).items[0].check.params, { direction: 'above', warning: 70, major: 80, critical: 90 });
  await page.getByRole('button', { name: 'Undo' }).click();
  await sees(page.locator('main'), 'No metric is watched yet');
  assert.equal((await api.get('rules')).total, 0);
});

story('wrong thresholds say what would be right, beside their field', async ({ api, feed, open }) => {
  await feedSome(feed);
  await until('the series are there', async () => (await api.get('sources/local/series?q=lab')).total >= 3);
  const page = await open();
  await page.goto('/add');
  await page.getByRole('combobox').fill('lab.router2.cpu');
  await page.getByRole('option', { name: /^lab\.router2\.cpu/ }).first().click();
  const level = (name) => page.locator(`[id="check.params.${name}"]`);
  await level('critical').fill('60');
  await level('major').fill('80');
  await level('warning').fill('many');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('[id="check.params.warning-error"]'), 'Write a number');
  await level('warning').fill('70');
  await sees(page.locator('[id="check.params.critical-error"]'), 'It must be higher than');
  assert.equal(await level('critical').getAttribute('aria-invalid'), 'true');
  await page.getByRole('button', { name: 'Save' }).click();
  assert.equal((await api.get('rules')).total, 0, 'nothing wrong is saved');
  await level('critical').fill('90');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Configured metrics' }).waitFor();
  assert.equal((await api.get('rules')).total, 1);
});

story('another kind of alarm has the form that its check describes', async ({ api, feed, open }) => {
  await feedSome(feed);
  await until('the series are there', async () => (await api.get('sources/local/series?q=lab')).total >= 3);
  const page = await open();
  page.expected.push(REFUSED);
  await page.goto('/add');
  await page.getByRole('combobox').first().fill('lab.router2.cpu');
  await page.getByRole('option', { name: /^lab\.router2\.cpu/ }).first().click();
  const kind = page.getByLabel('Kind of alarm');
  await sees(kind, 'Threshold');
  const field = (name) => page.locator(`[id="check.params.${name}"]`);

  // What does not belong to a choice is not to be seen.
  await kind.selectOption('error');
  await field('window').waitFor();
  await field('measure').selectOption('silence');
  await field('window').waitFor({ state: 'detached' });

  await kind.selectOption('trend');
  await field('direction').selectOption('falling');
  await field('compare').selectOption('last_week');
  await field('major').fill('50');
  await field('critical').fill('thirty');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('[id="check.params.critical-error"]'), 'Write a number');
  // What only the check knows, it says at its field.
  await field('critical').fill('30');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('[id="check.params.critical-error"]'), 'must be above major (50)');
  assert.equal((await api.get('rules')).total, 0, 'nothing wrong is saved');

  // Another kind and back: nothing is lost.
  await kind.selectOption('threshold');
  await kind.selectOption('trend');
  await field('critical').fill('60.5');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Configured metrics' }).waitFor();
  const params = { direction: 'falling', compare: 'last_week', major: 50, critical: 60.5 };
  assert.deepEqual((await api.get('rules')).items[0].check, { name: 'trend', params });

  await page.getByRole('button', { name: /^Edit / }).click();
  await field('critical').waitFor();
  assert.equal(await field('critical').inputValue(), '60.5');
  assert.equal(await field('direction').inputValue(), 'falling');
  assert.equal(await kind.inputValue(), 'trend');
});

story('a metric is changed, deleted, and the deletion undone', async ({ api, feed, open }) => {
  await feedSome(feed);
  await api.post('rules', rule('CPU router1', 'lab.router1.cpu'));
  const page = await open();
  await page.goto('/configured');
  const list = page.getByRole('table', { name: 'Configured metrics' });
  const row = list.getByRole('row', { name: 'CPU router1' });
  await row.getByRole('button', { name: 'Edit CPU router1' }).click();
  await page.locator('[id="check.params.critical"]').fill('97');
  await page.getByRole('button', { name: 'Save' }).click();
  await sees(page.locator('.notices'), '“CPU router1” is saved.');
  await sees(row, '97');

  await row.getByRole('button', { name: 'Delete CPU router1' }).click();
  await sees(page.locator('main'), 'No metric is watched yet');
  await page.locator('.notice').filter({ hasText: 'was deleted' }).getByRole('button', { name: 'Undo' }).click();
  await sees(row, '97');
  assert.equal((await api.get('rules')).total, 1);
});

story('the search of the list finds and says when nothing matches', async ({ api, feed, open }) => {
  await feedSome(feed);
  await api.post('rules', rule('CPU router1', 'lab.router1.cpu'));
  await api.post('rules', rule('Memory router1', 'lab.router1.memory'));
  const page = await open();
  await page.goto('/configured');
  const list = page.getByRole('table', { name: 'Configured metrics' });
  await sees(list, 'CPU router1');
  // "/" goes to the search field.
  await page.keyboard.press('/');
  await page.keyboard.type('memory');
  await until('one row is left', async () => (await list.locator('tbody tr').count()) === 1);
  assert.match(page.url(), /q=memory/, 'the address can be shared');
  await page.getByRole('searchbox').fill('nothing like this');
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await until('both are back', async () => (await list.locator('tbody tr').count()) === 2);
});
