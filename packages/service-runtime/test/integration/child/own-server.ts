// Starts one server that is tied to this process, says its pid on standard output, and waits to be killed.
// Arguments: `kernel` or `watch`, the end signal, and a log file.
import { startOwnedProcess } from '../../../src/process/owned-process.js';
import { systemClock, thisHost } from '../../../src/index.js';

const [tie, endSignal, logFile = ''] = process.argv.slice(2);
const host = tie === 'watch' ? { ...thisHost(), setpriv: undefined } : thisHost();
const script = 'trap "echo told to quit; exit 0" QUIT; echo up; while :; do sleep 0.05; done';
const command = {
  file: '/bin/sh',
  args: ['-c', script],
  logFile,
  endSignal: endSignal === 'SIGQUIT' ? 'SIGQUIT' : 'SIGKILL',
} as const;
const server = startOwnedProcess(command, host, systemClock, () => undefined);
console.log(String(server.pid)); // a number might be coloured
await server.exited;
