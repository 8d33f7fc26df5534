/**
 * Lets a reader check a draw on its public page, with the console's own verifier (`verifying.ts`), over the file that
 * anybody can load; and compares the list that the page shows with the one that was checked. Nothing is sent anywhere.
 */
import type { DrawFile } from '../../console/src/draws/drawFile';
import { verify, Wrong } from '../../console/src/draws/verifying';

const section = document.querySelector<HTMLElement>('#checking');
const button = document.querySelector<HTMLButtonElement>('#check');
const told = document.querySelector<HTMLElement>('#checked');

/** Whether the rows of the page are those of the file, in its order. */
function isShown(draw: DrawFile): boolean {
	const list = document.querySelector<HTMLElement>('#list');
	const rows = [...document.querySelectorAll<HTMLElement>('#list [data-object]')];
	const first = Number(list?.dataset['first'] ?? 1) - 1;
	const name = new Map(draw.frame?.objects.map((each) => [each.id, each.name]));
	return rows.every((row, place) => {
		const id = draw.drawn[first + place];
		return id !== undefined && row.dataset['object'] === id && (row.textContent ?? '').includes(name.get(id) ?? '\0');
	});
}

function tell(text: string, is: '' | 'holds' | 'differs'): void {
	told!.textContent = text;
	told!.className = is;
}

async function check(words: DOMStringMap): Promise<void> {
	tell(words['working'] ?? '', '');
	try {
		const answer = await fetch(words['file'] ?? '', { cache: 'no-cache' });
		if (!answer.ok) throw new Error(String(answer.status));
		const draw = (await answer.json()) as DrawFile;
		verify(draw);
		if (isShown(draw)) tell(words['holds'] ?? '', 'holds');
		else tell(words['differs'] ?? '', 'differs');
	} catch (error) {
		tell(error instanceof Wrong ? error.message : (words['broken'] ?? ''), 'differs');
	}
}

if (section && button && told) {
	button.hidden = false;
	button.addEventListener('click', () => {
		button.disabled = true;
		void check(section.dataset).finally(() => (button.disabled = false));
	});
}
