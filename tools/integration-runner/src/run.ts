import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  endpointsOf,
  failureBox,
  type Host,
  pinServices,
  runtimeFolders,
  thisHost,
} from '@sqlflow/service-runtime';
import { KeptLeases } from './kept-leases.js';
import { coverageArgs, forgetCoverage, writeCoverage } from './coverage.js';
import { EventReader, type RunEvent } from './events.js';
import { installMissing } from './install.js';
import { type NxSection, NxOutput } from './nx-output.js';
import { affectedProjects, runArgs, runSuites } from './nx.js';
import type { RunOptions } from './options.js';
import { Progress } from './progress.js';
import { type ProjectResult, readResult, resultFiles } from './results.js';
import { renderReport } from './report.js';
import { nowMs, type RunContext } from './run-context.js';
import { makeRunFolder } from './run-folder.js';
import { type Selection, select } from './selection.js';
import { ServiceLogs } from './service-logs.js';
import { serviceFailures, summarize, type Verdict } from './summary.js';
import { textReader } from './text-reader.js';
import { findSuites, type SuiteProject } from './workspace-suites.js';
import { writeRun } from './write-run.js';

/** Below the workspace's folder. The plugin's inferred targets write each project's results there. */
const resultsPath = 'logs/integration-tests';

/** A suite ends before the next one begins; without this CI would stop and start the services in between. */
const keepBetweenSuitesMs = '10000';
const pollMs = 200;

/** Runs what was chosen, shows how it goes, and leaves the run's folder. Nothing of it runs any more afterwards. */
export async function run(options: RunOptions, context: RunContext): Promise<Verdict> {
  const all = findSuites(context.workspaceRoot);
  const chosen = await choose(options, all, context);
  if (chosen.kind === 'none') {
    if (chosen.isFine) context.print(chosen.why);
    else context.printError(chosen.why);
    return chosen.isFine ? 'passed' : 'error';
  }
  const host = hostWith(options);
  await installMissing(servicesOf(chosen.projects), programsOf(chosen.projects), host, context);
  return new Run(options, chosen, chosen.projects.length === all.length, host, context).execute();
}

/** Gets what the suites need, all of them, and runs none. @throws ServiceFailure `INSTALL_FAILED` */
export async function installForAll(context: RunContext): Promise<void> {
  const all = findSuites(context.workspaceRoot);
  await installMissing(servicesOf(all), programsOf(all), thisHost(), context);
  context.print('The services that the suites need are here.');
}

function servicesOf(projects: readonly SuiteProject[]): Set<string> {
  return new Set(projects.flatMap(({ services }) => services));
}

function programsOf(projects: readonly SuiteProject[]): Set<string> {
  return new Set(projects.flatMap(({ programs }) => programs));
}

type Chosen =
  | Extract<Selection, { kind: 'some' }>
  | { readonly kind: 'none'; readonly why: string; readonly isFine: boolean };

async function choose(
  options: RunOptions,
  all: readonly SuiteProject[],
  context: RunContext,
): Promise<Chosen> {
  const selection = select(options, all, textReader(context.workspaceRoot));
  if (selection.kind === 'none') return { ...selection, isFine: false };
  if (!options.affected) return selection;
  const affected = await affectedProjects(options.base, context);
  const projects = selection.projects.filter(({ name }) => affected.has(name));
  if (projects.length > 0) return { ...selection, projects };
  return { kind: 'none', why: 'Nothing is affected: no integration suite has to run.', isFine: true };
}

function hostWith({ provider }: RunOptions): Host {
  const host = thisHost();
  if (provider === undefined) return host;
  return { ...host, environment: { ...host.environment, SERVICES_PROVIDER: provider } };
}

class Run {
  readonly #startedAtMs: number;
  readonly #results: string;
  readonly #folder: string;
  readonly #reader: EventReader;
  readonly #events: RunEvent[] = [];
  readonly #serviceLogs: ServiceLogs;
  readonly #progress: Progress;
  readonly #sections: NxSection[] = [];
  readonly #shownProjects = new Set<string>();
  readonly #output: NxOutput;
  #kept: KeptLeases | undefined;
  #hasTimedOut = false;

  constructor(
    private readonly options: RunOptions,
    private readonly chosen: Extract<Chosen, { kind: 'some' }>,
    private readonly isEveryProject: boolean,
    private readonly host: Host,
    private readonly context: RunContext,
  ) {
    this.#startedAtMs = nowMs(context);
    this.#results = join(context.workspaceRoot, resultsPath);
    this.#folder = makeRunFolder(this.#results, context.clock.timestamp());
    this.#reader = new EventReader(join(this.#folder, 'events.jsonl'));
    const names = new Set([...chosen.projects.map(({ name }) => name), 'services']);
    this.#output = new NxOutput(
      (name) => names.has(name),
      (section) => {
        this.#onSection(section);
      },
    );
    const logs = runtimeFolders(context.workspaceRoot, host).logs;
    this.#serviceLogs = new ServiceLogs(logs, join(this.#folder, 'services'));
    this.#progress = new Progress({
      projects: chosen.projects.length,
      verbose: options.verbose,
      print: context.printProgress,
      nowMs: () => context.clock.nowMs(),
    });
  }

  async execute(): Promise<Verdict> {
    const { options, chosen, context } = this;
    for (const { name } of chosen.projects) {
      // What a run that crashed did not write must not be told from an older one; Nx brings cached results back.
      for (const file of Object.values(resultFiles(name))) rmSync(join(this.#results, file), { force: true });
    }
    if (options.coverage) forgetCoverage(context.workspaceRoot, chosen.projects);
    if (options.keepServices && !(await this.#pin())) return this.#close(1, 'no-services');
    const watching = new AbortController();
    const watched = this.#watch(watching.signal);
    try {
      return await this.#close(await this.#runSuites());
    } finally {
      watching.abort();
      await watched;
    }
  }

  async #pin(): Promise<boolean> {
    const { context, chosen, host } = this;
    const wanted = servicesOf(chosen.projects);
    const { offers, failures } = await pinServices(
      {
        workspaceRoot: context.workspaceRoot,
        services: [...wanted] as Parameters<typeof pinServices>[0]['services'],
        signal: context.end,
      },
      host,
    );
    for (const { service, version, endpoint } of offers) {
      context.print(`  ${service.padEnd(13)} ${version} at ${endpoint.host}:${String(endpoint.port)}, kept`);
    }
    if (this.options.keepFailed) this.#kept = new KeptLeases(endpointsOf(offers), context.printError);
    for (const failure of failures) context.printError(failureBox(failure));
    this.#events.push(
      ...failures.map(({ code, service, summary }) => ({
        ...{ at: nowMs(context), event: 'service-failed' as const, code, summary },
        ...(service !== undefined && { service }),
      })),
    );
    return failures.length === 0;
  }

  async #runSuites(): Promise<number> {
    const { options, chosen, context, host } = this;
    const timeout = new AbortController();
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : context.clock.schedule(options.timeoutMs, () => {
            this.#hasTimedOut = true;
            timeout.abort();
          });
    const jestArgs = [...chosen.jestArgs, ...(options.coverage ? coverageArgs : [])];
    try {
      return await runSuites(
        {
          args: runArgs(options, this.isEveryProject ? 'all' : chosen.projects, jestArgs),
          variables: this.#variables(host),
          onOutput: (text) => {
            if (options.verbose) context.print(text.trimEnd());
            this.#output.push(text);
          },
          end: AbortSignal.any([context.end, timeout.signal]),
        },
        context,
      );
    } finally {
      timer?.cancel();
      this.#output.end();
    }
  }

  #variables({ environment }: Host): Record<string, string> {
    const { context } = this;
    const provider = environment['SERVICES_PROVIDER'];
    const keepWarmMs = environment['SERVICES_KEEP_WARM_MS'] ?? keepBetweenSuitesMs;
    return {
      INTEGRATION_TESTS: environment['INTEGRATION_TESTS'] ?? 'true',
      TEST_EVENTS_FILE: join(this.#folder, 'events.jsonl'),
      ...(this.options.keepFailed && { TEST_KEEP_LEASES: 'true' }),
      ...(provider !== undefined && { SERVICES_PROVIDER: provider }),
      ...(context.isContinuousIntegration && { SERVICES_KEEP_WARM_MS: keepWarmMs }),
    };
  }

  async #watch(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      this.#readNew();
      this.#output.tick();
      this.#progress.tick();
      await this.context.clock.sleep(pollMs, ended).catch(() => undefined);
    }
  }

  #readNew(): void {
    this.#serviceLogs.readNew(nowMs(this.context));
    for (const event of this.#reader.readNew()) {
      this.#events.push(event);
      this.#progress.onEvent(event);
      this.#kept?.onEvent(event);
    }
  }

  #onSection(section: NxSection): void {
    this.#sections.push(section);
    const project = this.chosen.projects.find(({ name }) => name === section.task?.project);
    if (project === undefined || section.task?.target !== 'integration') return;
    if (this.#shownProjects.has(project.name)) return;
    this.#shownProjects.add(project.name);
    this.#readNew(); // what its tests said comes before its end
    this.#progress.onProjectEnded(project.name, this.#resultOf(project), section.text);
  }

  #resultOf(project: SuiteProject): ProjectResult | undefined {
    const { workspaceRoot } = this.context;
    return readResult(this.#results, project, { startedAtMs: this.#startedAtMs, workspaceRoot });
  }

  /** Tells the verdict, writes the run's folder, and shows the report. */
  async #close(exitCode: number, known?: Verdict): Promise<Verdict> {
    const { context, chosen, options } = this;
    this.#readNew();
    const projects = chosen.projects.flatMap((project) => this.#resultOf(project) ?? []);
    const verdict = known ?? this.#verdict(exitCode, projects);
    const summary = summarize({
      ...{ verdict, startedAtMs: this.#startedAtMs, endedAtMs: nowMs(context), command: context.command },
      ...{ projects, events: this.#events, kept: (await this.#kept?.settled()) ?? [] },
    });
    writeRun(this.#folder, { summary, sections: this.#sections, logs: this.#serviceLogs.lines() });
    if (options.coverage) {
      const folder = join(this.#folder, 'coverage');
      mkdirSync(folder);
      const lines = writeCoverage(context.workspaceRoot, chosen.projects, folder);
      context.print(
        ['', 'Coverage', ...lines, `  ${this.#shown('coverage/index.html')}, lcov.info beside it`].join('\n'),
      );
    }
    context.print(
      renderReport(summary, { reportFile: this.#shown('report.html'), runFolder: this.#shown('') }),
    );
    if (options.keepServices) context.print('\nServices go on until: npx nx run services:down');
    return verdict;
  }

  #verdict(exitCode: number, projects: readonly ProjectResult[]): Verdict {
    const { context, options, chosen } = this;
    if (context.end.aborted) return 'interrupted';
    if (this.#hasTimedOut) {
      context.printError(
        `The run took longer than --timeout ${String((options.timeoutMs ?? 0) / 1000)} s and was ended.`,
      );
      return 'timed-out';
    }
    const ran = projects.reduce((sum, { passed, failed }) => sum + passed + failed, 0);
    if (exitCode === 0 && ran === 0 && chosen.jestArgs.length > 0) {
      context.printError('No test was run: none has in its name what was asked for.');
      return 'error';
    }
    if (exitCode === 0) return 'passed';
    if (serviceFailures(projects, this.#events).length > 0) return 'no-services';
    if (projects.some(({ failed }) => failed > 0)) return 'failed';
    for (const { task, text } of this.#sections) if (task === undefined) context.printError(text);
    return 'error';
  }

  #shown(file: string): string {
    return join(relative(this.context.workspaceRoot, this.#folder), file);
  }
}
