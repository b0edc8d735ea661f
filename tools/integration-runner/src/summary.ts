import { type LogLine, linesBetween } from './log-lines.js';
import type { LeaseEvent, RunEvent } from './events.js';
import type { KeptForTest } from './kept-leases.js';
import type { ProjectResult, ServiceFailed, TestResult } from './results.js';

export type Verdict = 'passed' | 'failed' | 'no-services' | 'error' | 'timed-out' | 'interrupted';

export const exitCodes = {
  passed: 0,
  error: 1,
  'timed-out': 1,
  'no-services': 2,
  failed: 3,
  interrupted: 130,
} as const;

/** All that is known of a run, and what summary.json holds. Times in milliseconds, moments since 1970. */
export interface RunSummary {
  /** Of this shape. It grows by adding; what changes its meaning gets another number. */
  readonly version: 1;
  readonly verdict: Verdict;
  readonly exitCode: number;
  readonly startedAtMs: number;
  readonly elapsedMs: number;
  /** As typed, from `./integration` on. */
  readonly command: readonly string[];
  readonly totals: {
    readonly projects: number;
    readonly files: number;
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
  };
  readonly projects: readonly ProjectResult[];
  /** Where each service came from that a project had in this run or in the one that the cache remembers. */
  readonly services: readonly ServiceUse[];
  readonly serviceFailures: readonly ServiceFailed[];
  readonly leases: readonly LeaseUse[];
  /** What --no-cleanup has left on the servers. */
  readonly kept: readonly KeptForTest[];
  readonly faults: readonly {
    readonly atMs: number;
    readonly kind: string;
    readonly detail: string | undefined;
  }[];
}

export interface ServiceUse {
  readonly service: string;
  readonly provider: string;
  readonly version: string;
  readonly address: string;
  /** Of the start in this run, if there was one. */
  readonly startedInMs: number | undefined;
  /** From when to when somebody held it in this run; empty if all that needs it came from the cache. */
  readonly held: readonly { readonly fromMs: number; readonly toMs: number }[];
}

export interface LeaseUse {
  readonly kind: string;
  readonly name: string;
  readonly file: string | undefined;
  readonly test: string | undefined;
  readonly fromMs: number;
  /** `undefined`: not given back. */
  readonly toMs: number | undefined;
}

export interface RunFacts {
  readonly verdict: Verdict;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly command: readonly string[];
  readonly projects: readonly ProjectResult[];
  readonly events: readonly RunEvent[];
  readonly kept?: readonly KeptForTest[];
}

export function summarize({
  verdict,
  startedAtMs,
  endedAtMs,
  command,
  projects,
  events,
  kept = [],
}: RunFacts): RunSummary {
  const total = (of: (result: ProjectResult) => number): number =>
    projects.reduce((sum, result) => sum + of(result), 0);
  return {
    version: 1,
    verdict,
    exitCode: exitCodes[verdict],
    startedAtMs,
    elapsedMs: endedAtMs - startedAtMs,
    command,
    totals: {
      projects: projects.length,
      files: total(({ files }) => files.length),
      passed: total(({ passed }) => passed),
      failed: total(({ failed }) => failed),
      skipped: total(({ skipped }) => skipped),
    },
    projects,
    services: serviceUses(projects, events, endedAtMs),
    serviceFailures: serviceFailures(projects, events),
    leases: leaseUses(events),
    kept,
    faults: events.flatMap((event) =>
      event.event === 'fault' ? [{ atMs: event.at, kind: event.kind, detail: event.detail }] : [],
    ),
  };
}

/** Each service that could not be had, once: the harness tells it as an event and in the result of the project. */
export function serviceFailures(
  projects: readonly ProjectResult[],
  events: readonly RunEvent[],
): ServiceFailed[] {
  const told = events.filter((event) => event.event === 'service-failed');
  const all: ServiceFailed[] = [...told, ...projects.flatMap(({ failures }) => failures)];
  const byName = new Map(
    all.map(({ code, service, summary }) => [service ?? code, { code, service, summary }]),
  );
  return [...byName.values()];
}

function serviceUses(
  projects: readonly ProjectResult[],
  events: readonly RunEvent[],
  endedAtMs: number,
): ServiceUse[] {
  const uses = new Map<string, ServiceUse>();
  for (const { service, provider, version, endpoint: address } of projects.flatMap(
    (project) => project.services,
  )) {
    uses.set(service, { service, provider, version, address, startedInMs: undefined, held: [] });
  }
  for (const leased of events.filter((event) => event.event === 'services-leased')) {
    const returned = events.find(
      ({ event, at, ...rest }) =>
        event === 'services-returned' && at >= leased.at && 'holder' in rest && rest.holder === leased.holder,
    );
    for (const { service, provider, version, address, startedInMs } of leased.services) {
      const before = uses.get(service);
      const held = { fromMs: leased.at, toMs: returned?.at ?? endedAtMs };
      uses.set(service, {
        ...{ service, provider, version, address },
        startedInMs: before?.startedInMs ?? startedInMs,
        held: [...(before?.held ?? []), held],
      });
    }
  }
  return [...uses.values()];
}

function leaseUses(events: readonly RunEvent[]): LeaseUse[] {
  const returned = new Map<string, LeaseEvent>();
  for (const event of events)
    if (event.event === 'lease-returned' || event.event === 'lease-kept') returned.set(event.name, event);
  return events.flatMap((event) =>
    event.event === 'lease-taken'
      ? {
          ...{ kind: event.kind, name: event.name, file: event.file, test: event.test },
          fromMs: event.at - event.tookMs,
          toMs: returned.get(event.name)?.at,
        }
      : [],
  );
}

/** A server may write a line a moment after the test that it is about has failed. */
const marginMs = { before: 100, after: 300 };
const mostLines = 40;

/** What each service logged while a test ran. */
export function logOf(
  { startedAtMs, tookMs }: TestResult,
  logs: ReadonlyMap<string, readonly LogLine[]>,
): { readonly service: string; readonly lines: readonly string[] }[] {
  if (startedAtMs === undefined) return [];
  const stretch = { fromMs: startedAtMs - marginMs.before, toMs: startedAtMs + tookMs + marginMs.after };
  return [...logs]
    .map(([service, lines]) => ({ service, lines: linesBetween(lines, stretch, mostLines) }))
    .filter(({ lines }) => lines.length > 0);
}
