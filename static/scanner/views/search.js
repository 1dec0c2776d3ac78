// Finding a card without its code: by name, phone, email, number or serial.
import * as api from "../api.js";
import { bar, h, icon } from "../dom.js";
import { lookUp } from "../lookup.js";
import { say } from "../told.js";

export function searchView(app) {
    const list = h("ul", { class: "found" });
    const status = h("p", { class: "hint", role: "status" }, say("search_help"));
    const input = h("input", {
        id: "search", name: "search", type: "search", autocomplete: "off", spellcheck: "false",
        enterkeyhint: "search", minlength: "3", maxlength: "120", required: true, "data-first": true,
    });

    async function search(event) {
        event.preventDefault();
        list.replaceChildren();
        status.textContent = say("searching");
        try {
            const { results } = await api.search(input.value);
            status.textContent = results.length ? say("ask_who") : say("nobody_found");
            list.replaceChildren(...results.map(row));
            if (results.length) input.blur();
        } catch (failure) {
            status.textContent = failure instanceof api.Refused ? failure.sentence : say("no_network");
        }
    }

    function row({ serial, program, status: state, customer }) {
        const ends = customer.phone_ends ? say("phone_ends", { digits: customer.phone_ends }) : say("no_phone");
        return h("li", {}, h(
            "button", { type: "button", class: "row", onclick: () => lookUp(app, serial) },
            h("span", { class: "row-main" }, customer.name || say("nameless")),
            h("span", { class: "row-side" }, ends),
            h("span", { class: "row-more" }, program.name, state === "expired" ? ` · ${say("expired")}` : ""),
        ));
    }

    const element = h(
        "section", { class: "page" },
        bar(say("search"), () => app.home(), say("back")),
        h(
            "form", { class: "searching", role: "search", onsubmit: search },
            h("label", { for: "search", class: "visually-hidden" }, say("search_label")), input,
            h("button", { class: "button primary", "aria-label": say("search") }, icon("search")),
        ),
        status, list,
    );
    return { title: say("search"), element };
}
