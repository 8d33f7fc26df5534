import { runCases } from './engine.js';

runCases('a');
