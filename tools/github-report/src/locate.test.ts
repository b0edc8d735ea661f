import { annotate, messageOf } from './locate.js';

const repository = '/home/me/repo';
const file = `${repository}/packages/a/test/integration/read.integration.test.ts`;
const at = (text: string): ReturnType<typeof annotate> =>
  annotate({ file, title: 'reads', text }, repository);

describe('the place of a failure', () => {
  test('is the line of the test file, not that of the code or the library it calls', () => {
    const text = [
      'Error: expect(received).toBe(expected)',
      '',
      'Expected: 1',
      `    at check (${repository}/node_modules/expect/build/index.js:1:2)`,
      `    at read (${repository}/packages/a/src/read.ts:10:3)`,
      `    at Object.<anonymous> (${file}:41:7)`,
      '    at processTicksAndRejections (node:internal/process/task_queues:95:5)',
    ].join('\n');
    expect(at(text)).toEqual({
      file: 'packages/a/test/integration/read.integration.test.ts',
      line: 41,
      title: 'reads',
      message: 'Error: expect(received).toBe(expected)\n\nExpected: 1',
    });
  });

  test('is a line of the repository where the stack has none of the test file', () => {
    expect(
      at(`Error: no\n    at async read (file://${repository}/packages/a/src/read%20er.ts:10:3)`),
    ).toMatchObject({
      file: 'packages/a/src/read er.ts',
      line: 10,
    });
    expect(at(`Error: no\n    at ${repository}/packages/a/src/read.ts:11:3`)).toMatchObject({ line: 11 });
  });

  test.each([
    ['no stack', 'thrown: "nothing"'],
    ['a stack elsewhere', 'Error: no\n    at run (/home/me/repository/a.ts:1:2)\n    at b (node:fs:1:2)'],
    ['no address of a file here', 'Error: no\n    at run (file://elsewhere/a.ts:1:2)'],
    ['nothing at all', ''],
  ])('is the test file as a whole with %s', (_, text) => {
    const annotation = at(text);
    expect(annotation.file).toBe('packages/a/test/integration/read.integration.test.ts');
    expect(annotation).not.toHaveProperty('line');
    expect(annotation.message).not.toBe('');
  });

  test('comes with a message of a length that can be shown', () => {
    expect(at('x'.repeat(100_000)).message).toHaveLength(2_000);
  });
});

test('the message of a failure is what stands before its stack', () => {
  expect(messageOf('Error: a at b:1:2\nmore\n    at c (/d.ts:1:2)\n    at e (/f.ts:3:4)')).toBe(
    'Error: a at b:1:2\nmore',
  );
});
