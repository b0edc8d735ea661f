// Starts services through Docker as a supervisor would, says what happens, and holds them until its input ends.
// Arguments: a scratch folder, the key of a workspace, the services, and the folder of their compose files.
import { appendFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { ServiceFailure, systemClock, thisHost } from '../../../src/index.js';
import { builtInDefinitions } from '../../../src/service/built-in-services.js';
import { dockerStarter } from '../../../src/service/docker/docker-provider.js';

const [folder = '', key = '', services = '', files = ''] = process.argv.slice(2);
const host = thisHost();
const context = {
  folders: { key, data: `${folder}/data/${key}`, logs: `${folder}/logs` },
  ledger: {
    open: () => ({
      add: () => undefined,
      addProject: (name: string) => appendFileSync(`${folder}/projects`, `${name}\n`),
      close: () => undefined,
    }),
  },
  host,
  clock: systemClock,
  environment: host.environment,
};

async function start(name: string): Promise<() => Promise<void>> {
  const service = builtInDefinitions.find((one) => one.name === name);
  if (service === undefined) throw new Error(`there is no service ${name}`);
  // One of several services, whose endpoint nobody looks into here.
  const starter = dockerStarter<never>(service as never, `${files}/${name}/compose.yml`, context);
  const signal = AbortSignal.timeout(60_000);
  await starter.prepare((line) => console.log(`said ${line}`), signal);
  const { offer, stop } = await starter.start(0, signal);
  console.log(`ready ${JSON.stringify(offer)}`);
  return stop;
}

try {
  const stops = await Promise.all(services.split(',').map(start));
  await text(process.stdin);
  await Promise.all(stops.map((stop) => stop()));
} catch (error) {
  if (!(error instanceof ServiceFailure)) throw error;
  console.log(`failed ${JSON.stringify(error.report)}`);
}
