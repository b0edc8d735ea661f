import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads files by their path from a folder. A file that is gone has no text. */
export function textReader(folder: string): (file: string) => string {
  return (file) => {
    try {
      return readFileSync(join(folder, file), 'utf8');
    } catch {
      return '';
    }
  };
}
