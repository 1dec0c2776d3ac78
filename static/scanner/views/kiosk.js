// Customers alone: they hold up their card, and it is done.
import * as api from "../api.js";
import { Camera, listenToReader } from "../camera.js";
import { changes, news } from "../changes.js";
import * as device from "../device.js";
import { h, icon } from "../dom.js";
import { feel } from "../feedback.js";
import { say } from "../told.js";

const SHOWN = 5000; // ms for a result
const HELD = 3000; // ms on the shop's name open the settings: not for customers

export function kioskView(app) {
    const about = device.known();
    const shop = h("h1", { tabindex: "-1" }, about?.business.name ?? "");
    const frame = h("div", { class: "frame" }, h("div", { class: "corners" }));
    const answer = h("div", { class: "answer", role: "status", "aria-live": "assertive" });
    let isBusy = false;
    let clearing = 0;

    async function found(text) {
        if (isBusy) return;
        isBusy = true;
        clearTimeout(clearing);
        try {
            show(await api.serve(text.trim(), api.newKey()));
        } catch (failure) {
            refuse(failure);
        }
        clearing = setTimeout(() => { answer.replaceChildren(); answer.className = "answer"; isBusy = false; }, SHOWN);
    }

    function show(done) {
        feel("good");
        const program = device.program(done.card.program.slug);
        tell("good", "check", say("kiosk_welcome", { name: done.card.customer.name }), [
            ...(program ? changes(done, program).map(({ moved, balance }) => `${moved} · ${balance}`) : []),
            ...(program ? news(done, program) : []),
        ]);
    }

    function refuse(failure) {
        feel("bad");
        if (!(failure instanceof api.Refused)) return tell("bad", "cloud", say("kiosk_no_network"));
        if (failure.isUnpaired) return app.learn().then(() => app.home());
        return tell("bad", "alert", failure.code === "not_found" ? say("unknown_card") : failure.sentence);
    }

    function tell(kind, sign, title, lines = []) {
        answer.className = `answer is-${kind}`;
        answer.replaceChildren(icon(sign), h("strong", {}, title), ...lines.map((line) => h("span", {}, line)));
    }

    const camera = new Camera(found, { facing: wishedSide(), patience: SHOWN });
    camera.start().then(
        () => frame.prepend(camera.video),
        (failure) => tell("bad", "camera", say(`camera_${failure.message}`)),
    );
    const deafen = listenToReader(found);

    let holding = 0;
    shop.addEventListener("pointerdown", () => { holding = setTimeout(() => app.go("settings"), HELD); });
    for (const end of ["pointerup", "pointerleave", "pointercancel"]) shop.addEventListener(end, () => clearTimeout(holding));

    const element = h(
        "section", { class: "kiosk" },
        h("header", {}, shop, h("p", {}, say("kiosk_hold_up"))), frame, answer,
    );
    return {
        title: "", element,
        leave: () => { camera.stop(); deafen(); clearTimeout(clearing); clearTimeout(holding); },
    };
}

/** A kiosk looks at who stands before it, unless somebody chose otherwise. */
function wishedSide() {
    return device.hasWished("camera") ? device.wishes().camera : "user";
}
