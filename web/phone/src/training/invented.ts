/** The invented visit of training mode: a mine with four markers and a surveying company, both made up. */

export const TRAINING_TASK = '00000000-0000-4000-8000-0000000000a1';
const MINE = '00000000-0000-4000-8000-0000000000b1';
const LICENCE = 'C0000000000000000000演练';
const NAME = '演练矿业有限公司（虚构）';
const PLACE = '演练县演练镇（虚构）';
const COMPANY_REPRESENTATIVE = '演练人';

/** Corners: name, latitude and longitude in degrees (CGCS2000), X and Y in metres (EPSG:4525). */
const CORNERS = [
	['1', 35.414178332, 112.332653389, 3921359.47, 37621042.92],
	['2', 35.405556596, 112.345035591, 3920418.05, 37622180.66],
	['3', 35.399336455, 112.332355136, 3919712.28, 37621038.02],
	['4', 35.405548681, 112.320995909, 3920387.73, 37619996.82],
] as const;

export interface Trainee {
	readonly id: string;
	readonly name: string;
}

interface Item {
	readonly op: 'put';
	readonly kind: string;
	readonly id: string;
	readonly n: number;
	readonly body: unknown;
}

const label = (corner: string) => `J0${corner}`;
const day = (from: Date, days: number) => new Date(from.getTime() + days * 86_400_000).toISOString().slice(0, 10);

/** The task and its object, as a pull would bring them; `forms` are the forms' ids and versions. */
export function inventedVisit(trainee: Trainee, forms: readonly { id: string; version: string }[], now: Date): Item[] {
	return [
		{ op: 'put', kind: 'object', id: MINE, n: 1, body: object() },
		{ op: 'put', kind: 'task', id: TRAINING_TASK, n: 2, body: task(trainee, forms, now) },
	];
}

function object(): object {
	const ring = [...CORNERS, CORNERS[0]].map(([, latitude, longitude]) => [longitude, latitude]);
	const features = CORNERS.map(([corner, latitude, longitude, x, y]) => ({
		type: 'Feature',
		geometry: { type: 'Point', coordinates: [longitude, latitude] },
		properties: { corner, marker_no: label(corner), kind: 'corner', elevation: null, x, y },
	}));
	const licence = {
		id: '00000000-0000-4000-8000-0000000000c1',
		kind: 'mining',
		licence_no: LICENCE,
		holder: NAME,
		issuer: '演练机关（虚构）',
		valid_from: '2020-01-01',
		valid_to: '2040-12-31',
		area_km2: 1.9,
		epsg: 4525,
		elevation_lower: 760,
		elevation_upper: 980,
		mineral: '铝土矿',
		method: '露天开采',
		scale: '30 万吨/年',
		grade: null,
		scope: null,
		boundary: { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } },
		markers: { type: 'FeatureCollection', features },
		rings: [{ corners: CORNERS.map(([corner, , , x, y]) => [corner, x, y]), hole: false }],
		findings: [],
	};
	return {
		id: MINE,
		kind: 'enterprise',
		name: NAME,
		address: PLACE,
		uscc: '',
		legal_representative: COMPANY_REPRESENTATIVE,
		phone: null,
		risk_class: 'A',
		tags: ['演练'],
		active: true,
		latitude: CORNERS[0][1],
		longitude: CORNERS[0][2],
		licences: [licence],
	};
}

function task(trainee: Trainee, forms: readonly { id: string; version: string }[], now: Date): object {
	const common = { active: true, certificate_valid_to: day(now, 365) };
	return {
		number: '演练-001',
		name: '演练：矿山界桩与测绘质量',
		object: MINE,
		opens_on: day(now, 0),
		due_on: day(now, 7),
		approval_no: '演练审批〔0000〕0号',
		notice_no: '演练通知〔0000〕0号',
		items: ['MINE_OVERSTEP'],
		forms,
		lead: trainee.id,
		inspectors: [
			{ ...common, id: trainee.id, name: trainee.name, role: 'lead', certificate: '演练0001' },
			{ ...common, id: '00000000-0000-4000-8000-0000000000d2', name: '演练搭档', role: 'assisting', certificate: '演练0002' },
		],
		rules: { a_year: 4, entry_code: false },
		state: 'assigned',
		prefill: { markers: CORNERS.map(marker), tasks: prefilled(trainee, now) },
	};
}

function marker([corner, latitude, longitude, x, y]: (typeof CORNERS)[number]): Record<string, string> {
	return {
		name: `${TRAINING_TASK}/${label(corner)}`,
		label: label(corner),
		task: TRAINING_TASK,
		marker_no: label(corner),
		corner,
		kind: 'corner',
		elevation: '',
		point: `${latitude} ${longitude} 0 0`,
		x: x.toFixed(3),
		y: y.toFixed(3),
	};
}

function prefilled(trainee: Trainee, now: Date): Record<string, string> {
	return {
		name: TRAINING_TASK,
		label: '演练-001 演练：矿山界桩与测绘质量',
		task_no: '演练-001',
		task_name: '演练：矿山界桩与测绘质量',
		task_source: '演练',
		plan_no: '',
		items: 'MINE_OVERSTEP',
		org: '演练机关（虚构）',
		year_count: '1',
		approval_no: '演练审批〔0000〕0号',
		notice_no: '演练通知〔0000〕0号',
		review_note: '',
		last_visit_on: '',
		last_result: '',
		last_problem: '',
		obj_kind: 'enterprise',
		obj_name: NAME,
		obj_addr: PLACE,
		uscc: '',
		registration_no: '',
		legal_rep: COMPANY_REPRESENTATIVE,
		legal_rep_tel: '',
		inspector1_name: trainee.name,
		inspector1_certificate: '演练0001',
		inspector1_unit: '演练机关（虚构）',
		inspector1_valid_to: day(now, 365),
		inspector2_name: '演练搭档',
		inspector2_certificate: '演练0002',
		inspector2_unit: '演练机关（虚构）',
		inspector2_valid_to: day(now, 365),
		mine_name: NAME,
		licence_no: LICENCE,
		licence_holder: NAME,
		licence_issuer: '演练机关（虚构）',
		licence_valid_from: '2020-01-01',
		licence_valid_to: '2040-12-31',
		mineral: '铝土矿',
		mining_method: '露天开采',
		scale: '30 万吨/年',
		area_km2: '1.9',
		elevation_upper: '980',
		elevation_lower: '760',
		markers_required: '4',
		boundary: [...CORNERS, CORNERS[0]].map(([, latitude, longitude]) => `${latitude} ${longitude} 0 0`).join(';'),
		cert_no: '演练测资字00000001',
		cert_grade: '乙级',
		cert_issuer: '演练机关（虚构）',
		cert_scope: '工程测量、界线与不动产测绘',
		cert_valid_to: '2040-12-31',
	};
}
