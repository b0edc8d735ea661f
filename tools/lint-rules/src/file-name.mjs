/** @import { Rule } from 'eslint' */
import { basename, dirname, relative, sep } from 'node:path';

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const sayNothing = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'shared']);

/**
 * Wants kebab-case file names that say what is inside: a file called `utils` is where unrelated things meet.
 *
 * @type {Rule.RuleModule}
 */
export const fileName = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      kebab: '"{{name}}" is not kebab-case.',
      empty: '"{{name}}" says nothing: name the file or folder after what it holds.',
    },
  },
  create(context) {
    return {
      Program(node) {
        const name = basename(context.filename);
        const words = name.split('.').slice(0, -1);
        if (!words.every((word) => kebabCase.test(word))) {
          context.report({ node, messageId: 'kebab', data: { name } });
        }
        const folders = dirname(relative(context.cwd, context.filename)).split(sep);
        for (const part of [...folders, ...words]) {
          if (sayNothing.has(part)) context.report({ node, messageId: 'empty', data: { name: part } });
        }
      },
    };
  },
};
