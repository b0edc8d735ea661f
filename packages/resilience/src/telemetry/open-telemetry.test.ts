import { context, metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { constantBackoff } from '../backoff/constant.js';
import { retry } from '../retry/retry.js';
import { VirtualClock } from '../testing/virtual-clock.js';

const spans = new InMemorySpanExporter();
const exported = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: exported, exportIntervalMillis: 1e9 });

beforeAll(() => {
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
  );
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
});

afterAll(async () => {
  await reader.shutdown();
  trace.disable();
  metrics.disable();
  context.disable();
});

class Down extends Error {
  override readonly name = 'Down';
}

test('each call of a named policy is a span, its events and metrics say what happened, and no message of an error', async () => {
  const clock = new VirtualClock();
  const policy = retry(
    { maxAttempts: 2, backoff: constantBackoff({ delayMs: 250, jitter: 'none' }), isTransient: () => true },
    clock,
  ).named('postgres.read');
  const call = policy(() => Promise.reject(new Down('password=hunter2')));
  await expect(clock.run(call)).rejects.toBeInstanceOf(Down);
  await clock.run(policy(() => Promise.resolve()));

  const [failed, succeeded] = spans.getFinishedSpans();
  expect(failed).toMatchObject({
    name: 'postgres.read',
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'resilience.attempts': 2, 'error.type': 'Down' },
  });
  expect(failed?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
    ['attempt', { number: 1 }],
    ['retry', { number: 2, delayMs: 250, 'error.type': 'Down' }],
    ['attempt', { number: 2 }],
  ]);
  expect(succeeded).toMatchObject({
    status: { code: SpanStatusCode.UNSET },
    attributes: { 'resilience.attempts': 1 },
  });

  await reader.forceFlush();
  const measured = exported
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const points = (name: string) =>
    measured
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => [attributes, value] as const));
  expect(points('resilience.events')).toContainEqual([{ policy: 'postgres.read', event: 'attempt' }, 3]);
  expect(points('resilience.events')).toContainEqual([{ policy: 'postgres.read', event: 'retry' }, 1]);
  expect(points('resilience.call.duration')).toContainEqual([
    { policy: 'postgres.read', outcome: 'failed' },
    expect.objectContaining({ count: 1, sum: 0.25 }),
  ]);
  expect(JSON.stringify([failed?.events, failed?.attributes, failed?.status, measured])).not.toContain(
    'hunter2',
  );
});
