/** What the environment says of how to run. */
export interface Settings {
  readonly isVerbose: boolean;
  /** No progress; what fails is shown all the same. */
  readonly isQuiet: boolean;
  /** What is wrong with it, in words. */
  readonly fault: string | undefined;
}

/** Reads LOG_LEVEL and JEST_WORKERS. A level that is not ours is somebody else's, and means the default here. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const level = (environment['LOG_LEVEL'] ?? '').toLowerCase();
  const workers = environment['JEST_WORKERS'] ?? '';
  const isValid = workers === '' || workers === 'auto' || /^[1-9]\d{0,2}%?$/.test(workers);
  return {
    isVerbose: level === 'debug' || level === 'trace',
    isQuiet: ['warn', 'warning', 'error', 'fatal', 'silent'].includes(level),
    fault: isValid
      ? undefined
      : `JEST_WORKERS is "${workers}"; it must be a number, a share such as 50%, or auto.`,
  };
}
