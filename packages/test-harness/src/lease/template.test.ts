import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineTemplate, hashOf, sqlFilesOf, type TemplateDefinition } from './template.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'template-'));
  mkdirSync(join(folder, 'migrations', 'more'), { recursive: true });
  write('migrations/2.sql', 'SELECT 2');
  write('migrations/10.sql', 'SELECT 10');
  write('migrations/notes.txt', 'not SQL');
  write('migrations/more/deep.txt', 'deep');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): void {
  writeFileSync(join(folder, path), text);
}

async function hash(definition: Partial<TemplateDefinition>, owner = 'me'): Promise<string> {
  const template = defineTemplate({ name: 'shop', files: [join(folder, 'migrations')], ...definition });
  return hashOf(template, await sqlFilesOf(template), owner);
}

describe('a template', () => {
  test('runs the SQL files of a folder in the order of their names, among other files', async () => {
    write('last.sql', 'SELECT 3');
    const template = defineTemplate({
      name: 'shop',
      files: [join(folder, 'migrations'), pathToFileURL(join(folder, 'last.sql'))],
    });
    expect((await sqlFilesOf(template)).map(({ sql }) => sql)).toEqual(['SELECT 10', 'SELECT 2', 'SELECT 3']);
  });

  test.each([
    [{ name: '', files: ['a'] }, /name is ""; it must be a text of 1 to 60/],
    [{ name: 'x' }, /"x" has neither files nor setUp/],
    [{ name: 'x', files: ['a'], setup: 1 }, /there is no part setup; there is name, files, setUp, inputs/],
    [{ name: 'x', setUp: 'CREATE TABLE' }, /setUp is no function/],
  ])('cannot be defined as %j', (definition, message) => {
    expect(() => defineTemplate(definition as unknown as TemplateDefinition)).toThrow(message);
  });

  test('says which file cannot be read', async () => {
    await expect(hash({ files: [join(folder, 'no.sql')] })).rejects.toThrow(
      /^\[invalid-option\] template "shop": no\.sql cannot be read: ENOENT/,
    );
    await expect(hash({ files: [join(folder, 'migrations', 'more')] })).rejects.toThrow('no .sql file');
  });
});

describe('the hash of a template', () => {
  test('is the same for the same content, wherever the files are', async () => {
    const before = await hash({});
    write('same.sql', 'SELECT 10');
    write('same2.sql', 'SELECT 2');
    expect(await hash({ files: [join(folder, 'same.sql'), join(folder, 'same2.sql')] })).toBe(before);
    expect(before).toMatch(/^[0-9a-f]{20}$/);
  });

  test.each<[string, () => Partial<TemplateDefinition>]>([
    ['the name', () => ({ name: 'other' })],
    ['the text of the set-up', () => ({ setUp: async () => 'other' })],
    ['an SQL file', () => (write('migrations/2.sql', 'SELECT 3'), {})],
    [
      'the order of SQL files',
      () => (write('migrations/1.sql', 'SELECT 2'), write('migrations/2.sql', ''), {}),
    ],
    ['a further SQL file', () => (write('migrations/3.sql', ''), {})],
  ])('changes with %s', async (_what, change) => {
    const before = await hash({});
    expect(await hash(change())).not.toBe(before);
  });

  test('changes with its inputs, of folders with all below them, and not with other files', async () => {
    const inputs = { inputs: [join(folder, 'migrations')] };
    const before = await hash(inputs);
    write('elsewhere.txt', 'x');
    expect(await hash(inputs)).toBe(before);
    write('migrations/more/deep.txt', 'deeper');
    expect(await hash(inputs)).not.toBe(before);
  });

  test('is another for another account, which could not copy it', async () => {
    expect(await hash({}, 'you')).not.toBe(await hash({}));
  });

  test('does not take a text at the end of one part for the beginning of the next', async () => {
    write('migrations/10.sql', 'SELECT 1');
    write('migrations/2.sql', '0SELECT 2');
    const before = await hash({});
    write('migrations/10.sql', 'SELECT 10');
    write('migrations/2.sql', 'SELECT 2');
    expect(await hash({})).not.toBe(before);
  });
});
