import {
  type CreateDependenciesContext,
  DependencyType,
  type NxJsonConfiguration,
  type ProjectConfiguration,
  type RawProjectGraphDependency,
  type TargetConfiguration,
} from '@nx/devkit';
import { serviceProjectName } from './service-project.js';

type Inputs = NonNullable<TargetConfiguration['inputs']>;

/**
 * What a project needs beyond what its code imports: the services that it declares, and the npm packages that the inputs
 * of its targets name. The latter are part of the cache key of those targets; without a place in the graph Nx would not
 * count the project as affected when they change.
 */
export function inferDependencies(
  {
    projects,
    externalNodes,
    nxJsonConfiguration,
  }: Omit<CreateDependenciesContext, 'fileMap' | 'filesToProcess' | 'workspaceRoot'>,
  servicesProject: string,
): RawProjectGraphDependency[] {
  return Object.entries(projects).flatMap(([source, project]) => {
    const services = servicesOf(project).map((service) => serviceProjectName(service, servicesProject));
    const packages = packagesIn(project, nxJsonConfiguration).map((name) => `npm:${name}`);
    const targets = [
      ...services.filter((name) => name in projects),
      ...packages.filter((name) => externalNodes !== undefined && name in externalNodes),
    ];
    return [...new Set(targets)].map((target) => ({ source, target, type: DependencyType.implicit }));
  });
}

function servicesOf({ metadata }: ProjectConfiguration): string[] {
  const services: unknown = metadata?.['services'];
  return Array.isArray(services) ? services.filter((name) => typeof name === 'string') : [];
}

function packagesIn(project: ProjectConfiguration, nxJson: NxJsonConfiguration): string[] {
  const named = { ...nxJson.namedInputs, ...project.namedInputs };
  const packagesOf = (inputs: Inputs, seen: readonly string[]): string[] =>
    inputs.flatMap((input) => {
      if (typeof input === 'object' && 'externalDependencies' in input) return input.externalDependencies;
      if (typeof input !== 'string' || seen.includes(input)) return [];
      return packagesOf(named[input] ?? [], [...seen, input]);
    });
  return Object.values(project.targets ?? {}).flatMap(({ inputs }) => packagesOf(inputs ?? [], []));
}
