import { inspect } from 'node:util';

/**
 * A password or key that cannot be printed by accident: in a template, JSON, `console.log` and `inspect` it is `***`.
 * Only `reveal()` gives the text, so every place that handles it can be found by that name.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  static of(value: string | Secret): Secret {
    return value instanceof Secret ? value : new Secret(value);
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}
