// One card: what it holds, and large buttons for what may be done now.
import { actionsOf, claimsOf } from "../actions.js";
import * as device from "../device.js";
import { bar, button, h, icon } from "../dom.js";
import { perform } from "../perform.js";
import { amount, clock, day, number, say } from "../told.js";

export function cardView(app, { card, code, seen = null }) {
    const program = device.program(card.program.slug);
    const note = h("input", { id: "note", maxlength: "500", autocomplete: "off" });
    const here = () => app.show("card", { card, code, seen });
    const context = { app, card, code, program, here, comment: () => note.value.trim() };
    const actions = program ? actionsOf(card, program) : [];
    const [usual, ...others] = actions.filter((each) => !each.isReward);
    const rewards = actions.filter((each) => each.isReward);
    const kept = program && card.status === "active" ? claimsOf(card, program) : [];

    const element = h(
        "section", { class: "page is-card" },
        bar(card.customer.name || say("nameless"), () => app.home(), say("back")),
        badges(card, program, seen),
        seen && h("p", { class: "notice" }, icon("cloud"), say("as_of", { time: clock(seen) })),
        face(card, program),
        kept.length ? h("h2", {}, say("kept_for_them")) : null,
        kept.length ? h("ul", { class: "rewards" }, kept.map((each) => h("li", {}, rewardRow(each, context)))) : null,
        rewards.length ? h("h2", {}, say("rewards")) : null,
        rewards.length ? h("ul", { class: "rewards" }, rewards.map((each) => h("li", {}, rewardRow(each, context)))) : null,
        card.status === "active" && program && !actions.length && !kept.length ? h("p", { class: "notice" }, icon("alert"), say("nothing_now")) : null,
        actions.length ? h("details", { class: "noting" }, h("summary", {}, say("add_note")), h("label", { for: "note", class: "visually-hidden" }, say("note")), note) : null,
        h(
            "div", { class: "thumb is-stacked" },
            h("div", { class: "others" }, others.filter((each) => each.short).map((each) => action(each, context))),
            others.filter((each) => !each.short).map((each) => action(each, context)),
            usual ? action(usual, context, "primary big") : null,
        ),
    );
    if (program) element.style.setProperty("--program", program.color);
    return { title: card.program.name, element };
}

/** What to say when greeting them, and what is on its way to the card. */
function badges(card, program, seen) {
    const { tier, has_birthday: isBirthday } = card.customer;
    const shown = [];
    if (tier) {
        const badge = h("li", { class: "badge is-tier" }, tier.name);
        badge.style.setProperty("--tier", tier.color);
        shown.push(badge);
    }
    if (isBirthday && !seen) shown.push(h("li", { class: "badge is-birthday" }, icon("gift"), say("birthday_today")));
    for (const [unit, value] of Object.entries(program && card.pending ? card.pending : {})) {
        if (value) shown.push(h("li", { class: "badge" }, say("on_the_way", { amount: amount(value, unit, program) })));
    }
    return shown.length ? h("ul", { class: "badges" }, shown) : null;
}

function action(each, context, kind = "") {
    const label = kind ? each.label : each.short ?? each.label;
    return button(label, () => perform(each, context), { kind, disabled: each.isOff, "aria-label": each.label });
}

function rewardRow(each, context) {
    return h(
        "button", { type: "button", class: "row", disabled: each.isOff, onclick: () => perform(each, context) },
        h("span", { class: "row-main" }, icon("gift"), each.name ?? each.label),
        h("span", { class: "row-side" }, each.note),
    );
}

function face(card, program) {
    const state = card.status === "expired" ? h("p", { class: "notice is-bad" }, icon("alert"), say("card_expired")) : null;
    const ends = card.expires_at && card.status === "active" ? h("p", { class: "quiet" }, say("valid_until", { day: day(card.expires_at) })) : null;
    return h(
        "article", { class: "face" },
        h("h2", {}, card.program.name),
        program?.promise ? h("p", {}, program.promise) : null,
        state,
        program ? balances(card, program) : h("p", {}, say("unknown_program")),
        program ? standing(card) : null,
        ends,
        card.plan ? validity(card) : null,
    );
}

function balances(card, program) {
    const earned = program.accrue?.unit;
    const units = Object.entries(card.balances).sort(([one], [other]) => (other === earned) - (one === earned));
    return h(
        "dl", { class: "balances" },
        units.map(([unit, value]) => h(
            "div", { class: program.row && unit === program.accrue?.unit ? "is-row" : "" },
            h("dt", {}, program.units[unit]),
            h("dd", {}, program.money_units.includes(unit) ? amount(value, unit, program) : number(value),
                program.row && unit === program.accrue?.unit ? h("small", {}, ` / ${program.row}`) : null),
            program.row && program.row <= 20 && unit === program.accrue?.unit ? dots(value, program.row) : null,
        )),
        Object.entries(card.debt).map(([unit, value]) => h("div", {}, h("dt", {}, say("owes")), h("dd", {}, amount(value, unit, program)))),
    );
}

function dots(value, row) {
    const each = Array.from({ length: row }, (_nothing, place) => h("i", { class: place < value ? "is-full" : "" }));
    const element = h("span", { class: "dots", "aria-hidden": "true" }, each);
    element.style.setProperty("--columns", row > 6 ? Math.ceil(row / 2) : row);
    return element;
}

function standing(card) {
    if (!card.rate) return null;
    return h("p", { class: "rate" }, say("percent", { n: card.rate.percent }));
}

/** Of a membership: good or not, in one glance. */
function validity(card) {
    const isGood = card.can.length > 0;
    return h(
        "p", { class: `notice ${isGood ? "is-good" : "is-bad"}` },
        icon(isGood ? "check" : "alert"), `${card.plan.name} · ${say(isGood ? "valid" : "not_valid")}`,
    );
}
