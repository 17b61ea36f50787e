// A small stand-in for Graphite: it answers /render and /metrics/find with the shapes of graphite-web 1.1, and can be told to fail. For
// driving the app only; what the server makes of a real Graphite is tested with a real one (tests/tests/).
import http from 'node:http';

const NAMES = ['servers.web1.cpu', 'servers.web2.cpu', 'servers.db1.cpu', 'network.madrid.uplink.in'];

const globbed = (pattern) =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]*').replaceAll('?', '[^.]').replaceAll(/\{([^}]*)\}/g, (_, all) => `(${all.replaceAll(',', '|')})`)}$`);

/** A node as `format=treejson` gives it: what Grafana's variables ask for. */
const asTree = ({ path, name, is_leaf: leaf }) => ({ text: name, id: path.replace(/\.$/, ''), leaf: Number(leaf), expandable: 1 - leaf });

export class StandIn {
  /** `broken`: null, or the status that every question gets. */
  static async start() {
    const it = new StandIn();
    Object.assign(it, { broken: null, slow: 0, asked: [], values: new Map(NAMES.map((name) => [name, 42])) });
    it.server = http.createServer((request, response) => it.answer(request, response));
    await it.listen(0);
    return it;
  }

  async listen(port) {
    await new Promise((done) => this.server.listen(port, '127.0.0.1', done));
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
  }

  /** As a server that is switched off; `listen(port)` switches it on again. */
  async close() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  async answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname, searchParams } = new URL(request.url, this.url);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const get = (name) => form.get(name) ?? searchParams.get(name) ?? '';
    this.asked.push({ path: pathname, get, headers: request.headers });
    if (this.slow) await new Promise((done) => setTimeout(done, this.slow));
    if (this.broken) return response.writeHead(this.broken, { 'content-type': 'text/html' }).end('<h1>broken</h1>');
    const json = (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname.startsWith('/version')) return json('1.1.10');
    if (pathname.startsWith('/metrics/find')) {
      const nodes = this.find(get('query'));
      return json(get('format') === 'completer' ? { metrics: nodes } : nodes.map(asTree));
    }
    if (pathname.startsWith('/render')) return json(this.render(get('target'), get('from'), get('until')));
    response.writeHead(404).end();
  }

  find(query) {
    const depth = query.split('.').length;
    const wanted = globbed(query);
    const found = new Map();
    for (const name of NAMES) {
      const parts = name.split('.');
      const id = parts.slice(0, depth).join('.');
      const leaf = parts.length === depth;
      if (parts.length >= depth && wanted.test(id)) {
        found.set(id, { path: leaf ? id : `${id}.`, name: parts[depth - 1], is_leaf: leaf ? '1' : '0' });
      }
    }
    return [...found.values()];
  }

  render(target, from, until) {
    const seconds = (text, usual) => {
      if (/^\d+$/.test(text)) return Number(text);
      const [, ago, unit] = /^-(\d+)(\w)/.exec(text) ?? [];
      const size = { s: 1, m: 60, h: 3600, d: 86400 }[unit] ?? 60;
      return Math.floor(Date.now() / 1000) - (ago ? ago * size : usual);
    };
    if (target.startsWith('constantLine')) return [{ target: '0', tags: {}, datapoints: [[0, 0], [0, 60]] }];
    // Of functions the path inside: each answers with one series.
    const inner = target.includes('(') ? /[\w*?{},-]+(\.[\w*?{},-]+)+/.exec(target)?.[0] : undefined;
    const names = NAMES.filter((name) => globbed(inner ?? target).test(name));
    const [start, end] = [seconds(from, 86400), seconds(until, 0)];
    const times = [];
    const step = Math.ceil((end - start) / 4000) || 1;
    for (let at = Math.ceil((start + 1) / step) * step; at <= end; at += step) times.push(at);
    const series = (name, value) => ({ target: name, tags: { name }, datapoints: times.map((at) => [value + 3 * Math.sin(at / 300), at]) });
    if (inner) return names.length ? [series(target, names.reduce((sum, name) => sum + this.values.get(name), 0))] : [];
    return names.map((name) => series(name, this.values.get(name)));
  }
}
