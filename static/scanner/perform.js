// From a button to a result: asks for what is missing, sends it, shows what came of it.
import { button, h } from "./dom.js";
import { feel } from "./feedback.js";
import * as queue from "./queue.js";
import { say } from "./told.js";

/** `context` is `{app, card, code, program, here, comment}`; `card` is null where none was seen. */
export function perform(action, context) {
    if (action.confirm) return confirm(action.confirm, () => send(action, action.body, context));
    if (!action.asks) return send(action, action.body, context);
    const { name, unit, currency, twice, most } = action.asks;
    const comment = context.comment();
    context.app.show("amount", {
        title: action.label, unit, currency, twice, most, back: context.here,
        chosen: (amount) => send(action, { [name]: amount }, { ...context, comment: () => comment }),
    });
}

let isSending = false;

async function send(action, body, { app, card, code, program, comment }) {
    if (isSending) return; // a thumb that trembles
    isSending = true;
    document.body.classList.add("is-sending");
    try {
        const said = action.claim ? "" : comment(); // what was claimed was noted then
        const operation = await queue.run({
            act: action.act,
            claim: action.claim,
            body: said ? { ...body, comment: said } : body,
            label: action.label,
            program: program.slug,
            holder: card?.customer.name ?? "",
            serial: card?.serial,
            code: card ? undefined : code,
        });
        feel(operation.state === "refused" ? "bad" : "good");
        app.show("result", { operation });
    } finally {
        isSending = false;
        document.body.classList.remove("is-sending");
    }
}

function confirm(question, yes) {
    const close = () => { dialog.close(); dialog.remove(); };
    const dialog = h(
        "dialog", { "aria-labelledby": "question" },
        h("p", { id: "question", class: "question" }, question),
        h(
            "div", { class: "stack" },
            button(say("yes_do"), () => { close(); yes(); }, { kind: "primary big" }),
            button(say("no_back"), close),
        ),
    );
    dialog.addEventListener("cancel", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
}
