import { parseArgs } from 'node:util';

export type Command =
  { readonly kind: 'run' } | { readonly kind: 'help' } | { readonly kind: 'refused'; readonly why: string };

export const usage = `usage: ./integration [--help]

Installs what is missing (npm packages; servers with apt or Homebrew where that is allowed), runs every integration
suite on real PostgreSQL, S3 and Redis, and ends with a report. A suite that nothing has changed for comes from the cache.

Environment:
  SERVICES_PROVIDER     auto (default), local, or external: servers that already run, named by TEST_* variables
  SERVICES_KEEP_WARM_MS how long services stay after the last run (default: 10 minutes; not at all when CI is set)
  CI                    set: nothing is kept afterwards

Exit codes: 0 passed, 1 wrong usage or another error, 2 services could not be had, 3 tests failed, 130 interrupted`;

/** Reads the command line. Never throws: what is wrong with it is said in words. */
export function parseCommand(args: readonly string[]): Command {
  try {
    const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean', short: 'h' } } });
    return { kind: values.help === true ? 'help' : 'run' };
  } catch (error) {
    return { kind: 'refused', why: error instanceof Error ? error.message : String(error) };
  }
}
