/** Who goes where. */
import { expect, it } from 'vitest';
import { allowedPath } from '../src/frame/places';

const may = (...all: string[]) => (permission: string) => all.includes(permission);

it('somebody goes where they want and may', () => expect(allowedPath('/draws/1', may('draw.read'))).toBe('/draws/1'));
it('somebody who may not goes where they may', () => expect(allowedPath('/review', may('draw.read'))).toBe('/draws'));
it('nobody is sent round in circles who may go nowhere', () => expect(allowedPath('/', may())).toBe('/'));
