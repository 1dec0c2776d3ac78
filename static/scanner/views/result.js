// What came of it: done, waiting for a network, or refused; and the way to undo it.
import { changes, news } from "../changes.js";
import * as device from "../device.js";
import { button, h, icon, toast } from "../dom.js";
import { feel } from "../feedback.js";
import * as queue from "../queue.js";
import { money, say } from "../told.js";

export function resultView(app, { operation }) {
    const draw = { done, waiting, refused }[operation.state];
    const { element, leave } = draw(app, operation);
    return { title: say(operation.state), element, leave };
}

function sheet(kind, sign, title, ...children) {
    return h(
        "section", { class: `result is-${kind}` },
        h("div", { class: "seal" }, icon(sign)),
        h("h1", { tabindex: "-1", "aria-live": "assertive" }, title),
        ...children,
    );
}

const next = (app) => button(say("next_card"), () => app.home(), { kind: "primary big" });

function done(app, operation) {
    const program = device.program(operation.program);
    const { bill, card } = operation.answer;
    const isUndone = operation.act === "reverse";
    const undo = isUndone || operation.act === "capture" ? null : undoButton(app, operation);
    const element = sheet(
        "done", isUndone ? "undo" : "check",
        isUndone ? say("undone") : operation.label,
        h("p", { class: "quiet" }, [card.customer.name, card.program.name].filter(Boolean).join(" · ")),
        bill ? h("p", { class: "to-pay" }, say("to_pay"), h("strong", {}, money(bill.to_pay_cents, program.currency))) : null,
        program ? h("ul", { class: "changes" }, changes(operation.answer, program).map(({ moved, balance, isLess }) =>
            h("li", {}, h("strong", { class: isLess ? "is-less" : "is-more" }, moved), h("span", {}, balance)))) : null,
        program ? news(operation.answer, program).map((text) => h("p", { class: "crossed" }, icon("gift"), text)) : null,
        h("div", { class: "thumb is-stacked" }, undo?.element, next(app)),
    );
    return { element, leave: undo?.leave };
}

/** Counts down the fifteen minutes in which it can be taken back. */
export function undoButton(app, operation) {
    const ends = operation.doneAt + (device.known()?.undo_seconds ?? 900) * 1000;
    const element = button("", undo, { sign: "undo" });
    const label = element.querySelector("span");
    function draw() {
        const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
        element.disabled = left === 0;
        const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
        label.textContent = left ? say("undo_within", { time }) : say("undo_over");
    }
    async function undo() {
        element.disabled = true;
        const after = await queue.run({
            act: "reverse", operation: operation.answer.operation.id, body: { reason: say("undo_reason") },
            label: say("undo_of", { label: operation.label }), program: operation.program,
            holder: operation.holder, serial: operation.serial, undoes: operation.key,
        });
        feel(after.state === "refused" ? "bad" : "good");
        app.show("result", { operation: after });
    }
    draw();
    const ticking = setInterval(draw, 1000);
    return { element, leave: () => clearInterval(ticking) };
}

function waiting(app, operation) {
    const unwatch = queue.watch(() => {});
    const back = button(say("take_back"), async () => {
        if (await queue.takeBack(operation.key)) {
            toast(say("taken_back"));
            app.home();
        } else {
            toast(say("too_late_to_take_back"));
            app.show("recent");
        }
    }, { sign: "undo" });
    const element = sheet(
        "waiting", "cloud", say("kept"),
        h("p", {}, operation.label),
        h("p", { class: "quiet" }, say(operation.isUnpaired ? "kept_unpaired" : "kept_help")),
        h("div", { class: "thumb is-stacked" }, operation.mayHaveArrived ? null : back, next(app)),
    );
    return { element, leave: unwatch };
}

function refused(app, operation) {
    queue.dismiss(operation.key); // it is being read
    return {
        element: sheet(
            "refused", "alert", operation.message,
            h("p", { class: "quiet" }, [operation.label, operation.holder].filter(Boolean).join(" · ")),
            h("p", { class: "quiet" }, say("nothing_changed")),
            h("div", { class: "thumb is-stacked" }, next(app)),
        ),
    };
}
