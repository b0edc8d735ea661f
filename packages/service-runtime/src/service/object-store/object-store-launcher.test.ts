import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../../clock.js';
import { Scratch } from '../../testing/scratch.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import type { LaunchContext } from '../running-service.js';
import { objectStoreLauncher } from './object-store-launcher.js';

const programs = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'monmaptool'] as const;

/** Programs that write down how they were called, and do what the test says. */
function setUp(
  scratch: Scratch,
  scripts: Partial<Record<(typeof programs)[number], string>>,
  signal = new AbortController().signal,
): LaunchContext {
  for (const program of programs) {
    scratch.writeProgram(
      `bin/${program}`,
      `echo "${program} $*" >> ${scratch.path('called')}; ${scripts[program] ?? ''}`,
    );
  }
  return {
    host: scratch.host(),
    clock: systemClock,
    dataFolder: scratch.makeFolder('data'),
    logFile: scratch.write('store.log', ''),
    port: 0,
    signal,
    record: () => undefined,
  };
}

describe('the launch of the object store', () => {
  // A rejection that nobody handles ends the supervisor, and with it every service of the workspace. Jest fails a
  // test in which there is one.
  test('fails with the first step that fails, also when another fails before it is waited for', async () => {
    using scratch = new Scratch();
    const context = setUp(scratch, {
      'ceph-osd': `echo $$ > ${scratch.path('osd')}; echo "osd: no" >&2; exit 1`,
      // Goes on until the other has been seen to fail.
      monmaptool: `while ! [ -s ${scratch.path('osd')} ] || kill -0 $(cat ${scratch.path('osd')}); do :; done 2>/dev/null
        echo "monmap: no" >&2; exit 1`,
    });
    const failure: unknown = await objectStoreLauncher.launch(context).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      report: { code: 'SERVICE_DIED', service: 'object-store', evidence: ['exit code 1', 'monmap: no'] },
    });
    await setImmediate();
  });

  test('ends with the reason of its signal, whatever goes on', async () => {
    using scratch = new Scratch();
    const told = new AbortController();
    const context = setUp(scratch, { 'ceph-osd': 'exec sleep 60', monmaptool: 'exec sleep 60' }, told.signal);
    const launch = objectStoreLauncher.launch(context);
    for (let rounds = 0; rounds < 20; rounds++) await setImmediate();
    told.abort(new Error('enough'));
    await expect(launch).rejects.toThrow('enough');
    await setImmediate();
  });

  test('does not wait for a server that has ended: what depends on it is given up, and another port is tried', async () => {
    using scratch = new Scratch();
    const context = setUp(scratch, {
      'ceph-mon': 'case "$*" in "-f "*) echo "unable to bind" >&2; exit 1;; esac',
      'ceph-osd': 'case "$*" in "-f "*) exec sleep 60;; esac',
    });
    const failure: unknown = await objectStoreLauncher.launch(context).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      report: { code: 'SERVICE_DIED', evidence: expect.arrayContaining(['exit code 1', 'unable to bind']) },
    });
    const monitors = readFileSync(scratch.path('called'), 'utf8').match(/^ceph-mon -f.*$/gm);
    expect(monitors?.map((line: string) => /attempt-\d/.exec(line)?.[0])).toEqual(['attempt-1', 'attempt-2']);
  });

  test('begins again a start that hangs, once, and says then what it has waited for', async () => {
    using scratch = new Scratch();
    const clock = new VirtualClock();
    const context = { ...setUp(scratch, { monmaptool: 'exec sleep 60' }), clock };
    const begun = (): number => readdirSync(scratch.path('data')).length;
    const launch = objectStoreLauncher.launch(context).catch((error: unknown) => error);
    for (const attempt of [1, 2]) {
      while (begun() < attempt) await setImmediate();
      await clock.advance(14_000);
    }
    expect(await launch).toMatchObject({
      report: {
        code: 'SERVICE_NOT_READY',
        summary: expect.stringContaining('an attempt has 14 s'),
        evidence: [expect.stringContaining('monmaptool has not ended')],
      },
    });
  });

  test('says which program is missing', async () => {
    using scratch = new Scratch();
    const failure: unknown = await objectStoreLauncher
      .launch({ ...setUp(scratch, {}), host: scratch.host({ programFolders: [] }) })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      report: { code: 'BINARY_MISSING', summary: expect.stringContaining('radosgw') },
    });
  });

  test('puts no key into an argument or a file', async () => {
    using scratch = new Scratch();
    const context = setUp(scratch, { 'ceph-mon': 'exit 1' });
    await objectStoreLauncher.launch(context).catch(() => undefined);
    const files = readdirSync(scratch.folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(scratch.folder, name))
      .filter((path) => statSync(path).isFile());
    expect(files).toContain(scratch.path('called'));
    expect(files).toContain(scratch.path('data/attempt-1/ceph.conf'));
    for (const file of files) expect(readFileSync(file, 'latin1')).not.toContain('minioadmin');
  });
});
