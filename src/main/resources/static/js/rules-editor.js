// Edits a decision table with dmn-js; the form sends the table as a whole.
(() => {
    'use strict';

    const editor = document.getElementById('rules-editor');
    const save = document.getElementById('draft-save');
    const form = document.getElementById('draft-form');
    if (!editor) {
        return;
    }

    async function load() {
        const response = await fetch(editor.dataset.source, { credentials: 'same-origin' });
        if (!response.ok) {
            throw new Error(`the server answered ${response.status}`);
        }
        const xml = await response.text();
        editor.textContent = '';
        const modeler = new window.DmnJS({ container: editor });
        await modeler.importXML(xml);
        const table = modeler.getViews().find(view => view.type === 'decisionTable');
        await modeler.open(table);
        save.disabled = false;
        return modeler;
    }

    const ready = load().catch(() => {
        editor.textContent = 'The table cannot be shown.';
        editor.classList.add('p-3', 'text-danger');
    });

    form.addEventListener('submit', async event => {
        event.preventDefault();
        const modeler = await ready;
        if (document.activeElement) {
            document.activeElement.blur();
        }
        const { xml } = await modeler.saveXML({ format: true });
        document.getElementById('draft-xml').value = xml;
        form.submit();
    });
})();
