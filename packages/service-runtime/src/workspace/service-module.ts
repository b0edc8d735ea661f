import { z } from 'zod';
import { ServiceFailure } from '../failure/service-failure.js';
import { findProgram } from '../process/find-program.js';
import { type EndSignal, endSignals } from '../process/owned-process.js';
import type { Endpoint } from '../service/endpoint.js';
import { missingBinary } from '../service/launch-failure.js';
import { launchServer } from '../service/launch-server.js';
import type { LocalLauncher, ServiceDefinition } from '../service/service-definition.js';
import type { ServiceName } from '../service/service-name.js';

/**
 * What `docker/<name>/service.mjs` exports as its default: a service that a workspace defines. It gets the same leases,
 * providers, doctor and sweep as the built-in ones. Plain data and functions, so that the file needs no import of ours.
 */
export interface ServiceModule {
  /** It listens here in its container; on this machine too, when the port is free. From 1 to 65535. */
  readonly standardPort: number;

  /**
   * A protocol round trip that only a service that can be used answers: not just a connection. Asked again every few
   * milliseconds until it answers.
   *
   * @returns what answered, for people: `memcached 1.6.18`
   * @throws whatever kept it from answering; also when `signal` aborts
   */
  probe(endpoint: Endpoint, signal: AbortSignal): Promise<string>;

  /** How it is run without Docker. Left out, it comes from Docker Compose or from a server that already runs. */
  readonly local?: {
    /** The name of its program, looked for on PATH and in the system's folders. */
    readonly program: string;
    /** What brings the program, for `services:install`. */
    readonly packages?: { readonly debian?: readonly string[]; readonly homebrew?: readonly string[] };
    /** The server must stay in the foreground, listen on `host` and `port` alone, and keep its data in `dataFolder`. */
    command(place: ServerPlace): ServerStart;
  };
}

export interface ServerPlace {
  /** Always 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  /** Empty, the server's own, and removed when it stops. */
  readonly dataFolder: string;
}

export interface ServerStart {
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What ends it quickly without leaving anything. @defaultValue `SIGKILL` */
  readonly endSignal?: EndSignal;
}

const functionValue = <F>(what: string): z.ZodType<F> =>
  z.custom<F>((value) => typeof value === 'function', { error: `must be a function: ${what}` });

const packageNames = z.array(z.string().regex(/^[\w.+@-]+$/)).default([]);

const moduleSchema = z.strictObject({
  standardPort: z.number().int().min(1).max(65_535),
  probe: functionValue<(endpoint: Endpoint, signal: AbortSignal) => unknown>(
    '(endpoint, signal) => Promise<string>',
  ),
  local: z
    .strictObject({
      program: z.string().min(1),
      packages: z
        .strictObject({ debian: packageNames, homebrew: packageNames })
        .default({ debian: [], homebrew: [] }),
      command: functionValue<NonNullable<ServiceModule['local']>['command']>(
        '({ host, port, dataFolder }) => ({ args })',
      ),
    })
    .optional(),
});

const startSchema = z.strictObject({
  args: z.array(z.string()),
  environment: z.record(z.string(), z.string()).optional(),
  endSignal: z.enum(endSignals).default('SIGKILL'),
});

const host = '127.0.0.1';

/** @param given - The default export of a `service.mjs`. @throws ZodError saying what is wrong with it. */
export function toDefinition(name: ServiceName, given: unknown): ServiceDefinition {
  const { standardPort, local, probe: asked } = moduleSchema.parse(given);
  const probe: ServiceDefinition['probe'] = async (endpoint, signal) => String(await asked(endpoint, signal));
  return {
    name,
    standardPort,
    packages: local?.packages ?? { debian: [], homebrew: [] },
    probe,
    endpoint: ({ host: where, port }) => ({ host: where, port }),
    ...(local && { local: toLauncher(name, standardPort, local, probe) }),
  };
}

function startOf(service: ServiceName, given: unknown): z.infer<typeof startSchema> {
  const { data, error } = startSchema.safeParse(given);
  if (data !== undefined) return data;
  throw new ServiceFailure({
    code: 'SERVICE_DEFINITION_INVALID',
    service,
    summary: `The definition of the service ${service} does not say how to start it.`,
    evidence: error.issues.map(({ path, message }) => `${['command()', ...path].join('.')}: ${message}`),
    next: [`Correct \`command\` in docker/${service}/service.mjs.`],
  });
}

function toLauncher(
  service: ServiceName,
  standardPort: number,
  { program, command }: Pick<NonNullable<ServiceModule['local']>, 'program' | 'command'>,
  probe: ServiceDefinition['probe'],
): LocalLauncher {
  const locate: LocalLauncher['locate'] = ({ programFolders }) => {
    const found = findProgram(program, programFolders);
    if (found === undefined) throw missingBinary(service, program);
    return found;
  };
  return {
    locate,
    cannot: { maxConnections: 'its definition knows of no such limit' },
    launch: (context) => {
      const file = locate(context.host);
      const { dataFolder, logFile } = context;
      return launchServer({
        service,
        standardPort,
        context,
        command: (port) => {
          const { environment, ...start } = startOf(service, command({ host, port, dataFolder }));
          return { file, logFile, ...start, ...(environment && { environment }) };
        },
        endpoint: (port) => ({ host, port }),
        probe: () => probe,
      });
    },
  };
}
