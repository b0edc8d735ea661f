// nx run bench:document: puts the last result of each benchmark into docs/benchmarks.md, and draws its picture.
import { readFileSync, writeFileSync } from 'node:fs';
import { withResult } from './frame/document.js';
import { readResult } from './frame/result.js';
import { drawResult } from './frame/svg.js';

const benchmarks = ['services'];
const docs = new URL('../../../docs/', import.meta.url);
const page = new URL('benchmarks.md', docs);

for (const name of benchmarks) {
  const result = readResult(name);
  writeFileSync(new URL(`benchmark-${name}.svg`, docs), drawResult(result));
  writeFileSync(page, withResult(readFileSync(page, 'utf8'), result));
}
