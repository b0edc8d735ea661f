import { createHash, randomUUID } from 'node:crypto';
import type { CustomHasher, Hash } from '@nx/devkit';
import { namingVariables } from '../../infer/service-inputs.js';

/**
 * Lets Nx keep what `up` prints as a dependency, and nothing else. To run an executor takes Nx more than half a second,
 * in every run, also in one whose results all come from its cache; what `up` says there follows from who waits for it and
 * from the variables that choose a provider. Asked for by name it starts services, so each such call is another.
 */
const hashUp: CustomHasher = (task, { taskGraph, projectGraph }) => {
  const waiting = Object.entries(taskGraph.dependencies).filter(([, on]) => on.includes(task.id));
  if (waiting.length === 0) return Promise.resolve(hash(task.id, randomUUID()));
  const declared = waiting.flatMap(([id]) => {
    const project = taskGraph.tasks[id]?.target.project ?? '';
    const services: unknown = projectGraph.nodes[project]?.data.metadata?.['services'];
    return Array.isArray(services) ? services.filter((service) => typeof service === 'string') : [];
  });
  const services = [...new Set(declared)].toSorted();
  const names = [...choosing, ...services.flatMap(namingVariables)];
  const variables = names.map((name) => [name, process.env[name]]);
  return Promise.resolve(hash(task.id, JSON.stringify([services, task.overrides, variables])));
};

export default hashUp;

/**
 * By which service-runtime chooses, besides those that name a server; the last says that these name servers of its own. No
 * other: what differs in every run, such as the file of a report, must not make Nx run `up` in every run.
 */
const choosing = ['SERVICES_PROVIDER', 'SERVICES_PATH', 'SERVICES_POSTGRES_VERSION', 'TEST_SERVICES_LEASED'];

/** Only the sum of the content is kept: it holds passwords. */
function hash(command: string, content: string): Hash {
  const value = createHash('sha256').update(`${command} ${content}`).digest('hex');
  return { value, details: { command, nodes: {} } };
}
