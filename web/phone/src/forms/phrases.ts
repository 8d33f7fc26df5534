/** 常用语: what inspectors write again and again, by the question it answers; kept on this phone, sealed. */
import { shallowRef } from 'vue';
import type { Database } from '../keeping/database';
import { openJson, sealJson } from '../keeping/vault';

/** Phrases that ship, by the last part of a question's path. Facts only; none says more than an inspector saw. */
const SHIPPED: Readonly<Record<string, readonly string[]>> = {
	situation: [
		'经现场检查，未发现违法违规行为。',
		'现场情况与登记信息一致。',
		'检查时该单位正常生产，现场负责人全程陪同。',
		'所查资料齐全，记录完整。',
	],
	party_opinion: ['无异议。', '以上笔录属实，无异议。', '情况属实，将按要求整改。'],
	problem: ['未按规定建立相关制度。', '资料不齐全，未能当场提供。', '登记信息与实际情况不一致，未及时变更。', '界桩缺失，未按规定补设。'],
	order: ['立即停止违法行为。', '于期限内补齐资料并书面报告。', '于期限内恢复界桩并报告。'],
	cause: ['自然损坏。', '施工中被移动。', '原因不明，企业未能说明。'],
	unreached_reason: ['山体陡峭，无法安全到达。', '道路中断。', '植被茂密，仅能目视。'],
	refuse_reason: ['现场负责人拒绝签名，未说明理由。', '现场负责人不在场，无人签名。'],
	not_checked_reason: ['不在本次抽查事项范围内。', '检查时该项业务尚未开展。'],
	differs_note: ['法定代表人已变更，尚未办理变更登记。', '经营场所已搬迁。'],
	urgent_reason: ['接到举报，需立即核查。', '存在安全隐患，需立即核查。'],
};

const KEY = 'phrases';
type Own = Readonly<Record<string, { readonly added: readonly string[]; readonly removed: readonly string[] }>>;

const own = shallowRef<Own>({});
let database: Database | null = null;

/** Opens a person's phrases. What an older version left in clear (a phrase may name a company) is sealed and gone. */
export async function openPhrases(of: Database): Promise<void> {
	database = of;
	const clear = localStorage.getItem(KEY);
	if (clear !== null) {
		await of.told.put({ name: KEY, value: await sealJson(JSON.parse(clear)) });
		localStorage.removeItem(KEY);
	}
	own.value = ((await openJson((await of.told.get(KEY))?.value)) as Own | undefined) ?? {};
}

/** The name that a question's phrases go by: alike in every form that asks the same. */
function nameOf(reference: string): string {
	return reference.split('/').at(-1)!.replace(/\[\d+\]$/, '');
}

/** The phrases of a question: this phone's own first. */
export function phrasesFor(reference: string): string[] {
	const name = nameOf(reference);
	const { added, removed } = own.value[name] ?? { added: [], removed: [] };
	return [...added, ...(SHIPPED[name] ?? []).filter((each) => !added.includes(each))].filter((each) => !removed.includes(each));
}

export function addPhrase(reference: string, phrase: string): Promise<void> {
	return change(reference, (added, removed) => [[phrase, ...added.filter((each) => each !== phrase)], removed.filter((each) => each !== phrase)]);
}

export function removePhrase(reference: string, phrase: string): Promise<void> {
	return change(reference, (added, removed) => [added.filter((each) => each !== phrase), [...removed, phrase]]);
}

let line: Promise<void> = Promise.resolve();

/** One change after another, upon what lies on the disk: other tabs keep phrases as well. */
function change(reference: string, how: (added: readonly string[], removed: readonly string[]) => [string[], string[]]): Promise<void> {
	const name = nameOf(reference);
	const { told } = database!;
	const turn = line.then(async () => {
		const held = ((await openJson((await told.get(KEY))?.value)) as Own | undefined) ?? {};
		const { added, removed } = held[name] ?? { added: [], removed: [] };
		const [nextAdded, nextRemoved] = how(added, removed);
		const next = { ...held, [name]: { added: nextAdded, removed: nextRemoved } };
		await told.put({ name: KEY, value: await sealJson(next) });
		own.value = next;
	});
	line = turn.catch(() => undefined);
	return turn;
}
