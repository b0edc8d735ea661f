// nx run bench:document: puts the last result of each benchmark into the documents, and draws its picture.
import { readFileSync, writeFileSync } from 'node:fs';
import { withResult, withSection } from './frame/document.js';
import { readResult } from './frame/result.js';
import { drawResult } from './frame/svg.js';
import { drawStorm } from './storm/picture.js';
import { stormSection } from './storm/report.js';
import { readStorm } from './storm/result.js';

const benchmarks = ['services', 'resilience', 'toxic-link', 'isolation', 'postgres-read', 'postgres-write'];
const ofPostgres = ['postgres-read', 'postgres-write'];
const docs = new URL('../../../docs/', import.meta.url);
const page = new URL('benchmarks.md', docs);
const readme = new URL('../../../packages/resilience/README.md', import.meta.url);

for (const name of benchmarks) {
  const result = readResult(name);
  writeFileSync(new URL(`benchmark-${name}.svg`, docs), drawResult(result));
  writeFileSync(page, withResult(readFileSync(page, 'utf8'), result));
}

const connector = new URL('../../../packages/postgres-connector/README.md', import.meta.url);
for (const name of ofPostgres) {
  writeFileSync(connector, withResult(readFileSync(connector, 'utf8'), readResult(name), '../../docs'));
}

const storm = readStorm();
const picture = 'benchmark-storm.svg';
writeFileSync(new URL(picture, docs), drawStorm(storm));
for (const [file, path] of [
  [page, picture],
  [readme, `../../docs/${picture}`],
] as const) {
  writeFileSync(file, withSection(readFileSync(file, 'utf8'), 'storm', stormSection(storm, path)));
}
