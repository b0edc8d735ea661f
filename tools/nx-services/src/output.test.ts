import { print, printError, printJson } from './output.js';

/** What is written to a stream while `action` runs. */
function written(stream: NodeJS.WriteStream, action: () => void): string {
  const original = stream.write;
  let text = '';
  stream.write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk);
    return true;
  };
  try {
    action();
  } finally {
    stream.write = original;
  }
  return text;
}

describe('the output of executors', () => {
  test('is lines on standard output', () => {
    expect(
      written(process.stdout, () => {
        print('a');
        print('b');
      }),
    ).toBe('a\nb\n');
  });

  test('is one JSON document for a script', () => {
    const text = written(process.stdout, () => {
      printJson({ a: [1] });
    });
    expect(JSON.parse(text)).toEqual({ a: [1] });
  });

  test('keeps what went wrong apart', () => {
    const print = () => {
      printError('box');
    };
    expect(written(process.stderr, print)).toBe('box\n');
    expect(written(process.stdout, () => written(process.stderr, print))).toBe('');
  });
});
