/** Who goes where. */
import { expect, it } from 'vitest';
import { firstPath, placeAt } from '../src/frame/places';

const may = (...all: string[]) => (permission: string) => all.includes(permission);

it('somebody who went nowhere in particular stands where they may', () => expect(firstPath(may('draw.read'))).toBe('/draws'));
it('nobody is sent round in circles who may go nowhere', () => expect(firstPath(may())).toBe('/'));
it('a page below a place asks for what the place asks', () => expect(placeAt('/draws/1')?.needs).toBe('draw.read'));
it('a part of a place asks for its own', () => expect(placeAt('/libraries/inspectors')?.needs).toBe('person.read'));
it('a place is not taken for one whose name begins alike', () => expect(placeAt('/drawsome')).toBeUndefined());
