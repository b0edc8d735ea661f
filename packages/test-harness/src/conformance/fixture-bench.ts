import { defaultSeed } from './conformance-suite.js';
import type { OpenModule } from './own-process.js';

/** What a suite is given to make a bench for each requirement. */
interface BenchOptions<Endpoint, Fixture, Tried> {
  readonly open: (endpoint: Endpoint) => Tried;
  readonly lease: () => Promise<Fixture>;
  readonly module?: OpenModule;
  readonly seed?: number;
}

/** A fixture of its own, and a way to open what is tried, which is closed with the bench. */
interface FixtureBench<Endpoint, Fixture, Tried> extends AsyncDisposable {
  readonly fixture: Fixture;
  readonly open: (endpoint?: Endpoint) => Tried;
  readonly module: OpenModule | undefined;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/**
 * Makes benches of that kind. The endpoint is forgotten by the type: a requirement gives `open` none but those of its own
 * fixture, or these with another address.
 */
export function benchesOf<
  Bench,
  Endpoint,
  Fixture extends AsyncDisposable & { readonly endpoint: Endpoint },
  Tried extends AsyncDisposable,
>({ open, lease, module, seed = defaultSeed }: BenchOptions<Endpoint, Fixture, Tried>) {
  return async (signal: AbortSignal): Promise<Bench & AsyncDisposable> => {
    const fixture = await lease();
    const opened: Tried[] = [];
    const bench: FixtureBench<Endpoint, Fixture, Tried> = {
      fixture,
      open: (endpoint = fixture.endpoint) => {
        const one = open(endpoint);
        opened.push(one);
        return one;
      },
      module,
      seed,
      signal,
      async [Symbol.asyncDispose]() {
        try {
          await Promise.all(opened.map((one) => one[Symbol.asyncDispose]()));
        } finally {
          await fixture[Symbol.asyncDispose]();
        }
      },
    };
    return bench as unknown as Bench & AsyncDisposable;
  };
}
