/**
 * Which widget answers which question. The table is `widgets.json`, because a test compares it with the catalogue.
 *
 * A key is the kind of node and the type of its value; with an appearance behind them, the widget also heeds that one.
 */
import type { Node } from './engine';
import table from './widgets.json';

export type Widget = 'text' | 'number' | 'moment' | 'position' | 'shape' | 'choice' | 'rank' | 'range' | 'tick' | 'file' | 'note';

/** The widget of a question; null when there is none, which the page then says. */
export function widgetOf(node: Node): Widget | null {
	const key = node.nodeType === 'note' ? 'note' : `${node.nodeType} ${node.valueType}`;
	return ((table as Readonly<Record<string, string>>)[key] as Widget | undefined) ?? null;
}
