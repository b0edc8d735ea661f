import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { knownServices, parseServices, runtimeFolders, thisHost } from '@sqlflow/service-runtime';
import { print } from '../../output.js';
import { type ExecutorResult, run } from '../run.js';

export interface LogsOptions {
  readonly service?: string;
  readonly follow?: boolean;
}

export default function logs(options: LogsOptions, context: ExecutorContext): Promise<ExecutorResult> {
  return run(async () => {
    const known = knownServices(context.root);
    const services =
      options.service === undefined ? known : parseServices(options.service, 'the option --service', known);
    const folder = runtimeFolders(context.root, thisHost()).logs;
    const files = services.map((service) => join(folder, `${service}.log`)).filter(existsSync);
    if (files.length === 0) {
      print(`Nothing has been logged yet; logs are written to ${folder}.`);
      return true;
    }
    if (options.follow === true) return follow(files);
    for (const file of files) print(`==> ${file} <==\n${readFileSync(file, 'utf8')}`);
    return true;
  });
}

/** `tail -F` also follows a file that is begun anew when its service is started again. Ctrl-C reaches it as it does us. */
function follow(files: readonly string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const tail = spawn('tail', ['-n', '+1', '-F', ...files], { stdio: ['ignore', 'inherit', 'inherit'] });
    tail.once('error', reject);
    tail.once('exit', (code) => {
      resolve(code === 0 || code === null);
    });
  });
}
