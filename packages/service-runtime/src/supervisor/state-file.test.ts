import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { Scratch } from '../testing/scratch.js';
import { ProcessLedger } from './process-ledger.js';
import { readState, type SupervisorState, writeState } from './state-file.js';

const identity = { pid: 4711, startedAt: '123456', bootId: '6f0c-boot' };
const state: SupervisorState = {
  dataFolder: '/data',
  processes: [{ ...identity, endSignal: 'SIGQUIT' }],
  projects: [],
};

describe('the state file', () => {
  test('is read as it was written, and is for its owner alone', () => {
    using scratch = new Scratch();
    const path = scratch.path('state.json');
    writeState(path, state);
    expect(readState(path)).toEqual(state);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(scratch.folder)).toEqual(['state.json']);
  });

  test('says nothing when it is missing, cut off at any place, or something else', () => {
    using scratch = new Scratch();
    const path = scratch.path('state.json');
    expect(readState(path)).toBeUndefined();
    const whole = JSON.stringify(state);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.slice(0, length));
      expect(readState(path)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        writeFileSync(path, text);
        expect(readState(path)).toBeUndefined();
      }),
    );
  });

  test.each([
    ['a pid of 0, which would signal our own group', { pid: 0 }],
    ['a pid of -1, which would signal everything', { pid: -1 }],
    ['a pid that is no whole number', { pid: 1.5 }],
    ['another signal', { endSignal: 'SIGSTOP' }],
    ['no start time', { startedAt: undefined }],
  ])('is not believed with %s', (_, change) => {
    using scratch = new Scratch();
    const text = JSON.stringify({ ...state, processes: [{ ...state.processes[0], ...change }] });
    expect(readState(scratch.write('state.json', text))).toBeUndefined();
  });

  test('is the old one when the new one cannot be written', () => {
    using scratch = new Scratch();
    const path = scratch.path('state.json');
    writeState(path, state);
    mkdirSync(`${path}.draft`);
    expect(() => {
      writeState(path, { dataFolder: '/other', processes: [], projects: [] });
    }).toThrow('EISDIR');
    expect(readState(path)).toEqual(state);
  });
});

describe('the ledger of processes', () => {
  test('holds every process from before it runs until its service is gone', () => {
    using scratch = new Scratch();
    const folders = { state: scratch.path('state.json'), data: '/data' };
    const ledger = new ProcessLedger(folders);
    expect(readState(folders.state)).toEqual({ dataFolder: '/data', processes: [], projects: [] });
    const [postgres, store] = [ledger.open(), ledger.open()];
    postgres.add(identity, 'SIGQUIT');
    store.add({ ...identity, pid: 5 }, 'SIGKILL');
    store.add({ ...identity, pid: 6 }, 'SIGKILL');
    expect(readState(folders.state)?.processes.map(({ pid }) => pid)).toEqual([4711, 5, 6]);
    store.close();
    expect(readState(folders.state)).toEqual(state);
    postgres.addProject('sqlflow-k-postgres');
    expect(readState(folders.state)?.projects).toEqual(['sqlflow-k-postgres']);
    postgres.close();
    expect(readState(folders.state)).toMatchObject({ processes: [], projects: [] });
  });

  test('holds no secret: pids, times, signals and a folder, and nothing else', () => {
    using scratch = new Scratch();
    const folders = { state: scratch.path('state.json'), data: '/data' };
    new ProcessLedger(folders).open().add(identity, 'SIGQUIT');
    expect(JSON.parse(readFileSync(folders.state, 'utf8'))).toEqual(state);
  });
});
