// A real Graphite for the browser's stories: carbon-cache takes lines and keeps them, graphite-web answers for them. Installed where
// `GRAPHITE_VENV` says; the settings are those of the tests of the whole (tests/src/graphite.rs).
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Child, listens } from './child.mjs';
import { freePort } from './harness.mjs';

/** A bucket a second for ten minutes. */
const SCHEMAS = '[all]\npattern = .*\nretentions = 1s:10m\n';

const carbonConf = (root, [lines, pickles, queries]) => `[cache]
STORAGE_DIR = ${root}/storage
LOCAL_DATA_DIR = ${root}/storage/whisper
CONF_DIR = ${root}/conf
LOG_DIR = ${root}/storage/log/carbon
PID_DIR = ${root}/storage
USER =
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = inf
LOG_UPDATES = False
ENABLE_TAGS = False
CARBON_METRIC_INTERVAL = 0
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = ${lines}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = ${pickles}
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = ${queries}
`;

const localSettings = (root, queries) => `SECRET_KEY = 'for tests only'
GRAPHITE_ROOT = '${root}'
CONF_DIR = '${root}/conf'
STORAGE_DIR = '${root}/storage'
WHISPER_DIR = '${root}/storage/whisper'
STANDARD_DIRS = ['${root}/storage/whisper']
INDEX_FILE = '${root}/storage/index'
LOG_DIR = '${root}/storage/log/webapp'
CARBONLINK_HOSTS = ['127.0.0.1:${queries}:a']
ALLOWED_HOSTS = ['*']
TIME_ZONE = 'UTC'
DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': '${root}/storage/graphite.db'}}
`;

export class Graphite {
  static async start(venv) {
    const it = new Graphite();
    Object.assign(it, { venv, root: mkdtempSync(path.join(tmpdir(), 'atalaya-graphite-')), children: [] });
    const [lines, pickles, queries, port] = [await freePort(), await freePort(), await freePort(), await freePort()];
    Object.assign(it, { linePort: lines, url: `http://127.0.0.1:${port}` });
    for (const folder of ['conf', 'storage/log/webapp', 'storage/whisper']) mkdirSync(path.join(it.root, folder), { recursive: true });
    it.write('storage-schemas.conf', SCHEMAS);
    it.write('storage-aggregation.conf', '');
    it.write('carbon.conf', carbonConf(it.root, [lines, pickles, queries]));
    it.write('local_settings.py', localSettings(it.root, queries));
    const carbon = it.run('carbon', [path.join(venv, 'bin/carbon-cache.py'), `--config=${it.root}/conf/carbon.conf`, '--nodaemon', 'start']);
    await promisify(execFile)(it.python(), ['-m', 'django', 'migrate', '--run-syncdb'], { cwd: it.root, env: { ...process.env, ...it.env() } });
    const web = it.run('web', ['-m', 'waitress', '--host', '127.0.0.1', '--port', String(port), '--threads', '4', 'graphite.wsgi:application']);
    await carbon.ready(() => listens(lines));
    await web.ready(async () => (await fetch(`${it.url}/render?format=json`).catch(() => null))?.ok);
    return it;
  }

  python() {
    return path.join(this.venv, 'bin/python');
  }

  env() {
    return {
      GRAPHITE_ROOT: this.root,
      PYTHONPATH: path.join(this.root, 'conf'),
      DJANGO_SETTINGS_MODULE: 'graphite.settings',
      GRAPHITE_SETTINGS_MODULE: 'local_settings',
    };
  }

  write(name, text) {
    writeFileSync(path.join(this.root, 'conf', name), text);
  }

  run(name, args) {
    const child = new Child(this.root, name, this.python(), args, this.env());
    this.children.push(child);
    return child;
  }

  async stop() {
    await Promise.all(this.children.map((child) => child.stop()));
    rmSync(this.root, { recursive: true, force: true });
  }
}
