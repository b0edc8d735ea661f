import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ServiceFailure } from '../failure/service-failure.js';
import { builtInDefinitions } from '../service/built-in-services.js';
import type { ServiceDefinition } from '../service/service-definition.js';
import { builtInServices, inOrder, isServiceName, type ServiceName } from '../service/service-name.js';
import { toDefinition } from './service-module.js';

/** A folder in here for each service: its compose file, and for a workspace's own services its `service.mjs`. */
const servicesFolder = 'docker';

/** The compose file of a service, the single source of its image, ports and account. It need not be there. */
export function composeFile(workspaceRoot: string, service: ServiceName): string {
  return join(workspaceRoot, servicesFolder, service, 'compose.yml');
}

/** The services that there are in a workspace: the built-in ones, then its own. Looks at names of files only. */
export function knownServices(workspaceRoot: string): ServiceName[] {
  return inOrder([...builtInServices, ...ownServices(workspaceRoot)]);
}

/** Loads the definitions of services, each once, in the order in which they are shown. @throws as `loadService` */
export async function loadServices(
  workspaceRoot: string,
  names: readonly ServiceName[],
): Promise<ServiceDefinition[]> {
  return Promise.all(inOrder(names).map((name) => loadService(workspaceRoot, name)));
}

/**
 * Loads the definition of a service.
 *
 * @throws ServiceFailure `UNKNOWN_SERVICE` for a name that is neither built in nor defined in the workspace;
 * `SERVICE_DEFINITION_INVALID` for a `service.mjs` that cannot be used.
 */
export async function loadService(workspaceRoot: string, name: ServiceName): Promise<ServiceDefinition> {
  const builtIn = builtInDefinitions.find((definition) => definition.name === name);
  if (builtIn !== undefined) return builtIn;
  if (!knownServices(workspaceRoot).includes(name)) throw unknownService(name, workspaceRoot);
  return loadModule(workspaceRoot, name);
}

/** Changes with every edit of a `service.mjs`. Empty when the workspace defines no service. */
export function definitionsVersion(workspaceRoot: string): string {
  const names = ownServices(workspaceRoot);
  if (names.length === 0) return '';
  const hash = createHash('sha256');
  for (const name of names.toSorted())
    hash.update(`${name}\0`).update(readFileSync(moduleFile(workspaceRoot, name)));
  return hash.digest('hex').slice(0, 12);
}

function ownServices(workspaceRoot: string): ServiceName[] {
  const names: readonly string[] = builtInServices;
  return foldersIn(join(workspaceRoot, servicesFolder)).filter(
    (name) => isServiceName(name) && !names.includes(name) && existsSync(moduleFile(workspaceRoot, name)),
  );
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // a workspace need not have one
  }
}

function moduleFile(workspaceRoot: string, name: ServiceName): string {
  return join(workspaceRoot, servicesFolder, name, 'service.mjs');
}

async function loadModule(workspaceRoot: string, name: ServiceName): Promise<ServiceDefinition> {
  const file = moduleFile(workspaceRoot, name);
  try {
    const module: unknown = await import(pathToFileURL(file).href);
    return toDefinition(name, z.object({ default: z.unknown().optional() }).parse(module).default);
  } catch (cause) {
    throw new ServiceFailure(
      {
        code: 'SERVICE_DEFINITION_INVALID',
        service: name,
        summary: `The definition of the service ${name} cannot be used.`,
        evidence: [file, ...linesOf(cause)],
        next: ['Correct it: its default export is a ServiceModule of @sqlflow/service-runtime.'],
      },
      { cause },
    );
  }
}

function linesOf(cause: unknown): string[] {
  if (cause instanceof z.ZodError) {
    return cause.issues.map(({ path, message }) => `${path.join('.') || 'default export'}: ${message}`);
  }
  return [cause instanceof Error ? cause.message : String(cause)];
}

function unknownService(name: string, workspaceRoot: string): ServiceFailure {
  return new ServiceFailure({
    code: 'UNKNOWN_SERVICE',
    summary: `There is no service "${name}".`,
    evidence: [`services: ${knownServices(workspaceRoot).join(', ')}`],
    next: ['Correct the name,', `or define it: npx nx g @sqlflow/nx-services:service ${name}`],
  });
}
