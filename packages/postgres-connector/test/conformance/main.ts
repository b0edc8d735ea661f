// nx run postgres-connector:conformance-report: tries every requirement, and puts what was found into the README.
import {
  type ConformanceReport,
  postgresDestinationFixture,
  postgresSourceFixture,
  reportDestinationConformance,
  reportSourceConformance,
} from '@sqlflow/test-harness/conformance';
import { readFileSync, writeFileSync } from 'node:fs';
import { open as openDestination } from '../integration/child/open-destination.js';
import { open as openSource } from '../integration/child/open-source.js';
import { leasedPostgres } from '../leased-postgres.js';

const readme = new URL('../../README.md', import.meta.url);
const nodeOptions = [
  '--import',
  new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href,
];
const moduleOf = (name: string) => ({
  url: new URL(`../integration/child/${name}.ts`, import.meta.url),
  nodeOptions,
});

function table({ suite, findings }: ConformanceReport): string {
  const rows = findings.map(({ requirement, verdict, evidence }) => {
    // The bar would end the cell.
    return `| \`${requirement}\` | ${verdict} | ${evidence.replaceAll('|', '\\|')} |`;
  });
  const passed = findings.filter(({ verdict }) => verdict === 'passed').length;
  return [
    `As a ${suite}: ${String(passed)} of ${String(findings.length)} requirements are met.`,
    '',
    '| Requirement | | Evidence |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

await using lease = await leasedPostgres('conformance-report');
if (lease === undefined) {
  process.exitCode = 2;
} else {
  process.stderr.write('This takes about a minute.\n');
  const reports = [
    await reportSourceConformance({
      name: 'postgres-connector',
      open: openSource,
      lease: postgresSourceFixture,
      module: moduleOf('open-source'),
    }),
    await reportDestinationConformance({
      name: 'postgres-connector',
      open: openDestination,
      lease: postgresDestinationFixture,
      module: moduleOf('open-destination'),
    }),
  ];
  const date = new Date().toISOString().slice(0, 'YYYY-MM-DD'.length);
  const body = [
    `Made on ${date} by \`nx run postgres-connector:conformance-report\`.`,
    ...reports.map(table),
  ].join('\n\n');
  const text = readFileSync(readme, 'utf8');
  const mark = (name: string): string => `<!-- conformance-report: ${name} -->`;
  const [before = '', after = ''] = [text.split(mark('begin'))[0], text.split(mark('end'))[1]];
  writeFileSync(readme, `${before}${mark('begin')}\n\n${body}\n\n${mark('end')}${after}`);
  process.stdout.write(`${body}\n`);
  process.exitCode = reports.every(({ isAsExpected }) => isAsExpected) ? 0 : 1;
}
