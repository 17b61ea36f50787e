// A small stand-in for Grafana: it gives out dashboard files as they are, in the frames of Grafana's HTTP API, and asks for the token. For driving
// the app only; the tests of the whole (tests/src/grafana.rs) have one that can misbehave. There is no Grafana to be had for tests.
import { readFile, readdir } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

export const TOKEN = 'glsa_stand-in';

const FIXTURES = new URL('../fixtures/grafana/', import.meta.url).pathname;

export class Grafana {
  /** `files`: paths, or dashboards as objects; `datasources`: `{uid, name, type, url, isDefault}`. */
  static async start({ files, datasources = [] } = {}) {
    const it = new Grafana();
    const names = files ?? (await readdir(FIXTURES)).filter((name) => name.endsWith('.json')).map((name) => path.join(FIXTURES, name));
    Object.assign(it, { boards: new Map(), datasources, asked: [], slow: 0 });
    for (const file of names) it.put(typeof file === 'string' ? await readFile(file, 'utf8') : JSON.stringify(file));
    it.server = http.createServer((request, response) => it.answer(request, response));
    await new Promise((done) => it.server.listen(0, '127.0.0.1', done));
    it.url = `http://127.0.0.1:${it.server.address().port}`;
    return it;
  }

  /** A further dashboard, or the next version of one. */
  put(text) {
    const json = JSON.parse(text);
    const model = json.dashboard ?? json;
    const slug = (model.title ?? 'untitled').toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
    this.boards.set(model.uid || slug, { text, framed: Boolean(json.dashboard), uid: model.uid, slug, title: model.title });
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  async answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname, search, searchParams } = new URL(request.url, this.url);
    this.asked.push(pathname);
    const json = (body, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
    if (pathname === '/api/health') return json({ database: 'ok', version: '10.4.1' });
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return json({ message: 'Invalid API key' }, 401);
    const [, proxied, rest] = pathname.match(/^\/api\/datasources\/proxy\/uid\/([^/]+)(\/.*)$/) ?? [];
    if (proxied) return this.passOn(proxied, rest + search, request, Buffer.concat(chunks), response);
    const [, key] = pathname.match(/^\/api\/dashboards\/(?:uid|db)\/([^/]+)$/) ?? [];
    if (key) {
      if (this.slow) await new Promise((done) => setTimeout(done, this.slow));
      const board = this.boards.get(decodeURIComponent(key));
      if (!board) return json({ message: 'Dashboard not found' }, 404);
      return json(board.framed ? board.text : `{"meta":{"slug":"${board.slug}"},"dashboard":${board.text}}`);
    }
    if (pathname === '/api/search') {
      const limit = Number(searchParams.get('limit') ?? 1000);
      const from = limit * (Number(searchParams.get('page') ?? 1) - 1);
      return json([...this.boards.values()].slice(from, from + limit).map(({ uid, slug, title }) => ({
        uid, title, uri: `db/${slug}`, type: 'dash-db', url: uid && `/d/${uid}/${slug}`,
      })));
    }
    if (pathname === '/api/datasources') return json(this.datasources);
    if (pathname === '/api/folders') return json([]);
    if (pathname === '/api/org') return json({ id: 1, name: 'Main Org.' });
    return json({ message: 'Not found' }, 404);
  }

  async passOn(uid, target, request, body, response) {
    const source = this.datasources.find((one) => one.uid === uid);
    if (!source) return response.writeHead(404).end();
    const headers = request.headers['content-type'] ? { 'content-type': request.headers['content-type'] } : {};
    const sent = request.method === 'GET' ? undefined : body;
    const answer = await fetch(source.url + target, { method: request.method, headers, body: sent });
    const kind = answer.headers.get('content-type') ?? 'application/json';
    response.writeHead(answer.status, { 'content-type': kind }).end(Buffer.from(await answer.arrayBuffer()));
  }
}
