import {
  type CreateDependenciesContext,
  DependencyType,
  type NxJsonConfiguration,
  type ProjectConfiguration,
  type RawProjectGraphDependency,
  type TargetConfiguration,
} from '@nx/devkit';
import { serviceFolder } from './service-project.js';

type DependencyContext = Pick<
  CreateDependenciesContext,
  'projects' | 'externalNodes' | 'nxJsonConfiguration'
>;
type Inputs = NonNullable<TargetConfiguration['inputs']>;

/**
 * What a project needs beyond what its code imports: the services that it declares, and the npm packages that the inputs
 * of its targets name. The latter are part of the cache key of those targets; without a place in the graph Nx would not
 * count the project as affected when they change.
 */
export function inferDependencies({
  projects,
  externalNodes = {},
  nxJsonConfiguration,
}: DependencyContext): RawProjectGraphDependency[] {
  const nameByRoot = new Map(Object.entries(projects).map(([name, { root }]) => [root, name]));
  return Object.entries(projects).flatMap(([source, project]) => {
    const services = servicesOf(project).flatMap((service) => nameByRoot.get(serviceFolder(service)) ?? []);
    const packages = packagesIn(project, nxJsonConfiguration)
      .map((name) => `npm:${name}`)
      .filter((name) => name in externalNodes);
    return [...new Set([...services, ...packages])].map((target) => ({
      source,
      target,
      type: DependencyType.implicit,
    }));
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
