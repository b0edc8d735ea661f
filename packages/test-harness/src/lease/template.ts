import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { HarnessError, messageOf } from '../harness-error.js';
import type { Row } from './postgres-session.js';

/** The database that becomes a template, while it is set up. */
export interface TemplateDatabase {
  /** For tools that connect by themselves. They must have closed their connections when the set-up ends. */
  readonly endpoint: PostgresEndpoint;
  /** As {@link LeasedDatabase.query}. */
  readonly query: (sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;
}

export interface TemplateDefinition {
  /** For people, and a part of the hash: 1 to 60 characters. */
  readonly name: string;
  /**
   * SQL files, run in this order and before `setUp`; of a folder, its `.sql` files in the order of their names. A path is
   * relative to the working folder. @defaultValue none
   */
  readonly files?: readonly (string | URL)[];
  /** What SQL alone cannot do, such as running a migration tool. Has 120 s. @defaultValue nothing */
  readonly setUp?: (database: TemplateDatabase) => Promise<unknown>;
  /**
   * Files and folders, with all below them, that `setUp` depends on. Only its own text and these are looked at to tell
   * whether a template must be built anew: not what it imports, and not the variables around it. @defaultValue none
   */
  readonly inputs?: readonly (string | URL)[];
}

/** Something that databases are copied from. Made by {@link defineTemplate}. */
export interface DatabaseTemplate extends Required<Pick<TemplateDefinition, 'name' | 'files' | 'inputs'>> {
  readonly setUp: TemplateDefinition['setUp'];
}

const known = ['name', 'files', 'setUp', 'inputs'];
const longestName = 60;

/**
 * Says what a database holds when it is leased: `leaseDatabase({ template })`. It is built when the first lease wants it,
 * once for a server, an account and a content.
 *
 * @throws HarnessError `invalid-option` if nothing is to be done, or for a part that makes no sense.
 */
export function defineTemplate(definition: TemplateDefinition): DatabaseTemplate {
  const { name, files = [], setUp, inputs = [] } = definition;
  const unknown = Object.keys(definition).find((part) => !known.includes(part));
  if (unknown !== undefined) refuse(`there is no part ${unknown}; there is ${known.join(', ')}`);
  if (typeof name !== 'string' || name === '' || name.length > longestName) {
    refuse(`name is ${JSON.stringify(name)}; it must be a text of 1 to ${String(longestName)} characters`);
  }
  if (setUp !== undefined && typeof setUp !== 'function') refuse('setUp is no function');
  if (setUp === undefined && files.length === 0) refuse(`"${name}" has neither files nor setUp`);
  return Object.freeze({ name, files, setUp, inputs });
}

/** A text of SQL, and where it is from. */
export interface SqlFile {
  readonly path: string;
  readonly sql: string;
}

/** The SQL files of a template in the order in which they run. @throws HarnessError `invalid-option` if one cannot be read. */
export async function sqlFilesOf({ name, files }: DatabaseTemplate): Promise<SqlFile[]> {
  const paths = await Promise.all(files.map((file) => sqlPaths(name, pathOf(file))));
  return Promise.all(
    paths.flat().map(async (path) => ({ path, sql: (await read(name, path)).toString('utf8') })),
  );
}

/**
 * What tells one content from another: 20 hexadecimal digits over the name, the SQL, the text of the set-up and its inputs.
 *
 * @param owner - The account that the template will belong to: others may not copy it.
 */
export async function hashOf(
  template: DatabaseTemplate,
  files: readonly SqlFile[],
  owner: string,
): Promise<string> {
  const inputs = await Promise.all(template.inputs.map((input) => filesBelow(template.name, pathOf(input))));
  const contents = await Promise.all(inputs.flat().map((path) => read(template.name, path)));
  const hash = createHash('sha256');
  const parts = [
    ...['1', owner, template.name, template.setUp?.toString() ?? ''],
    ...files.map(({ sql }) => sql),
    'inputs',
    ...contents,
  ];
  // Each part with its length, so that no two lists of parts read the same.
  for (const part of parts) hash.update(`${String(Buffer.byteLength(part))}:`).update(part);
  return hash.digest('hex').slice(0, 20);
}

async function sqlPaths(name: string, path: string): Promise<string[]> {
  if (!(await isFolder(name, path))) return [path];
  const found = (await readdir(path)).filter((file) => file.endsWith('.sql')).toSorted();
  if (found.length === 0) refuse(`"${name}": there is no .sql file in ${path}`);
  return found.map((file) => join(path, file));
}

async function filesBelow(name: string, path: string): Promise<string[]> {
  if (!(await isFolder(name, path))) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name)).toSorted();
}

async function isFolder(name: string, path: string): Promise<boolean> {
  return (await orRefuse(name, path, () => stat(path))).isDirectory();
}

function read(name: string, path: string): Promise<Buffer> {
  return orRefuse(name, path, () => readFile(path));
}

async function orRefuse<T>(name: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const said = messageOf(cause);
    throw new HarnessError(
      'invalid-option',
      `template "${name}": ${basename(path)} cannot be read: ${said}`,
      {
        cause,
      },
    );
  }
}

function pathOf(file: string | URL): string {
  return typeof file === 'string' ? file : fileURLToPath(file);
}

function refuse(message: string): never {
  throw new HarnessError('invalid-option', `a template cannot be defined: ${message}`);
}
