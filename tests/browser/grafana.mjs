// A small stand-in for Grafana: it serves dashboard files unmodified, in the frames of Grafana's HTTP API, to whoever has the token, and can be told to
// fail or to be slow. For driving the app only; what the server makes of Grafana is tested in tests/tests/.
import http from 'node:http';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FILES = path.join(path.dirname(fileURLToPath(import.meta.url)), 'dashboards');
export const TOKEN = 'glsa_of_the_stand_in';

export class Grafana {
  /** `graphite`: the address of the Graphite behind its data source. `broken`: null, or the status that every question gets. */
  static async start(graphite, folder = FILES) {
    const it = new Grafana();
    const files = readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
    const dashboards = new Map(files.map((name) => {
      const text = readFileSync(path.join(folder, name), 'utf8');
      return [JSON.parse(text).uid, text];
    }));
    Object.assign(it, { graphite, dashboards, broken: null, slow: 0, asked: [] });
    it.server = http.createServer((request, response) => it.answer(request, response));
    await new Promise((done) => it.server.listen(0, '127.0.0.1', done));
    it.url = `http://127.0.0.1:${it.server.address().port}`;
    return it;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** What a dashboard says from now on: `change` gets it as JSON. */
  edit(uid, change) {
    const dashboard = JSON.parse(this.dashboards.get(uid));
    change(dashboard);
    this.dashboards.set(uid, JSON.stringify(dashboard));
  }

  async answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    this.asked.push({ path: pathname, headers: request.headers });
    const say = (status, text) => response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    const json = (body) => say(200, JSON.stringify(body));
    if (this.broken) return response.writeHead(this.broken, { 'content-type': 'text/html' }).end('<h1>broken</h1>');
    if (pathname === '/api/health') return json({ database: 'ok', version: '10.4.1' });
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return say(401, '{"message":"Unauthorized"}');
    const uid = pathname.split('/').at(-1);
    if (pathname === '/api/org') return json({ id: 1, name: 'Main Org.' });
    if (pathname === '/api/search') return json(Number(searchParams.get('page') ?? 1) > 1 ? [] : this.list());
    if (pathname === '/api/folders') return json([{ id: 1, uid: 'hosts', title: 'Hosts' }]);
    if (pathname === '/api/datasources') return json(this.datasources());
    if (pathname.startsWith('/api/dashboards/uid/') && this.dashboards.has(uid)) {
      if (this.slow) await new Promise((done) => setTimeout(done, this.slow));
      const folder = uid === 'servers' ? '"folderUid":"hosts","folderTitle":"Hosts"' : '"folderUid":"","folderTitle":"General"';
      return say(200, `{"meta":{"url":"/d/${uid}/x",${folder}},"dashboard":${this.dashboards.get(uid)}}`);
    }
    return say(404, '{"message":"not found"}');
  }

  list() {
    return [...this.dashboards].map(([uid, text], at) => {
      const folder = uid === 'servers' ? { folderUid: 'hosts', folderTitle: 'Hosts' } : {};
      return { id: at + 1, uid, title: JSON.parse(text).title, url: `/d/${uid}/x`, type: 'dash-db', tags: [], ...folder };
    });
  }

  datasources() {
    return [
      { id: 1, uid: 'graphite-lab', name: 'Graphite of the lab', type: 'graphite', url: this.graphite, isDefault: true, access: 'proxy' },
      { id: 2, uid: 'cloud', name: 'Cloud', type: 'cloudwatch', url: '', isDefault: false, access: 'proxy' },
    ];
  }
}
