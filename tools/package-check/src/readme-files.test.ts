import { readmeFiles } from './readme-files.js';

const fence = '```';

describe('the files of a README', () => {
  test('are the fenced blocks that name one, in order, with their text', () => {
    const markdown = [
      '# A package',
      `${fence}sh`,
      'npm install a',
      fence,
      `${fence}ts example.ts`,
      "console.log('a');",
      '',
      'const b = `c`;',
      fence,
      'text',
      `${fence}json docker/project.json`,
      '{}',
      fence,
      `${fence}ts`,
      'no file',
      fence,
    ].join('\n');
    expect(readmeFiles(markdown)).toEqual([
      { path: 'example.ts', text: "console.log('a');\n\nconst b = `c`;\n" },
      { path: 'docker/project.json', text: '{}\n' },
    ]);
  });

  test('are none where no block names one', () => {
    expect(readmeFiles('# A package\n')).toEqual([]);
  });

  test.each(['../x.ts', '/etc/x.ts', 'a/../../x.ts'])('are refused outside the folder: %s', (path) => {
    expect(() => readmeFiles(`${fence}ts ${path}\n${fence}\n`)).toThrow(`outside its folder: ${path}`);
  });

  test('are refused when two have one name', () => {
    const block = `${fence}ts a.ts\n1;\n${fence}\n`;
    expect(() => readmeFiles(block + block)).toThrow('a.ts twice');
  });
});
