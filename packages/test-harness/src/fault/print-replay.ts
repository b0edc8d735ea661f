import { atTestEnd } from '../test-end.js';

/**
 * Prints the line that replays a link, on standard error, if the test that uses it fails. Without the Jest environment of this
 * package nobody says so, and nothing is printed.
 *
 * @param link - `isClosed`: it does not take part in tests any more.
 */
export function printReplayOnFailure(link: {
  readonly replayLine: string;
  readonly isClosed: boolean;
}): void {
  const forget = atTestEnd(({ testName, failed }) => {
    // Not the console: Jest adds a stack trace to each of its lines.
    if (failed) process.stderr.write(`${sayReplay(testName, link.replayLine)}\n`);
    if (link.isClosed) forget?.();
  });
}

function sayReplay(testName: string, line: string): string {
  return `toxicLink in "${testName}": to make the same cuts, toxicLink(endpoint, { replay: '${line}' })`;
}
