import type { ExecutorContext } from '@nx/devkit';
import { parseServices, type ServiceName } from '@sqlflow/service-runtime';

/**
 * What the tasks need that wait for this one in the same run.
 *
 * @returns `undefined` if none waits, so that the target was asked for by its own name.
 */
export function dependentServices(context: ExecutorContext): ServiceName[] | undefined {
  const self = `${context.projectName ?? ''}:${context.targetName ?? ''}`;
  const { dependencies = {}, tasks = {} } = context.taskGraph ?? {};
  const waiting = Object.entries(dependencies).filter(([, on]) => on.includes(self));
  if (waiting.length === 0) return undefined;
  const declared = waiting.flatMap(([task]) => {
    const project = tasks[task]?.target.project;
    return project === undefined ? [] : metadataServices(context, project);
  });
  return parseServices(declared, 'the metadata of a project');
}

function metadataServices(context: ExecutorContext, project: string): unknown[] {
  const metadata: unknown = context.projectGraph.nodes[project]?.data.metadata;
  if (typeof metadata !== 'object' || metadata === null || !('services' in metadata)) return [];
  return Array.isArray(metadata.services) ? metadata.services : [];
}
