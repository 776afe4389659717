// Values as SQL compares and shows them: numbers as numbers, moments as the server's engine writes them.
const two = (micros) => String(micros).padStart(6, '0');

function moment(micros) {
  let milliseconds = micros / 1000n;
  let rest = micros % 1000n;
  if (rest < 0n) {
    milliseconds -= 1n;
    rest += 1000n;
  }
  const date = new Date(Number(milliseconds));
  if (Number.isNaN(date.getTime())) return `${micros} µs`;
  const text = date.toISOString().replace('T', ' ').slice(0, -5);
  const fraction = date.getUTCMilliseconds() * 1000 + Number(rest);
  return fraction ? `${text}.${two(fraction).replace(/0+$/, '')}` : text;
}

/** How hyparquet is told to make values; a text sorts and compares as its moment does. */
export const PARSERS = {
  timestampFromMilliseconds: (value) => moment(BigInt(value) * 1000n),
  timestampFromMicroseconds: (value) => moment(BigInt(value)),
  timestampFromNanoseconds: (value) => moment(BigInt(value) / 1000n),
  dateFromDays: (days) => new Date(days * 86_400_000).toISOString().slice(0, 10),
};

function timeOfDay(value, unit) {
  const perSecond = { MILLIS: 1_000, MICROS: 1_000_000, NANOS: 1_000_000_000 }[unit];
  const whole = Number(value);
  const seconds = Math.floor(whole / perSecond);
  const micros = Math.round(((whole % perSecond) * 1_000_000) / perSecond);
  const text = new Date(seconds * 1000).toISOString().slice(11, 19);
  return micros ? `${text}.${two(micros).replace(/0+$/, '')}` : text;
}

/** 64 bits that fit a number exactly become one; others stay whole. */
const whole = (value) => (value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value);

/** What is left to do with a column's values after hyparquet: a function, or null where they are right already. */
export function finisherOf({ element, children }) {
  const logical = element.logical_type ?? {};
  const converted = element.converted_type ?? '';
  if (children.length) return null;
  if (logical.type === 'TIMESTAMP' && logical.isAdjustedToUTC) return (value) => `${value}+00`;
  if (logical.type === 'TIME') return (value) => timeOfDay(value, logical.unit);
  if (converted === 'DECIMAL' || logical.type === 'DECIMAL') {
    return (value) => Number(value.toFixed(element.scale ?? logical.scale ?? 0));
  }
  if (element.type === 'INT64' && !/TIMESTAMP|TIME/.test(`${logical.type}${converted}`)) return whole;
  return null;
}
