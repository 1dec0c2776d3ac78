// What the server told the page: words in the reader's language, and where things are.
export const told = JSON.parse(document.getElementById("told").textContent);

/** The sentence of that name; `{n}` and the like are filled in. */
export function say(name, values = {}) {
    const text = told.words[name];
    if (text === undefined) throw new Error(`There are no words for “${name}”.`);
    return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

const formats = new Map();

function format(currency) {
    if (!formats.has(currency)) {
        const options = { style: "currency", currency };
        formats.set(currency, new Intl.NumberFormat(told.language, options));
    }
    return formats.get(currency);
}

export const decimals = (currency) => format(currency).resolvedOptions().maximumFractionDigits;

/** 1999, "USD" → "$19.99". */
export const money = (cents, currency) => format(currency).format(cents / 10 ** decimals(currency));

export const number = (value) => new Intl.NumberFormat(told.language).format(value);

/** So much of a unit of that program, as staff read it: "3 stamps", "$12.50". */
export function amount(value, unit, program) {
    if (program.money_units.includes(unit)) return money(value, program.currency);
    return `${number(value)} ${word(unit, value) ?? program.units[unit]}`;
}

const plurals = new Intl.PluralRules(told.language);

/** "stamp" or "stamps", by the rules of the language; nothing for a unit we have no forms of. */
export function word(unit, value) {
    const forms = told.words.units[unit];
    const wanted = plurals.select(Math.abs(value));
    return forms && Object.entries(forms).find(([sample]) => plurals.select(Number(sample)) === wanted)?.[1];
}

export const signed = (value, unit, program) =>
    `${value < 0 ? "−" : "+"}${amount(Math.abs(value), unit, program)}`;

export const clock = (at) =>
    new Intl.DateTimeFormat(told.language, { hour: "numeric", minute: "2-digit" }).format(new Date(at));

export const day = (at) =>
    new Intl.DateTimeFormat(told.language, { dateStyle: "medium" }).format(new Date(at));
