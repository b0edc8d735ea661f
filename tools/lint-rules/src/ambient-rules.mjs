/** @import * as ESTree from 'estree' */
/** @import { Rule } from 'eslint' */
import { ReferenceTracker } from '@eslint-community/eslint-utils';

const { CALL, CONSTRUCT, READ } = ReferenceTracker;
const read = { [READ]: true };

/**
 * What code can only get from the machine it runs on, by the name of the rule that guards it. Code that is handed these
 * instead behaves the same in every test, so each is refused outside the files that the ESLint configuration lists as its
 * adapters.
 */
const ambients = {
  clock: {
    instead: 'take a Clock',
    globals: {
      Date: { [CALL]: true, [CONSTRUCT]: true, now: read },
      performance: { now: read, timeOrigin: read },
      process: { hrtime: read, uptime: read },
    },
    modules: ['perf_hooks'],
  },
  timers: {
    instead: 'wait on a Clock, or for the event itself',
    globals: { setTimeout: read, setInterval: read },
    modules: ['timers', 'timers/promises'],
  },
  random: { instead: 'take a Random', globals: { Math: { random: read } }, modules: [] },
  environment: {
    instead: 'take the value as an option',
    globals: { process: { env: read } },
    modules: ['process'],
  },
  output: {
    instead: 'return the text, or take a function that prints it',
    globals: { console: read, process: { stdout: read, stderr: read } },
    modules: ['console'],
  },
};

/** The globals above, for `languageOptions.globals`: a global that ESLint does not know cannot be tracked. */
export const trackedGlobals = Object.fromEntries(
  Object.values(ambients).flatMap(({ globals }) => Object.keys(globals).map((name) => [name, 'readonly'])),
);

/** @type {Record<string, Rule.RuleModule>} */
export const ambientRules = Object.fromEntries(
  Object.entries(ambients).map(([name, ambient]) => [name, ambientRule(name, ambient)]),
);

/** Exports of the modules above that only cancel or yield, which no test needs to steer. */
const harmless = new Set(['clearTimeout', 'clearInterval', 'clearImmediate', 'setImmediate']);

/**
 * Whether `import { x } from` or `export { x } from` names a harmless export.
 *
 * @param {ESTree.ImportDeclaration['specifiers'][number] | ESTree.ExportSpecifier} specifier
 */
function isHarmless(specifier) {
  if (specifier.type !== 'ImportSpecifier' && specifier.type !== 'ExportSpecifier') return false;
  const name = specifier.type === 'ImportSpecifier' ? specifier.imported : specifier.local;
  return name.type === 'Identifier' && harmless.has(name.name);
}

/** @typedef {Parameters<ReferenceTracker['iterateGlobalReferences']>[0]} TraceMap */

/**
 * @param {string} name
 * @param {{ instead: string, globals: TraceMap, modules: string[] }} ambient
 * @returns {Rule.RuleModule}
 */
function ambientRule(name, { instead, globals, modules }) {
  const specifiers = new Set(modules.flatMap((module) => [module, `node:${module}`]));
  return {
    meta: {
      type: 'problem',
      schema: [],
      messages: {
        ambient: `{{what}} belongs in the adapters of "${name}" in eslint.config.mjs; here, ${instead}.`,
      },
    },
    create(context) {
      /** @param {ESTree.Node} node @param {string} what */
      const refuse = (node, what) => context.report({ node, messageId: 'ambient', data: { what } });
      /** @param {ESTree.ImportDeclaration | ESTree.ImportExpression | ESTree.ExportNamedDeclaration} node */
      const checkSource = (node) => {
        const { source } = node;
        if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
        if (!specifiers.has(source.value)) return;
        if ('specifiers' in node && node.specifiers.length > 0 && node.specifiers.every(isHarmless)) return;
        refuse(source, `"${source.value}"`);
      };
      return {
        ImportDeclaration: checkSource,
        ImportExpression: checkSource,
        ExportNamedDeclaration: checkSource,
        Program(program) {
          const tracker = new ReferenceTracker(context.sourceCode.getScope(program));
          for (const { node, path, type } of tracker.iterateGlobalReferences(globals)) {
            // `typeof setTimeout` in a type asks the machine for nothing.
            if (/** @type {{ parent?: { type: string } }} */ (node).parent?.type === 'TSTypeQuery') continue;
            // `new Date(given)` converts; only `new Date()` asks what time it is.
            if (type === CONSTRUCT && node.type === 'NewExpression' && node.arguments.length > 0) continue;
            refuse(node, path.join('.'));
          }
        },
      };
    },
  };
}
