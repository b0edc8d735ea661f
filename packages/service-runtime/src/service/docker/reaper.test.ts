import { readdirSync, readFileSync } from 'node:fs';
import { systemClock } from '../../clock.js';
import { Scratch } from '../../testing/scratch.js';
import { startReaper } from './reaper.js';

/** Processes that have the text among their arguments. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false; // it has just ended
    }
  });
}

async function untilGone(text: string, withinMs: number): Promise<void> {
  const deadline = systemClock.nowMs() + withinMs;
  while (processesWith(text).length > 0) {
    if (systemClock.nowMs() > deadline) throw new Error(`still there after ${String(withinMs)} ms`);
    await systemClock.sleep(20);
  }
}

const onLinux = process.platform === 'linux' ? test : test.skip; // eslint-disable-line no-restricted-syntax -- /proc is Linux's

describe('the shell that removes what a killed owner left', () => {
  const environment = { PATH: '/usr/bin:/bin' };

  onLinux(
    'gives up an engine that hangs in every answer, and leaves no process',
    async () => {
      using scratch = new Scratch();
      const file = scratch.writeProgram('docker', `echo "$1" >> ${scratch.path('asked')}; exec sleep 600`);
      const reaper = startReaper({ file, environment }, scratch.folder, {
        answerSeconds: 1,
        engineSeconds: 1,
      });
      reaper.release();
      await untilGone(scratch.folder, 20_000);
      const asked = readFileSync(scratch.path('asked'), 'utf8').trimEnd().split('\n');
      expect([...new Set(asked)]).toEqual(['ps', 'network', 'volume']);
    },
    30_000,
  );

  onLinux(
    'removes containers until none is there, then networks and volumes',
    async () => {
      using scratch = new Scratch();
      const folder = scratch.folder;
      const file = scratch.writeProgram(
        'docker',
        `echo "$@" >> ${folder}/asked
       case "$1 $2" in
         'ps -aq') [ -e ${folder}/removed ] || echo one two ;;
         'rm -f') touch ${folder}/removed ;;
         'network ls') echo three ;;
       esac`,
      );
      startReaper({ file, environment }, folder).release();
      await untilGone(folder, 20_000);
      const label = `--filter label=sqlflow.services.project=${folder}`;
      expect(readFileSync(scratch.path('asked'), 'utf8').trimEnd().split('\n')).toEqual([
        ...[`ps -aq ${label}`, 'rm -f -v one two'],
        ...Array.from({ length: 5 }, () => `ps -aq ${label}`),
        ...[`network ls -q ${label}`, 'network rm three', `volume ls -q ${label}`],
      ]);
    },
    30_000,
  );

  onLinux('ends at once where there is nothing left to do', async () => {
    using scratch = new Scratch();
    startReaper({ file: '/nowhere/docker', environment }, scratch.folder).dismiss();
    await untilGone(scratch.folder, 5_000);
  });
});
