// A sum on large keys. What is taken from a customer is typed twice.
import { bar, button, h, icon } from "../dom.js";
import { feel } from "../feedback.js";
import { decimals, money, number, say } from "../told.js";

const LONGEST = 9; // digits: the API takes up to 10⁹

/** Calls `chosen(amount)`; `unit` is a word, or `currency` is given and the amount is in minor units. */
export function amountView(app, { title, unit, currency, twice = false, most = null, chosen, back }) {
    let typed = "";
    let first = null;
    const shown = h("output", { class: "sum", "aria-live": "polite" });
    const asked = h("p", { class: "hint" }, twice ? say("type_twice") : "");
    const problem = h("p", { class: "problem", role: "alert" });
    const next = button("", go, { kind: "primary big" });

    const value = () => Number(typed || "0");
    const said = (amount) => (currency ? money(amount, currency) : `${number(amount)} ${unit}`);

    function draw() {
        shown.textContent = said(value());
        next.querySelector("span").textContent = say(twice && first === null ? "go_on" : "confirm", { amount: said(value()) });
        next.disabled = value() === 0;
    }

    function press(key) {
        problem.textContent = "";
        if (key === "erase") typed = typed.slice(0, -1);
        else if ((typed + key).length <= LONGEST) typed = (typed + key).replace(/^0+/, "");
        draw();
    }

    function go() {
        if (value() === 0) return;
        if (most !== null && value() > most) return refuse(say("more_than_held", { amount: said(most) }));
        if (twice && first === null) {
            first = value();
            typed = "";
            asked.textContent = say("type_again");
            return draw();
        }
        if (twice && first !== value()) {
            first = null;
            typed = "";
            asked.textContent = say("type_twice");
            return refuse(say("not_the_same"));
        }
        chosen(value());
    }

    function refuse(text) {
        feel("bad");
        problem.textContent = text;
        draw();
    }

    function hear(event) {
        if (/^\d$/.test(event.key)) press(event.key);
        else if (event.key === "Backspace") press("erase");
        else if (event.key === "Enter" && event.target.tagName !== "BUTTON") go();
    }
    document.addEventListener("keydown", hear);

    const key = (label, pressed, text = label) =>
        h("button", { type: "button", class: "key", "aria-label": text, onclick: () => press(pressed) }, label);
    const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => key(digit, digit));
    const hundred = currency && decimals(currency) ? key("00", "00") : h("span");
    const element = h(
        "section", { class: "page is-amount" },
        bar(title, back, say("back")),
        h("div", { class: "asking" }, shown, asked, problem),
        h("div", { class: "keys" }, digits, hundred, key("0", "0"), key(icon("erase"), "erase", say("erase"))),
        next,
    );
    draw();
    return { title, element, leave: () => document.removeEventListener("keydown", hear) };
}
