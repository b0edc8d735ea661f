// Starts services through Docker as a supervisor would, says what happens, and holds them until its input ends.
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock, thisHost } from '../../../src/index.js';
import { builtInDefinitions } from '../../../src/service/built-in-services.js';
import { dockerStarter } from '../../../src/service/docker/docker-provider.js';

const [folder = '', services = '', dockerFolder = ''] = process.argv.slice(2);
const files = dockerFolder || fileURLToPath(new URL('../../../../../docker', import.meta.url));
const host = thisHost();
const ledger = {
  open: () => ({
    add: () => undefined,
    addProject: (name: string) => appendFileSync(`${folder}/projects`, `${name}\n`),
    close: () => undefined,
  }),
};
const context = {
  folders: { key: '0123456789ab', data: `${folder}/data`, logs: `${folder}/logs` },
  ledger,
  host,
  clock: systemClock,
  environment: host.environment,
};
const told = new AbortController();
const started = await Promise.all(
  services.split(',').map(async (name) => {
    const service = builtInDefinitions.find((one) => one.name === name);
    if (service === undefined) throw new Error(`no service ${name}`);
    const starter = dockerStarter(service, `${files}/${name}/compose.yml`, context);
    await starter.prepare((line) => console.log(`said ${line}`), told.signal);
    const running = await starter.start(0, told.signal);
    console.log(`ready ${JSON.stringify(running.offer)}`);
    return running;
  }),
);
for await (const _ of process.stdin);
const startedAt = systemClock.nowMs();
await Promise.all(started.map((one) => one.stop()));
console.log(`stopped in ${String(systemClock.nowMs() - startedAt)}`);
