// What this device did lately: what waits for a network, what was refused, what can be undone.
import * as device from "../device.js";
import { bar, button, h, icon } from "../dom.js";
import * as queue from "../queue.js";
import * as store from "../store.js";
import { changes } from "../changes.js";
import { clock, say } from "../told.js";
import { undoButton } from "./result.js";

const SIGNS = { waiting: "cloud", refused: "alert", done: "check" };

export function recentView(app) {
    const list = h("ul", { class: "recent" });
    const empty = h("p", { class: "hint" }, say("nothing_recent"));
    let leaving = [];

    async function draw() {
        leaving.forEach((leave) => leave());
        leaving = [];
        const all = (await store.operations()).reverse();
        const undone = new Set(all.filter((each) => each.act === "reverse" && each.state !== "refused").map((each) => each.undoes));
        const rank = { refused: 0, waiting: 1, done: 2 };
        all.sort((one, other) => rank[one.state] - rank[other.state] || other.at - one.at);
        list.replaceChildren(...all.map((each) => row(each, undone.has(each.key))));
        empty.hidden = all.length > 0;
    }

    function row(operation, isUndone) {
        return h(
            "li", { class: `is-${operation.state}` },
            icon(SIGNS[operation.state]),
            h(
                "div", {},
                h("strong", {}, operation.label),
                h("span", { class: "quiet" }, [clock(operation.at), operation.holder, device.program(operation.program)?.name].filter(Boolean).join(" · ")),
                outcome(operation, isUndone),
            ),
            side(operation, isUndone),
        );
    }

    /** Unless it is what the label says already. */
    function outcome(operation, isUndone) {
        const text = told(operation, isUndone);
        return text === operation.label ? null : h("span", {}, text);
    }

    function told(operation, isUndone) {
        if (operation.state === "waiting") return say("is_waiting");
        if (operation.state === "refused") return operation.message;
        if (isUndone) return say("was_undone");
        const program = device.program(operation.program);
        return program ? changes(operation.answer, program).map(({ moved }) => moved).join(", ") : "";
    }

    function side(operation, isUndone) {
        if (operation.state === "refused") return button(say("understood"), () => queue.dismiss(operation.key));
        if (operation.state === "waiting") {
            return operation.mayHaveArrived ? null : button(say("take_back"), () => queue.takeBack(operation.key));
        }
        const ends = operation.doneAt + (device.known()?.undo_seconds ?? 900) * 1000;
        if (["reverse", "capture"].includes(operation.act) || isUndone || ends < Date.now()) return null;
        const undo = undoButton(app, operation);
        leaving.push(undo.leave);
        return undo.element;
    }

    const unwatch = queue.watch(draw);
    const element = h(
        "section", { class: "page" },
        bar(say("recent"), () => app.home(), say("back")), empty, list,
    );
    return { title: say("recent"), element, leave: () => { unwatch(); leaving.forEach((leave) => leave()); } };
}
