import { DataType, type Field, Precision, Type } from 'apache-arrow';

const mostPrecision = 1000;

/** The type of a column that holds every value of an Arrow field, `undefined` if there is none. */
export function sqlTypeOf({ type, metadata }: Field): string | undefined {
  const extension = metadata.get('ARROW:extension:name');
  // json and not jsonb, which would drop what is equal in JSON and not in text.
  if (extension === 'arrow.json') return 'json';
  if (extension === 'arrow.uuid') return 'uuid';
  return ofType(type as DataType);
}

function ofType(type: DataType): string | undefined {
  if (DataType.isInt(type)) return ofInteger(type.isSigned ? type.bitWidth : 2 * type.bitWidth);
  if (DataType.isDecimal(type)) {
    const { precision, scale } = type;
    const isPlain = precision <= mostPrecision && scale >= 0 && scale <= precision;
    return isPlain ? `numeric(${String(precision)},${String(scale)})` : 'numeric';
  }
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE ? 'double precision' : 'real';
  if (DataType.isTimestamp(type)) return typeof type.timezone === 'string' ? 'timestamptz' : 'timestamp';
  if (DataType.isDictionary(type)) return ofType((type as { dictionary: DataType }).dictionary);
  if (type.typeId === Type.List || type.typeId === Type.FixedSizeList) {
    const [field] = type.children as readonly Field[];
    const element = field && sqlTypeOf(field);
    return element && `${element}[]`;
  }
  return byTypeId.get(type.typeId);
}

/** An unsigned integer needs one bit more than it has, so the next width. */
function ofInteger(bits: number): string {
  if (bits <= 16) return 'smallint';
  if (bits <= 32) return 'integer';
  return bits <= 64 ? 'bigint' : 'numeric(20)';
}

const byTypeId: ReadonlyMap<Type, string> = new Map([
  [Type.Bool, 'boolean'],
  [Type.Utf8, 'text'],
  [Type.LargeUtf8, 'text'],
  [Type.Binary, 'bytea'],
  [Type.LargeBinary, 'bytea'],
  [Type.FixedSizeBinary, 'bytea'],
  [Type.Date, 'date'],
  [Type.Time, 'time'],
  [Type.Interval, 'interval'],
]);
