// What the class's page can do beyond being read: draw the charts, sort the tables, find a student.
"use strict";
(() => {
    const $ = selector => document.querySelector(selector);
    const $$ = (selector, at = document) => [...at.querySelectorAll(selector)];
    const json = id => JSON.parse(document.getElementById(id).textContent);

    // ---- charts, in the colours of the style sheet
    const data = json("data"), times = json("times");
    const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
    const narrow = () => innerWidth < 640;
    const short = (text, most) => text.length > most ? text.slice(0, most - 1) + "\u2026" : text;
    let charts = [];

    const bars = (id, labels, datasets, options) => {
        const axis = { grid: { color: colour("line") }, ticks: { color: colour("soft"), precision: 0 }, title: { display: true, color: colour("soft") } };
        const scales = { x: structuredClone(axis), y: structuredClone(axis) };
        for (const [name, text] of Object.entries(options.titles)) scales[name].title.text = text;
        for (const name of ["x", "y"]) if (!options.titles[name]) scales[name].title.display = false;
        scales.x.stacked = scales.y.stacked = !!options.stacked;
        scales[options.lying ? "x" : "y"].beginAtZero = true;
        if (options.most) scales.x.max = options.most;
        if (options.lying) {
            scales.y.grid.display = false;
            scales.y.ticks.autoSkip = false;
            scales.y.ticks.callback = function (value) { return short(this.getLabelForValue(value), narrow() ? 24 : 40); };
        } else {
            scales.x.grid.display = false;
        }
        charts.push(new Chart($("#" + id), {
            type: "bar",
            data: { labels, datasets },
            options: {
                animation: false, maintainAspectRatio: false, indexAxis: options.lying ? "y" : "x", scales,
                plugins: { legend: { display: datasets.length > 1, position: "bottom", labels: { color: colour("ink"), boxWidth: 12 } }, tooltip: { callbacks: options.tooltip || {} } },
            },
        }));
    };
    const draw = () => {
        charts.forEach(chart => chart.destroy());
        charts = [];
        Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
        const set = (label, values, name) => ({ label, data: values, backgroundColor: colour(name), maxBarThickness: 28 });
        bars("distribution", data.bins.map(bin => bin.replace(" %", "")), [set("Students", data.students, "pass")], { titles: { x: "Percent of the points", y: "Students" } });
        bars("hardest", data.claims, [set("passed", data.passed, "pass"), set("not passed", data.failed, "fail"), set("nothing handed in", data.nothing, "track"), set("no score", data.unscored, "infra")]
            .filter(each => each.data.some(value => value > 0)), { titles: { x: "Students" }, lying: true, stacked: true, most: $("#students-table").tBodies[0].rows.length });
        const seconds = values => values.map(millis => millis / 1000);
        bars("timing", times.items, [set("median", seconds(times.median), "pass"), set("slowest", seconds(times.slowest), "track")], {
            titles: { x: "Seconds" }, lying: true,
            tooltip: { label: item => item.dataset.label + ": " + item.parsed.x.toFixed(2) + " s" },
        });
    };
    draw();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    addEventListener("beforeprint", () => { document.documentElement.dataset.print = ""; draw(); });
    addEventListener("afterprint", () => { delete document.documentElement.dataset.print; draw(); });

    // ---- tables: a click on a heading sorts, a second one the other way round; what has no value comes last
    const value = cell => cell.dataset.sort ?? cell.dataset.millis ?? cell.textContent.trim();
    const compare = (a, b) => {
        if (a === "" || b === "") return (a === "") - (b === "");
        const numbers = [Number(a), Number(b)];
        return numbers.some(Number.isNaN) ? a.localeCompare(b, "en", { numeric: true }) : numbers[0] - numbers[1];
    };
    for (const table of $$("table.sortable")) {
        const heads = $$("thead th", table);
        heads.forEach((head, column) => {
            if ("fixed" in head.dataset) return;
            const button = document.createElement("button");
            button.type = "button";
            button.append(...head.childNodes);
            head.append(button);
            button.onclick = () => {
                const down = head.getAttribute("aria-sort") === "ascending";
                heads.forEach(other => other.removeAttribute("aria-sort"));
                head.setAttribute("aria-sort", down ? "descending" : "ascending");
                const rows = [...table.tBodies[0].rows];
                rows.sort((one, other) => {
                    const a = value(one.cells[column]), b = value(other.cells[column]);
                    return a === "" || b === "" ? compare(a, b) : down ? compare(b, a) : compare(a, b);
                });
                table.tBodies[0].append(...rows);
            };
        });
    }

    // ---- finding students
    $$(".scripted").forEach(element => { element.hidden = false; });
    const rows = [...$("#students-table").tBodies[0].rows];
    $("#find").oninput = () => {
        const words = $("#find").value.toLowerCase().trim();
        let shown = 0;
        for (const row of rows) {
            row.hidden = !row.textContent.toLowerCase().includes(words);
            shown += !row.hidden;
        }
        $("#found").textContent = words ? shown + " of " + rows.length : "";
    };

    // ---- a link to something folded opens it
    const unfold = () => { const target = location.hash && document.getElementById(location.hash.slice(1)); if (target && target.tagName === "DETAILS") target.open = true; };
    addEventListener("hashchange", unfold);
    unfold();
})();
