import { Scratch } from '../testing/scratch.js';
import { runToEnd } from './run-to-end.js';

const never = new AbortController().signal;

describe('running a tool', () => {
  test('gives what it printed and its exit code', async () => {
    using scratch = new Scratch();
    const file = scratch.writeProgram('tool', 'echo "out $1"; echo "err $X" >&2; exit 3');
    const command = { file, args: ['a b'], environment: { X: 'y' } };
    expect(await runToEnd(command, scratch.host(), never)).toEqual({
      exitCode: 3,
      output: 'out a b\n',
      complaint: 'err y\n',
    });
  });

  test('hands it what must not be seen on its standard input, and not in its arguments', async () => {
    using scratch = new Scratch();
    const file = scratch.writeProgram('tool', 'ps -o args= -p $$ >&2; cat');
    const { output, complaint } = await runToEnd(
      { file, args: ['put'], input: 's3cr3t' },
      scratch.host(),
      never,
    );
    expect(output).toBe('s3cr3t');
    expect(complaint).toContain('tool put');
    expect(complaint).not.toContain('s3cr3t');
  });

  test('does not mind a tool that leaves its input unread', async () => {
    using scratch = new Scratch();
    const command = { file: scratch.writeProgram('tool', 'exit 0'), args: [], input: 'x'.repeat(1_000_000) };
    expect(await runToEnd(command, scratch.host(), never)).toMatchObject({ exitCode: 0 });
  });

  test('says why a tool could not be started', async () => {
    using scratch = new Scratch();
    const result = await runToEnd({ file: scratch.path('absent'), args: [] }, scratch.host(), never);
    expect(result.exitCode).not.toBe(0);
    expect(result.complaint).toContain('absent');
  });

  test('ends with the reason of its signal, before it starts or while it runs', async () => {
    using scratch = new Scratch();
    const told = new AbortController();
    const command = { file: '/bin/sleep', args: ['60'] };
    const run = runToEnd(command, scratch.host(), told.signal);
    told.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    await expect(runToEnd(command, scratch.host(), told.signal)).rejects.toThrow('enough');
  });
});
