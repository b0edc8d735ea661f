/** Says something to the person who runs the tests. */
export function notice(line: string): void {
  // Not the console: Jest adds a stack trace to each of its lines.
  process.stderr.write(`${line}\n`);
}
