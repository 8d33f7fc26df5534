/** Everything that the console says, in Chinese, by what it says in English. */
import { DRAWS } from './draws';
import { FORMS } from './forms';
import { FRAME } from './frame';
import { LISTS } from './lists';
import { REPORTS } from './reports';
import { REVIEW } from './review';

export const CHINESE: Readonly<Record<string, string>> = { ...DRAWS, ...FORMS, ...FRAME, ...LISTS, ...REPORTS, ...REVIEW };
