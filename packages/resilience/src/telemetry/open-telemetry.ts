import { createRequire } from 'node:module';
import type * as Api from '@opentelemetry/api';
import type { CallObserver, Observe, PolicyEvent } from '../events.js';

const library = '@sqlflow/resilience';

/**
 * A span for each call of a named policy, and metrics of all: `resilience.call.duration` in seconds, by policy and
 * outcome, and `resilience.events` by policy and event. No message of an error is passed on, for what may be in it.
 *
 * @returns `undefined` if `@opentelemetry/api` is not installed. Without an SDK behind it, it does nothing.
 */
export function openTelemetry(): Observe | undefined {
  const api = loadApi();
  if (api === undefined) return undefined;
  const { SpanKind, SpanStatusCode } = api;
  const tracer = api.trace.getTracer(library);
  const meter = api.metrics.getMeter(library);
  const duration = meter.createHistogram('resilience.call.duration', { unit: 's' });
  const events = meter.createCounter('resilience.events');

  return (policy): CallObserver => {
    const span = tracer.startSpan(policy, { kind: SpanKind.INTERNAL });
    const context = api.trace.setSpan(api.context.active(), span);
    const end = (event: Extract<PolicyEvent, { type: 'succeeded' | 'failed' }>): void => {
      span.setAttribute('resilience.attempts', event.attempts);
      if (event.type === 'failed') {
        span.setAttribute('error.type', nameOf(event.cause));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
      duration.record(event.elapsedMs / 1000, { policy, outcome: event.type });
    };
    return {
      notify: (event) => {
        events.add(1, { policy, event: event.type });
        if (event.type === 'succeeded' || event.type === 'failed') end(event);
        else span.addEvent(event.type, attributesOf(event));
      },
      within: (work) => api.context.with(context, work),
    };
  };
}

function attributesOf(event: PolicyEvent): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(event).flatMap(([name, value]: [string, unknown]) => {
      if (name === 'type') return [];
      if (name === 'cause') return [['error.type', nameOf(value)] as const];
      return typeof value === 'string' || typeof value === 'number' ? [[name, value] as const] : [];
    }),
  );
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** It is not for us to say that it must be there, and it cannot be awaited where a policy gets its name. */
function loadApi(): typeof Api | undefined {
  try {
    return createRequire(import.meta.url)('@opentelemetry/api') as typeof Api;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
