/** What the pages show of an inspected object: licences, boundary, markers, contacts. */
import type { PhoneState } from '../../../sync/phoneState.ts';
import type { Place, Polygon, Shape } from '../shapes';

type Body = Readonly<Record<string, any>>;

export interface MarkerCard {
	readonly name: string;
	readonly corner: string;
	readonly place: Place;
	/** Metres in the grid of the licence: X north, Y east. */
	readonly x: number;
	readonly y: number;
	readonly elevation: number | null;
}

export interface LicenceCard {
	readonly id: string;
	readonly number: string;
	readonly kind: string;
	readonly holder: string;
	readonly issuer: string;
	readonly validFrom: string | null;
	readonly validTo: string | null;
	/** Days until it ends; negative when it has; null where no end is registered. */
	readonly daysLeft: number | null;
	/** What else it says, named in Chinese as on the licence. */
	readonly facts: readonly (readonly [string, string])[];
	readonly epsg: number | null;
	readonly corners: number;
	readonly markers: readonly MarkerCard[];
}

export interface ObjectCard {
	readonly id: string;
	readonly name: string;
	readonly uscc: string;
	readonly address: string;
	readonly legalRepresentative: string;
	readonly telephone: string;
	readonly riskClass: string;
	readonly tags: readonly string[];
	readonly licences: readonly LicenceCard[];
	readonly shapes: readonly Shape[];
	/** The licensed areas, each an outer ring with its holes. */
	readonly polygons: readonly Polygon[];
}

const DAY = 86_400_000;

export function objectCards(state: PhoneState): ObjectCard[] {
	const cards: ObjectCard[] = [];
	for (const [key, entity] of state.view.entities) {
		if (key.startsWith('object\0')) cards.push(objectCard(key.slice(7), entity.body as Body));
	}
	return cards.sort((one, other) => one.name.localeCompare(other.name, 'zh'));
}

function objectCard(id: string, body: Body): ObjectCard {
	return {
		id,
		name: body['name'],
		uscc: body['uscc'] ?? '',
		address: body['address'] ?? '',
		legalRepresentative: body['legal_representative'] ?? '',
		telephone: body['phone'] ?? '',
		riskClass: body['risk_class'] ?? '',
		tags: body['tags'] ?? [],
		licences: ((body['licences'] ?? []) as Body[]).map(licenceCard),
		shapes: shapesOf(body),
		polygons: ((body['licences'] ?? []) as Body[]).flatMap(polygonsOf),
	};
}

function licenceCard(body: Body): LicenceCard {
	const range = body['elevation_lower'] == null ? '' : `${body['elevation_lower']} – ${body['elevation_upper']} m`;
	const facts: (readonly [string, string])[] = [
		['开采矿种', body['mineral'] ?? ''],
		['开采方式', body['method'] ?? ''],
		['生产规模', body['scale'] ?? ''],
		['资质等级', body['grade'] ?? ''],
		['专业范围', body['scope'] ?? ''],
		['面积', body['area_km2'] == null ? '' : `${body['area_km2']} km²`],
		['开采标高', range],
	];
	return {
		id: body['id'],
		number: body['licence_no'],
		kind: body['kind'],
		holder: body['holder'] ?? '',
		issuer: body['issuer'] ?? '',
		validFrom: body['valid_from'],
		validTo: body['valid_to'],
		daysLeft: body['valid_to'] ? Math.floor((Date.parse(body['valid_to']) + DAY - Date.now()) / DAY) : null,
		facts: facts.filter(([, value]) => value !== ''),
		epsg: body['epsg'],
		corners: ((body['rings'] ?? []) as Body[]).reduce((sum, ring) => sum + (ring['corners']?.length ?? 0), 0),
		markers: ((body['markers']?.['features'] ?? []) as Body[]).map(markerCard),
	};
}

function markerCard(feature: Body): MarkerCard {
	const { marker_no, corner, x, y, elevation } = feature['properties'] as Body;
	return { name: marker_no, corner: corner ?? '', place: feature['geometry']['coordinates'] as Place, x, y, elevation };
}

/** The rings and markers of all licences of an object. */
export function shapesOf(object: Body): Shape[] {
	const shapes: Shape[] = [];
	for (const licence of object['licences'] ?? []) {
		for (const polygon of polygonsOf(licence)) for (const ring of polygon) shapes.push({ name: licence['licence_no'], places: ring });
		for (const marker of licence['markers']?.['features'] ?? []) {
			shapes.push({ name: marker['properties']['marker_no'], places: [marker['geometry']['coordinates'] as Place] });
		}
	}
	return shapes;
}

function polygonsOf(licence: Body): Polygon[] {
	const geometry = licence['boundary']?.['geometry'] as Body | undefined;
	return (geometry?.['type'] === 'Polygon' ? [geometry['coordinates']] : (geometry?.['coordinates'] ?? [])) as Polygon[];
}
