import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Host } from '../../host.js';
import { identify, isAlive, type ProcessIdentity } from '../../process/process-identity.js';
import { thisMachine } from '../../process/this-machine.js';
import { askDocker, type DockerCommand, locateDocker } from './docker-command.js';
import { dockerNotAvailable } from './docker-failure.js';

/** The label that everything of ours carries. Nothing without it is ever removed. */
export const projectLabel = 'sqlflow.services.project';
const workspaceLabel = 'sqlflow.services.workspace';
const ownerLabel = 'sqlflow.services.owner';

/** One start of one service: all that Docker makes for it has this name as its label. */
export interface Project {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const ownerSchema = z.object({
  machine: z.string(),
  pid: z.number(),
  startedAt: z.string(),
  bootId: z.string(),
});

/**
 * A project of this process. No two have the same name, so that what still clears up after a killed one cannot take the
 * next one for it.
 */
export function newProject(service: string, workspaceKey: string): Project {
  const start = randomUUID().slice(0, 8);
  const name = `sqlflow-${workspaceKey}-${service.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')}-${start}`;
  const owner = { machine: thisMachine(), ...identify(process.pid) };
  return {
    name,
    labels: {
      [projectLabel]: name,
      [workspaceLabel]: workspaceKey,
      [ownerLabel]: JSON.stringify(owner),
    },
  };
}

/**
 * Removes the containers, volumes and networks of one project of ours. Removing what is not there is no error.
 *
 * @throws ServiceFailure `DOCKER_NOT_AVAILABLE` if something of it is still there afterwards; `signal.reason`.
 */
export async function removeProject(name: string, host: Host, signal: AbortSignal): Promise<void> {
  await removeLabelled(locateDocker(host), name, signal);
}

/** How often what is still there is removed again: a container that is being made comes a moment later. */
const attempts = 5;

export async function removeLabelled(
  docker: DockerCommand,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const having = havingLabel(name);
  let complaint = '';
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const said = await removeContainers(docker, name, signal);
    if (said !== undefined) {
      complaint = said;
      continue; // once more, to see it empty
    }
    const [networks, volumes] = await Promise.all([
      list(docker, ['network', 'ls', '-q', ...having], signal),
      list(docker, ['volume', 'ls', '-q', ...having], signal),
    ]);
    if (networks.length > 0) await askDocker(docker, ['network', 'rm', ...networks], signal);
    if (volumes.length > 0) await askDocker(docker, ['volume', 'rm', '-f', ...volumes], signal);
    if (networks.length + volumes.length === 0) return;
  }
  throw dockerNotAvailable(
    `What Docker made for ${name} could not be removed.`,
    [complaint.trim()],
    [`docker ps -a --filter label=${projectLabel}=${name}`],
  );
}

/**
 * Removes the containers alone. While compose is at work its volumes must stay: for a container that it makes then, the
 * engine would make the volume again, without our labels.
 *
 * @returns `undefined` if there were none, else what the engine had to say
 */
export async function removeContainers(
  docker: DockerCommand,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const containers = await list(docker, ['ps', '-aq', ...havingLabel(name)], signal);
  if (containers.length === 0) return undefined;
  return (await askDocker(docker, ['rm', '-f', '-v', ...containers], signal)).complaint;
}

/**
 * Removes the projects whose owner was a process of this machine and is gone. For those that no state file names any
 * more: a reboot empties the temporary folder, and leaves the containers.
 *
 * @returns the names of what was removed
 */
export async function removeOrphans(host: Host, signal: AbortSignal): Promise<string[]> {
  const docker = locateDocker(host);
  const format = `{{.Label "${projectLabel}"}}\t{{.Label "${ownerLabel}"}}`;
  const shown = ['--filter', `label=${projectLabel}`, '--format', format];
  const rows = await Promise.all([
    list(docker, ['ps', '-a', ...shown], signal),
    list(docker, ['network', 'ls', ...shown], signal),
    list(docker, ['volume', 'ls', ...shown], signal),
  ]);
  const owners = new Map(rows.flat().map((row) => [row.split('\t')[0] ?? '', row.split('\t')[1] ?? '']));
  const here = thisMachine();
  const orphans = [...owners].filter(([, owner]) => isOrphaned(owner, here)).map(([name]) => name);
  await removeEach(orphans, (name) => removeLabelled(docker, name, signal));
  return orphans;
}

/** How many are removed at a time: each takes two to five commands. */
const atOnce = 4;

/** Removes all that can be. @throws the first error, once it has tried them all. */
export async function removeEach(
  names: readonly string[],
  remove: (name: string) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  const rest = names.values();
  const removeRest = async (): Promise<void> => {
    for (const name of rest) {
      await remove(name).catch((error: unknown) => {
        errors.push(error);
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, removeRest));
  if (errors.length > 0) throw errors[0];
}

function havingLabel(name: string): string[] {
  return ['--filter', `label=${projectLabel}=${name}`];
}

function isOrphaned(owner: string, here: string): boolean {
  try {
    const { machine, ...identity } = ownerSchema.parse(JSON.parse(owner));
    return machine === here && !isAlive(identity satisfies ProcessIdentity);
  } catch {
    return false; // not written by us: nothing is known of it
  }
}

async function list(docker: DockerCommand, args: readonly string[], signal: AbortSignal): Promise<string[]> {
  const { exitCode, output, complaint } = await askDocker(docker, args, signal);
  if (exitCode === 0) return output.split('\n').filter(Boolean);
  throw dockerNotAvailable('The Docker engine does not answer.', [complaint.trim()], ['docker info']);
}
