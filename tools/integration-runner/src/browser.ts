import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What a Chromium is called, by Debian, Google and Homebrew. */
const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chromium-headless-shell',
];

/** The browser that the test of the report opens it in. @returns `undefined` if there is none */
export function findBrowser(programFolders: readonly string[]): string | undefined {
  return names
    .flatMap((name) => programFolders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file));
}
