import { posix } from 'node:path';
import type { ProjectConfiguration } from '@nx/devkit';

/** The files that make a folder the home of a service. */
export const serviceFiles = 'docker/*/{compose.yml,service.mjs}';

/** The service that a file of this kind defines: its folder's name. */
export function serviceOf(file: string): string {
  return posix.basename(posix.dirname(file));
}

/** The folder of a service, from the workspace's. */
export function serviceFolder(service: string): string {
  return `docker/${service}`;
}

/**
 * A project for a service, without targets: those who use the service depend on it, so that what changes in its folder
 * (the image, its settings, how it is started) is a change for them, and for nobody else.
 */
export function inferService(service: string, servicesProject: string): Omit<ProjectConfiguration, 'root'> {
  return {
    name: `${servicesProject}/${service}`, // beside the project `services`, and like no name that a package has
    projectType: 'application',
    tags: ['service'],
    metadata: { description: `The service ${service}, for tests.`, technologies: ['docker'] },
  };
}
