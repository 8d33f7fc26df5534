/** A joint visit on the phone: each sees the part of one's own department. */
import { describe, expect, it } from 'vitest';
import { rowOf, sectionOf } from '../src/work/sections';

const BODY = {
	sections: [
		{ id: 'zr', name: '自然资源局', inspectors: ['甲', '乙'], items: ['MINE_OVERSTEP'], forms: ['mine_overstep'], due_on: '2026-11-30' },
		{ id: 'ny', name: '能源局', inspectors: ['丙', '丁'], items: ['ENERGY_ANNOUNCEMENT'], forms: ['joint_visit'], due_on: '2026-12-10' },
	],
	prefill: {
		tasks: { name: 't', items: 'MINE_OVERSTEP ENERGY_ANNOUNCEMENT', org: '自然资源局', inspector1_name: '甲' },
		sections: { ny: { items: 'ENERGY_ANNOUNCEMENT', org: '能源局', inspector1_name: '丙' } },
	},
};

describe('a joint visit', () => {
	it('shows everybody the forms and the closing day of the department they inspect for', () => {
		expect(sectionOf(BODY, '丁')).toMatchObject({ name: '能源局', forms: ['joint_visit'], dueOn: '2026-12-10' });
		expect(sectionOf(BODY, '甲')?.items).toEqual(['MINE_OVERSTEP']);
	});

	it('fills the forms of a department with its own bureau, items and inspectors', () => {
		expect(rowOf(BODY, '丙')).toEqual({ name: 't', items: 'ENERGY_ANNOUNCEMENT', org: '能源局', inspector1_name: '丙' });
		expect(rowOf(BODY, '甲')['inspector1_name']).toBe('甲');
	});

	it('is a task as any other for whoever is of no department, and where there are none', () => {
		expect(sectionOf(BODY, '戊')).toBeNull();
		expect(sectionOf({ prefill: BODY.prefill }, '甲')).toBeNull();
		expect(rowOf({ prefill: { tasks: { name: 't' } } }, '甲')).toEqual({ name: 't' });
	});
});
