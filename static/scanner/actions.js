// What staff may do with a card now, as its program and the card itself say it.
import { amount, day, say } from "./told.js";

/**
 * Actions in the order in which they are offered, the likeliest first. Each has `label`, `act`, and
 * either `body`, or `asks` (what the amount is called in the request) with how it is asked.
 */
export function actionsOf(card, program) {
    const found = [
        ...(card.can.includes("accrue") ? earning(program) : []),
        ...(card.can.includes("redeem") ? redeeming(card, program) : []),
    ];
    const first = found.findIndex((each) => each.act === program.comes_for && each.isUsual && !each.isOff);
    const usable = first >= 0 ? first : found.findIndex((each) => each.isUsual && !each.isOff);
    if (usable > 0) found.unshift(...found.splice(usable, 1));
    return found;
}

/** The same where the card was never seen: what it holds is not known, so nothing is taken. */
export const actionsUnseen = (program) => earning(program);

/** What is kept for its customer, to be handed over; a card seen long ago may not know of any. */
export const claimsOf = (card, program) => (card.claims ?? []).map((claim) => {
    const name = claim.reward ?? amount(claim.amount, claim.unit, program);
    if (claim.settles_itself) return { name, label: name, note: say("settles_itself"), isOff: true };
    return {
        act: "capture", claim: claim.id, label: say("hand_over", { name }), name, body: {},
        note: say("valid_until", { day: day(claim.until) }), confirm: say("confirm_hand_over", { name }),
    };
});

function earning(program) {
    const how = program.accrue;
    if (how === null) return [];
    const isMoney = program.money_units.includes(how.unit);
    if (how.asks === "visits") {
        return [{ act: "accrue", label: say("count_visit"), body: { visits: 1 }, isUsual: true }];
    }
    if (how.asks === "purchase_cents") {
        const asks = { name: "purchase_cents", currency: program.currency };
        return [{ act: "accrue", label: say("enter_purchase"), asks, isUsual: true }];
    }
    const alone = isMoney ? say("top_up") : say("give_some", { unit: program.units[how.unit] });
    const label = how.handy.length ? say("other_amount") : alone;
    const asks = { name: "amount", unit: program.units[how.unit], currency: isMoney ? program.currency : null };
    return [
        ...how.handy.map((n, place) => ({
            act: "accrue", label: `+${amount(n, how.unit, program)}`, short: `+${n}`, body: { amount: n }, isUsual: place === 0,
        })),
        { act: "accrue", label, short: how.handy.length ? say("other") : null, asks, isUsual: !how.handy.length },
    ];
}

function redeeming(card, program) {
    return [...fixed(card, program), ...rewards(card, program)];
}

function fixed(card, program) {
    const how = program.redeem;
    if (how === null) return [];
    const held = card.balances[how.unit];
    if (how.amount !== null) {
        const label = say("use", { amount: amount(how.amount, how.unit, program) });
        return [{ act: "redeem", label, body: {}, isUsual: true, isOff: held < how.amount }];
    }
    const isMoney = program.money_units.includes(how.unit);
    const asks = {
        name: "amount", unit: program.units[how.unit], currency: isMoney ? program.currency : null,
        twice: true, most: held,
    };
    const label = how.unit === "money" ? say("pay_with_card") : say("pay_with", { unit: program.units[how.unit] });
    return [{ act: "redeem", label, asks, isUsual: true, isOff: held === 0 }];
}

/** Rewards are asked about once more: they cost the customer something, or can be had once. */
function rewards(card, program) {
    if (program.rewards === null) return [];
    const held = card.balances[program.rewards.unit];
    return card.rewards.map((reward) => ({
        act: "redeem", label: reward.name, isReward: true, body: { reward: reward.id },
        note: held < reward.price
            ? say("still_missing", { amount: amount(reward.price - held, program.rewards.unit, program) })
            : amount(reward.price, program.rewards.unit, program),
        isOff: held < reward.price, confirm: say("confirm_reward", { name: reward.name }),
    }));
}
