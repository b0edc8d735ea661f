import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { definitionsVersion } from '../workspace/workspace-services.js';

const sourceFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** Whether this very code runs from its TypeScript sources, as it does in its own repository. */
export const runsFromSource = import.meta.url.endsWith('.ts');

/**
 * The version of the runtime, by which a client knows whether a supervisor speaks as it does. From source it changes
 * with every edit: a supervisor that has been running since before is one of another version.
 */
export function runtimeVersion(): string {
  known ??= findVersion();
  return known;
}

/** The version of a workspace's supervisor: of the runtime, and of the services that the workspace defines. */
export function supervisorVersion(workspaceRoot: string): string {
  const definitions = definitionsVersion(workspaceRoot);
  return definitions === '' ? runtimeVersion() : `${runtimeVersion()}, services ${definitions}`;
}

/** What this process has loaded does not change with the files. */
let known: string | undefined;

function findVersion(): string {
  const manifest = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(dirname(sourceFolder), 'package.json'), 'utf8')));
  return runsFromSource ? `${manifest.version}+${newestSource()}` : manifest.version;
}

function newestSource(): string {
  const files = readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' });
  const times = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => statSync(join(sourceFolder, file)).mtimeMs);
  return Math.max(...times).toString(36);
}
