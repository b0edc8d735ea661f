/** Where executors print. The one file of the plugin that touches the terminal. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** For what went wrong, so that `--json` on standard output stays one document. */
export function printError(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printJson(document: unknown): void {
  print(JSON.stringify(document, null, 2));
}
