import { posix } from 'node:path';
import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { type ComposeVariables, serviceInputs } from './service-inputs.js';

export interface PluginOptions {
  /** The name of the inferred target. @defaultValue `integration` */
  readonly targetName: string;
  /** The project whose `up` target it depends on. @defaultValue `services` */
  readonly servicesProject: string;
  /** What runs the tests, in the project's folder. @defaultValue `jest --selectProjects integration` */
  readonly command: string;
}

export const defaultOptions: PluginOptions = {
  targetName: 'integration',
  servicesProject: 'services',
  command: 'jest --selectProjects integration',
};

/** A project that declares services. */
export interface DeclaringProject {
  readonly name: string;
  /** From the workspace's folder, with `/`. */
  readonly root: string;
  readonly services: readonly string[];
  /** It has a Jest configuration for these tests alone, as the generator `integration` makes one. */
  readonly hasOwnConfig: boolean;
  /** @defaultValue as the plugin's option says */
  readonly targetName?: string | undefined;
}

/** The name of that configuration. */
export const ownConfig = 'jest.integration.config.mjs';

/** What the workspace has. Nx refuses to hash an input that it cannot find. */
export interface WorkspaceTraits {
  /** The npm packages that its package.json names. */
  readonly packages: readonly string[];
  /** Its nx.json names an input `production`. */
  readonly hasProduction: boolean;
  /** The variables that the compose file of a service asks for. */
  readonly composeVariables: ComposeVariables;
}

/** What a project that declares services gets. Pure: the same package.json always gives the same targets. */
export function inferTargets(
  project: DeclaringProject,
  options: PluginOptions,
  workspace: WorkspaceTraits,
): Omit<ProjectConfiguration, 'root'> {
  return {
    targets: { [project.targetName ?? options.targetName]: integrationTarget(project, options, workspace) },
    // Nx drops what package.json says under nx.metadata; `up` and `nx show project` look here.
    metadata: { services: [...project.services] },
    tags: project.services.map((service) => `service:${service}`),
  };
}

/** What runs tests, and turns what they are written in into what is run. */
const toolchain = [
  ...['jest', 'ts-jest', '@swc/jest', 'babel-jest', 'vitest', 'nx'],
  ...['typescript', '@swc/core', '@swc-node/register', 'tsx'],
];

/** Variables that decide which tests run. */
const selection = ['CI', 'INTEGRATION_TESTS', 'INTEGRATION_TESTS_DOCKER', 'TEST_TAGS', 'TEST_KEYWORD'];

/** Where results go, below the workspace's folder, so that a cached run brings them back. */
const resultsFolder = 'logs/integration-tests';

/**
 * Where a run that skipped tests for lack of a service leaves its mark, which is part of what the next result is kept by:
 * so that Nx, which keeps the result of a skipped run, never uses it. Among Nx' own data, for `nx reset` must remove both.
 */
const marksFolder = '.nx/workspace-data/skipped';

function integrationTarget(
  { name, root, services, hasOwnConfig }: DeclaringProject,
  options: PluginOptions,
  workspace: WorkspaceTraits,
): TargetConfiguration {
  const fileName = name.replace(/[^\w.-]+/g, '-'); // one file, also for @scope/name
  const result = `${resultsFolder}/${fileName}`;
  const mark = `${marksFolder}/${fileName}`;
  const command = hasOwnConfig ? `jest --config ${ownConfig}` : options.command;
  const toTop = posix.relative(root, '.');
  const fromProject = posix.join(toTop, result);
  return {
    executor: 'nx:run-commands',
    options: {
      cwd: '{projectRoot}',
      command: `${command} --json --outputFile=${fromProject}.json`,
      env: {
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        TEST_SERVICES_REPORT: `${fromProject}.services.json`,
        TEST_SKIP_MARK: posix.join(toTop, mark),
      },
    },
    cache: true,
    inputs: [
      'default',
      '!{projectRoot}/README.md', // it tests nothing
      workspace.hasProduction ? '^production' : '^default',
      { externalDependencies: toolchain.filter((name) => workspace.packages.includes(name)) },
      ...selection.map((env) => ({ env })),
      ...serviceInputs(services, workspace.composeVariables),
      { runtime: `cat ${mark} 2>/dev/null || true` },
    ],
    // With the mark: where another checkout or machine shares this cache, or the mark was removed, a skipped result may be
    // used, and brings the mark that keeps it from being used again.
    outputs: [`${result}.json`, `${result}.services.json`, mark].map((path) => `{workspaceRoot}/${path}`),
    dependsOn: [{ projects: [options.servicesProject], target: 'up' }],
    metadata: {
      description: `Run the integration tests on ${services.join(', ') || 'services of their own'}.`,
      technologies: ['jest'],
    },
  };
}
