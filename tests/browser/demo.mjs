// A small network as an operations team would watch it: an hour of samples, some alarms, one that has cleared.
import { readFile } from 'node:fs/promises';
import { rule, until } from './harness.mjs';

const HOUR = 3600;
const STEP = 10;

/** name, series, unit, usual value, swing, value now, params */
const METRICS = [
  ['CPU router1 Madrid', 'core.madrid.router1.cpu', '%', 46, 9, 95, { direction: 'above', warning: 70, major: 80, critical: 90 }],
  ['CPU router2 Madrid', 'core.madrid.router2.cpu', '%', 38, 6, 41, { direction: 'above', warning: 70, major: 80, critical: 90 }],
  ['CPU router1 Bogotá', 'core.bogota.router1.cpu', '%', 55, 8, 57, { direction: 'above', warning: 70, major: 80, critical: 90 }],
  ['Uplink in, Madrid', 'core.madrid.uplink.in', 'Mbit/s', 6100, 1500, 8640, { direction: 'above', warning: 8000, major: 8500, critical: 9500 }],
  ['Uplink in, Bogotá', 'core.bogota.uplink.in', 'Mbit/s', 3900, 900, 4200, { direction: 'above', warning: 8000, major: 8500, critical: 9500 }],
  ['Sessions BRAS Madrid', 'bras.madrid.sessions', '', 48200, 2400, 49120, { direction: 'outside', major: [20000, 60000] }],
  ['DNS latency', 'dns.resolver1.latency', 'ms', 11, 4, 36, { direction: 'above', warning: 30, major: 60, critical: 120 }],
  ['Mail queue', 'mail.out.queue', '', 140, 60, 212, { direction: 'above', warning: 500, major: 2000 }],
  ['Replica lag, billing', 'db.billing.replica.lag', 's', 1.2, 0.8, 1.4, { direction: 'above', warning: 5, major: 15, critical: 60 }],
  ['Temperature rack 4', 'power.rack4.temperature', '°C', 24, 1.5, 31.2, { direction: 'above', warning: 30, major: 35, critical: 40 }],
  ['UPS battery', 'power.ups1.battery', '%', 100, 0, 100, { direction: 'below', warning: 90, major: 60, critical: 30 }],
  ['Web answers per second', 'web.front1.answers', '1/s', 820, 160, 870, { direction: 'below', warning: 300, critical: 50 }],
];
/** Rose and cleared before the pictures. */
const PAST = ['Disk of the syslog server', 'log.syslog1.disk', '%', 58, 2, 61, { direction: 'above', warning: 75, major: 85, critical: 95 }];

/** A day's shape in an hour, the same at each run. */
function wave([, series, , usual, swing], ago) {
  const phase = series.length;
  const noise = ((Math.sin(ago * 12.9898 + phase * 78.233) * 43758.5453) % 1) * 0.3;
  return Math.max(0, usual + swing * (0.65 * Math.sin(ago / 600 + phase) + noise));
}

function history(metric) {
  const [, series, , , , now] = metric;
  const samples = [];
  for (let ago = HOUR; ago > 0; ago -= STEP) {
    const climb = now === undefined ? 0 : Math.max(0, 1 - ago / 240);
    const value = wave(metric, ago) * (1 - climb) + now * climb;
    samples.push([series, value.toFixed(2), ago]);
  }
  return samples;
}

/** Where the metrics come from, by the first part of the series. */
const PLACES = { core: ['Core network', 'Routers'], bras: ['Access', 'Sessions'], dns: ['Services', 'DNS'], mail: ['Services', 'Mail'], db: ['Services', 'Databases'], power: ['Sites', 'Power and climate'] };

function ruleOf([name, series, unit, , , , params], over = {}) {
  const [dashboard, panel] = PLACES[series.split('.')[0]] ?? [null, null];
  const query = { source: 'local', expr: series, unit: unit || null, dashboard, panel };
  const quick = { interval: '2s', checks_to_alert: 1, checks_to_ok: 1 };
  return rule(name, series, { query, check: { name: 'threshold', params }, ...quick, ...over });
}

/** Fills the server; resolves when all alarms are raised: one critical, one major, two warnings, one unknown. */
export async function fill({ api, feed }) {
  for (const metric of [...METRICS, PAST]) {
    await feed.past(history(metric));
    feed.set(metric[1], metric[5]);
  }
  await until('the series are there', async () => (await api.get('sources/local/series?q=*.*.*')).total >= 5);
  feed.set(PAST[1], 88);
  await api.post('rules', ruleOf(PAST, { interval: '1s' }));
  await until('the first alarm is there', async () => (await api.get('alarms?state=active')).total === 1);
  feed.set(PAST[1], PAST[5]);
  for (const metric of METRICS) await api.post('rules', ruleOf(metric));
  // A metric whose data stopped.
  await feed.past([['power.rack7.temperature', 24.1, 300]]);
  await api.post('rules', rule('Temperature rack 7', 'power.rack7.temperature', { query: { source: 'local', expr: 'power.rack7.temperature', unit: '°C' }, interval: '1s', checks_to_alert: 1 }));
  await api.post('rules', { ...ruleOf(['All routers', 'core.*.*.cpu', '%', 0, 0, 0, { direction: 'above', critical: 99 }]), enabled: false });
  return until('the alarms are raised', async () => {
    const { critical, major, warning, unknown } = await api.get('summary');
    return critical === 1 && major === 1 && warning === 2 && unknown === 1;
  }, 40_000);
}

/** Who works with it, what somebody has seen, what is muted and what is planned. */
export async function fillQuiet({ api }) {
  const luz = await api.post('users', { username: 'luz.romero', password: 'four bright lamps', role: 'viewer' });
  await api.post('groups', { name: 'Network operations', role: 'operator', members: [luz.id] });
  await api.post('tokens', { name: 'Monthly report', lasting: '90d' });
  const [worst, next] = (await api.get('alarms?state=active&sort=severity')).items;
  await api.post('alarms/ack', { select: { ids: [worst.id] }, expected_total: 1, note: 'INC-20417, the vendor is called' });
  await api.post('alarms/mute', { select: { ids: [next.id] }, expected_total: 1, what: 'rule', for: '8h', reason: 'Works in the exchange' });
  await api.post('maintenance', {
    name: 'Backups of the core', dashboards: ['Core network'],
    weekly: { week: [{ days: [7], hours: { from: '02:00', to: '05:00' } }], time_zone: 'Europe/Madrid' },
  });
  const gone = await api.post('templates', { name: 'Old levels', sets: [{ name: 'Levels', check: { name: 'threshold', params: { direction: 'above', warning: 70 } } }] });
  await api.send('DELETE', `templates/${gone.id}`);
}

/**
 * What operators configure besides metrics: a template that two metrics follow, one with a value of its own; a calendar; receivers,
 * which nothing that is active tells.
 */
export async function fillConfigured({ api }) {
  const settings = await api.get('settings');
  await api.send('PUT', 'settings', { ...settings, phone_lists: [{ name: 'On call', numbers: ['+34600123123', '+34600123124'] }] });
  const sms = { url: 'http://127.0.0.1:9/cgi-bin/sendsms', username: 'atalaya', lists: ['On call'] };
  await api.post('receivers', { id: 'on-call', kind: 'sms', name: 'On call, by text', lowest: 'major', remind_every: '1h', sms, secret: 'x' });
  const email = { host: 'mail.example.org', port: 587, from: 'Atalaya <atalaya@example.org>', to: ['noc@example.org'] };
  await api.post('receivers', { id: 'noc', kind: 'email', name: 'NOC', email, enabled: false });
  const levels = { direction: 'above', warning: 70, major: 80, critical: 90 };
  const template = await api.post('templates', {
    name: 'Router CPU', note: 'For every router of the core network.',
    sets: [{ name: 'Levels', check: { name: 'threshold', params: levels } }, { name: 'Full', check: { name: 'threshold', params: { direction: 'above', critical: 99 } } }],
    alarm: { checks_to_alert: 3, period: 'daytime', notify: { sms: true } },
  });
  const ids = (await api.get('rules?q=router2')).items.map(({ id }) => id);
  await api.post(`templates/${template.id}/apply`, { select: { ids }, expected_total: ids.length });
  const [linked] = (await api.get(`rules?template=${template.id}`)).items;
  await api.send('PATCH', `rules/${linked.id}`, { checks_to_alert: 5 });
  await api.post('calendars', {
    id: 'on-call-night', name: 'On call, night', time_zone: 'Europe/Madrid',
    week: [{ days: [1, 2, 3, 4, 5], hours: { from: '22:00', to: '06:00' } }, { days: [6, 7], hours: { from: '00:00', to: '24:00' } }],
    holidays: [{ date: '01-06', name: 'Epiphany' }], exceptions: [{ date: '2027-12-24', name: 'Christmas Eve', hours: [{ from: '09:00', to: '14:00' }] }],
  });
}

/**
 * Sources elsewhere: one that works, with two metrics, and one that does not answer; two dashboards that were exported from
 * Grafana. Resolves when the source is known to be down.
 */
export async function fillSources({ api }, graphite) {
  const source = (id, name, over = {}) => ({ id, kind: 'graphite', name, url: graphite.url, timeout: '2s', ...over });
  await api.post('sources', source('core', 'Graphite core', { offset: '10s' }));
  await api.post('sources', source('mobile', 'Prometheus mobile', { kind: 'prometheus', url: 'http://127.0.0.1:9' }));
  const file = async (name) => ({ name, text: await readFile(new URL(`./dashboards/${name}`, import.meta.url), 'utf8') });
  await api.post('catalog/files', [await file('servers.json'), await file('uplink.json')]);
  await api.send('PUT', 'catalog/datasources/graphite-lab', { source: 'core' });
  const on = (name, id, expr) => rule(name, expr, { query: { source: id, expr, unit: '%' }, interval: '2s', checks_to_alert: 1 });
  await api.post('rules', on('CPU web servers', 'core', 'servers.*.cpu'));
  await api.post('rules', on('Uplink Madrid', 'core', 'network.madrid.uplink.in'));
  await api.post('rules', on('Handover failures', 'mobile', 'sum(rate(handover_failures_total[5m]))'));
  await until('the source is known to be down', async () => (await api.get('summary')).causes.length === 1, 60_000);
  // The summary knows an alarm a moment before the list has it.
  return until('its alarm is listed', async () => (await api.get('alarms?state=active')).total === 1);
}
