import fc from 'fast-check';
import { errorCommand } from './workflow-command.js';

describe('an annotation', () => {
  test('is one command with file, line, title and message', () => {
    expect(errorCommand({ file: 'a/b.test.ts', line: 7, title: 'reads', message: 'expected 1' })).toBe(
      '::error file=a/b.test.ts,line=7,title=reads::expected 1',
    );
    expect(errorCommand({ file: 'a.ts', title: 't', message: 'm' })).toBe('::error file=a.ts,title=t::m');
  });

  test('keeps a hostile title and message from being a command', () => {
    const title = 'a::stop-commands::x\n::add-mask::secret,line=1';
    const message = '100%\r\n::set-env name=PATH::evil';
    expect(errorCommand({ file: 'a,b:c.ts', title, message })).toBe(
      '::error file=a%2Cb%3Ac.ts,title=a%3A%3Astop-commands%3A%3Ax%0A%3A%3Aadd-mask%3A%3Asecret%2Cline=1::100%25%0D%0A::set-env name=PATH::evil',
    );
  });

  test('is one line for any text, and the runner reads back what was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (title, message) => {
        const command = errorCommand({ file: 'a.ts', line: 1, title, message });
        expect(command).not.toMatch(/[\r\n]/);
        const [, givenTitle = '', givenMessage = ''] =
          /^::error file=a\.ts,line=1,title=([^:,]*)::(.*)$/su.exec(command) ?? [];
        expect([unescape(givenTitle), unescape(givenMessage)]).toEqual([title, message]);
      }),
    );
  });
});

/** As GitHub's runner does. */
function unescape(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}
