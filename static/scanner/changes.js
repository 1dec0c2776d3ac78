// What an operation did, in words.
import { program as programOf } from "./device.js";
import { amount, money, say, signed } from "./told.js";

/** One line for each entry: `+1 stamps`, and what is there then. */
export function changes(answer, program) {
    return answer.operation.entries.map(({ unit, amount: moved, balance }) => ({
        moved: signed(moved, unit, program),
        balance: say("now", { amount: amount(balance, unit, program) }),
        isLess: moved < 0,
    }));
}

/** The marks that were passed: a full row, a reward within reach, a better rate. */
export function news(answer, program) {
    const { crossed = [], bill, issued } = answer;
    const found = crossed.map(({ mark, at, unit }) => say(`crossed_${mark}`, { at: amount(at, unit, program) }));
    if (issued) found.push(say("issued", { program: programOf(issued.program)?.name ?? issued.program }));
    if (bill) found.push(say("saved", { percent: bill.percent, amount: money(bill.saved_cents, program.currency) }));
    return [...new Set(found)];
}
