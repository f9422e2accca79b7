// What the pages can do beyond being read. Everything works without it, except the search and the marks of the quizzes.
"use strict";
(() => {
    const $ = (selector, at = document) => at.querySelector(selector);
    const $$ = (selector, at = document) => [...at.querySelectorAll(selector)];
    const memory = {
        get: key => { try { return localStorage.getItem(key); } catch (e) { return null; } },
        set: (key, value) => { try { localStorage.setItem(key, value); } catch (e) { /* a private window: forget it */ } },
    };

    // The theme: automatic, light, dark, and round again.
    const themes = ["auto", "light", "dark"];
    const showTheme = theme => { document.documentElement.dataset.theme = theme; $("#theme span").textContent = theme; };
    showTheme(memory.get("theme") || "auto");
    $("#theme").onclick = () => {
        const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
        memory.set("theme", next);
        showTheme(next);
    };

    // The list of chapters on a small screen.
    const sidebar = $("#sidebar");
    const openSidebar = open => { sidebar.classList.toggle("open", open); $("#menu").setAttribute("aria-expanded", open); };
    $("#menu").onclick = () => openSidebar(!sidebar.classList.contains("open"));
    $("main").addEventListener("click", () => openSidebar(false));
    const here = $("[aria-current]", sidebar);
    if (here) sidebar.scrollTop = here.offsetTop - sidebar.clientHeight / 3;

    // Copy: code as it stands; of a console only what was typed, without the prompt.
    const typed = pre => {
        const lines = pre.innerText.replace(/\n$/, "").split("\n");
        const commands = lines.filter(line => line.startsWith("$ ")).map(line => line.slice(2));
        return commands.length ? commands.join("\n") : lines.join("\n");
    };
    for (const pre of $$(".listingblock pre")) {
        const button = document.createElement("button");
        button.className = "copy";
        button.textContent = "Copy";
        button.onclick = async () => {
            const text = typed(pre);
            try {
                await navigator.clipboard.writeText(text);
            } catch (e) { // from a file the clipboard may be closed to scripts; the old way still works
                const area = document.createElement("textarea");
                area.value = text;
                document.body.append(area);
                area.select();
                document.execCommand("copy");
                area.remove();
            }
            button.textContent = "Copied";
            setTimeout(() => { button.textContent = "Copy"; }, 1500);
        };
        pre.closest(".listingblock").append(button);
    }

    // Quizzes: each answer explains itself when it is chosen, and is remembered.
    for (const quiz of $$("form.quiz")) {
        const key = "quiz:" + document.body.dataset.page + ":" + quiz.id;
        const radios = $$("input[type=radio]", quiz);
        const judge = () => {
            for (const radio of radios) {
                const why = radio.closest("label").nextElementSibling;
                const right = radio.dataset.right === "true";
                why.classList.toggle("shown", radio.checked);
                radio.closest("label").classList.toggle("right", radio.checked && right);
                radio.closest("label").classList.toggle("wrong", radio.checked && !right);
            }
            const groups = $$("fieldset", quiz);
            const rights = groups.filter(group => $("input:checked[data-right=true]", group)).length;
            const answered = groups.filter(group => $("input:checked", group)).length;
            $(".result", quiz).textContent = answered < groups.length ? "" : rights === groups.length ? "Right." : "Not yet. Read why, and choose again.";
            quiz.dataset.state = answered < groups.length ? "open" : rights === groups.length ? "right" : "wrong";
        };
        const chosen = (memory.get(key) || "").split(",").filter(Boolean);
        chosen.forEach(index => { if (radios[index]) radios[index].checked = true; });
        judge();
        quiz.addEventListener("change", () => {
            memory.set(key, radios.flatMap((radio, index) => radio.checked ? [index] : []).join(","));
            judge();
        });
        quiz.addEventListener("submit", event => event.preventDefault());
    }

    // Search: the index is loaded when it is first needed, so the page does not wait for it.
    const search = $("#search"), input = $("input", search), list = $("ol", search), status = $("[role=status]", search);
    let index;
    const script = source => new Promise((resolve, reject) => {
        const element = document.createElement("script");
        element.src = source;
        element.onload = resolve;
        element.onerror = reject;
        document.head.append(element);
    });
    const load = async () => {
        if (index) return;
        await script("lunr.js");
        await script("search.js");
        lunr.tokenizer.separator = /[\s\-/().,:;|"'`<>=\[\]]+/;
        index = lunr.Index.load(window.searchIndex);
    };
    const find = words => {
        const terms = words.toLowerCase().split(lunr.tokenizer.separator).filter(Boolean);
        if (!terms.length) return [];
        return index.query(query => terms.forEach((term, i) => {
            query.term(lunr.stemmer(new lunr.Token(term)).toString(), { boost: 20 });
            query.term(term, { boost: 10, usePipeline: false });
            if (i === terms.length - 1) query.term(term, { wildcard: lunr.Query.wildcard.TRAILING, usePipeline: false });
        }));
    };
    const excerpt = (text, words) => {
        const at = text.toLowerCase().indexOf(words.toLowerCase().split(/\s+/)[0]);
        const from = Math.max(0, at - 60);
        return (from ? "… " : "") + text.slice(from, from + 180) + " …";
    };
    const show = () => {
        const words = input.value.trim();
        const found = index && words ? find(words).slice(0, 20) : [];
        const sections = Object.fromEntries(window.searchSections.map(section => [section.u, section]));
        list.replaceChildren(...found.map(hit => {
            const section = sections[hit.ref], item = document.createElement("li"), link = document.createElement("a");
            link.href = section.u;
            const parts = [["strong", "", section.t], ["span", "where", " in " + section.p], ["span", "text", excerpt(section.x, words)]];
            for (const [tag, kind, text] of parts) {
                const part = document.createElement(tag);
                part.className = kind;
                part.textContent = text;
                link.append(part);
            }
            link.onclick = () => search.close();
            item.append(link);
            return item;
        }));
        status.textContent = !words ? "" : found.length ? found.length + " found" : "Nothing found.";
    };
    const openSearch = async () => {
        if (search.open) return;
        search.showModal();
        input.select();
        await load();
        show();
    };
    $("#search-open").onclick = openSearch;
    input.oninput = () => { if (index) show(); };
    search.addEventListener("keydown", event => {
        if (event.key === "Escape") { search.close(); event.preventDefault(); } // or the field would only be emptied
        const links = $$("a", list), at = links.indexOf(document.activeElement);
        if (event.key === "ArrowDown" && links.length) { links[Math.min(at + 1, links.length - 1)].focus(); event.preventDefault(); }
        if (event.key === "ArrowUp") { (at > 0 ? links[at - 1] : input).focus(); event.preventDefault(); }
        if (event.key === "Enter" && document.activeElement === input) { if (links.length) links[0].click(); event.preventDefault(); }
    });

    // Keys.
    document.addEventListener("keydown", event => {
        if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, dialog")) return;
        if (event.key === "/" || event.key === "s") { openSearch(); event.preventDefault(); }
        if (event.key === "?") $("#keys").showModal();
        if (event.key === "Escape") openSidebar(false);
        const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
        if (rel && !event.target.closest("pre, .wide")) $(`.turn a[rel=${rel}]`)?.click();
    });
})();
