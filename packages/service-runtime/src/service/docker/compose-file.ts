import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type { Environment } from '../variables.js';
import {
  type ComposeDocument,
  composeSchema,
  type ComposeSettings,
  environmentOf,
  portsOf,
} from './compose-schema.js';
import { composeFileInvalid } from './docker-failure.js';
import { fromMirror } from './image-name.js';
import { interpolate } from './interpolate.js';

/** A compose file as it stands for one service: variables filled in, images from the mirror if there is one. */
export interface ComposePlan {
  readonly file: string;
  readonly service: string;
  readonly document: ComposeDocument;
  /** The service's own part of the document. */
  readonly settings: ComposeSettings;
  /** What must be on the machine before the start. A service that is built from a Dockerfile has none. */
  readonly images: readonly string[];
  /** Whether variables were filled in where the command stands: their values may be secrets. */
  readonly hasVariableCommand: boolean;
  /** The service's environment: the credentials stand here. */
  readonly environment: Readonly<Record<string, string>>;
  /** The port that the service listens on in its container. */
  readonly containerPort: number;
  /** The port of this machine that the file would like. */
  readonly preferredPort: number;
}

/**
 * Reads the part of a compose file that concerns one service, which must have the name of the service.
 *
 * Not by `compose config`: that takes 0.25 s of version 1, which is written in Python.
 *
 * @throws ServiceFailure `COMPOSE_FILE_INVALID`, with the line or the setting and what is wrong with it.
 */
export function readComposeFile(
  file: string,
  service: string,
  standardPort: number,
  environment: Environment,
): ComposePlan {
  const invalid = (reason: string, cause?: unknown): Error =>
    composeFileInvalid(service, file, reason, cause);
  const text = read(file, invalid);
  const document = parse(text, environment, invalid);
  for (const [name, settings] of Object.entries(document.services)) {
    // A name that stays the same: compose would make one of the project's, and so another image for each start.
    if (settings['build']) settings.image ??= builtImage(file, name);
    else if (settings.image !== undefined) settings.image = fromMirror(settings.image, name, environment);
    // Compose, if it is left to that, has another environment than whoever asked for the service.
    if (settings.environment) settings.environment = environmentOf(settings, environment);
  }
  const settings = document.services[service];
  if (settings === undefined) {
    const names = Object.keys(document.services).join(', ') || 'none';
    throw invalid(`it has no service "${service}" (it has: ${names})`);
  }
  if (settings.image === undefined && settings['build'] === undefined) {
    throw invalid(`services.${service} names no image`);
  }
  const ports = portsOf(settings);
  const port = ports.find(({ containerPort }) => containerPort === standardPort) ?? ports[0];
  if (port === undefined && (settings.ports ?? []).length > 0) {
    throw invalid(
      `services.${service}.ports has no single port, such as "127.0.0.1:${standardPort}:${standardPort}"`,
    );
  }
  return {
    file,
    service,
    document,
    settings,
    images: Object.values(document.services).flatMap((one) =>
      one.image === undefined || one['build'] !== undefined ? [] : [one.image],
    ),
    hasVariableCommand: hasVariables(parse(text, undefined, invalid).services[service]?.command),
    environment: environmentOf(settings, environment),
    containerPort: port?.containerPort ?? standardPort,
    preferredPort: port?.published ?? standardPort,
  };
}

type Refuse = (reason: string, cause?: unknown) => Error;

function read(file: string, invalid: Refuse): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** @param environment - `undefined` leaves the variables as they are written. */
function parse(text: string, environment: Environment | undefined, invalid: Refuse): ComposeDocument {
  // Without the lines around the fault: one of them may hold a password.
  const yaml = parseDocument(text, { merge: true, prettyErrors: false });
  const [broken] = yaml.errors;
  if (broken !== undefined)
    throw invalid(`line ${String(lineOf(text, broken.pos[0]))}: ${broken.message}`, broken);
  const written: unknown = yaml.toJS();
  const found = composeSchema.safeParse(
    environment === undefined ? written : fillIn(written, environment, '', invalid),
  );
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw invalid(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'is wrong'}`);
}

function builtImage(file: string, service: string): string {
  const where = createHash('sha256').update(file).digest('hex').slice(0, 12);
  return `sqlflow-services-${where}-${service.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')}`;
}

/** `$$` is a dollar sign. */
function hasVariables(command: ComposeSettings['command']): boolean {
  return [command ?? []].flat().some((word) => word.replaceAll('$$', '').includes('$'));
}

function lineOf(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** Variables count in values, not in names. */
function fillIn(value: unknown, environment: Environment, path: string, invalid: Refuse): unknown {
  if (typeof value === 'string') {
    try {
      return interpolate(value, environment);
    } catch (cause) {
      throw invalid(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
    }
  }
  const inside = (name: string): string => (path === '' ? name : `${path}.${name}`);
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => fillIn(item, environment, inside(String(index)), invalid));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillIn(item, environment, inside(key), invalid)]),
  );
}
