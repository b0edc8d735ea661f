import type { RunEvent } from './events.js';
import { projectLine } from './report.js';
import type { ProjectResult } from './results.js';

export interface ProgressOptions {
  /** How many will end. */
  readonly projects: number;
  readonly verbose: boolean;
  /** Takes one line, without its end. */
  readonly print: (line: string) => void;
  readonly nowMs: () => number;
}

interface Running {
  readonly files: number;
  readonly filesEnded: number;
  readonly tests: number;
  readonly failed: number;
}

/** Long enough not to fill a log, short enough that nobody wonders whether it still goes on. */
const silenceMs = 5_000;

/** Says what goes on: each service once, each project as it ends, failures at once, and a line whenever it was silent. */
export class Progress {
  readonly #startedAtMs: number;
  #lastPrintAtMs: number;
  #ended = 0;
  readonly #running = new Map<string, Running>();
  readonly #services = new Set<string>();

  constructor(private readonly options: ProgressOptions) {
    this.#startedAtMs = this.#lastPrintAtMs = options.nowMs();
  }

  onEvent(event: RunEvent): void {
    switch (event.event) {
      case 'services-leased':
        for (const service of event.services) this.#onService(service);
        return;
      case 'service-failed':
        this.#print(`  ${(event.service ?? 'services').padEnd(13)} ${event.code}: ${event.summary}`);
        return;
      case 'run-started':
        this.#running.set(event.project, { files: event.files, filesEnded: 0, tests: 0, failed: 0 });
        return;
      case 'test-ended':
        this.#onTest(event);
        return;
      case 'file-ended':
        this.#change(event.project, ({ filesEnded }) => ({ filesEnded: filesEnded + 1 }));
        return;
      default:
    }
  }

  /** `output` is shown if the project has failed. */
  onProjectEnded(project: string, result: ProjectResult | undefined, output: string): void {
    this.#ended += 1;
    this.#running.delete(project);
    const hasFailed = result === undefined || result.failed > 0 || result.failures.length > 0;
    if (hasFailed && !this.options.verbose) this.#print(`\n${output}`);
    const line = result ? projectLine(result) : `  FAILED  ${project.padEnd(20)}  no result`;
    this.#print(`${line}  (${String(this.#ended)} of ${String(this.options.projects)})`);
  }

  /** To be called more often than once in a second. */
  tick(): void {
    const now = this.options.nowMs();
    if (now - this.#lastPrintAtMs < silenceMs) return;
    const running = [...this.#running].map(([project, { files, filesEnded, tests, failed }]) => {
      const failures = failed === 0 ? '' : `, ${String(failed)} failed`;
      return `${project} (file ${String(Math.min(filesEnded + 1, files))} of ${String(files)}, ${String(tests)} tests${failures})`;
    });
    const elapsed = `${((now - this.#startedAtMs) / 1000).toFixed(0)} s`.padStart(6);
    const done = `${String(this.#ended)} of ${String(this.options.projects)} projects done`;
    this.#print(`${elapsed}  ${done}; ${running.join(', ') || 'Nx is at work'}`);
  }

  #onService({ service, version, provider, address, startedInMs }: ServiceSeen): void {
    const key = `${service} ${address}`;
    if (this.#services.has(key)) return;
    this.#services.add(key);
    const how = startedInMs === undefined ? 'already running' : `started in ${startedInMs.toFixed(0)} ms`;
    this.#print(
      `  ${service.padEnd(13)} ${version} at ${address} (${provider}, ${provider === 'external' ? 'not ours' : how})`,
    );
  }

  #onTest({ project, name, status, tookMs }: Extract<RunEvent, { event: 'test-ended' }>): void {
    if (status !== 'passed' && status !== 'failed') return;
    const hasFailed = status === 'failed';
    this.#change(project, ({ tests, failed }) => ({
      tests: tests + 1,
      failed: failed + (hasFailed ? 1 : 0),
    }));
    if (!hasFailed && !this.options.verbose) return;
    const title = name.replace(/ @[a-z][a-z0-9-]*(?= |$)/g, ''); // as Jest says it, without the markers
    this.#print(`  ${hasFailed ? 'FAILED' : 'ok    '}  ${project} › ${title} (${tookMs.toFixed(0)} ms)`);
  }

  #change(project: string, change: (before: Running) => Partial<Running>): void {
    const before = this.#running.get(project);
    if (before) this.#running.set(project, { ...before, ...change(before) });
  }

  #print(line: string): void {
    this.#lastPrintAtMs = this.options.nowMs();
    this.options.print(line);
  }
}

type ServiceSeen = Extract<RunEvent, { event: 'services-leased' }>['services'][number];
