import { mergeConfig } from 'vitest/config';
import config from './vitest.config.js';

const merged = mergeConfig(config, {});
merged.test.include = ['*.fill.js'];
export default merged;
