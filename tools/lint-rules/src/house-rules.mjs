import { ambientRules } from './ambient-rules.mjs';
import { disableReason } from './disable-reason.mjs';
import { fileName } from './file-name.mjs';
import { pureLayer } from './pure-layer.mjs';

export { trackedGlobals } from './ambient-rules.mjs';

/** The ESLint plugin `house`. */
export const houseRules = {
  rules: {
    ...ambientRules,
    'disable-reason': disableReason,
    'file-name': fileName,
    'pure-layer': pureLayer,
  },
};
