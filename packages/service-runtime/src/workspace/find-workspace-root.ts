import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file that only the top of a workspace has. */
const marks = ['nx.json', 'pnpm-workspace.yaml'];

/**
 * The workspace that a folder belongs to: the topmost folder above it, or itself, with an nx.json, a
 * pnpm-workspace.yaml or a package.json that has `workspaces`; else the nearest one with a package.json; else itself.
 */
export function findWorkspaceRoot(folder: string): string {
  const chain = ancestors(folder);
  const tops = chain.filter(isTop);
  return tops.at(-1) ?? chain.find((candidate) => existsSync(join(candidate, 'package.json'))) ?? folder;
}

function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

function isTop(folder: string): boolean {
  if (marks.some((mark) => existsSync(join(folder, mark)))) return true;
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof manifest === 'object' && manifest !== null && 'workspaces' in manifest;
  } catch {
    return false;
  }
}
