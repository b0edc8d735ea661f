import { type Command, parseCommand, type RunOptions } from './options.js';
import { usage } from './usage.js';

const defaults: RunOptions = {
  verbose: false,
  keyword: undefined,
  files: [],
  tags: [],
  keepServices: false,
  keepFailed: false,
  coverage: false,
  parallel: undefined,
  timeoutMs: undefined,
  affected: false,
  base: undefined,
  provider: undefined,
};
const run = (changes: Partial<RunOptions> = {}): Command => ({
  kind: 'run',
  options: { ...defaults, ...changes },
});

describe('the command line', () => {
  test.each<[string, Command]>([
    ['', run()],
    ['-v', run({ verbose: true })],
    ['--verbose --coverage', run({ verbose: true, coverage: true })],
    ['-k postgres', run({ keyword: 'postgres' })],
    ['--keyword=-1', run({ keyword: '-1' })],
    ['-f a.test.ts --file b', run({ files: ['a.test.ts', 'b'] })],
    ['--quick', run({ tags: ['smoke'] })],
    ['--tag fault,!slow --tag own', run({ tags: ['fault', '!slow', 'own'] })],
    ['--affected --base main', run({ affected: true, base: 'main' })],
    ['--provider docker', run({ provider: 'docker' })],
    ['--parallel 3 --timeout 90', run({ parallel: 3, timeoutMs: 90_000 })],
    ['--keep-services', run({ keepServices: true })],
    ['--no-cleanup', run({ keepServices: true, keepFailed: true })],
    ['--cleanup-only', { kind: 'clean-up' }],
    ['--install-only', { kind: 'install' }],
    ['-h', { kind: 'help' }],
    ['--help --quick', { kind: 'help' }],
  ])('%j is understood', (line, command) => {
    expect(parseCommand(line.split(' ').filter(Boolean))).toEqual(command);
  });

  test.each([
    ['--hlep', /^There is no option --hlep; there are --verbose \(-v\), .*--help \(-h\)\.$/],
    ['-x', /^There is no option -x/],
    ['postgres', /^"postgres" is no option; tests are chosen with -k WORD or -f FILE/],
    ['--help=yes', /^--help takes no value; "yes" was given/],
    ['-k', /^-k needs a value: a service, a part/],
    ['--keyword=', /^--keyword needs a value/],
    ['-k --quick', /^-k needs a value/],
    ['--provider podman', /^--provider is "podman"; it must be one of auto, local, docker, external/],
    ['--parallel 0', /^--parallel is "0"; it must be a whole number from 1 to 64/],
    ['--parallel many', /^--parallel is "many"/],
    ['--timeout 1.5', /^--timeout is "1.5"; it must be a whole number of seconds from 1 to 86400/],
    ['--tag Smoke', /^--tag is "Smoke"; it must be a word of small letters/],
    ['--tag a,', /^--tag is ""/],
    ['--base main', /^--base says what --affected compares with/],
    ['--cleanup-only --quick', /^--cleanup-only stands alone/],
    ['--install-only --quick', /^--install-only stands alone/],
  ])('%s is refused in words', (line, why) => {
    const command = parseCommand(line.split(' '));
    expect(command.kind === 'refused' && command.why).toMatch(why);
  });

  test('has a usage that names every option and every exit code', () => {
    const options = ['--keyword', '--file', '--tag', '--quick', '--affected', '--base', '--provider'];
    const more = ['--parallel', '--timeout', '--coverage', '--verbose', '--keep-services', '--no-cleanup'];
    const alone = ['--install-only', '--cleanup-only', '--help'];
    for (const option of [...options, ...more, ...alone]) expect(usage).toContain(option);
    for (const code of ['0 passed', '1 wrong', '2 services', '3 tests', '130 interrupted'])
      expect(usage).toContain(code);
  });
});
