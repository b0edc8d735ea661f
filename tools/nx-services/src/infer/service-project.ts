import { posix } from 'node:path';
import type { ProjectConfiguration } from '@nx/devkit';

/** The files that make a folder the home of a service. */
export const serviceFiles = 'docker/*/{compose.yml,service.mjs}';

/** The service that a file of this kind defines: its folder's name. */
export function serviceOf(file: string): string {
  return posix.basename(posix.dirname(file));
}

/** `services/postgres`: beside the project `services`, and like no name that a package has. */
export function serviceProjectName(service: string, servicesProject: string): string {
  return `${servicesProject}/${service}`;
}

/**
 * A project for a service, without targets: those who use the service depend on it, so that what changes in its folder
 * (the image, its settings, how it is started) is a change for them, and for nobody else.
 */
export function inferService(service: string, servicesProject: string): Omit<ProjectConfiguration, 'root'> {
  return {
    name: serviceProjectName(service, servicesProject),
    projectType: 'application',
    tags: ['service'],
    metadata: { description: `The service ${service}, for tests.`, technologies: ['docker'] },
  };
}
