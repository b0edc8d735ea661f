export { createNodes, name } from './plugin.js';
