import { connectionStages, ConnectorError, type Source } from '@sqlflow/connector-contract';
import { NonConformance, type Requirement } from '../requirement.js';
import { methodOf, type SourceBench, streamsOf } from './source-bench.js';
import type { Address, FailingEndpoint } from './source-fixture.js';

/** What the requirements of a connection need of a bench, of whatever suite it is. */
export interface ConnectionBench {
  readonly fixture: { readonly failing: readonly FailingEndpoint<Address>[] };
  readonly open: (endpoint?: Address) => Pick<Source, 'testConnection'>;
  readonly signal: AbortSignal;
}

export const connectionReport: Requirement<ConnectionBench> = {
  title: 'testConnection reports every stage, in order, and what answered',
  answers: ['microsoft/aspire#13714'],
  check: async ({ open, signal }) => {
    const report = await open().testConnection(signal);
    const stages = report.stages.map(({ stage }) => stage);
    if (stages.join() !== connectionStages.join()) {
      throw new NonConformance(
        `the stages are ${stages.join(', ')}; they must be ${connectionStages.join(', ')}`,
      );
    }
    const wrong = report.stages.filter(({ outcome, message }) => outcome === 'failed' || message === '');
    if (!report.ok || wrong.length > 0 || report.server === undefined) {
      throw new NonConformance(`a connection that can be made is reported as ${JSON.stringify(report)}`);
    }
    return `${report.server}, ${stages.length} stages`;
  },
};

export const failedStage: Requirement<ConnectionBench> = {
  title: 'testConnection says at which stage a connection fails, and why',
  answers: ['microsoft/aspire#13714', 'node-postgres#3473'],
  check: async ({ fixture, open, signal }) => {
    for (const { stage, code, endpoint } of fixture.failing) {
      const found = await open(endpoint)
        .testConnection(signal)
        .then(
          ({ ok, failedStage: at = 'none', failureCode, stages }) => {
            const after = stages.slice(stages.findIndex(({ outcome }) => outcome === 'failed') + 1);
            const tried = after.filter(({ outcome }) => outcome !== 'skipped').map(({ stage: name }) => name);
            const more = tried.length > 0 ? `, though ${tried.join(', ')} came after it` : '';
            return ok ? 'a connection that can be made' : `a failure of ${at}, ${String(failureCode)}${more}`;
          },
          // Where no server answered there is nothing to report.
          (error: unknown) =>
            error instanceof ConnectorError && (stage === 'dns' || stage === 'tcp')
              ? `a failure of ${stage}, ${error.code}`
              : `${String(error)}, thrown`,
        );
      const expected = `a failure of ${stage}, ${code}`;
      if (found !== expected) throw new NonConformance(`${expected} is told as ${found}`);
    }
    return fixture.failing.map(({ stage }) => stage).join(', ');
  },
};

const discoverAgrees: Requirement<SourceBench> = {
  title: 'discover tells the streams, schemas and keys that are then read',
  answers: ['airbyte#78427'],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const columns = [...streams.kinds].map((kind, index) => ({
      name: kind,
      kind,
      isNullable: index % 2 === 1,
    }));
    const spec = {
      name: 'discovered',
      columns: [{ name: 'id', kind: 'int64' } as const, ...columns],
      key: ['id'],
    };
    await streams.create(spec);
    await streams.create({
      name: 'keyless',
      columns: [{ name: 'a', kind: 'text', isNullable: true }],
      key: [],
    });
    const row = Object.fromEntries(
      columns.map(({ name, isNullable }) => [name, isNullable ? null : plain[name]]),
    );
    await streams.insert('discovered', [{ id: 1n, ...row }]);
    const source = bench.open();
    const found = await methodOf(source, 'discover')(bench.signal);
    const [discovered, keyless] = ['discovered', 'keyless'].map((name) =>
      found.find((one) => one.name === name),
    );
    if (discovered === undefined || keyless === undefined) {
      throw new NonConformance(
        `discover tells of ${found.map(({ name }) => name).join(', ')} and not of all there are`,
      );
    }
    if (discovered.primaryKey.join() !== 'id' || keyless.primaryKey.length > 0) {
      throw new NonConformance(
        `the keys are told as (${discovered.primaryKey.join()}) and (${keyless.primaryKey.join()})`,
      );
    }
    const told = discovered.schema.fields.map((field) => `${field.name} ${String(field.type)}`);
    const names = discovered.schema.fields.map(({ name }) => name).join();
    if (names !== spec.columns.map(({ name }) => name).join())
      throw new NonConformance(`the columns are told as ${names}`);
    const nullable = discovered.schema.fields.filter((field) => field.nullable).map(({ name }) => name);
    const missing = columns.filter(({ name, isNullable }) => isNullable && !nullable.includes(name));
    if (missing.length > 0)
      throw new NonConformance(`${missing[0]?.name ?? ''} can be NULL, and is told as if it could not`);
    let batches = 0;
    for await (const batch of methodOf(source, 'read')(discovered, { signal: bench.signal })) {
      const read = batch.schema.fields.map((field) => `${field.name} ${String(field.type)}`);
      if (read.join() !== told.join()) {
        throw new NonConformance(`told as ${told.join(', ')}; read as ${read.join(', ')}`);
      }
      batches += 1;
    }
    if (batches === 0) throw new NonConformance('a stream of one row gave no batch');
    return `${told.length} columns: ${told.join(', ')}`;
  },
};

/** One plain value of each kind. */
const plain: Readonly<Record<string, unknown>> = {
  boolean: true,
  int16: 1,
  int32: 1,
  int64: 1n,
  float32: 1.5,
  float64: 1.5,
  decimal: '1.500000000',
  numeric: '1.5',
  text: 'a',
  bytes: Uint8Array.of(1),
  uuid: '6f2c1a4e-0000-4000-8000-000000000000',
  date: '2024-01-31',
  timestamp: '2024-01-31T10:00:00.123456',
  timestamptz: '2024-01-31T10:00:00.123456Z',
  json: '{"a": 1}',
};

export const connectionRequirements = {
  'connection-report': connectionReport,
  'connection-report-failed-stage': failedStage,
  'discover-agrees-with-read': discoverAgrees,
} as const;
