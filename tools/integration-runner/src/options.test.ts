import { parseCommand, usage } from './options.js';

describe('the command line', () => {
  test('is a run without arguments, and help where that is asked for', () => {
    expect(parseCommand([])).toEqual({ kind: 'run' });
    expect(parseCommand(['--help'])).toEqual({ kind: 'help' });
    expect(parseCommand(['-h'])).toEqual({ kind: 'help' });
  });

  test.each([['--hlep'], ['postgres'], ['--help=yes'], ['-x']])('is refused in words with %s', (argument) => {
    const command = parseCommand([argument]);
    expect(command.kind).toBe('refused');
    expect(command.kind === 'refused' && command.why).toContain(argument.replace(/=.*/, ''));
  });

  test('has a usage that names every exit code', () => {
    for (const code of ['0 passed', '1 wrong', '2 services', '3 tests', '130 interrupted'])
      expect(usage).toContain(code);
  });
});
