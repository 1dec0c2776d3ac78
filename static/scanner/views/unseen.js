// Without a network, a card that this device never saw: staff say which it is, and give.
import { actionsUnseen } from "../actions.js";
import * as device from "../device.js";
import { bar, button, h, icon } from "../dom.js";
import { perform } from "../perform.js";
import { say } from "../told.js";

export function unseenView(app, { code, slug = null }) {
    const program = slug && device.program(slug);
    const offered = (device.known()?.programs ?? []).filter((each) => each.accrue !== null);
    const here = () => app.show("unseen", { code, slug });
    const context = { app, card: null, code, program, here, comment: () => "" };
    const choice = program
        ? actionsUnseen(program).map((each, place) =>
            button(each.label, () => perform(each, context), { kind: place ? "" : "primary big" }))
        : offered.map((each) => h(
            "button", { type: "button", class: "row", onclick: () => app.show("unseen", { code, slug: each.slug }) },
            h("span", { class: "row-main" }, icon("card"), each.name),
        ));
    const element = h(
        "section", { class: "page" },
        bar(program ? program.name : say("which_card"), () => app.home(), say("back")),
        h("p", { class: "notice" }, icon("cloud"), say("unseen_card")),
        h("div", { class: "stack" }, choice),
    );
    return { title: say("which_card"), element };
}
