/** @import { Rule } from 'eslint' */
/** @import * as ESTree from 'estree' */
import { isBuiltin } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';

/** Reads as: a layer that is a pure function of its input, so it can be tested with no server and run in any thread. */
const pureLayers = new Set(['plan', 'decode', 'encode', 'format']);
const clients = new Set(['pg', 'minio', 'ioredis']);

/**
 * Keeps src/plan, src/decode, src/encode and src/format pure: no Node module, no client of a server, no other folder of
 * the package. Files directly in src/ (errors.ts, options.ts) may be imported.
 *
 * @type {Rule.RuleModule}
 */
export const pureLayer = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      machine: 'src/{{layer}}/ is pure: it cannot import "{{specifier}}".',
      sibling:
        'src/{{layer}}/ is pure: it cannot import from src/{{other}}/; the public faces join the layers.',
    },
  },
  create(context) {
    const [, packageSource, layer] = /^(.*[\\/]src)[\\/](\w[^\\/]*)[\\/]/.exec(context.filename) ?? [];
    if (packageSource === undefined || layer === undefined || !pureLayers.has(layer)) return {};

    /** @param {{ source?: ESTree.Node | null | undefined }} node */
    const check = ({ source }) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const specifier = source.value;
      if (isBuiltin(specifier) || clients.has(specifier)) {
        context.report({ node: source, messageId: 'machine', data: { layer, specifier } });
      }
      if (!specifier.startsWith('.')) return;
      const inSource = relative(packageSource, resolve(dirname(context.filename), specifier)).split(sep);
      const [other] = inSource;
      if (inSource.length > 1 && other !== undefined && other !== layer) {
        context.report({ node: source, messageId: 'sibling', data: { layer, other } });
      }
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
