import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestFailure } from './results.js';
import type { Annotation } from './workflow-command.js';

/** The most of a message that is worth showing beside a line. */
const longestMessage = 2_000;

/**
 * The line of the repository that a failure is about: where the stack passes through the test file, else through any
 * file of the repository, else the test file as a whole.
 */
export function annotate(failure: TestFailure, repository: string): Annotation {
  const frames = framesOf(failure.text);
  const own = frames.filter(({ file }) => isOfRepository(file, repository));
  const frame = own.find(({ file }) => file === failure.file) ?? own[0];
  return {
    file: relative(repository, frame?.file ?? failure.file)
      .split(sep)
      .join('/'),
    ...(frame && { line: frame.line }),
    title: failure.title,
    message: messageOf(failure.text).slice(0, longestMessage) || failure.title,
  };
}

/** The text before the stack. */
export function messageOf(text: string): string {
  const stack = text.search(/^\s+at .*:\d+:\d+\)?$/m);
  return (stack === -1 ? text : text.slice(0, stack)).trim();
}

function framesOf(text: string): { file: string; line: number }[] {
  return [...text.matchAll(/^\s+at (?:.* \()?((?:file:\/\/)?\/.+?):(\d+):\d+\)?$/gm)].flatMap(
    ([, place = '', line]) => {
      try {
        return [{ file: place.startsWith('file:') ? fileURLToPath(place) : place, line: Number(line) }];
      } catch {
        return []; // not an address of this machine
      }
    },
  );
}

function isOfRepository(file: string, repository: string): boolean {
  return file.startsWith(repository + sep) && !file.includes(`${sep}node_modules${sep}`);
}
