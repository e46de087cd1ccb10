/** Documents of every shape: ids, collections, metadata, numbers, texts and sizes. */
import type { Application } from './application.ts';

const METADATA = '"@metadata":{"@collection":"Odd"}';

/** Ids that a router, a URL or a change of case can get wrong. */
const ODD_IDS = [
  'with space',
  ' space before',
  'space after ',
  'Upper/Case-KEPT',
  'percent%41/100%',
  'question?mark&and=equals#hash+plus',
  'quote"single\'back\\slash`tick',
  'semi;colon,comma|pipe!bang~tilde',
  'tab\tand\nline',
  'control\u0001\u001f\u007f',
  '//double//slash',
  'anchor$orders/1-A',
  'other-anchor$orders/1-A',
  'two$anchors$orders/2-A',
  '$anchor-first',
  'anchor-last$',
  'anchor-$Mixed/Case',
  '$',
  '$$',
  'Ünïcödé/日本語/한국어',
  'non-bmp/😀/𝒳/👩‍👩‍👧',
  'deseret/𐐀𐐨',
  'turkish/İSTANBUL/ıI/Iİiı',
  'german/STRASSE/Straße/ẞß',
  'greek/ΟΔΥΣΣΕΥΣ/ὀδυσσεύς/Σςσ',
  'signs/K/Ω/Å/Ǆǅǆ/ŉ/ﬀ',
  'combining/e\u0301/\u00e9',
  'right-to-left/עברית/العربية',
  'zero-width/\u200b\u200d\ufeff',
  'eu/anchored$us/anchored',
  `long/${'x'.repeat(495)}`,
  `long/${'é'.repeat(247)}`,
  `long/${'😀'.repeat(123)}`,
];

const BODIES: Record<string, string> = {
  'odd/empty': `{${METADATA}}`,
  'odd/no-collection': '{"a":1}',
  'odd/nothing': '{}',
  'odd/numbers':
    '{"beyond":9007199254740993,"long":9223372036854775807,"low":-9223372036854775808,' +
    '"huge":12345678901234567890123456789,"zeros":1.50,"more":100.000,"small":0.000000000000000000001,' +
    '"exponent":1e5,"upper":1.5E+10,"minus":2E-7,"zero":0,"negativeZero":-0,"negativeZeros":-0.0,' +
    `"precise":3.14159265358979323846264338327950288,"list":[1.0,1,1.00,1e0],${METADATA}}`,
  'odd/order': `{"z":1,"10":1,"a":1,"9":1,"B":1,"":1,"b":{"y":1,"2":1,"x":1,"1":1},${METADATA}}`,
  'odd/case': `{"name":1,"Name":2,"NAME":3,${METADATA}}`,
  'odd/keys': `{"with space":1,"dot.dot":1,"a\\"b":1,"日本":1,"😀":1,"@id":"x","$type":"y","__proto__":{"a":1},"constructor":1,${METADATA}}`,
  'odd/look-alikes':
    '{"@id":"not/me","@attachments":[{"Name":"no","Hash":"no"}],"@counters":["no"],"@export-type":"Attachment",' +
    '"nested":{"@metadata":{"@id":"not/me","@collection":"Not","@flags":"HasRevisions","@attachments":[]},"@id":1},' +
    `"text":"{\\"@metadata\\":{\\"@id\\":\\"a\\"}}","list":[{"@metadata":{}},"@metadata",["}","{","]","["]],${METADATA}}`,
  'odd/texts':
    '{"escapes":"\\"\\\\\\/\\b\\f\\n\\r\\t","control":"\\u0000\\u0001\\u001f\\u007f\\u0080","lines":"\\u2028\\u2029",' +
    '"quote":"\\"","backslash":"\\\\","both":"\\\\\\"","many":"\\\\\\\\\\\\\\"\\"","escaped":"\\u0041\\u00e9\\ud83d\\ude00",' +
    `"raw":"aé日😀","mark":"\\ufeff","html":"</script>&amp;","empty":"","long":"${'\\n"'.replace('"', '\\"').repeat(500)}",${METADATA}}`,
  'odd/values': `{"null":null,"true":true,"false":false,"array":[],"object":{},"deep":[[[[[[{"a":[{}]}]]]]]],${METADATA}}`,
  'odd/metadata':
    '{"a":1,"@metadata":{"@collection":"Odd","Owner":"Ann","number":1.50,"big":9007199254740993,"list":[1,"2"],' +
    '"@own":{"b":1,"a":{"@metadata":1}},"Raven-Clr-Type":"Demo.Odd, Demo","quote":"\\"\\\\"}}',
  'odd/expired': '{"a":1,"@metadata":{"@collection":"Odd","@expires":"2020-01-02T03:04:05.6789012Z"}}',
  'odd/expires': '{"a":1,"@metadata":{"@collection":"Odd","@expires":"2199-01-02T03:04:05.6789012Z"}}',
  'odd/refresh': '{"a":1,"@metadata":{"@collection":"Odd","@refresh":"2199-01-02T03:04:05.6789012Z"}}',
  'odd/archive': '{"a":1,"@metadata":{"@collection":"Odd","@archive-at":"2199-01-02T03:04:05.6789012Z"}}',
  'odd/archive-past':
    '{"a":1,"@metadata":{"@collection":"Odd","@archive-at":"2020-01-02T03:04:05.6789012Z"}}',
  'collections/space': '{"a":1,"@metadata":{"@collection":"With Space"}}',
  'collections/unicode': '{"a":1,"@metadata":{"@collection":"Müller 日本 😀"}}',
  'collections/quote': '{"a":1,"@metadata":{"@collection":"It\'s \\"quoted\\""}}',
  'collections/case': '{"a":1,"@metadata":{"@collection":"oDD"}}',
  'Raven/Hilo/odd': '{"Max":96,"@metadata":{"@collection":"@hilo"}}',
};

/** Documents of every shape, and some under the prefixes `eu/` and `us/`. @param largest bytes of the largest one */
export async function putDocuments(application: Application, largest: number): Promise<void> {
  const ids = ODD_IDS.map((id): [string, string] => [id, `{"id":${JSON.stringify(id)},${METADATA}}`]);
  await application.putAll([...ids, ...Object.entries(BODIES), ...prefixed()]);
  const line = `"${'Lorem ipsum \\"dolor\\" sit amet 日本 '.repeat(20)}"`;
  const lines = Array.from({ length: Math.ceil(largest / line.length) }, () => line);
  await application.put('odd/large', `{"lines":[${lines.join(',')}],"end":1.50,${METADATA}}`);
  await application.send(
    'POST',
    'bulk_docs',
    `{"Commands":[{"Type":"PUT","Id":"odd/guarded","Document":{"a":1,${METADATA}}}],"TransactionMode":"ClusterWide"}`,
  );
}

/** Writes `plain/0` and so on. */
export async function putPlain(application: Application, count: number, from = 0): Promise<void> {
  for (let start = from; start < from + count; start += 1000) {
    const numbers = Array.from({ length: Math.min(1000, from + count - start) }, (_, at) => start + at);
    await application.putAll(
      numbers.map((n) => [
        `plain/${n}`,
        `{"Number":${n},"Price":${n}.50,"Text":"${'x'.repeat(300)}","@metadata":{"@collection":"Plain"}}`,
      ]),
    );
  }
}

function* prefixed(): Generator<[string, string]> {
  for (const prefix of ['eu/', 'us/', 'EU/upper/']) {
    for (let n = 0; n < 20; n++) yield [`${prefix}${n}`, `{"n":${n},"@metadata":{"@collection":"Regions"}}`];
  }
}
