import { runCases } from './engine.js';

runCases('b');
