/** How a map looks: a plain ground, a base map below it where there is one, and the boundary above. Nothing is fetched. */
import type { Feature } from 'geojson';
import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';
import type { Place, Polygon } from '../shapes';
import type { MarkerCard } from '../views/objects';

export interface BaseMap {
	readonly sources: Readonly<Record<string, SourceSpecification>>;
	readonly layers: readonly LayerSpecification[];
}

const GROUND = '#f4f1e8';
const LINE = '#1d5c4b';
const COLOURS: readonly (readonly [RegExp, string])[] = [
	[/water|river|ocean|lake/i, '#b9d7e8'],
	[/wood|forest|park|grass|green|landcover|landuse|natural/i, '#dfe8d2'],
	[/building/i, '#d9d3c7'],
	[/road|transport|street|path|rail/i, '#b0a996'],
	[/bound/i, '#a090a8'],
];
const OTHER = '#cfc8b8';

export const NO_BASE: BaseMap = { sources: {}, layers: [] };

/** The whole style. */
export function mapStyle(base: BaseMap, polygons: readonly Polygon[]): StyleSpecification {
	return {
		version: 8,
		sources: { ...base.sources, boundary: { type: 'geojson', data: boundaryOf(polygons) } },
		layers: [
			{ id: 'ground', type: 'background', paint: { 'background-color': GROUND } },
			...base.layers,
			{ id: 'boundary-area', type: 'fill', source: 'boundary', paint: { 'fill-color': LINE, 'fill-opacity': 0.12 } },
			{ id: 'boundary-line', type: 'line', source: 'boundary', paint: { 'line-color': LINE, 'line-width': 3 } },
		],
	};
}

/** The boundary as the map is given it. */
export function boundaryOf(polygons: readonly Polygon[]): Feature {
	const coordinates = polygons.map((rings) => rings.map((ring) => ring.map(([longitude, latitude]) => [longitude, latitude])));
	return { type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates } };
}

/** A pack with pictures. */
export function pictures(key: string, size: number, minzoom: number, maxzoom: number): BaseMap {
	return {
		sources: { base: { type: 'raster', tiles: [`pmtiles://${key}/{z}/{x}/{y}`], tileSize: size, minzoom, maxzoom } },
		layers: [{ id: 'base', type: 'raster', source: 'base' }],
	};
}

/** A pack with vectors, whatever layers it has: colours go by their names. Without letters, which would need fonts. */
export function vectors(key: string, layers: readonly string[], minzoom: number, maxzoom: number): BaseMap {
	const drawn = layers.flatMap((layer): LayerSpecification[] => {
		const colour = COLOURS.find(([pattern]) => pattern.test(layer))?.[1] ?? OTHER;
		const from = { source: 'base', 'source-layer': layer };
		return [
			{ id: `${layer}-area`, type: 'fill', ...from, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': colour } },
			{ id: `${layer}-line`, type: 'line', ...from, filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': colour, 'line-width': 1.5 } },
		];
	});
	const areas = drawn.filter((layer) => layer.type === 'fill');
	return {
		sources: { base: { type: 'vector', tiles: [`pmtiles://${key}/{z}/{x}/{y}`], minzoom, maxzoom } },
		layers: [...areas, ...drawn.filter((layer) => layer.type === 'line')],
	};
}

/** 天地图 by the bureau's own key, in Web Mercator: CGCS2000, which lies on WGS 84. Shown while there is a network. */
export function tianditu(key: string, kind: 'vec' | 'img'): BaseMap {
	const layer = (name: string, id: string): [Record<string, SourceSpecification>, LayerSpecification] => [
		{
			[id]: {
				type: 'raster',
				tileSize: 256,
				maxzoom: 18,
				tiles: [0, 1, 2, 3].map(
					(host) =>
						`https://t${host}.tianditu.gov.cn/${name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${name}` +
						`&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=${encodeURIComponent(key)}`,
				),
			},
		},
		{ id, type: 'raster', source: id },
	];
	const [ground, names] = [layer(kind, 'base'), layer(kind === 'vec' ? 'cva' : 'cia', 'names')];
	return { sources: { ...ground[0], ...names[0] }, layers: [ground[1], names[1]] };
}

const CORNERS = 64; // of the circle around a fix
const DEGREE = 111_320; // metres of latitude

/** The circle in which a fix says it is. */
export function circle([longitude, latitude]: Place, metres: number): Feature {
	const shrink = Math.cos((latitude * Math.PI) / 180);
	const ring = Array.from({ length: CORNERS + 1 }, (_, place) => {
		const angle = (2 * Math.PI * place) / CORNERS;
		return [longitude + (metres * Math.cos(angle)) / (DEGREE * shrink), latitude + (metres * Math.sin(angle)) / DEGREE];
	});
	return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } };
}

/** The box around places, as west, south, east, north; null without any. */
export function boxAround(polygons: readonly Polygon[], markers: readonly MarkerCard[]): [number, number, number, number] | null {
	const all = [...polygons.flat(2), ...markers.map((each) => each.place)];
	if (all.length === 0) return null;
	const longitudes = all.map(([longitude]) => longitude);
	const latitudes = all.map(([, latitude]) => latitude);
	return [Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes)];
}
