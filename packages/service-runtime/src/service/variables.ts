import type { Endpoint } from './endpoint.js';

/** A process environment, handed in: nothing below the entry points reads the real one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a service's endpoint is written into an environment, and read out of one. */
export interface EndpointVariables<E extends Endpoint = Endpoint> {
  /** Any of them, set and not empty, says that the service is to be had where the variables say. */
  readonly locating: readonly [string, ...string[]];
  /** All of them. */
  readonly names: readonly string[];
  /** Those that carry the account, for messages. */
  readonly account: readonly string[];
  to(endpoint: E): Record<string, string>;
  /**
   * What is left out has the defaults of the guide.
   *
   * @throws RangeError naming the variable and what is allowed, never a password.
   */
  from(environment: Environment): E;
}

/** `localhost:9000`, and `[::1]:9000` for the address of IPv6 that has colons of its own. */
export function hostAndPort({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

/** @throws RangeError naming the variable, the value and the range. */
export function portFrom(given: string | undefined, variable: string, otherwise?: number): number {
  const port = given === undefined || given === '' ? otherwise : Number(given);
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(
      `the port in ${variable} is "${given ?? ''}"; it must be a whole number from 1 to 65535`,
    );
  }
  return port;
}

/**
 * One value that two variables may carry.
 *
 * @throws RangeError naming both if they differ. The values are not shown: one may be a password.
 */
export function agreed(
  environment: Environment,
  one: { readonly variable: string; readonly value: string | undefined },
  other: string,
): string | undefined {
  const value = environment[other];
  if (value === undefined || value === '') return one.value ?? value;
  if (one.value === undefined || one.value === '' || one.value === value) return value;
  throw new RangeError(`${one.variable} and ${other} say different things; set one of them`);
}

/** The parts of an address such as `redis://user:password@host:6379/0`, decoded; those left out are missing. */
export interface Address {
  readonly host: string;
  readonly port?: string;
  readonly user?: string;
  readonly password?: string;
  /** Without the slash that it begins with. */
  readonly path?: string;
  readonly parameters: URLSearchParams;
}

/**
 * Reads the address in a variable.
 *
 * @returns `undefined` if the variable is not set, or empty.
 * @throws RangeError naming the variable and what is allowed. The value is not shown: it may hold a password.
 */
export function addressFrom(
  environment: Environment,
  variable: string,
  schemes: readonly [string, ...string[]],
): Address | undefined {
  const given = environment[variable];
  if (given === undefined || given === '') return undefined;
  const url = URL.canParse(given) && isDecodable(given) ? new URL(given) : undefined;
  const scheme = url?.protocol.slice(0, -1) ?? '';
  if (url === undefined || !schemes.includes(scheme) || url.hostname === '') {
    throw new RangeError(
      `${variable} is no address that is understood here; it must begin with ${schemes[0]}://`,
    );
  }
  const part = (text: string): string | undefined => (text === '' ? undefined : decodeURIComponent(text));
  const optional = {
    port: part(url.port),
    user: part(url.username),
    password: part(url.password),
    path: part(url.pathname.slice(1)),
  };
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    parameters: url.searchParams,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
