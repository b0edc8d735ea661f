/** @import { Rule } from 'eslint' */
const directive = /^\s*(eslint-disable(?:-next-line|-line)?|eslint)(?=\s|$)/;

/**
 * With the option `never`, refuses each comment that switches lint off. With `one-line` (the default) refuses those that
 * cover more than a line, since nobody sees what they cover, and wants a reason on the others:
 * `// eslint-disable-next-line rule -- reason`.
 *
 * @type {Rule.RuleModule}
 */
export const disableReason = {
  meta: {
    type: 'problem',
    schema: [{ enum: ['one-line', 'never'] }],
    messages: {
      never: 'Only a test may switch a rule off: change the code, or the rule in eslint.config.mjs.',
      reason: 'Say why: `{{kind}} rule -- reason`.',
      scope: '`{{kind}}` covers more than a line: use eslint-disable-next-line.',
    },
  },
  create(context) {
    const never = context.options[0] === 'never';
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const kind = directive.exec(comment.value)?.[1];
          if (kind === undefined || comment.loc == null) continue;
          const oneLine = kind === 'eslint-disable-next-line' || kind === 'eslint-disable-line';
          if (!never && oneLine && /\s-{2,}\s+\S/.test(comment.value)) continue;
          // Column -1: reported at its own place, the comment would switch off the complaint about itself.
          const start = { line: comment.loc.start.line, column: -1 };
          context.report({
            loc: { start, end: comment.loc.end },
            messageId: never ? 'never' : oneLine ? 'reason' : 'scope',
            data: { kind },
          });
        }
      },
    };
  },
};
