// A device without a key: it is shown a code, by camera or by hand, and gets one.
import * as api from "../api.js";
import { Camera } from "../camera.js";
import * as device from "../device.js";
import { button, h, toast } from "../dom.js";
import { feel } from "../feedback.js";
import { say } from "../told.js";

export function pairView(app, { code = "" } = {}) {
    const frame = h("div", { class: "frame is-small", hidden: true });
    const input = h("input", {
        id: "code", name: "code", autocomplete: "off", autocapitalize: "characters",
        spellcheck: "false", maxlength: "40", placeholder: "ABCDE FGHJK", required: true,
    });
    const problem = h("p", { class: "problem", role: "alert" });
    const form = h(
        "form", { class: "stack", onsubmit: (event) => { event.preventDefault(); pair(input.value); } },
        h("label", { for: "code" }, say("pairing_code")), input, problem,
        h("button", { class: "button primary" }, h("span", {}, say("pair"))),
    );
    const camera = new Camera((text) => pair(text.split("#").pop()));
    const look = button(say("scan_pairing_code"), async () => {
        look.hidden = true;
        frame.hidden = false;
        frame.replaceChildren(camera.video);
        await camera.start().catch((failure) => {
            frame.hidden = true;
            problem.textContent = say(`camera_${failure.message}`);
        });
    }, { sign: "camera" });

    async function pair(text) {
        problem.textContent = "";
        try {
            const { token } = await api.pair(text.trim());
            camera.stop();
            device.keepToken(token);
            await app.learn();
            feel("good");
            toast(say("paired", { name: device.known()?.name ?? "" }), "is-good");
            app.show(device.known()?.mode === "kiosk" ? "kiosk" : "scan");
            app.serve();
        } catch (failure) {
            feel("bad");
            problem.textContent = sentence(failure);
        }
    }

    if (code && device.token()) {
        const again = h(
            "div", { class: "stack" },
            h("p", {}, say("paired_already", { name: device.known()?.name ?? "" })),
            button(say("pair_anew"), () => pair(code), { kind: "primary" }),
            button(say("keep_pairing"), () => app.home()),
        );
        return { title: say("pair"), element: sheet(again) };
    }
    if (code) pair(code);
    return {
        title: say("pair"),
        element: sheet(h("p", {}, say("how_to_pair")), look, frame, form),
        leave: () => camera.stop(),
    };
}

const sheet = (...children) =>
    h("section", { class: "sheet" }, h("h1", { tabindex: "-1" }, say("pair_title")), ...children);

function sentence(failure) {
    if (failure instanceof api.Unreached) return say("no_network");
    if (failure instanceof api.Refused && failure.code === "not_found") return say("code_is_over");
    if (failure instanceof api.Refused) return failure.sentence;
    throw failure;
}
