import { connect } from 'node:net';
import { types } from 'node:util';
import type { ServiceFailure } from '../../failure/service-failure.js';
import { askDocker, type DockerCommand } from './docker-command.js';
import { dockerNotAvailable } from './docker-failure.js';

/** Where the engine is, and so how what it publishes is reached. */
export interface EngineAddress {
  /** Such as `unix:///var/run/docker.sock`. */
  readonly url: string;
  /** The address of the engine's machine that a port is published on. */
  readonly publishOn: string;
  /** The name by which we reach that port. */
  readonly host: string;
}

/** A connection that takes longer will not come about. */
const connectWithinMs = 3_000;

/**
 * Asks the command line which engine it would talk to: by `DOCKER_HOST`, `DOCKER_CONTEXT` or the context in use.
 *
 * @throws ServiceFailure `DOCKER_NOT_AVAILABLE` for a context that is not there, and for an engine at the other end of
 * ssh: what it publishes could not be reached from here.
 */
export async function engineAddress(docker: DockerCommand, signal: AbortSignal): Promise<EngineAddress> {
  return addressOf(await engineUrl(docker, signal));
}

async function engineUrl(docker: DockerCommand, signal: AbortSignal): Promise<string> {
  const asked = ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'];
  const { exitCode, output, complaint } = await askDocker(docker, asked, signal);
  if (exitCode !== 0) {
    throw dockerNotAvailable(
      'The Docker context in use cannot be read.',
      [complaint.trim()],
      ['Choose another: docker context ls, docker context use default'],
    );
  }
  return output.trim();
}

/**
 * Whether anything of ours can be on the engine: not where none runs, nor where this account may not use it.
 *
 * @throws ServiceFailure `DOCKER_NOT_AVAILABLE` for a context that is not there
 */
export async function isEngineUsable(docker: DockerCommand, signal: AbortSignal): Promise<boolean> {
  const url = await engineUrl(docker, signal);
  if (url.startsWith('ssh:')) return false; // refused by `engineAddress`
  const code = await connectionError(url, signal);
  return code === undefined || !['ENOENT', 'ECONNREFUSED', 'EACCES', 'EPERM'].includes(code);
}

export function addressOf(url: string): EngineAddress {
  if (/^(unix|npipe):/.test(url)) return { url, publishOn: '127.0.0.1', host: '127.0.0.1' };
  const name = /^(?:tcp|https?):\/\/(\[[^\]]+\]|[^:/]+)/.exec(url)?.[1]?.replace(/^\[|\]$/g, '');
  if (name === undefined) {
    throw dockerNotAvailable(
      'The Docker engine is on a machine whose ports cannot be reached from here.',
      [`engine: ${url}`],
      ['Use an engine of this machine: docker context use default'],
    );
  }
  if (/^(localhost|127\..*|::1)$/.test(name)) return { url, publishOn: '127.0.0.1', host: '127.0.0.1' };
  // Another machine, such as a CI job's `tcp://docker:2375`: its loopback would be closed to us.
  return { url, publishOn: '0.0.0.0', host: name };
}

/** The engine's version. @throws ServiceFailure `DOCKER_NOT_AVAILABLE` with the reason why no engine answers. */
export async function engineVersion(docker: DockerCommand, signal: AbortSignal): Promise<string> {
  const asked = ['version', '--format', '{{.Server.Version}}'];
  const { exitCode, output, complaint } = await askDocker(docker, asked, signal);
  const version = output.trim();
  if (exitCode === 0 && version !== '') return version;
  const { url } = await engineAddress(docker, signal);
  throw await engineFailure(url, complaint.trim(), docker.host.uid, signal);
}

/** Finds out by a connection of our own what keeps the command line from the engine. */
async function engineFailure(
  url: string,
  complaint: string,
  uid: number,
  signal: AbortSignal,
): Promise<ServiceFailure> {
  const code = await connectionError(url, signal);
  const evidence = [`engine: ${url}`, ...complaint.split('\n').slice(-3)];
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return dockerNotAvailable(
        `This account (uid ${String(uid)}) may not use the Docker engine.`,
        evidence,
        ['Join the group, and sign in anew: sudo usermod -aG docker "$USER"'],
      );
    case 'ENOENT':
    case 'ECONNREFUSED':
      return dockerNotAvailable('No Docker engine is running.', evidence, [
        'Start it: sudo systemctl start docker, or Docker Desktop',
        'or choose another: docker context ls',
      ]);
    default:
      return dockerNotAvailable('The Docker engine does not answer.', evidence, [
        'See what it says: docker info',
        'Check DOCKER_HOST, or choose another engine: docker context ls',
      ]);
  }
}

/** The `errno` code of a connection to the engine, or `undefined` if it comes about. */
function connectionError(url: string, signal: AbortSignal): Promise<string | undefined> {
  const path = /^unix:\/\/(.+)$/.exec(url)?.[1];
  const [, host, port] = /^tcp:\/\/(.+):(\d+)/.exec(url) ?? [];
  if (path === undefined && host === undefined) return Promise.resolve(undefined);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(connectWithinMs)]);
  return new Promise((resolve) => {
    const socket =
      path === undefined
        ? connect({ host: host?.replace(/^\[|\]$/g, '') ?? '', port: Number(port), signal: limit })
        : connect({ path, signal: limit });
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    // Not `instanceof`: Jest gives tests an Error of their own, and Node's errors are not of it.
    socket.once('error', (error) => {
      resolve(types.isNativeError(error) && 'code' in error ? String(error.code) : 'unknown');
    });
  });
}
