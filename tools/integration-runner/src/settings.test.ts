import { readSettings } from './settings.js';

describe('the environment', () => {
  test.each([
    [{}, false, false],
    [{ LOG_LEVEL: 'DEBUG' }, true, false],
    [{ LOG_LEVEL: 'info' }, false, false],
    [{ LOG_LEVEL: 'warn' }, false, true],
    [{ LOG_LEVEL: 'somebody else’s' }, false, false],
  ])('%j says how much is shown', (environment, isVerbose, isQuiet) => {
    expect(readSettings(environment)).toEqual({ isVerbose, isQuiet, fault: undefined });
  });

  test.each(['auto', '4', '50%', ''])('JEST_WORKERS may be %j', (workers) => {
    expect(readSettings({ JEST_WORKERS: workers }).fault).toBeUndefined();
  });

  test.each(['0', 'many', '-1', '1.5'])('JEST_WORKERS may not be %j', (workers) => {
    expect(readSettings({ JEST_WORKERS: workers }).fault).toMatch(
      /^JEST_WORKERS is ".*"; it must be a number/,
    );
  });
});
