/** Sealing: a draft becomes an operation of the outbox. */
import { measurementsIn } from '../capture/averaging';
import type { Home } from '../home/home';
import { alone } from '../home/tabs';
import { BOOT, mono } from '../clock';
import { keyId, publicJwk } from '../keeping/device';
import { forgetDraft, mustHold, readDraft } from './drafts';
import { sealRevision, type Sealing } from '../sealing';
import { declarationsOf } from './declarations';

/** Seals a draft: from now on it is an operation of the outbox, and the draft is gone in the same transaction. */
export function sealDraft(home: Home, record: string, xml: string, names: ReadonlySet<string>): Promise<void> {
	// One at a time over all tabs: revisions of a phone are numbered.
	return alone(`${home.database.name}-seal`, async () => {
		await home.refresh();
		await mustHold(home, record);
		const row = await readDraft(home, record);
		const kept = await (await home.files).ofRecord(record);
		const files = kept.filter((file) => names.has(file.name));
		const beacon = (await home.database.told.get('beacon'))?.value as Sealing['beacon'] | undefined;
		const op = await sealRevision({
			row,
			xml,
			measurements: await measurementsIn(kept, xml),
			files,
			inherited: (row.inherited ?? []).filter((each) => names.has(each.name) && !files.some((file) => file.name === each.name)),
			author: home.person.id,
			device: home.device,
			devSeq: home.state.value.devSeq + 1,
			lastRev: home.state.value.lastRev,
			key: home.key,
			keyId: home.key ? await keyId(await publicJwk(home.key)) : null,
			mono: mono(),
			boot: BOOT,
			beacon: beacon ?? null,
			declarations: await declarationsOf(home, row.task),
		});
		await home.happen({ type: 'Sealed', op }, async () => {
			await forgetDraft(home, record);
		});
		await home.draftsChanged();
	});
}
