import { createHash, randomUUID } from 'node:crypto';
import type { CustomHasher, Hash } from '@nx/devkit';

/**
 * Lets Nx keep what `up` prints as a dependency, and nothing else. To run an executor takes Nx more than half a second,
 * in every run, also in one whose results all come from its cache; what `up` says there follows from who waits for it and
 * from the variables that choose a provider. Asked for by name it starts services, so each such call is another.
 */
const hashUp: CustomHasher = (task, { taskGraph, projectGraph }) => {
  const waiting = Object.entries(taskGraph.dependencies).filter(([, on]) => on.includes(task.id));
  if (waiting.length === 0) return Promise.resolve(hash(task.id, randomUUID()));
  const declared = waiting.map(([id]) => {
    const project = taskGraph.tasks[id]?.target.project ?? '';
    const services: unknown = projectGraph.nodes[project]?.data.metadata?.['services'];
    return services;
  });
  return Promise.resolve(hash(task.id, JSON.stringify([declared, task.overrides, providerVariables()])));
};

export default hashUp;

function hash(command: string, content: string): Hash {
  const value = createHash('sha256').update(`${command} ${content}`).digest('hex');
  return { value, details: { command, nodes: {} } };
}

function providerVariables(): [string, string | undefined][] {
  return Object.entries(process.env)
    .filter(([name]) => /^(SERVICES|TEST)_/.test(name))
    .sort(([one], [other]) => one.localeCompare(other));
}
