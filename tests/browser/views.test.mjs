// Every view, in both languages and themes, wide and narrow, empty and in use: no accessibility fault that axe can find,
// nothing wider than the window, and pictures of each among the artefacts.
import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import { NARROW, REFUSED_LOGIN, WIDE, picture, story } from './harness.mjs';
import { fill, fillConfigured, fillQuiet, fillSources } from './demo.mjs';
import { StandIn } from './stand-in.mjs';
import { show, views } from './views.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** The views that say something else while there is nothing. */
const EMPTY = ['dashboard', 'add', 'metrics', 'alarm-settings', 'templates', 'calendars', 'template-new', 'history', 'wall', 'sources', 'source-add', 'status', 'receivers', 'settings-phones'];
/** The views that say something else while there are sources elsewhere. */
const ELSEWHERE = ['dashboard', 'add-dashboard', 'add-panel', 'add-metrics', 'add-values', 'grafana', 'metrics', 'alarm-of-source', 'sources', 'source', 'status', 'wall'];
/** WCAG 2.2 AA; ui.md wants more in menus and tables. */
const SMALLEST = 24;

async function faultsOfAxe(page, where) {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).setLegacyMode().analyze();
  return violations.flatMap((violation) =>
    violation.nodes.map((node) => `${where}: ${violation.id}: ${node.target} ${node.failureSummary.split('\n')[1] ?? ''}`));
}

/** Controls that are smaller than a finger; links within a sentence are exempt, a label widens its control. */
function tooSmall(smallest) {
  const controls = 'a[href], button, input, select, textarea, summary, [role=option]';
  const bad = [];
  for (const control of document.querySelectorAll(controls)) {
    if (!control.checkVisibility({ visibilityProperty: true }) || control.matches('.skip, p a')) continue;
    const boxes = [control, control.closest('label')].filter(Boolean).map((element) => element.getBoundingClientRect());
    const size = Math.max(...boxes.map(({ width, height }) => Math.min(width, height)));
    if (size > 0 && size < smallest) bad.push(`${control.outerHTML.slice(0, 120)} (${size} px)`);
  }
  return bad;
}

/** The page must not be wider than the window. */
async function sideways(page, where) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  return wide > window ? [`${where} scrolls sideways: ${wide} px in ${window} px`] : [];
}

/** Both themes, languages and widths, each with each: no colour depends on the language, and no word on the theme. `EVERY_PICTURE` wants all eight. */
const PAGES = [WIDE, NARROW].flatMap((size) => ['light', 'dark'].flatMap((theme) => ['en', 'es'].map((language) => ({ size, theme, language }))))
  .filter(({ size, theme, language }) => process.env.EVERY_PICTURE || ((size === WIDE) === ((theme === 'light') === (language === 'en'))));

/** The narrow page has the same colours in the dark: three pages see everything that axe can. */
const isLookedThrough = ({ size, theme, language }) =>
  (size === WIDE ? (theme === 'light') === (language === 'en') : theme === 'light' && language === 'es');

async function walk({ api, open }, state, only) {
  const all = (await views(api)).filter((view) => only?.includes(view.name) ?? true);
  const faults = [];
  for (const how of PAGES) {
    const { size, theme, language } = how;
    const page = await open(how);
    for (const view of all.filter((view) => !view.narrow || size === NARROW)) {
      const name = `${view.name}-${state}-${size.width}-${theme}-${language}`;
      await show(page, view);
      await picture(page, `views/${name}`);
      faults.push(...(await sideways(page, name)));
      if (isLookedThrough(how)) faults.push(...(await faultsOfAxe(page, name)));
      faults.push(...(await page.evaluate(tooSmall, SMALLEST)).map((fault) => `${name}: ${fault}`));
    }
    await page.close();
  }
  assert.deepEqual([...new Set(faults)], []);
}

story('every view of an empty Atalaya is accessible and fits', (told) => walk(told, 'empty', EMPTY));

story('every view of an Atalaya in use is accessible and fits', async (told) => {
  await fill(told);
  await fillConfigured(told);
  await fillQuiet(told);
  await walk(told, 'typical');
});

story('every view of an Atalaya with sources elsewhere, one of them down, is accessible and fits', async (told) => {
  const graphite = await StandIn.start();
  try {
    await fillSources(told, graphite);
    await walk(told, 'elsewhere', ELSEWHERE);
  } finally {
    await graphite.close();
  }
});

async function walkDoors({ open }, doors) {
  const faults = [];
  for (const how of PAGES) {
    const page = await open({ ...how, login: false });
    page.expected.push(REFUSED_LOGIN);
    for (const [name, path] of doors) {
      await page.goto(path);
      await page.locator('main h1').waitFor();
      const where = `${name}-${how.size.width}-${how.theme}-${how.language}`;
      await picture(page, `views/${where}`);
      faults.push(...(await sideways(page, where)), ...(await faultsOfAxe(page, where)));
    }
    await page.close();
  }
  assert.deepEqual([...new Set(faults)], []);
}

story('the setup is accessible and fits', { account: false }, (told) =>
  walkDoors(told, [['setup-lost', '/'], ['setup', told.server.setupLink()]]));

story('the login is accessible and fits', (told) => walkDoors(told, [['login', '/configured']]));
