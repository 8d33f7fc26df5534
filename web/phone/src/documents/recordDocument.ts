/**
 * The on-site record (现场检查记录) as a document to read and sign, made from the form's own answers.
 *
 * It is in Chinese whatever the phone speaks: it is what the inspected party reads and signs. What stands in the
 * group `sign` comes after the text and is no part of it, so that all who sign have signed the same.
 */
import type { RootNode } from '@getodk/xforms-engine';
import { speak } from '../forms/engine';
import { BLANK, worded, type Node } from '../forms/nodes';
import { flat, written } from './answers';

/** A photo, a recording or another file that the document names by its number. */
export interface Attached {
	readonly told: string;
	readonly name: string;
	readonly label: string;
	/** SHA-256 in hexadecimal; empty where the file is not on this phone. */
	readonly sha256: string;
}

export interface Line {
	/** Empty for what the form only tells. */
	readonly label: string;
	readonly text: string;
	/** 0 in the section itself, 1 and more within groups and repeats. */
	readonly depth: number;
	readonly isHeading: boolean;
}

export interface Section {
	readonly title: string;
	readonly lines: readonly Line[];
}

export interface Signing {
	readonly label: string;
	/** The name of the signature's file; null for what is written beside it. */
	readonly name: string | null;
	readonly text: string;
}

export interface RecordDocument {
	readonly head: Head;
	readonly sections: readonly Section[];
	readonly files: readonly Attached[];
	readonly signings: readonly Signing[];
}

/** What the form itself does not say. */
export interface Head {
	/** The form's title in Chinese, with its version. */
	readonly title: string;
	readonly version: string;
	readonly record: string;
	readonly task: string;
}

const SIGN = /\/sign(\/|$)/;
const KINDS: Readonly<Record<string, string>> = { image: '照片', audio: '录音', video: '录像' };

/** Makes the document of a form. `hashes`: SHA-256 in hexadecimal by the names of files. */
export function documentOf(root: RootNode, head: Head, hashes: ReadonlyMap<string, string>): RecordDocument {
	return inChinese(root, () => {
		const making = new Making(hashes);
		const children = (root as Node).currentState.children as Node[];
		const sections = children
			.filter((each) => each.currentState.relevant && !SIGN.test(each.currentState.reference))
			.map((each) => ({ title: labelOf(each), lines: making.below(each) }))
			.filter((each) => each.lines.length > 0);
		const signings = children.filter((each) => SIGN.test(each.currentState.reference)).flatMap((each) => making.signed(each));
		return { head, sections, files: making.files, signings };
	});
}

/** Reads a form in Chinese and lets it go on in the language it was in. */
function inChinese<Made>(root: RootNode, make: () => Made): Made {
	const before = root.currentState.activeLanguage;
	speak(root, 'zh');
	try {
		return make();
	} finally {
		if (!before.isSyntheticDefault) root.setLanguage(before as Parameters<RootNode['setLanguage']>[0]);
	}
}

class Making {
	readonly files: Attached[] = [];
	private readonly counts = new Map<string, number>();

	constructor(private readonly hashes: ReadonlyMap<string, string>) {}

	below(node: Node, depth = 0): Line[] {
		const { children, relevant } = node.currentState;
		if (!relevant || node.nodeType === 'model-value') return [];
		if (children === null) return this.answer(node, depth);
		if (node.nodeType.startsWith('repeat-range')) {
			return (children as Node[]).flatMap((each, place) => {
				const lines = each.currentState.children.flatMap((child: Node) => this.below(child, depth + 1));
				return lines.length === 0 ? [] : [heading(`${labelOf(node)} ${place + 1}`, depth), ...lines];
			});
		}
		const label = depth === 0 ? '' : labelOf(node);
		const lines = (children as Node[]).flatMap((each) => this.below(each, depth + 1));
		return label === '' || lines.length === 0 ? lines : [heading(label, depth), ...lines];
	}

	/** What the signatures say, with the files that they are. */
	signed(node: Node): Signing[] {
		const { children, relevant } = node.currentState;
		if (!relevant || node.nodeType === 'model-value') return [];
		if (children !== null) return (children as Node[]).flatMap((each) => this.signed(each));
		const name = String(node.currentState.instanceValue ?? '');
		if (node.nodeType === 'upload') return [{ label: labelOf(node), name: name || null, text: '' }];
		const text = written(node);
		return text === '' ? [] : [{ label: labelOf(node), name: null, text }];
	}

	private answer(node: Node, depth: number): Line[] {
		const label = labelOf(node);
		if (node.nodeType === 'upload') {
			if (node.appearances?.signature) return [];
			const name = String(node.currentState.instanceValue ?? '');
			return [{ label, text: name === '' ? BLANK : this.attach(node, name, label), depth, isHeading: false }];
		}
		const text = written(node);
		if (node.nodeType === 'note') return text === '' ? [] : [{ label: '', text, depth, isHeading: false }];
		return [{ label, text: text || BLANK, depth, isHeading: false }];
	}

	private attach(node: Node, name: string, label: string): string {
		const kind = KINDS[node.nodeOptions?.media?.type] ?? '附件';
		const number = (this.counts.get(kind) ?? 0) + 1;
		this.counts.set(kind, number);
		const sha256 = this.hashes.get(name) ?? '';
		this.files.push({ told: `${kind}${number}`, name, label, sha256 });
		return `${kind}${number}（SHA-256 ${sha256.slice(0, 16) || '不在本机'}）`;
	}
}

function heading(text: string, depth: number): Line {
	return { label: '', text, depth, isHeading: true };
}

function labelOf(node: Node): string {
	return flat(worded(node.currentState.label));
}
