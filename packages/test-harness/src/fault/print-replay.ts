import { atTestEnd } from '../test-end.js';

/** What is needed of a link here. */
interface Replayable {
  readonly schedule: readonly unknown[];
  readonly replayLine: string;
  /** It does not take part in tests any more. */
  readonly isClosed: boolean;
}

/**
 * Prints the line that replays a link, on standard error, if the test that uses it fails and something was done to a connection.
 * Without the Jest environment of this package nobody says so, and nothing is printed.
 */
export function printReplayOnFailure(link: Replayable): void {
  const forget = atTestEnd(({ testName, failed }) => {
    // Not the console: Jest adds a stack trace to each of its lines.
    if (failed && link.schedule.length > 0) process.stderr.write(`${sayReplay(testName, link.replayLine)}\n`);
    if (link.isClosed) forget?.();
  });
}

function sayReplay(testName: string, line: string): string {
  return `toxicLink in "${testName}": to make the same cuts, toxicLink(endpoint, { replay: '${line}' })`;
}
