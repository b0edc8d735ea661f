import { z } from 'zod';

/** What a YAML author may write unquoted where compose wants text. */
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const words = z.array(scalar);

const longPort = z.looseObject({ target: scalar, published: scalar.optional() });

/**
 * What is read of a service. The rest is passed on to compose untouched, which judges it itself.
 * `image` is refused when it is empty: that is what a misspelt variable leaves.
 */
const serviceSchema = z.looseObject({
  image: z.string().min(1, 'the name of an image is missing').optional(),
  command: z.union([scalar, words]).nullish(),
  environment: z.union([words, z.record(z.string(), scalar.nullable())]).nullish(),
  ports: z.array(z.union([scalar, longPort])).nullish(),
  tmpfs: z.union([z.string(), z.array(z.string())]).nullish(),
});

export const composeSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), z.looseObject({}).nullable()).nullish(),
  volumes: z.record(z.string(), z.looseObject({}).nullable()).nullish(),
});

export type ComposeDocument = z.infer<typeof composeSchema>;
export type ComposeSettings = ComposeDocument['services'][string];

/** Compose's two ways to write an environment, as one. `null` stands for a name without a value. */
export function environmentPairs({
  environment,
}: Pick<ComposeSettings, 'environment'>): (readonly [string, string | null])[] {
  if (!Array.isArray(environment)) return Object.entries(environment ?? {});
  return environment.map((line) => {
    const at = line.indexOf('=');
    return at < 0 ? ([line, null] as const) : ([line.slice(0, at), line.slice(at + 1)] as const);
  });
}

/** A name without a value takes it from `outer`, and is left out if it is not there. */
export function environmentOf(
  settings: ComposeSettings,
  outer: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    environmentPairs(settings).flatMap(([key, value]) => {
      const known = value ?? outer[key];
      return known === undefined ? [] : [[key, known]];
    }),
  );
}

export interface PortMapping {
  readonly containerPort: number;
  /** The port of this machine that the file asks for. */
  readonly published: number | undefined;
}

/** `127.0.0.1:5432:5432/tcp`: the address and the published port may be missing, and the protocol. */
const shortPort = /^(?:(?:\[[^\]]*\]|[^:[\]]*):(?=[^:]*:))?(?:(\d*):)?(\d+)(?:\/\w+)?$/;

/** The ports that a service publishes. A range is none: nobody could tell which of them is the service's. */
export function portsOf({ ports }: ComposeSettings): PortMapping[] {
  return (ports ?? []).flatMap((port) => {
    const [published, target] =
      typeof port === 'string'
        ? (shortPort.exec(port)?.slice(1) ?? [])
        : [port.published, /^\d+$/.exec(port.target)?.[0]];
    if (target === undefined) return [];
    const isPublished = published !== undefined && /^\d+$/.test(published) && Number(published) > 0;
    return [{ containerPort: Number(target), published: isPublished ? Number(published) : undefined }];
  });
}
