/** Pictures of both sides of a clash, fetched while there is a network: who chooses below ground sees what there is to choose. */
import type { Home } from '../home/home';
import { open, seal } from '../keeping/vault';
import type { Door } from '../wire/door';
import type { Answer, Proposal } from './proposal';

const PREFIX = 'picture ';
const MOST = 2_000_000; // bytes of one; the server's previews are far smaller

/** The photos that a proposal shows, by SHA-256. */
export function picturesIn(proposal: Proposal): string[] {
	const places = [...proposal.clashes, ...proposal.automatic];
	const values = places.flatMap((place) => [...place.values, ...place.bases].map((each) => each.value));
	const answers = values.filter((value): value is Answer => value !== null && !('rows' in value));
	return [...new Set(answers.flatMap(({ file }) => (file?.type.startsWith('image/') ? [file.sha256] : [])))];
}

/** Fetches what is neither among the captures of this phone nor here already, and lets go of what no proposal shows. */
export async function keepPictures(home: Home, door: Door, proposals: readonly Proposal[]): Promise<void> {
	const { told } = home.database;
	const wanted = new Set(proposals.flatMap(picturesIn));
	const here = await told.where('name').startsWith(PREFIX).primaryKeys();
	await told.bulkDelete(here.filter((name) => !wanted.has(name.slice(PREFIX.length))));
	const files = await home.files;
	for (const sha256 of wanted) {
		if (here.includes(PREFIX + sha256) || (await files.bySha256(sha256))) continue;
		const picture = await door.picture(`/api/v1/media/${sha256}`);
		if (picture === null || picture.size > MOST) continue;
		const value = await seal(new Uint8Array(await picture.arrayBuffer()));
		await told.put({ name: PREFIX + sha256, value });
	}
}

/** A picture that was fetched; null where it was not. */
export async function keptPicture(home: Home, sha256: string): Promise<Blob | null> {
	const row = await home.database.told.get(PREFIX + sha256);
	return row === undefined ? null : new Blob([await open(row.value as Uint8Array<ArrayBuffer>)]);
}
