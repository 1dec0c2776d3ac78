// The card beside a program's form: sent as it is typed, drawn by the server, shown in a frame of
// its own, so that the customers' styles and staff's do not meet.

const WAIT = 250; // ms after the last key

const frame = document.getElementById("preview");
const form = document.querySelector("#content-main form");

if (frame && form) {
    let timer = 0;
    let asked = 0;

    const draw = async () => {
        const mine = ++asked;
        try {
            const response = await fetch(frame.dataset.address, {
                method: "POST",
                body: new FormData(form),
            });
            if (response.ok && mine === asked) frame.srcdoc = await response.text();
        } catch {
            // No connection: the last picture stays.
        }
    };
    const soon = () => {
        clearTimeout(timer);
        timer = setTimeout(draw, WAIT);
    };

    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    // Rows are added and taken away by Django's own script.
    document.addEventListener("formset:added", soon);
    document.addEventListener("formset:removed", soon);
    frame.addEventListener("load", () => {
        const page = frame.contentDocument;
        if (page) frame.height = page.documentElement.scrollHeight;
    });
    draw();
}
