/** Everything that the console says, in Chinese, by what it says in English. */
import { ADMINISTRATION } from './administration';
import { BOARD } from './board';
import { DEVICES } from './devices';
import { DOCUMENTS } from './documents';
import { DRAWS } from './draws';
import { FORMS } from './forms';
import { FRAME } from './frame';
import { LIBRARIES } from './libraries';
import { LICENCES } from './licences';
import { LISTS } from './lists';
import { PEOPLE } from './people';
import { PLANS } from './plans';
import { PLATFORM } from './platform';
import { REPORTS } from './reports';
import { REVIEW } from './review';

export const CHINESE: Readonly<Record<string, string>> = { ...ADMINISTRATION, ...BOARD, ...DEVICES, ...DOCUMENTS, ...DRAWS, ...FORMS, ...FRAME, ...LIBRARIES, ...LICENCES, ...LISTS, ...PEOPLE, ...PLANS, ...PLATFORM, ...REPORTS, ...REVIEW };
