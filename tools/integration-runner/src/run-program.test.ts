import { type Clock, systemClock } from '@sqlflow/service-runtime';
import { runProgram } from './run-program.js';

test('a program that has ended leaves no wait, which would keep whoever ran it from ending', async () => {
  let waits = 0;
  const clock: Clock = {
    ...systemClock,
    sleep: async (ms, signal) => {
      waits += 1;
      await systemClock.sleep(ms, signal).finally(() => (waits -= 1));
    },
  };
  const never = new AbortController().signal;
  const command = [process.execPath, '--eval', 'process.exitCode = 7'];
  const program = {
    command,
    folder: '/',
    environment: {},
    onOutput: () => undefined,
    end: never,
    kill: never,
  };
  expect(await runProgram(program, clock)).toBe(7);
  await new Promise(setImmediate);
  expect(waits).toBe(0);
});
