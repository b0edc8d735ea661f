import { createServer } from 'node:net';
import { failureBox } from '../failure/failure-box.js';
import { ServiceFailure } from '../failure/service-failure.js';
import type { OwnedProcess } from '../process/owned-process.js';
import { Scratch } from '../testing/scratch.js';
import { isFull, lastLines, launchFailure, portTaken } from './launch-failure.js';
import { choosePort } from './launch-server.js';

const dead = (exitCode: number | null, signal: NodeJS.Signals | null): OwnedProcess => ({
  pid: 1,
  exited: Promise.resolve({ exitCode, signal }),
  exitStatus: () => ({ exitCode, signal }),
  end: () => Promise.resolve({ exitCode, signal }),
});
const patient = new AbortController().signal;

describe('what is known of a server that did not come up', () => {
  test('is how it ended, and its last eight lines', () => {
    using scratch = new Scratch();
    const logFile = scratch.write(
      'log',
      Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`).join(''),
    );
    const { report } = launchFailure(
      'redis',
      { logFile, signal: patient },
      new Error('x'),
      dead(null, 'SIGSEGV'),
      true,
    );
    expect(report.code).toBe('SERVICE_DIED');
    expect(report.evidence).toEqual([
      'ended by SIGSEGV',
      ...[13, 14, 15, 16, 17, 18, 19, 20].map((n) => `line ${n}`),
    ]);
    expect(report.next[0]).toContain(logFile);
  });

  test('is why it was given up and what the last probe said, when it still ran', () => {
    using scratch = new Scratch();
    const given = {
      logFile: scratch.path('absent'),
      signal: AbortSignal.abort(new Error('redis had 30 s to start')),
    };
    const { report } = launchFailure('redis', given, new Error('ECONNREFUSED'), dead(0, null), false);
    expect(report.code).toBe('SERVICE_NOT_READY');
    expect(report.summary).toBe('redis did not answer in time: redis had 30 s to start.');
    expect(report.evidence).toEqual(['last probe: ECONNREFUSED']);
  });
});

test('an empty log, or none, has no last lines', () => {
  using scratch = new Scratch();
  expect(lastLines(scratch.write('log', ''))).toEqual([]);
  expect(lastLines(scratch.write('log', '\n\n'))).toEqual([]);
  expect(lastLines(scratch.path('absent'))).toEqual([]);
});

test('a folder that is not there is not full', () => {
  using scratch = new Scratch();
  expect(isFull(scratch.path('absent'))).toBe(false);
  expect(isFull('/proc/self')).toBe(true); // a file system that has no room at all
});

describe('the choice of a port', () => {
  test('insists on one that was asked for, and takes another where none was', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    const { port } = server.address() as { port: number };
    const refused: unknown = await choosePort(port, port, 'redis').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ServiceFailure);
    expect(failureBox((refused as ServiceFailure).report)).toContain(`--ports.redis=0`);
    expect(await choosePort(port, undefined, 'redis')).not.toBe(port);
    expect(await choosePort(port, 0, 'redis')).not.toBe(port);
    await new Promise((resolve) => server.close(resolve));
    expect(await choosePort(port, undefined, 'redis')).toBe(port);
    expect(await choosePort(1, port, 'redis')).toBe(port);
    expect(portTaken('redis', port).report.code).toBe('PORT_TAKEN');
  });
});
