/** Reference lists (抽查事项清单 and others) that the server offers, as they lie on this phone. */
import type { Body, Home } from '../home/home';

/** The entries of a list; none while it has not come to this phone. */
export async function entriesOf(home: Home, name: string): Promise<readonly Body[]> {
	const body = home.body('list', name);
	const text = body && (await home.database.blobs.get(body['sha256']))?.text;
	return text ? (JSON.parse(text) as { entries: Body[] }).entries : [];
}
