/**
 * Checks a published draw in the browser: the same as docs/verify_draw.py, in words of its own, from the file alone.
 *
 * Each step gives what does not hold, or nothing. It takes its time: the draw itself is clever, this is plain.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { DrawFile, Frame, Share, Team } from './drawFile';

/** What does not hold, in Chinese and English. */
export class Wrong extends Error {}

const UTF8 = new TextEncoder();
const hash = (...words: readonly string[]): string => bytesToHex(sha256(UTF8.encode(words.join('\n'))));

function need(holds: boolean, what: string): asserts holds {
	if (!holds) throw new Wrong(what);
}

/** JSON with names in the order of their characters and nothing between: what a frame's digest is over. */
export function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
	if (value === null || typeof value !== 'object') return JSON.stringify(value);
	const names = Object.keys(value).sort((one, other) => byCharacter(one, other));
	return `{${names.map((name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`).join(',')}}`;
}

/** By code points, as Python sorts; by its own habit JavaScript would sort by halves of characters. */
function byCharacter(one: string, other: string): number {
	const [a, b] = [[...one], [...other]];
	for (let place = 0; place < Math.min(a.length, b.length); place += 1) {
		const difference = a[place]!.codePointAt(0)! - b[place]!.codePointAt(0)!;
		if (difference !== 0) return difference;
	}
	return a.length - b.length;
}

/** How many a share of a base are, in whole numbers only. */
export function numberOf(share: Share, base: number): number {
	const parts = /^(\d+)(?:\.(\d+))?$/.exec(share.percent);
	need(parts !== null, `比例写法不明 / a ratio that can't be read: ${share.percent}`);
	const decimals = parts[2] ?? '';
	const above = BigInt(base) * BigInt(parts[1]! + decimals);
	const below = 100n * 10n ** BigInt(decimals.length);
	const [whole, rest] = [above / below, above % below];
	const isUp = share.rounding === 'ceiling' ? rest > 0n : 2n * rest >= below;
	return Math.min(base, Math.max(share.least, Number(whole) + (isUp ? 1 : 0)));
}

/** Checks the secret against its promise, the frame against its digest, both against the seed, and the order of events. */
export function checkPromise(draw: DrawFile): Frame {
	need(Boolean(draw.secret) && draw.frame !== null, '还没有揭示 / not revealed yet');
	need(hash('merestone draw secret', draw.secret) === draw.commitment, '密值与承诺不符 / secret, commitment');
	need(bytesToHex(sha256(UTF8.encode(canonical(draw.frame)))) === draw.frame_digest, '底册与摘要不符 / frame, digest');
	need(hash('merestone draw seed', draw.secret, draw.frame_digest, draw.randomness) === draw.seed, '种子不符 / seed');
	need(Boolean(draw.randomness_source) === Boolean(draw.randomness), '公共随机数与公告不符 / public randomness');
	const inOrder = draw.committed_at <= (draw.frozen_at ?? '') && (draw.frozen_at ?? '') <= (draw.revealed_at ?? '');
	need(inOrder, '先后次序不符 / order of events');
	return draw.frame;
}

/** Checks how many are drawn of each stratum, and that they are those with the smallest lots. */
export function checkObjects(draw: DrawFile, frame: Frame): void {
	const expected: string[] = [];
	let [parts, everything] = [0, 0];
	for (const stratum of frame.strata) {
		const inside = frame.objects.filter((each) => each.stratum === stratum.name);
		const urn = inside.filter((each) => !each.out);
		const base = urn.length + inside.filter((each) => each.out && each.counted).length;
		const count = Math.min(urn.length, numberOf(stratum, base));
		need(count === stratum.count, `应抽数不符 / count of ${stratum.name}: ${count}, not ${stratum.count}`);
		[parts, everything] = [parts + numberOf(stratum, base), everything + base];
		const lots = urn.map(({ id, lots }) => ({ id, lot: smallest(Array.from({ length: lots }, (_, lot) => hash(draw.seed, 'object', id, String(lot)))) }));
		lots.sort((one, other) => (one.lot < other.lot ? -1 : 1));
		expected.push(...lots.slice(0, count).map(({ id }) => id));
	}
	need(parts === numberOf(frame.total, everything), '各层之和与抽查比例不符 / the strata, the ratio of the whole');
	need(new Set(expected).size === expected.length, '对象编号重复 / an object is there twice');
	need(isSame(expected, draw.drawn), '抽取名单不符 / the list of objects');
}

/** Checks who goes to each object, and which objects nobody can go to. */
export function checkPeople(draw: DrawFile, frame: Frame): void {
	const load = new Map(frame.people.map((each) => [each.id, each.load]));
	const visits: { object: string; teams: Record<string, string[]> }[] = [];
	const unmatched: string[] = [];
	for (const object of frame.teams.length > 0 ? draw.drawn : []) {
		const teams: Record<string, string[]> = {};
		const isWhole = frame.teams.every((team) => {
			need(team.experts || team.size >= 2, '不足两名执法人员 / fewer than two inspectors');
			const them: string[] = (teams[team.name] = []);
			while (them.length < team.size) {
				const next = pick(frame, draw.seed, load, team, object, new Set(them), team.leads && them.length === 0);
				if (!next) return unmatched.push(`${object} ${team.name}`), false;
				them.push(next);
			}
			return true;
		});
		if (!isWhole) continue;
		visits.push({ object, teams });
		for (const person of Object.values(teams).flat()) load.set(person, load.get(person)! + 1);
	}
	need(canonical(visits) === canonical(draw.visits), '匹配的检查人员不符 / the people matched');
	need(isSame(unmatched, draw.unmatched.map((each) => `${each.object} ${each.team}`)), '无法匹配的对象不符 / the objects without people');
}

/** Checks that each replacement is the next by chance, and that nobody came back. */
export function checkReplacements(draw: DrawFile, frame: Frame): void {
	const standing = new Map<string, string[]>(
		draw.visits.flatMap(({ object, teams }) => Object.entries(teams).map(([team, them]): [string, string[]] => [`${object} ${team}`, [...them]])),
	);
	const gone: { where: string; person: string }[] = [];
	for (const each of draw.replacements) {
		const where = `${each.object} ${each.team}`;
		const load = new Map(frame.people.map((person) => [person.id, person.load]));
		for (const person of [...standing.values()].flat()) load.set(person, load.get(person)! + 1);
		const them = standing.get(where);
		const team = frame.teams.find(({ name }) => name === each.team);
		const place = them?.indexOf(each.out) ?? -1;
		need(them !== undefined && team !== undefined && place >= 0, `更换人员不符 / a replacement of nobody at ${each.object}`);
		gone.push({ where, person: each.out });
		const without = new Set([...them, ...gone.filter((one) => one.where === where).map(({ person }) => person)]);
		const into = pick(frame, draw.seed, load, team, each.object, without, team.leads && place === 0);
		need(into === each.into, `更换人员不符 / the replacement of ${each.out} at ${each.object}`);
		them.splice(place, 1, ...(into ? [into] : []));
	}
}

/** The least burdened of a team who may go, among equals by the smallest lot; empty for nobody. */
function pick(frame: Frame, seed: string, load: ReadonlyMap<string, number>, team: Team, object: string, without: ReadonlySet<string>, isLead: boolean): string {
	const region = frame.objects.find(({ id }) => id === object)?.region ?? '';
	const free = frame.people.filter(
		(each) =>
			each.team === team.name &&
			each.regions.includes(region) &&
			!each.barred.includes(object) &&
			!without.has(each.id) &&
			(each.leads || !isLead) &&
			(!team.most || load.get(each.id)! < team.most),
	);
	const fewest = Math.min(...free.map((each) => load.get(each.id)!));
	const equal = free.filter((each) => load.get(each.id) === fewest);
	const lots = equal.map(({ id }) => ({ id, lot: hash(seed, 'person', id, String(fewest)) }));
	return lots.reduce((best, each) => (!best.id || each.lot < best.lot ? each : best), { id: '', lot: '' }).id;
}

const smallest = (texts: readonly string[]): string => texts.reduce((best, each) => (each < best ? each : best));
const isSame = (one: readonly string[], other: readonly string[]): boolean => one.length === other.length && one.every((each, place) => each === other[place]);

/** Checks everything; what does not hold is raised as Wrong. */
export function verify(draw: DrawFile): void {
	const frame = checkPromise(draw);
	checkObjects(draw, frame);
	checkPeople(draw, frame);
	checkReplacements(draw, frame);
}
