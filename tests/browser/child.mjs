// A program of a real component, as a child process in a folder of its story's own.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { until } from './harness.mjs';

/** The first start of a component may load much. */
const PATIENCE = 60_000;

export class Child {
  constructor(folder, name, program, args, env = {}) {
    this.file = path.join(folder, `${name}.log`);
    const log = openSync(this.file, 'a');
    this.child = spawn(program, args, { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
    closeSync(log);
    this.ended = new Promise((done) => this.child.once('exit', done));
  }

  /** What it wrote so far. */
  said() {
    return readFileSync(this.file, 'utf8');
  }

  /** Asks until the answer is truthy; fails with its words if it ends before. */
  ready(ask) {
    return until(() => `it is ready:\n${this.said()}`, () => {
      if (this.child.exitCode !== null) throw new Error(`it ended:\n${this.said()}`);
      return ask();
    }, PATIENCE);
  }

  async stop() {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

export const listens = (port) => new Promise((done) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); done(true); });
  socket.once('error', () => done(false));
});
