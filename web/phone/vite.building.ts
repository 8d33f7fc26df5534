/** What the build does beside bundling: no foreign host, files compressed once, and the build before kept. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Vant's styles name a font on somebody else's host beside the one they carry; no page of ours may ask there. */
export function withoutForeignHosts(): Plugin {
	return {
		name: 'without-foreign-hosts',
		enforce: 'pre',
		transform(code, id) {
			if (!id.includes('/vant/') || !id.endsWith('.css')) return null;
			return code.replace(/,\s*url\((['"]?)\/\/[^)]*\)\s*format\([^)]*\)/g, '').replace(/url\((['"]?)\/\/[^)]*\)/g, 'none');
		},
	};
}

/**
 * Keeps the assets of the build before in `previous/`: a page that was opened before the renewal finds its parts.
 * The folder of the build must not be emptied by Vite.
 */
export function keepingTheBuildBefore(folder: string): Plugin {
	let fresh = new Set<string>();
	return {
		name: 'keeping-the-build-before',
		apply: 'build',
		enforce: 'pre',
		generateBundle: (_, bundle) => void (fresh = new Set([...fresh, ...Object.keys(bundle)])),
		closeBundle() {
			const assets = join(folder, 'assets');
			const previous = join(folder, 'previous');
			const plain = (name: string) => `assets/${name.replace(/\.(br|gz)$/, '')}`;
			const old = existsSync(assets) ? readdirSync(assets).filter((name) => !fresh.has(plain(name))) : [];
			if (fresh.size === 0 || old.length === 0) return;
			rmSync(previous, { recursive: true, force: true });
			mkdirSync(previous);
			for (const name of old) renameSync(join(assets, name), join(previous, name));
		},
	};
}

/** What of the form engine is mended, by the numbers of tests/conformance/README.md: its text, and ours in its place. */
const MENDED: readonly (readonly [string, string])[] = [
	// 22: a rule that can't be computed throws within an answer, and what hangs on that answer stays as it was. It goes on
	// asking whether its node is there yet: a rule that hangs on nothing else, once(uuid()), would stay blank.
	[
		'if (context.isAttached()) {\n        return evaluateExpression();\n      }',
		'if (context.isAttached()) {\n        try { return evaluateExpression(); } catch { return options?.defaultValue ?? defaultEvaluationsByType[resultType]; }\n      }',
	],
	// 22: a date that does not exist is no date.
	[
		'return Xn.PlainDateTime.from(value).toZonedDateTime(timeZone);',
		'try { return Xn.PlainDateTime.from(value).toZonedDateTime(timeZone); } catch { return null; }',
	],
	// 7: answers that do not apply are left out of the XML. Of a draft (`root.keepsHidden`) they are part, as they were given:
	// they come back with what they hang on. So are choices that are not offered at the moment.
	[
		'const [getRelevantValue, setValue] = baseValueState;',
		'const [getRelevantValue, setValue] = baseValueState;\n    context.getGivenValue = getRelevantValue;',
	],
	[
		`const createValueNodeInstanceState = (node) => {
  const { qualifiedName } = node.definition;
  return {
    get instanceXML() {
      if (!node.currentState.relevant) {
        return "";
      }
      const xmlValue = escapeXMLText(node.currentState.instanceValue);`,
		`const createValueNodeInstanceState = (node) => {
  const { qualifiedName } = node.definition;
  return {
    get instanceXML() {
      const { relevant, instanceValue } = node.currentState;
      if (!relevant && !node.root.keepsHidden) {
        return "";
      }
      const xmlValue = escapeXMLText(node.root.keepsHidden ? node.getGivenValue?.() ?? instanceValue : instanceValue);`,
	],
	...['createParentNodeInstanceState', 'createTemplatedNodeInstanceState'].map((name): readonly [string, string] => [
		`const ${name} = (node) => {\n  return {\n    get instanceXML() {\n      if (!node.currentState.relevant) {`,
		`const ${name} = (node) => {\n  return {\n    get instanceXML() {\n      if (!node.currentState.relevant && !node.root.keepsHidden) {`,
	]),
	// 23: rows that a count takes away are gone, or come back as they were when the draft was opened. They are kept as they
	// were at last, also in the draft, until the count is larger again.
	[
		`return serializedChildren.join("");
    }
  };
};

const createTemplatedNodeInstanceState`,
		`return serializedChildren.concat(node.root.keepsHidden ? node.spareRows?.slice(serializedChildren.length).map(spareRowXML) ?? [] : []).join("");
    }
  };
};
const spareRowXML = (element) => {
  return element.isLeafElement() ? serializeLeafElementXML(element.qualifiedName, escapeXMLText(element.value)) : serializeElementXML(element.qualifiedName, element.childElements.map(spareRowXML).join(""), "");
};
const spareRow = ({ root, rootDocument, definition }, row) => {
  root.keepsHidden = true;
  try {
    const element = getWrappedInstanceRootElement(wrapInstanceXML(rootDocument.model, row.instanceState.instanceXML));
    return parseStaticDocumentFromDOMSubtree(element, { nodesetPrefix: definition.template.parent.nodeset }).root;
  } finally {
    root.keepsHidden = false;
  }
};

const createTemplatedNodeInstanceState`,
	],
	[
		'const repeatInstanceNodes = definition.omitTemplate(instanceNodes);',
		'const repeatInstanceNodes = definition.omitTemplate(instanceNodes);\n      this.spareRows = this.isInstanceCreation ? [] : repeatInstanceNodes.slice();',
	],
	[
		'return repeatInstanceNodes[instanceIndex] ?? template;',
		'return this.spareRows[instanceIndex] ?? repeatInstanceNodes[instanceIndex] ?? template;',
	],
	[
		'this.removeChildren(currentCount, delta);',
		`untrack(() => this.getChildren().slice(currentCount).forEach((row, index) => {
            this.spareRows[currentCount + index] = spareRow(this, row);
          }));
          this.removeChildren(currentCount, delta);`,
	],
];

/** Mends what a wall around the form engine can't. Raises where the engine no longer reads as it did. */
export function withEngineMended(): Plugin {
	return {
		name: 'with-engine-mended',
		enforce: 'pre',
		transform(code, id) {
			if (!id.includes('/xforms-engine/dist/index.js')) return null;
			return MENDED.reduce((text, [theirs, ours]) => {
				if (text.split(theirs).length !== 2) throw new Error(`the form engine does not read so, or more than once: ${theirs}`);
				return text.replace(theirs, () => ours);
			}, code);
		},
	};
}

const WORTH_IT = /\.(js|css|html|svg|wasm|webmanifest|json)$/;

/** Writes each text beside itself as .br and .gz, so that the server need not compress anything. */
export function compressed(folder: string): Plugin {
	return {
		name: 'compressed',
		apply: 'build',
		enforce: 'post',
		closeBundle: {
			order: 'post',
			sequential: true,
			handler() {
				for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
					if (!WORTH_IT.test(name) || name.startsWith('previous')) continue;
					const path = join(folder, name);
					if (name.startsWith('assets') && existsSync(`${path}.br`)) continue;
					const bytes = readFileSync(path);
					const quality = { [constants.BROTLI_PARAM_QUALITY]: 9 };
					writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: quality }));
					writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
				}
			},
		},
	};
}
