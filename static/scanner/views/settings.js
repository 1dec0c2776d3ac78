// How this device likes things, and the end of its pairing.
import * as api from "../api.js";
import * as device from "../device.js";
import { bar, button, h } from "../dom.js";
import { mayFallAsleep, stayAwake } from "../feedback.js";
import * as store from "../store.js";
import { say } from "../told.js";

export function settingsView(app) {
    const about = device.known();
    const wishes = device.wishes();

    const onOff = (name, changed = () => {}) => {
        const box = h("input", {
            type: "checkbox", role: "switch", id: name, checked: wishes[name],
            onchange: () => { device.wish(name, box.checked); changed(box.checked); },
        });
        return h("li", {}, h("label", { for: name }, say(`wish_${name}`)), box);
    };
    const choice = (name, values, changed = () => {}) => {
        const select = h(
            "select", { id: name, onchange: () => { device.wish(name, select.value); changed(); } },
            values.map((value) => h("option", { value, selected: wishes[name] === value }, say(`${name}_${value}`))),
        );
        return h("li", {}, h("label", { for: name }, say(`wish_${name}`)), select);
    };

    const problem = h("p", { class: "problem", role: "alert" });
    async function unpair() {
        const waits = (await store.operations()).filter((each) => each.state === "waiting").length;
        if (waits && unpair.warned !== waits) {
            unpair.warned = waits;
            problem.textContent = say("unpair_loses", { n: waits });
            return;
        }
        try {
            await api.leave();
        } catch (failure) {
            if (!(failure instanceof api.Refused)) {
                problem.textContent = say("unpair_needs_network");
                return;
            }
        }
        await store.wipe();
        device.forget();
        device.applyTheme();
        app.show("pair");
    }

    const element = h(
        "section", { class: "page" },
        bar(say("settings"), () => app.home(), say("back")),
        h(
            "dl", { class: "about" },
            [[say("device"), about?.name], [say("shop"), about?.business.name], [say("location"), about?.location ?? "–"]]
                .map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value ?? "–"))),
        ),
        h(
            "ul", { class: "wishes" },
            onOff("sound"), onOff("vibration"), onOff("awake", (yes) => (yes ? stayAwake() : mayFallAsleep())),
            choice("camera", ["environment", "user"]), choice("theme", ["auto", "light", "dark"], device.applyTheme),
        ),
        h("div", { class: "stack" }, problem, button(say("unpair"), unpair, { kind: "danger" }), h("p", { class: "hint" }, say("unpair_help"))),
    );
    return { title: say("settings"), element };
}
