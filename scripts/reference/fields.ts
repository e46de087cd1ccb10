/** Fields of an input or a configuration as rows of a table, from its schema. */
import { z } from 'zod';

/** One field, by the path that a person writes. */
export interface Field {
  path: string;
  type: string;
  /** As JSON; `required`, or empty where a field may be left out. */
  fallback: string;
  meaning: string;
  /** The environment variable that overrides it, in a configuration. */
  variable: string | undefined;
}

const REQUIRED = 'required';

/** What is read of a JSON schema, and `variable`, which our schemas add. */
interface Json {
  type?: string | string[];
  title?: string;
  description?: string;
  variable?: string;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Json>;
  required?: string[];
  additionalProperties?: Json | boolean;
  items?: Json;
  anyOf?: Json[];
}

/** The fields of a schema, each followed by those inside it. */
export function fieldsOf(schema: z.ZodType): Field[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;
  return within(json, '');
}

function within(json: Json, path: string): Field[] {
  const fields = Object.entries(json.properties ?? {}).flatMap(([name, field]) =>
    rows(field, path === '' ? name : `${path}.${name}`, json.required?.includes(name) ?? false),
  );
  const values = json.additionalProperties;
  return typeof values === 'object' ? [...fields, ...rows(values, `${path}.<name>`, false)] : fields;
}

function rows(field: Json, path: string, required: boolean): Field[] {
  const inside = fieldsInside(field, path);
  // a record is described by what it holds, an object whose parts say all by these
  if (field.description === undefined && inside.length > 0) return inside;
  const { description = '', variable } = field;
  return [
    { path, type: typeOf(field), fallback: fallbackOf(field, required), meaning: description, variable },
    ...inside,
  ];
}

/** Those of an object, or of each that it may be: none of them is required then. */
function fieldsInside(field: Json, path: string): Field[] {
  const variants = (field.anyOf ?? [field]).filter(({ type }) => type !== 'null');
  const [only, ...others] = variants.map((each) => within(each, path));
  if (others.length === 0) return only ?? [];
  const all = [...(only ?? []), ...others.flat()];
  const byPath = new Map(all.map((each) => [each.path, each]));
  return [...byPath.values()].map((each) => (each.fallback === REQUIRED ? { ...each, fallback: '' } : each));
}

function fallbackOf(field: Json, required: boolean): string {
  if (required) return REQUIRED;
  if (!('default' in field)) return '';
  return isAll(field) ? 'all' : code(JSON.stringify(field.default));
}

/** Whether a list holds by default whatever it may hold. */
function isAll({ default: fallback, items }: Json): boolean {
  return Array.isArray(fallback) && fallback.length > 0 && fallback.length === items?.enum?.length;
}

function typeOf(field: Json): string {
  if (field.title) return field.title;
  if (field.enum) return field.enum.map((value) => code(JSON.stringify(value))).join(', ');
  if (field.items) return `list of ${plural(typeOf(field.items))}`;
  if (field.anyOf) return [...new Set(field.anyOf.map(typeOf))].join(' or ');
  const [type = '', ...others] = [field.type ?? ''].flat();
  const own = type === 'integer' ? `whole number${rangeOf(field)}` : (NAMES[type] ?? type);
  return [own, ...others.map((other) => NAMES[other] ?? other)].join(' or ');
}

const NAMES: Record<string, string> = { string: 'text', null: '`null`', boolean: '`true` or `false`' };

function plural(type: string): string {
  return type === 'text' ? 'texts' : type;
}

function rangeOf({ minimum, maximum }: Json): string {
  if (maximum === undefined || maximum === Number.MAX_SAFE_INTEGER)
    return minimum === undefined ? '' : ` from ${minimum}`;
  return ` from ${minimum} to ${maximum}`;
}

function code(text: string): string {
  return `\`${text}\``;
}
